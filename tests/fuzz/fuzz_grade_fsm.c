/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any sequence of what a path shows, for its grade, its large packets and its repairs. */
#include "fsm/grade_fsm.h"
#include "fsm/repair_fsm.h"
#include "fsm/size_fsm.h"

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
	return take(in, kind < 128 ? 1 : 2) * (kind & 1 ? 1000 : 100000);
}

static void step_grade(struct input *in, const struct grade_cfg *cfg, struct grade *g, usec_t now)
{
	const struct grade_seen seen = {
		.answers = take(in, 1) < 200,
		.window_full = take(in, 1) < 200,
		.loss_permille = (unsigned)take(in, 2) % 1001,
		.rtt = take_usec(in),
		.big_broken = take(in, 1) > 200,
	};
	struct grade_step s = grade_step(cfg, *g, &seen, now);
	char text[200];

	MUST(s.changed == (s.next.cause != g->cause));
	MUST(!s.changed || seen.answers);
	MUST(!s.changed || s.next.since == now);
	/* Back to good only after all of the time that it asked for, and never while it is bad. */
	if (s.changed && s.next.cause == GRADE_GOOD) {
		MUST(!seen.big_broken);
		MUST(s.next.hold >= cfg->restore || s.next.hold >= USEC_NEVER - 1);
		MUST(g->good_since == USEC_NEVER ? s.next.hold == 0
						 : usec_since(g->good_since, now) >= g->hold);
	}
	MUST(s.next.cause != GRADE_GOOD || grade_good_at(&s.next) == USEC_NEVER);
	MUST(s.next.damp.penalty <= DAMP_CEILING);
	MUST(strlen(grade_text(cfg, &s.next, text, sizeof(text))) > 0);
	*g = s.next;
}

static void step_size(struct input *in, const struct size_cfg *cfg, struct size_probe *p,
		      usec_t now)
{
	const struct size_event ev = {
		.kind = (enum size_event_kind)(take(in, 1) % (SIZE_EV_HURRY + 1)),
		.seq = p->seq + (uint32_t)take(in, 1) / 200,
		.mtu = (uint16_t)take(in, 2),
		.loss_permille = (unsigned)take(in, 1) * 4,
		.small_reply = now - take(in, 1),
	};
	struct size_step s = size_step(cfg, *p, &ev, now);
	char text[300];

	MUST(s.send == 0 || (s.send <= cfg->full && s.send > cfg->small));
	MUST(s.send == 0 || (s.next.waiting && s.next.sent == s.send && s.next.seq == p->seq + 1));
	MUST(s.next.state == p->state || s.changed || cfg->every == 0 ||
	     cfg->full <= cfg->small + SIZE_PRECISION);
	MUST(!s.changed || s.next.deadline > now);
	/* Called broken only by enough that were lost, of what was answered once. */
	MUST(s.next.state != SIZE_BROKEN || p->state != SIZE_UNKNOWN);
	MUST(s.next.state != SIZE_BROKEN || p->state == SIZE_BROKEN ||
	     (ev.kind == SIZE_EV_TIMER && p->lost + 1 >= SIZE_LOST_LEAST));
	MUST(!s.next.searching || (s.next.passes >= cfg->small && s.next.passes < s.next.fails &&
				   s.next.fails <= cfg->full));
	MUST(strlen(size_text(cfg, &s.next, now, text, sizeof(text))) > 0);
	*p = s.next;
}

static void step_repair(struct input *in, const struct repair_cfg *cfg, struct repair *r,
			usec_t now)
{
	const struct repair_seen seen = { take(in, 1) < 200, take(in, 1) < 128 ? now : 0 };
	struct repair_step s = repair_step(cfg, *r, &seen, now);

	MUST(s.action == REPAIR_NOTHING || seen.silent);
	MUST(s.action != REPAIR_REDIAL || (cfg->may_redial && r->rekeyed));
	/* Never more than so many in a window. */
	MUST(s.action == REPAIR_NOTHING || r->done[r->next] == 0 ||
	     usec_since(r->done[r->next], now) >= REPAIR_WINDOW);
	*r = s.next;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct input in = { data, len };
	const struct grade_cfg grade_cfg = { (unsigned)take(&in, 1) * 4,
					     take_usec(&in),
					     take_usec(&in),
					     take_usec(&in),
					     { take_usec(&in), take_usec(&in) } };
	const struct size_cfg size_cfg = { (uint16_t)(28 + take(&in, 1)), (uint16_t)take(&in, 2),
					   take_usec(&in), take_usec(&in) };
	const struct repair_cfg repair_cfg = { take_usec(&in), take(&in, 1) & 1 };
	usec_t now = 1 + take_usec(&in) % (USEC_NEVER / 2);
	struct grade g = grade_start(now);
	struct size_probe p = size_start(now);
	struct repair r = repair_start();

	while (in.len > 0) {
		usec_t step = take_usec(&in);

		now = step < USEC_NEVER / 2 - now % (USEC_NEVER / 2) ? now + step : now;
		step_grade(&in, &grade_cfg, &g, now);
		step_size(&in, &size_cfg, &p, now);
		step_repair(&in, &repair_cfg, &r, now);
	}
	return 0;
}
