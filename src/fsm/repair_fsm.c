/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/repair_fsm.h"

struct repair repair_start(void)
{
	return (struct repair){ .silent_since = USEC_NEVER, .due = USEC_NEVER };
}

/* The oldest of the last REPAIR_MOST was long enough ago. */
static bool is_allowed(const struct repair *r, usec_t now)
{
	usec_t oldest = r->done[r->next];

	return oldest == 0 || usec_since(oldest, now) >= REPAIR_WINDOW;
}

static struct repair_step act(struct repair r, enum repair_action action, usec_t due, usec_t now)
{
	r.done[r.next] = now;
	r.next = (r.next + 1) % REPAIR_MOST;
	r.due = due;
	return (struct repair_step){ r, action };
}

static usec_t pause_of(unsigned rounds)
{
	return usec_min(REPAIR_PAUSE << rounds, REPAIR_PAUSE_MAX);
}

static struct repair end_round(struct repair r, usec_t now)
{
	r.rekeyed = false;
	r.due = usec_add(now, pause_of(r.rounds));
	r.rounds = r.rounds < 8 ? r.rounds + 1 : r.rounds;
	return r;
}

struct repair_step repair_step(const struct repair_cfg *cfg, struct repair r,
			       const struct repair_seen *seen, usec_t now)
{
	if (!seen->silent) {
		r.silent_since = r.due = USEC_NEVER;
		r.rekeyed = false;
		r.rounds = 0;
		return (struct repair_step){ r, REPAIR_NOTHING };
	}
	if (r.silent_since == USEC_NEVER) {
		r.silent_since = now;
		r.due = usec_add(now, usec_add(REPAIR_AFTER, cfg->head_start));
	}
	if (now < r.due || !is_allowed(&r, now))
		return (struct repair_step){ r, REPAIR_NOTHING };
	if (!r.rekeyed) {
		r.rekeyed = true;
		r.rekeyed_at = now;
		return act(r, REPAIR_REKEY, usec_add(now, REPAIR_AFTER), now);
	}
	/* IKE is silent, too: then the line is dead, and dead peer detection sees to it. */
	if (!cfg->may_redial || seen->ike_answered < r.rekeyed_at)
		return (struct repair_step){ end_round(r, now), REPAIR_NOTHING };
	r = end_round(r, now);
	return act(r, REPAIR_REDIAL, r.due, now);
}

const char *repair_action_name(enum repair_action action)
{
	switch (action) {
	case REPAIR_NOTHING:
		return "nothing";
	case REPAIR_REKEY:
		return "rekey";
	case REPAIR_REDIAL:
		return "redial";
	}
	return "?";
}
