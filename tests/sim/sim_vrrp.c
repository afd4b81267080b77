/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two to four routers on one LAN that loses, delays, doubles and reorders packets, cuts them off
 * from each other, stops, holds up and suspends (1 ms to 30 s) their processes; then everything
 * heals.  From two down intervals after that on there is exactly one master, and after the preempt
 * delay it is the right one and stays.  Each seed is another LAN; all are repeatable.
 */
#include "base/list.h"
#include "fsm/vrrp_fsm.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SEEDS 1000u
#define NODES 4
#define QUEUE 64
#define CHAOS 300 /* intervals */

struct message {
	usec_t at; /* arrival */
	struct vrrp_event ev;
};

struct node {
	struct vrrp_fsm_cfg cfg;
	struct vrrp_fsm v;
	usec_t held_until; /* the process does not run before */
	bool mute; /* interface down, noticed or not */
	usec_t slept; /* how much of held_until its clock will not have counted */
	unsigned queued;
	struct message queue[QUEUE]; /* by arrival */
};

struct sim {
	uint64_t seed, random;
	usec_t now, interval, delay;
	unsigned count, loss, doubled; /* nodes; of 100 packets */
	bool cut[NODES][NODES];
	struct node node[NODES];
	unsigned switches; /* any node became master */
	usec_t rivalry; /* since when there has been more than one master, USEC_NEVER: there is not
			 */
};

static uint64_t draw(struct sim *s, uint64_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (s->random >> 11) % below;
}

static void fail(const struct sim *s, const char *what)
{
	(void)fprintf(stderr, "seed %" PRIu64 ", at %" PRIu64 " usec: %s\n", s->seed, s->now, what);
	for (unsigned i = 0; i < s->count; i++) {
		const struct vrrp_fsm *v = &s->node[i].v;

		(void)fprintf(stderr, "  node %u: %s, priority %u, \"%s\" since %" PRIu64 "\n", i,
			      vrrp_state_name(v->state), v->priority, vrrp_cause_text(v->cause),
			      v->since);
	}
	exit(1);
}

/* Loses what does not fit, as a socket does. */
static void enqueue(struct node *n, usec_t at, const struct vrrp_event *ev)
{
	unsigned i = n->queued;

	if (n->queued == QUEUE)
		return;
	for (; i > 0 && n->queue[i - 1].at > at; i--)
		n->queue[i] = n->queue[i - 1];
	n->queue[i] = (struct message){ at, *ev };
	n->queued++;
}

static void advertise(struct sim *s, unsigned from, uint8_t priority)
{
	const struct node *n = &s->node[from];
	const struct vrrp_event ev = { .kind = VRRP_EV_ADVERT,
				       .priority = priority,
				       .interval = n->cfg.interval,
				       .src = n->cfg.address };

	for (unsigned to = 0; to < s->count; to++)
		if (to != from && !n->mute && !s->node[to].mute && !s->cut[from][to] &&
		    draw(s, 100) >= s->loss)
			for (unsigned copies = 1 + (draw(s, 100) < s->doubled); copies; copies--)
				enqueue(&s->node[to], s->now + 1 + draw(s, s->delay), &ev);
}

static void feed(struct sim *s, unsigned i, const struct vrrp_event *ev, usec_t at)
{
	struct node *n = &s->node[i];
	struct vrrp_step r = vrrp_step(&n->cfg, n->v, ev, at);

	if (n->v.state == VRRP_MASTER && (r.actions & (VRRP_SEND_ADV | VRRP_SEND_GARP)) &&
	    s->now - n->v.sent > vrrp_down_interval(n->cfg.version, n->v.priority, n->cfg.interval))
		fail(s, "a master that was held up speaks");
	n->v = r.next;
	if (r.actions & VRRP_SEND_ADV_ZERO)
		advertise(s, i, 0);
	if (r.actions & VRRP_SEND_ADV)
		advertise(s, i, n->v.priority);
	s->switches += !!(r.actions & VRRP_BECOME_MASTER);
}

static void feed_now(struct sim *s, unsigned i, enum vrrp_event_kind kind)
{
	const struct vrrp_event ev = { .kind = kind, .cause = VRRP_CAUSE_TRACK };

	feed(s, i, &ev, s->now);
}

/* One turn of a node's loop: first what has come in, then the timer, as svc/ does it. */
static void run_node(struct sim *s, unsigned i)
{
	struct node *n = &s->node[i];
	const struct vrrp_event slept = { .kind = VRRP_EV_SLEPT, .interval = n->slept };
	unsigned taken = 0;

	/* The clock of the simulation is everybody's: what a sleeper's did not count, it already
	 * has, and telling it twice must do no harm. */
	if (n->slept) {
		n->slept = 0;
		feed(s, i, &slept, s->now);
	}
	for (; taken < n->queued && n->queue[taken].at <= s->now; taken++)
		feed(s, i, &n->queue[taken].ev, n->queue[taken].at);
	n->queued -= taken;
	for (unsigned k = 0; k < n->queued; k++)
		n->queue[k] = n->queue[k + taken];
	if (n->v.deadline <= s->now)
		feed_now(s, i, VRRP_EV_TIMER);
}

static usec_t node_wake(const struct node *n)
{
	usec_t at = n->v.deadline;

	if (n->queued)
		at = usec_min(at, n->queue[0].at);
	return usec_max(at, n->held_until);
}

static unsigned masters(const struct sim *s)
{
	unsigned m = 0;

	for (unsigned i = 0; i < s->count; i++)
		m += s->node[i].v.state == VRRP_MASTER;
	return m;
}

/* Runs until `end`; with `settled`, two masters are allowed for one packet's way only. */
static void run(struct sim *s, usec_t end, bool settled)
{
	while (s->now < end) {
		usec_t next = end;

		for (unsigned i = 0; i < s->count; i++)
			next = usec_min(next, node_wake(&s->node[i]));
		/* A loop is never quite on time. */
		s->now = usec_min(usec_max(next, s->now) + draw(s, s->interval / 100 + 1), end);
		for (unsigned i = 0; i < s->count; i++)
			if (node_wake(&s->node[i]) <= s->now)
				run_node(s, i);
		if (masters(s) <= 1)
			s->rivalry = USEC_NEVER;
		else if (s->rivalry == USEC_NEVER)
			s->rivalry = s->now;
		if (settled && masters(s) == 0)
			fail(s, "no master");
		if (settled && s->rivalry != USEC_NEVER &&
		    s->now - s->rivalry > s->delay + s->interval / 25)
			fail(s, "more than one master");
	}
}

static void setup(struct sim *s, uint64_t seed)
{
	static const usec_t paces[] = { 10 * USEC_PER_MSEC, 100 * USEC_PER_MSEC, USEC_PER_SEC };
	bool two;

	*s = (struct sim){ .seed = seed,
			   .random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1,
			   .rivalry = USEC_NEVER };
	for (int i = 0; i < 8; i++)
		(void)draw(s, 2);
	two = draw(s, 4) == 0;
	s->count = 2 + (unsigned)draw(s, NODES - 1);
	s->interval = two ? USEC_PER_SEC : paces[draw(s, ARRAY_LEN(paces))];
	s->delay = 1 + draw(s, s->interval / 4);
	s->now = USEC_PER_SEC;
	for (unsigned i = 0; i < s->count; i++) {
		struct node *n = &s->node[i];

		n->cfg = (struct vrrp_fsm_cfg){
			.version = two ? 2 : 3,
			/* ties are likely; now and then an owner */
			.priority =
				(uint8_t)(i == 0 && draw(s, 5) == 0 ? 255 : 100 + 50 * draw(s, 3)),
			.interval = s->interval,
			.preempt = draw(s, 4) != 0,
			.preempt_delay = draw(s, 2) * draw(s, 20) * s->interval,
			.address = { ADDR_V4, { 10, 1, 22, (uint8_t)(1 + i) } },
		};
		n->v = vrrp_new(&n->cfg);
		feed_now(s, i, VRRP_EV_START);
	}
}

static void set_priority(struct sim *s, unsigned i, uint8_t priority)
{
	const struct vrrp_event ev = { .kind = VRRP_EV_PRIORITY, .priority = priority };

	feed(s, i, &ev, s->now);
}

static void disturb(struct sim *s)
{
	unsigned i = (unsigned)draw(s, s->count), j = (unsigned)draw(s, s->count);
	struct node *n = &s->node[i];

	switch (draw(s, 13)) {
	case 9: /* a long pause, a restart's worth or more */
		n->held_until = s->now + USEC_PER_MSEC + draw(s, 30 * USEC_PER_SEC);
		break;
	case 10: /* suspended */
		n->held_until = s->now + draw(s, 40 * s->interval);
		n->slept = n->held_until - s->now;
		break;
	case 11: /* doubles, and with them a new order */
		s->doubled = (unsigned)draw(s, 60);
		break;
	case 0:
		n->held_until = s->now + draw(s, 12 * s->interval);
		break;
	case 1:
		s->cut[i][j] = s->cut[j][i] = !s->cut[i][j];
		break;
	case 2: /* one way only */
		s->cut[i][j] = !s->cut[i][j];
		break;
	case 3:
		s->loss = (unsigned)draw(s, 60);
		break;
	case 4:
		feed_now(s, i, VRRP_EV_STOP);
		break;
	case 5:
		feed_now(s, i, VRRP_EV_START);
		break;
	case 6:
		n->mute = true;
		if (draw(s, 2))
			feed_now(s, i, VRRP_EV_LINK_DOWN);
		break;
	case 7:
		n->mute = false;
		feed_now(s, i, VRRP_EV_LINK_UP);
		break;
	case 8:
		feed_now(s, i, VRRP_EV_URGE);
		break;
	default:
		set_priority(s, i, (uint8_t)(1 + draw(s, 254)));
		break;
	}
}

/* Everything works again; of the routers at least one may run. */
static void heal(struct sim *s)
{
	bool any = false;

	s->loss = s->doubled = 0;
	for (unsigned i = 0; i < s->count; i++) {
		struct node *n = &s->node[i];

		for (unsigned j = 0; j < s->count; j++)
			s->cut[i][j] = false;
		n->mute = false;
		n->held_until = 0;
		feed_now(s, i, VRRP_EV_LINK_UP);
		any = any || !n->v.stopped;
	}
	if (!any)
		feed_now(s, 0, VRRP_EV_START);
}

/* Where all preempt, nobody who runs has a higher priority than the master. */
static void check_rank(const struct sim *s)
{
	uint8_t best = 0, master = 0;
	bool all_preempt = true;

	for (unsigned i = 0; i < s->count; i++) {
		const struct node *n = &s->node[i];

		if (n->v.state != VRRP_BACKUP && n->v.state != VRRP_MASTER)
			continue;
		best = n->v.priority > best ? n->v.priority : best;
		master = n->v.state == VRRP_MASTER ? n->v.priority : master;
		all_preempt = all_preempt && n->cfg.preempt;
	}
	if (all_preempt && master != best)
		fail(s, "a higher priority stands by");
}

int main(void)
{
	unsigned chaos = 0;

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		struct sim s;
		unsigned before;
		usec_t down;

		setup(&s, seed);
		/* the longest of any priority */
		down = vrrp_down_interval(s.node[0].cfg.version, 1, s.interval) + s.delay;
		for (int i = 0; i < CHAOS; i++) {
			run(&s, s.now + draw(&s, 2 * s.interval), false);
			disturb(&s);
		}
		heal(&s);
		run(&s, s.now + 2 * down, false);
		/* the preempt delay, and then what anybody who waited for it needs */
		run(&s, s.now + 20 * s.interval + 2 * down, true);
		if (masters(&s) != 1)
			fail(&s, "not one master");
		check_rank(&s);
		before = s.switches;
		chaos += before;
		run(&s, s.now + 50 * s.interval, true);
		if (s.switches != before)
			fail(&s, "a switch in peace");
	}
	/* If nothing ever happened, nothing was tested. */
	if (chaos < 5 * SEEDS) {
		(void)fprintf(stderr, "%u switches in %u seeds: too few\n", chaos, SEEDS);
		return 1;
	}
	(void)printf("%u seeds, %u switches\n", SEEDS, chaos);
	return 0;
}
