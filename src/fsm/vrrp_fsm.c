/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/vrrp_fsm.h"

#include "base/list.h"

/* From one announcement of the addresses to the next: the first may get lost, or come before a
 * switch has learned where we are. */
static const usec_t garp_gaps[] = { 100 * USEC_PER_MSEC, 900 * USEC_PER_MSEC };

const char *vrrp_state_name(enum vrrp_state state)
{
	switch (state) {
	case VRRP_INIT:
		return "init";
	case VRRP_STOPPED:
		return "stopped";
	case VRRP_FAULT:
		return "fault";
	case VRRP_BACKUP:
		return "backup";
	case VRRP_MASTER:
		return "master";
	}
	return "unknown";
}

const char *vrrp_cause_text(enum vrrp_cause cause)
{
	static const char *const texts[] = {
#define X(id, text) text,
		VRRP_CAUSES(X)
#undef X
	};

	return cause < ARRAY_LEN(texts) ? texts[cause] : "unknown";
}

/* The best backup moves first.  Version 2 knows seconds only; in version 3 the skew scales with
 * the interval, and we keep microseconds where the RFC counts hundredths (of 10 ms: zero). */
static usec_t skew(uint8_t version, uint8_t priority, usec_t interval)
{
	return (256u - priority) * (version == 2 ? USEC_PER_SEC : interval) / 256;
}

usec_t vrrp_down_interval(uint8_t version, uint8_t priority, usec_t interval)
{
	return 3 * interval + skew(version, priority, interval);
}

struct vrrp_fsm vrrp_new(const struct vrrp_fsm_cfg *cfg)
{
	return (struct vrrp_fsm){
		.state = VRRP_INIT,
		.priority = cfg->priority,
		.interval = cfg->interval,
		.adv_at = USEC_NEVER,
		.garp_at = USEC_NEVER,
		.deadline = USEC_NEVER,
	};
}

static struct vrrp_step stay(struct vrrp_fsm v, unsigned actions)
{
	if (v.state == VRRP_MASTER)
		v.deadline = usec_min(v.adv_at, v.garp_at);
	return (struct vrrp_step){ v, actions };
}

static void enter(struct vrrp_fsm *v, enum vrrp_state to, enum vrrp_cause why, usec_t now)
{
	v->state = to;
	v->cause = why;
	v->since = now;
	v->adv_at = v->garp_at = v->deadline = USEC_NEVER;
	v->follows = v->candidate = false;
}

/* Stopped or without interface: nothing runs until an event says so. */
static struct vrrp_step halt(struct vrrp_fsm v, usec_t now, unsigned actions)
{
	v.master = (struct addr){ .family = ADDR_NONE };
	v.master_priority = 0;
	v.heard = 0;
	if (v.link_down)
		enter(&v, VRRP_FAULT, VRRP_CAUSE_LINK, now);
	else
		enter(&v, VRRP_STOPPED, v.stop_cause, now);
	return stay(v, actions);
}

static void announce(struct vrrp_fsm *v, usec_t now)
{
	v->garp_at =
		v->garps < ARRAY_LEN(garp_gaps) ? usec_add(now, garp_gaps[v->garps]) : USEC_NEVER;
	v->garps++;
}

static void advertise(struct vrrp_fsm *v, usec_t next, usec_t now)
{
	v->sent = now;
	v->adv_at = next;
}

static struct vrrp_step become_master(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
				      enum vrrp_cause why, usec_t now)
{
	enter(&v, VRRP_MASTER, why, now);
	v.master = cfg->address;
	v.master_priority = v.priority;
	v.interval = cfg->interval;
	v.heard = v.asserted = 0;
	v.garps = 0;
	advertise(&v, usec_add(now, cfg->interval), now);
	announce(&v, now);
	return stay(v, VRRP_SEND_ADV | VRRP_BECOME_MASTER | VRRP_SEND_GARP);
}

/* Waits for a master; the first sign of none is `wait` from now. */
static void become_backup(struct vrrp_fsm *v, enum vrrp_cause why, usec_t wait, usec_t now)
{
	enter(v, VRRP_BACKUP, why, now);
	v->expect = VRRP_CAUSE_SILENCE;
	v->listened = false;
	v->deadline = usec_add(now, wait);
}

/* Nobody else is fit to be master. */
static struct vrrp_step claim(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
			      enum vrrp_cause why, usec_t now)
{
	if (!cfg->grouped)
		return become_master(cfg, v, why, now);
	v.expect = why;
	v.follows = false;
	v.candidate = true;
	v.deadline = USEC_NEVER;
	return stay(v, VRRP_CANDIDATE);
}

static usec_t down_interval(const struct vrrp_fsm_cfg *cfg, const struct vrrp_fsm *v)
{
	return vrrp_down_interval(cfg->version, v->priority, v->interval);
}

static struct vrrp_step startup(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v, usec_t now)
{
	v.preempt_from = usec_add(now, cfg->preempt_delay);
	v.interval = cfg->interval;
	if (v.priority == VRRP_OWNER && !cfg->grouped)
		return become_master(cfg, v, VRRP_CAUSE_OWNER, now);
	become_backup(&v, VRRP_CAUSE_STARTED, down_interval(cfg, &v), now);
	if (v.priority == VRRP_OWNER)
		return claim(cfg, v, VRRP_CAUSE_OWNER, now);
	return stay(v, 0);
}

/* The sender is our master now, or still. */
static void follow(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm *v, const struct vrrp_event *ev,
		   usec_t now)
{
	v->master = ev->src;
	v->master_priority = ev->priority;
	v->heard = now;
	v->interval = cfg->version == 2 || ev->interval == 0 ? cfg->interval : ev->interval;
	v->expect = VRRP_CAUSE_SILENCE;
	v->listened = v->candidate = false;
	v->follows = true;
	v->deadline = usec_add(now, down_interval(cfg, v));
}

static struct vrrp_step backup_farewell(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
					const struct vrrp_event *ev, usec_t now)
{
	/* Somebody else who goes leaves our master in place. */
	if (v.master.family != ADDR_NONE && !addr_equal(&v.master, &ev->src))
		return stay(v, 0);
	v.master_priority = 0;
	v.expect = VRRP_CAUSE_FAREWELL;
	v.follows = false;
	if (v.candidate)
		return stay(v, VRRP_CANDIDATE);
	/* Never later than planned: a stream of these must not keep us waiting. */
	v.deadline =
		usec_min(v.deadline, usec_add(now, skew(cfg->version, v.priority, v.interval)));
	return stay(v, 0);
}

static struct vrrp_step backup_advert(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
				      const struct vrrp_event *ev, usec_t now)
{
	bool may_preempt = v.priority == VRRP_OWNER || (cfg->preempt && now >= v.preempt_from);

	if (ev->priority == 0)
		return backup_farewell(cfg, v, ev, now);
	if (ev->priority >= v.priority || !may_preempt) {
		follow(cfg, &v, ev, now);
		return stay(v, 0);
	}
	if (v.expect == VRRP_CAUSE_SILENCE)
		v.expect = VRRP_CAUSE_PREEMPT;
	v.follows = false;
	if (v.master.family == ADDR_NONE || addr_equal(&v.master, &ev->src)) {
		v.master = ev->src;
		v.master_priority = ev->priority;
		v.heard = now;
	}
	return stay(v, 0);
}

static struct vrrp_step backup_timer(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v, usec_t now)
{
	if (now < v.deadline)
		return stay(v, 0);
	/* So late that a living master's advertisements may wait in a queue that nobody read: it
	 * gets one interval more to be heard, once. */
	if (!v.listened && now - v.deadline > v.interval) {
		v.listened = true;
		v.deadline = usec_add(now, v.interval);
		return stay(v, 0);
	}
	return claim(cfg, v, v.expect, now);
}

static struct vrrp_step backup_urge(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v, usec_t now)
{
	usec_t overdue = usec_add(v.heard, v.interval + v.interval / 2);

	/* Who has not heard any master waits for the first time, and must hear it out.  A
	 * candidate waits for its group and for no time. */
	if (v.candidate || v.heard == 0 || v.expect != VRRP_CAUSE_SILENCE || overdue >= v.deadline)
		return stay(v, 0);
	v.expect = VRRP_CAUSE_URGED;
	v.deadline = usec_max(overdue + skew(cfg->version, v.priority, v.interval) / 4, now);
	return stay(v, 0);
}

static struct vrrp_step backup_step(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
				    const struct vrrp_event *ev, usec_t now)
{
	if (ev->kind == VRRP_EV_ADVERT)
		return backup_advert(cfg, v, ev, now);
	if (ev->kind == VRRP_EV_TIMER)
		return backup_timer(cfg, v, now);
	if (ev->kind == VRRP_EV_URGE)
		return backup_urge(cfg, v, now);
	if (ev->kind == VRRP_EV_TAKE)
		return become_master(cfg, v, ev->cause, now);
	return stay(v, 0);
}

/*
 * Somebody else was master, or still thinks so: say that we are here, and repair what hosts and
 * switches have learned.  By way of the timer, since `at` may be long ago and we not master any
 * more by now; and at no more than twice our pace, whatever others send.
 */
static struct vrrp_step master_assert(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v, usec_t at)
{
	usec_t due = usec_max(at, v.asserted ? usec_add(v.asserted, cfg->interval / 2) : 0);

	if (v.asserted && v.asserted >= at)
		return stay(v, 0);
	v.asserted = due;
	v.adv_at = usec_min(v.adv_at, due);
	v.garp_at = due;
	v.garps = 0;
	return stay(v, 0);
}

static struct vrrp_step master_advert(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
				      const struct vrrp_event *ev, usec_t now)
{
	bool higher = ev->priority > v.priority;
	bool greater = ev->priority == v.priority && addr_compare(&ev->src, &cfg->address) > 0;

	/* The owner heeds no other (RFC 9568, 7.1): somebody is configured wrongly, or lies. */
	if (v.priority == VRRP_OWNER && ev->priority == VRRP_OWNER) {
		struct vrrp_step s = master_assert(cfg, v, now);

		s.actions |= VRRP_OTHER_OWNER;
		return s;
	}
	if (!higher && !greater)
		return master_assert(cfg, v, now);
	become_backup(&v, higher ? VRRP_CAUSE_HIGHER : VRRP_CAUSE_GREATER_ADDRESS, 0, now);
	follow(cfg, &v, ev, now);
	return stay(v, VRRP_LEAVE_MASTER);
}

static struct vrrp_step master_timer(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v, usec_t now)
{
	unsigned actions = 0;

	if (now >= v.adv_at) {
		usec_t next = usec_add(v.adv_at, cfg->interval);

		/* Keeps the pace in spite of small delays, without catching up on missed turns. */
		advertise(&v, next > now ? next : usec_add(now, cfg->interval), now);
		actions |= VRRP_SEND_ADV;
	}
	if (now >= v.garp_at) {
		announce(&v, now);
		actions |= VRRP_SEND_GARP;
	}
	return stay(v, actions);
}

/* Silent for so long that any backup of at most our priority has become master by now. */
static bool master_is_late(const struct vrrp_fsm_cfg *cfg, const struct vrrp_fsm *v, usec_t now)
{
	return usec_since(v->sent, now) >
	       vrrp_down_interval(cfg->version, v->priority, cfg->interval);
}

static struct vrrp_step master_step(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
				    const struct vrrp_event *ev, usec_t now)
{
	/* Does not fight whoever that is: who hears nobody for as long as any backup waits is the
	 * only one.  Coming back is subject to the preempt delay again. */
	if (master_is_late(cfg, &v, now)) {
		struct vrrp_step s;

		become_backup(&v, VRRP_CAUSE_LATE, down_interval(cfg, &v), now);
		v.master = (struct addr){ .family = ADDR_NONE };
		v.master_priority = 0;
		v.preempt_from = usec_add(now, cfg->preempt_delay);
		s = ev->kind == VRRP_EV_ADVERT ? backup_advert(cfg, v, ev, now) : stay(v, 0);
		s.actions |= VRRP_LEAVE_MASTER;
		return s;
	}
	if (ev->kind == VRRP_EV_ADVERT)
		return master_advert(cfg, v, ev, now);
	if (ev->kind == VRRP_EV_TIMER)
		return master_timer(cfg, v, now);
	if (ev->kind == VRRP_EV_YIELD) {
		become_backup(&v, ev->cause, down_interval(cfg, &v), now);
		v.master = (struct addr){ .family = ADDR_NONE };
		v.master_priority = 0;
		return stay(v, VRRP_SEND_ADV_ZERO | VRRP_LEAVE_MASTER);
	}
	return stay(v, 0);
}

/* The time that the clock did not count has passed for everybody else. */
static struct vrrp_step slept(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v, usec_t span,
			      usec_t now)
{
	static const struct vrrp_event look = { .kind = VRRP_EV_SLEPT };

	v.sent = usec_since(span, v.sent);
	v.heard = usec_since(span, v.heard);
	if (v.state == VRRP_MASTER)
		return master_step(cfg, v, &look, now);
	if (v.state == VRRP_BACKUP && v.deadline != USEC_NEVER)
		v.deadline = usec_since(span, v.deadline);
	return stay(v, 0);
}

static struct vrrp_step set_priority(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
				     uint8_t priority, usec_t now)
{
	bool speaks = v.state == VRRP_MASTER && !master_is_late(cfg, &v, now);

	if (priority == 0 || priority == v.priority) /* 0 is not a priority to run with */
		return stay(v, 0);
	if (priority > v.priority)
		v.preempt_from = usec_add(now, cfg->preempt_delay);
	v.priority = priority;
	if (v.state == VRRP_MASTER)
		v.master_priority = priority;
	if (!speaks)
		return stay(v, 0);
	advertise(&v, usec_add(now, cfg->interval), now);
	return stay(v, VRRP_SEND_ADV);
}

/* Started, stopped, interface lost or back: what holds in every state.  Other than this, an event
 * is the state's own business. */
static struct vrrp_step set_conditions(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
				       const struct vrrp_event *ev, usec_t now)
{
	bool is_master = v.state == VRRP_MASTER;

	switch (ev->kind) {
	case VRRP_EV_START:
		v.stopped = false;
		if (v.state == VRRP_INIT && v.link_down)
			return halt(v, now, 0);
		if (v.state == VRRP_INIT || v.state == VRRP_STOPPED)
			return startup(cfg, v, now);
		break;
	case VRRP_EV_STOP:
		v.stopped = true;
		v.stop_cause = ev->cause;
		if (v.state != VRRP_STOPPED && v.state != VRRP_FAULT)
			return halt(v, now, is_master ? VRRP_SEND_ADV_ZERO | VRRP_LEAVE_MASTER : 0);
		break;
	case VRRP_EV_LINK_DOWN:
		v.link_down = true;
		if (v.state != VRRP_INIT && v.state != VRRP_FAULT)
			return halt(v, now, is_master ? VRRP_LEAVE_MASTER : 0);
		break;
	case VRRP_EV_LINK_UP:
		v.link_down = false;
		if (v.state == VRRP_FAULT && v.stopped)
			return halt(v, now, 0);
		if (v.state == VRRP_FAULT)
			return startup(cfg, v, now);
		break;
	case VRRP_EV_PRIORITY:
		return set_priority(cfg, v, ev->priority, now);
	case VRRP_EV_SLEPT:
		return slept(cfg, v, ev->interval, now);
	case VRRP_EV_TAKE:
	case VRRP_EV_YIELD:
	case VRRP_EV_URGE:
	case VRRP_EV_ADVERT:
	case VRRP_EV_TIMER:
		break;
	}
	return stay(v, 0);
}

static bool is_own_echo(const struct vrrp_fsm_cfg *cfg, const struct vrrp_event *ev)
{
	return addr_equal(&ev->src, &cfg->address);
}

struct vrrp_step vrrp_step(const struct vrrp_fsm_cfg *cfg, struct vrrp_fsm v,
			   const struct vrrp_event *ev, usec_t now)
{
	if (ev->kind < VRRP_EV_TAKE || ev->kind == VRRP_EV_SLEPT)
		return set_conditions(cfg, v, ev, now);
	if (ev->kind == VRRP_EV_ADVERT && is_own_echo(cfg, ev))
		return stay(v, 0);
	switch (v.state) {
	case VRRP_INIT:
	case VRRP_STOPPED:
	case VRRP_FAULT:
		break;
	case VRRP_BACKUP:
	case VRRP_MASTER:
		if (ev->kind == VRRP_EV_ADVERT && cfg->version == 2 &&
		    ev->interval != cfg->interval)
			return stay(v, VRRP_BAD_INTERVAL);
		return v.state == VRRP_BACKUP ? backup_step(cfg, v, ev, now)
					      : master_step(cfg, v, ev, now);
	}
	return stay(v, 0);
}
