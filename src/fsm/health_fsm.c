/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/health_fsm.h"

#include "fsm/health_seen.h"

#include <stdio.h>

/*
 * An SA that is gone for no longer than this while its tunnel was in use was dialled again
 * on purpose or by a rekey gone wrong: the path itself never failed, so that the first few
 * replies are enough.  Two round trips and a signature fit into a second; for slower
 * detection it is what silence itself would have forgiven.
 */
#define REDIAL_USEC USEC_PER_SEC

struct health health_start(usec_t now)
{
	return (struct health){
		.state = HEALTH_NO_SA,
		.since = now,
		.usable_since = now,
		.deadline = USEC_NEVER,
		.why = { .cause = HEALTH_CAUSE_START,
			 .at = now,
			 .reply_age = USEC_NEVER,
			 .life_age = USEC_NEVER },
		.damp = DAMP_START,
	};
}

static bool is_usable(enum health_state state)
{
	return state == HEALTH_UP || state == HEALTH_SUSPECT;
}

bool health_is_usable(const struct health *h)
{
	return is_usable(h->state);
}

static enum health_answer answer_of(const struct health_cfg *cfg, const struct health *h,
				    usec_t now)
{
	if (is_usable(h->state))
		return HEALTH_ANSWERS;
	if (h->state != HEALTH_HELD)
		return HEALTH_SILENT;
	return h->proven && health_missing(cfg, h, now) == 0 ? HEALTH_ANSWERS : HEALTH_DOUBTFUL;
}

static struct health_evidence gather(const struct health_cfg *cfg, const struct health *h,
				     enum health_cause cause, usec_t now)
{
	bool all_life = cause == HEALTH_CAUSE_SILENCE || cause == HEALTH_CAUSE_SA_LOST;

	return (struct health_evidence){
		.cause = cause,
		.at = now,
		.last_good = all_life ? h->life_last : h->reply_last,
		.reply_age = h->reply_last == 0 ? USEC_NEVER : usec_since(h->reply_last, now),
		.life_age = h->life_last == 0 ? USEC_NEVER : usec_since(h->life_last, now),
		.unanswered = h->unanswered,
		.replies = h->replies,
		.packets = health_packets(h),
		.packets_usual = health_packets_usual(cfg, h),
		.device = h->wrong_device,
		.said = cause == HEALTH_CAUSE_NOT_FIT ? h->said : NULL,
	};
}

static unsigned enter(const struct health_cfg *cfg, struct health *h, enum health_state to,
		      enum health_cause cause, usec_t now)
{
	bool was = is_usable(h->state), is = is_usable(to);

	h->state = to;
	h->proven = false;
	h->since = now;
	h->why = gather(cfg, h, cause, now);
	if (was == is)
		return HEALTH_TELL_STATE;
	h->usable_since = now;
	if (was)
		h->fault = h->why;
	return HEALTH_TELL_STATE | (is ? HEALTH_TELL_USABLE : HEALTH_TELL_UNUSABLE);
}

static void charge(const struct health_cfg *cfg, struct health *h, usec_t now)
{
	h->restore_due = true;
	h->damp = damp_fail(&cfg->damp, h->damp, now);
}

/* Out of use because of what was seen of the path; what was not in use costs nothing more. */
static unsigned fail(const struct health_cfg *cfg, struct health *h, enum health_state to,
		     enum health_cause cause, usec_t now)
{
	if (is_usable(h->state))
		charge(cfg, h, now);
	return enter(cfg, h, to, cause, now);
}

/* Without a restore time to serve, the wait is over at once and only the replies in a row count. */
static unsigned hold(const struct health_cfg *cfg, struct health *h, usec_t now)
{
	usec_t penalty = h->restore_due ? damp_extra(&cfg->damp, &h->damp, cfg->restore, now) : 0;
	usec_t wait = h->restore_due ? usec_add(cfg->restore, penalty) : 0;
	unsigned actions = enter(cfg, h, HEALTH_HELD, HEALTH_CAUSE_RETURNED, now);

	h->held_until = usec_add(now, wait);
	h->why.hold = wait;
	h->why.penalty = penalty;
	return actions;
}

static bool is_wrong_path(const struct health_cfg *cfg, const struct health *h, usec_t now)
{
	return h->wrong >= HEALTH_STREAK && usec_since(h->wrong_last, now) < cfg->silence &&
	       usec_since(h->reply_ref, now) >= cfg->silence;
}

/* Has a path that answered stopped being good?  The clearest evidence speaks first. */
static unsigned judge(const struct health_cfg *cfg, struct health *h, usec_t now)
{
	usec_t no_reply = usec_since(h->reply_ref, now);

	if (is_wrong_path(cfg, h, now))
		return fail(cfg, h, HEALTH_WRONG_PATH, HEALTH_CAUSE_WRONG_PATH, now);
	if (no_reply < cfg->silence ||
	    (!cfg->by_time && health_missing(cfg, h, now) < health_misses_needed(cfg)))
		return 0;
	if (usec_since(h->life_ref, now) >= cfg->silence)
		return fail(cfg, h, HEALTH_DOWN, HEALTH_CAUSE_SILENCE, now);
	if (health_has_collapsed(cfg, h, now))
		return fail(cfg, h, HEALTH_DOWN, HEALTH_CAUSE_COLLAPSE, now);
	/* Who speaks by itself and has stopped is believed as long as its traffic speaks for it;
	 * that its host refuses our packets does not. */
	if (no_reply >= health_patience_usec(cfg) ||
	    (cfg->by_time && usec_since(h->rx_ref, now) >= cfg->silence))
		return fail(cfg, h, HEALTH_DOWN, HEALTH_CAUSE_NO_REPLIES, now);
	return 0;
}

static unsigned suspect(const struct health_cfg *cfg, struct health *h, usec_t now)
{
	/* Of two probes one reply at least is due: a shorter quiet says nothing. */
	usec_t quiet = usec_max(cfg->silence / 2, usec_add(cfg->interval, cfg->interval));

	if (health_missing(cfg, h, now) > 0)
		return enter(cfg, h, HEALTH_SUSPECT, HEALTH_CAUSE_MISSED, now);
	if (usec_since(h->life_ref, now) >= quiet)
		return enter(cfg, h, HEALTH_SUSPECT, HEALTH_CAUSE_QUIET, now);
	return 0;
}

static unsigned restore(const struct health_cfg *cfg, struct health *h, usec_t now)
{
	unsigned missing = health_missing(cfg, h, now);

	if (missing > 0)
		h->replies = 0;
	if (missing >= HEALTH_STREAK)
		return enter(cfg, h, HEALTH_DOWN, HEALTH_CAUSE_RELAPSE, now);
	if (h->replies >= HEALTH_STREAK)
		h->proven = true;
	if (now < h->held_until || h->replies < HEALTH_STREAK)
		return 0;

	enum health_cause cause = h->restore_due ? HEALTH_CAUSE_RESTORED : HEALTH_CAUSE_FIRST;

	h->restore_due = false;
	return enter(cfg, h, HEALTH_UP, cause, now);
}

/* Replies by the wrong device have ceased as well. */
static unsigned leave_wrong_path(const struct health_cfg *cfg, struct health *h, usec_t now)
{
	bool life = usec_since(h->life_ref, now) < cfg->silence;

	if (usec_since(h->wrong_last, now) < health_patience_usec(cfg))
		return 0;
	return enter(cfg, h, HEALTH_DOWN, life ? HEALTH_CAUSE_NO_REPLIES : HEALTH_CAUSE_SILENCE,
		     now);
}

/* What time alone, or the new fact just noted, has decided. */
static unsigned evaluate(const struct health_cfg *cfg, struct health *h, usec_t now)
{
	unsigned actions = 0;

	if (cfg->unprobed && h->has_sa && h->state != HEALTH_ADMIN)
		return h->state == HEALTH_UP ? 0
					     : enter(cfg, h, HEALTH_UP, HEALTH_CAUSE_UNPROBED, now);
	switch (h->state) {
	case HEALTH_NO_SA:
	case HEALTH_ADMIN:
		break;
	case HEALTH_DOWN:
		if (is_wrong_path(cfg, h, now))
			actions = enter(cfg, h, HEALTH_WRONG_PATH, HEALTH_CAUSE_WRONG_PATH, now);
		break;
	case HEALTH_WRONG_PATH:
		actions = leave_wrong_path(cfg, h, now);
		break;
	case HEALTH_HELD:
		actions = judge(cfg, h, now);
		if (actions == 0)
			actions = restore(cfg, h, now);
		break;
	case HEALTH_UP:
		actions = judge(cfg, h, now);
		if (actions == 0)
			actions = suspect(cfg, h, now);
		break;
	case HEALTH_SUSPECT:
		actions = judge(cfg, h, now);
		break;
	}
	return actions;
}

static unsigned on_reply(const struct health_cfg *cfg, struct health *h,
			 const struct health_event *ev, usec_t now)
{
	/* A gap in the row must be seen before this reply closes it. */
	if (health_missing(cfg, h, now) > 0)
		h->replies = 0;
	if (!health_seen_reply(h, ev, now))
		return 0;
	switch (h->state) {
	case HEALTH_DOWN:
	case HEALTH_WRONG_PATH:
		/* What was held up on the way for long says nothing about now. */
		if (health_missing(cfg, h, now) < HEALTH_STREAK)
			return hold(cfg, h, now);
		break;
	case HEALTH_SUSPECT:
		if (health_missing(cfg, h, now) == 0)
			return enter(cfg, h, HEALTH_UP, HEALTH_CAUSE_ANSWERED, now);
		break;
	case HEALTH_NO_SA:
	case HEALTH_ADMIN:
	case HEALTH_HELD:
	case HEALTH_UP:
		break;
	}
	return 0;
}

static unsigned on_unreachable(const struct health_cfg *cfg, struct health *h,
			       const struct health_event *ev, usec_t now)
{
	enum health_cause cause = ev->first_party ? HEALTH_CAUSE_NOT_FIT : HEALTH_CAUSE_UNREACHABLE;

	if (cfg->unprobed || !health_seen_unreachable(h, ev, now))
		return 0;
	if (!ev->first_party && h->unreachable < HEALTH_STREAK)
		return 0;
	h->said = ev->said;
	switch (h->state) {
	case HEALTH_HELD:
	case HEALTH_UP:
	case HEALTH_SUSPECT:
		return fail(cfg, h, HEALTH_DOWN, cause, now);
	case HEALTH_DOWN:
		if (h->why.cause == cause && h->why.said == h->said)
			return 0;
		h->why = gather(cfg, h, cause, now); /* the fresher reason explains more */
		return HEALTH_TELL_STATE;
	case HEALTH_NO_SA:
	case HEALTH_ADMIN:
	case HEALTH_WRONG_PATH:
		break;
	}
	return 0;
}

/* The peer has judged by silence, which is the strong evidence: no need to wait for our own. */
static unsigned on_unheard(const struct health_cfg *cfg, struct health *h, usec_t now)
{
	if (cfg->unprobed || (!is_usable(h->state) && h->state != HEALTH_HELD))
		return 0;
	return fail(cfg, h, HEALTH_DOWN, HEALTH_CAUSE_UNHEARD, now);
}

/* Nothing can leave by it or arrive: no silence needs to be waited for. */
static unsigned on_link(const struct health_cfg *cfg, struct health *h,
			const struct health_event *ev, usec_t now)
{
	unsigned actions = 0;

	if (!ev->link) { /* replies tell whether the line is, too */
		bool stale = h->state == HEALTH_DOWN && h->why.cause == HEALTH_CAUSE_LINK;

		return stale ? enter(cfg, h, HEALTH_DOWN, HEALTH_CAUSE_SILENCE, now) : 0;
	}
	switch (h->state) {
	case HEALTH_HELD:
	case HEALTH_UP:
	case HEALTH_SUSPECT:
	case HEALTH_WRONG_PATH:
		if (!cfg->unprobed) /* nobody would notice that it is back */
			actions = fail(cfg, h, HEALTH_DOWN, HEALTH_CAUSE_LINK, now);
		break;
	case HEALTH_DOWN:
		actions = enter(cfg, h, HEALTH_DOWN, HEALTH_CAUSE_LINK, now);
		break;
	case HEALTH_NO_SA:
	case HEALTH_ADMIN:
		break;
	}
	if (actions)
		(void)snprintf(h->why.link, sizeof(h->why.link), "%s", ev->link);
	if (actions & HEALTH_TELL_UNUSABLE)
		h->fault = h->why;
	return actions;
}

static unsigned on_sa_up(const struct health_cfg *cfg, struct health *h, usec_t now)
{
	if (h->has_sa)
		return 0;
	h->has_sa = true;
	if (h->sa_lost != 0 && usec_since(h->sa_lost, now) > usec_max(cfg->silence, REDIAL_USEC))
		charge(cfg, h, now);
	h->sa_lost = 0;
	health_seen_reset(h, now);
	if (h->state == HEALTH_ADMIN)
		return 0;
	return enter(cfg, h, HEALTH_DOWN, HEALTH_CAUSE_NEVER, now);
}

static unsigned on_sa_down(const struct health_cfg *cfg, struct health *h, usec_t now)
{
	if (!h->has_sa)
		return 0;
	h->has_sa = false;
	if (h->state == HEALTH_ADMIN)
		return 0;
	if (is_usable(h->state))
		h->sa_lost = now;
	return enter(cfg, h, HEALTH_NO_SA, HEALTH_CAUSE_SA_LOST, now);
}

/* Who switches a path on wants it used: no restore time for faults before that. */
static unsigned on_admin(const struct health_cfg *cfg, struct health *h, bool up, usec_t now)
{
	if (up != (h->state == HEALTH_ADMIN))
		return 0;
	h->sa_lost = 0;
	h->restore_due = false;
	if (!up)
		return enter(cfg, h, HEALTH_ADMIN, HEALTH_CAUSE_ADMIN, now);
	health_seen_reset(h, now);
	if (!h->has_sa)
		return enter(cfg, h, HEALTH_NO_SA, HEALTH_CAUSE_START, now);
	return enter(cfg, h, HEALTH_DOWN, HEALTH_CAUSE_NEVER, now);
}

/* Notes what happened, and decides what the event decides by itself. */
static unsigned take(const struct health_cfg *cfg, struct health *h, const struct health_event *ev,
		     usec_t now)
{
	switch (ev->kind) {
	case HEALTH_EV_PROBE_SENT:
		health_seen_sent(h, ev->seq, now);
		return 0;
	case HEALTH_EV_REPLY:
		return on_reply(cfg, h, ev, now);
	case HEALTH_EV_WRONG_PATH:
		health_seen_wrong(h, ev, now);
		return 0;
	case HEALTH_EV_UNREACHABLE:
		return on_unreachable(cfg, h, ev, now);
	case HEALTH_EV_UNHEARD:
		return on_unheard(cfg, h, now);
	case HEALTH_EV_LIFE:
		health_seen_life(cfg, h, ev, now);
		return 0;
	case HEALTH_EV_SA_UP:
		return on_sa_up(cfg, h, now);
	case HEALTH_EV_SA_DOWN:
		return on_sa_down(cfg, h, now);
	case HEALTH_EV_ADMIN_DOWN:
		return on_admin(cfg, h, false, now);
	case HEALTH_EV_ADMIN_UP:
		return on_admin(cfg, h, true, now);
	case HEALTH_EV_LINK:
		return on_link(cfg, h, ev, now);
	case HEALTH_EV_LATE:
		health_seen_late(cfg, h, ev, now);
		return 0;
	case HEALTH_EV_TIMER:
		return 0;
	}
	return 0;
}

/* The earliest time at which evaluate() could say something new.  Times that have passed are left
 * out: what they wait for is an event, not a clock. */
static usec_t next_deadline(const struct health_cfg *cfg, const struct health *h, usec_t now)
{
	usec_t silence = cfg->silence, patience = health_patience_usec(cfg);
	usec_t quiet = usec_max(silence / 2, usec_add(cfg->interval, cfg->interval));
	usec_t at[12], first = USEC_NEVER;
	size_t n = 0;

	if (cfg->unprobed)
		return USEC_NEVER;
	switch (h->state) {
	case HEALTH_NO_SA:
	case HEALTH_ADMIN:
		break;
	case HEALTH_DOWN:
		if (h->wrong >= HEALTH_STREAK)
			at[n++] = usec_add(h->reply_ref, silence);
		break;
	case HEALTH_WRONG_PATH:
		at[n++] = usec_add(h->wrong_last, patience);
		break;
	case HEALTH_HELD:
		at[n++] = h->held_until;
		at[n++] = health_missing_at(cfg, h, 1);
		at[n++] = health_missing_at(cfg, h, HEALTH_STREAK);
		at[n++] = usec_add(h->reply_ref, silence);
		break;
	case HEALTH_UP:
		at[n++] = health_missing_at(cfg, h, 1);
		at[n++] = usec_add(h->life_ref, quiet);
		__attribute__((fallthrough));
	case HEALTH_SUSPECT:
		at[n++] = health_missing_at(cfg, h, health_misses_needed(cfg));
		at[n++] = usec_add(h->life_ref, silence);
		at[n++] = usec_add(h->reply_ref, silence);
		at[n++] = usec_add(h->reply_ref, patience);
		at[n++] = usec_add(h->reply_ref, health_trickle_usec(cfg));
		at[n++] = usec_add(h->rx_ref, silence);
		break;
	}
	for (size_t i = 0; i < n; i++)
		if (at[i] > now)
			first = usec_min(first, at[i]);
	return first;
}

struct health_step health_step(const struct health_cfg *cfg, struct health h,
			       const struct health_event *ev, usec_t now)
{
	enum health_answer before = h.answer;
	unsigned actions = take(cfg, &h, ev, now);

	/* Nothing that the event decided is taken back here: both never tell opposite things. */
	actions |= evaluate(cfg, &h, now);
	h.answer = answer_of(cfg, &h, now);
	if (h.answer != before)
		actions |= HEALTH_TELL_ANSWERS;
	h.deadline = next_deadline(cfg, &h, now);
	return (struct health_step){ .next = h, .actions = actions };
}
