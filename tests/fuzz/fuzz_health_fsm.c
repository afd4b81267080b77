/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds any sequence of events, times and numbers, and checks what must hold after each. */
#include "fsm/health_fsm.h"
#include "fsm/health_seen.h"

#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The next bytes of the input; zeros once it is used up. */
struct input {
	const uint8_t *data;
	size_t len;
};

static uint64_t take(struct input *in, size_t bytes)
{
	uint64_t v = 0;

	for (; bytes > 0; bytes--) {
		v = v << 8 | (in->len > 0 ? *in->data : 0);
		if (in->len > 0) {
			in->data++;
			in->len--;
		}
	}
	return v;
}

/* Mostly everyday numbers, sometimes any. */
static uint64_t take_usec(struct input *in)
{
	uint8_t kind = (uint8_t)take(in, 1);

	if (kind < 16)
		return take(in, 8);
	return take(in, kind < 128 ? 1 : 2) * (kind & 1 ? 1000 : 1);
}

static struct health_cfg take_cfg(struct input *in)
{
	struct health_cfg cfg = {
		.interval = take_usec(in),
		.silence = take_usec(in),
		.patience = (unsigned)take(in, 1),
		.restore = take_usec(in),
		.damp = { take_usec(in), take_usec(in) },
	};
	uint8_t how = (uint8_t)take(in, 1);

	cfg.unprobed = how == 255;
	cfg.by_time = how != 255 && how & 1;
	cfg.repeats = cfg.restore & 1;
	return cfg;
}

static struct health_event take_event(struct input *in, const struct health *h, usec_t now)
{
	struct health_event ev = { .kind = (enum health_event_kind)(take(in, 1) %
								    (HEALTH_EV_LATE + 1)) };

	switch (ev.kind) {
	case HEALTH_EV_PROBE_SENT:
		ev.seq = h->seq + 1;
		if (take(in, 1) == 0)
			ev.seq = (uint32_t)take(in, 4);
		break;
	case HEALTH_EV_REPLY:
	case HEALTH_EV_UNREACHABLE:
	case HEALTH_EV_WRONG_PATH:
		ev.seq = h->seq - (uint32_t)take(in, 1) / 4;
		ev.first_party = take(in, 1) & 1;
		ev.rtt = take_usec(in);
		if (take(in, 1) < 64)
			ev.at = take_usec(in);
		break;
	case HEALTH_EV_LIFE:
		ev.rx_packets = h->rx_packets + take(in, 1);
		ev.rx_last = now;
		if (take(in, 1) < 16) {
			ev.rx_packets = take(in, 8);
			ev.rx_last = take_usec(in);
		}
		break;
	case HEALTH_EV_LATE:
		ev.late = take_usec(in);
		ev.guessed = take(in, 1) & 1;
		break;
	case HEALTH_EV_LINK:
		ev.link = take(in, 1) & 1 ? "wan0 has no carrier" : NULL;
		break;
	case HEALTH_EV_SA_UP:
	case HEALTH_EV_SA_DOWN:
	case HEALTH_EV_UNHEARD:
	case HEALTH_EV_ADMIN_DOWN:
	case HEALTH_EV_ADMIN_UP:
	case HEALTH_EV_TIMER:
		break;
	}
	return ev;
}

static void check(const struct health_cfg *cfg, const struct health *old,
		  const struct health_step *s, const struct health_event *ev, usec_t now)
{
	const struct health *h = &s->next;
	bool was = health_is_usable(old), is = health_is_usable(h);
	char text[400];

	MUST((s->actions & ~15u) == 0);
	MUST(!!(s->actions & HEALTH_TELL_ANSWERS) == (old->answer != h->answer));
	MUST((h->answer == HEALTH_SILENT) == (!is && h->state != HEALTH_HELD));
	MUST(!is || h->answer == HEALTH_ANSWERS);
	MUST(!!(s->actions & HEALTH_TELL_USABLE) == (!was && is));
	MUST(!!(s->actions & HEALTH_TELL_UNUSABLE) == (was && !is));
	MUST(h->state == old->state || (s->actions & HEALTH_TELL_STATE));
	MUST(h->why.at == old->why.at || h->why.at == now);
	MUST(was == is || (h->usable_since == now && h->since == now));
	MUST(!was || is || h->fault.at == now);
	MUST(h->deadline > now);

	MUST(!is || h->has_sa);
	MUST(h->state != HEALTH_NO_SA || !h->has_sa);
	MUST((h->state == HEALTH_HELD || h->state == HEALTH_DOWN) <= h->has_sa);
	/* Only the administrator leads out of ADMIN, and into it. */
	MUST((old->state == HEALTH_ADMIN) == (h->state == HEALTH_ADMIN) ||
	     ev->kind == HEALTH_EV_ADMIN_UP || ev->kind == HEALTH_EV_ADMIN_DOWN);
	/* A path that failed in use is used again only after its restore time. */
	MUST(was || !is || cfg->unprobed || now >= h->held_until);
	MUST(!was || is || cfg->unprobed || !h->has_sa || h->state == HEALTH_ADMIN ||
	     h->restore_due);
	/* Nothing but a failure by evidence, and no single lost probe, takes it out of use. */
	MUST(!was || is || ev->kind == HEALTH_EV_SA_DOWN || ev->kind == HEALTH_EV_ADMIN_DOWN ||
	     ev->kind == HEALTH_EV_LINK || h->why.cause == HEALTH_CAUSE_NOT_FIT ||
	     h->why.cause == HEALTH_CAUSE_UNHEARD || h->unreachable >= HEALTH_STREAK ||
	     h->wrong >= HEALTH_STREAK || h->unanswered >= HEALTH_STREAK ||
	     (cfg->by_time && now - h->reply_ref >= cfg->silence));

	MUST(h->window <= 64 && health_missing(cfg, h, now) <= h->unanswered);
	MUST(h->reply_ref <= now && h->life_ref <= now && h->sent_at <= now && h->rx_ref <= now);
	MUST(h->reply_last <= now && h->life_last <= now && h->reply_last <= h->life_last);
	MUST(h->guessed <= health_guess_usec(cfg));
	MUST(health_copy_at(cfg, h, now) > now);
	MUST(h->state == HEALTH_SUSPECT || health_copy_at(cfg, h, now) == USEC_NEVER);
	MUST(health_loss_permille(cfg, h, now) <= 1000);
	MUST(h->damp.penalty <= DAMP_CEILING);
	MUST(strlen(health_cause_text(h, text, sizeof(text))) > 0);
}

/* When nothing is sent and received any more, nothing is believed for ever. */
static void check_end(const struct health_cfg *cfg, struct health h, usec_t now)
{
	const struct health_event timer = { .kind = HEALTH_EV_TIMER };

	for (int i = 0; h.deadline < USEC_NEVER - 1; i++) {
		MUST(i < 64);
		now = h.deadline;
		h = health_step(cfg, h, &timer, now).next;
	}
	MUST(h.state != HEALTH_HELD || h.replies < HEALTH_STREAK || h.held_until > now);
	MUST(h.state != HEALTH_WRONG_PATH || health_patience_usec(cfg) >= USEC_NEVER - 1 - now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, len };
	const struct health_cfg cfg = take_cfg(&in);
	usec_t now = 1 + take_usec(&in) % (USEC_NEVER / 2);
	struct health h = health_start(now);

	while (in.len > 0) {
		usec_t step = take_usec(&in);

		now = step < USEC_NEVER / 2 - now % (USEC_NEVER / 2) ? now + step : now;

		struct health_event ev = take_event(&in, &h, now);
		struct health_step s = health_step(&cfg, h, &ev, now);

		check(&cfg, &h, &s, &ev, now);
		h = s.next;
	}
	if (!cfg.unprobed)
		check_end(&cfg, h, now);
	return 0;
}
