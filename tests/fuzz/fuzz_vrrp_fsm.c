/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any configuration, then any events and delays, and what must hold after each step. */
#include "fsm/vrrp_fsm.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct vrrp_event next_event(const uint8_t *d)
{
	const struct vrrp_event ev = {
		.kind = d[0] % 11,
		.cause = VRRP_CAUSE_TRACK + d[1] % 3,
		.priority = d[1],
		.interval = d[2] * UINT64_C(10000),
		.src = { ADDR_V4, { 10, 0, 0, d[3] % 4 } },
	};

	return ev;
}

/* now + this: from the past (advertisements bear the time they came in) to long pauses. */
static usec_t advance(usec_t now, uint8_t how)
{
	if (how < 16)
		return now - how * UINT64_C(1000);
	return now + ((how & 0x80) ? (how & 0x7f) * UINT64_C(100000) : how * UINT64_C(500));
}

static void check(const struct vrrp_fsm_cfg *cfg, const struct vrrp_fsm *old,
		  const struct vrrp_step *s, const struct vrrp_event *ev, usec_t now)
{
	const struct vrrp_fsm *v = &s->next;
	bool was = old->state == VRRP_MASTER, is = v->state == VRRP_MASTER;
	bool runs = is || v->state == VRRP_BACKUP;

	MUST(!!(s->actions & VRRP_BECOME_MASTER) == (!was && is));
	MUST(!!(s->actions & VRRP_LEAVE_MASTER) == (was && !is));
	MUST(is || !(s->actions & (VRRP_SEND_ADV | VRRP_SEND_GARP)));
	MUST(!(s->actions & VRRP_SEND_ADV_ZERO) ||
	     (was && (v->state == VRRP_STOPPED ||
		      (v->state == VRRP_BACKUP && ev->kind == VRRP_EV_YIELD))));
	MUST(!(s->actions & VRRP_BECOME_MASTER) ||
	     ((s->actions & VRRP_SEND_ADV) && (s->actions & VRRP_SEND_GARP)));
	MUST((v->deadline != USEC_NEVER) == (runs && !v->candidate));
	MUST(!v->candidate || v->state == VRRP_BACKUP);
	MUST(!v->candidate || !v->follows);
	MUST(!runs || (!v->stopped && !v->link_down));
	MUST(!cfg->grouped || was || !is || ev->kind == VRRP_EV_TAKE);
	MUST(v->priority != 0 && v->interval != 0);
	MUST(v->state == old->state || v->since == now);
	/* or the loop would spin */
	MUST(ev->kind != VRRP_EV_TIMER || v->deadline > now);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len < 6)
		return 0;

	const struct vrrp_fsm_cfg cfg = {
		.version = data[0] & 1 ? 2 : 3,
		.priority = data[1] ? data[1] : 1,
		.interval = (1 + data[2] % 255u) * UINT64_C(10000),
		.preempt = data[3] & 1,
		.grouped = data[3] & 2,
		.preempt_delay = data[4] * UINT64_C(100000),
		.address = { ADDR_V4, { 10, 0, 0, data[5] % 4 } },
	};
	struct vrrp_fsm v = vrrp_new(&cfg);
	usec_t now = USEC_PER_SEC;

	for (size_t i = 6; i + 5 <= len; i += 5) {
		const struct vrrp_event ev = next_event(data + i);
		usec_t at = advance(now, data[i + 4]);
		struct vrrp_step s;

		if (ev.kind != VRRP_EV_ADVERT && at < now)
			at = now;
		s = vrrp_step(&cfg, v, &ev, at);
		check(&cfg, &v, &s, &ev, at);
		v = s.next;
		now = at > now ? at : now;
	}
	return 0;
}
