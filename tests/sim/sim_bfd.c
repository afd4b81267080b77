/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two BFD machines on a line that loses, delays, reorders and repeats packets, with intervals,
 * multipliers, demand mode and authentication of their own, and that change while they run.
 * Whatever happened before: on a sound line both are Up soon and stay Up, each poll ends and
 * both know each other's intervals; nobody sends faster than the other end allows; after a cut
 * both are Down within their detection time.  Each seed is another line; all are repeatable.
 */
#include "base/list.h"
#include "fsm/bfd_fsm.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SEEDS 1000u
#define QUEUE 256

struct message {
	usec_t at;
	struct bfd_pkt packet;
};

struct node {
	struct bfd_cfg cfg;
	struct bfd b;
	unsigned queued;
	struct message queue[QUEUE]; /* by arrival, on the way to this node */
	usec_t last_turn; /* when its last packet in turn left; 0: none since the state changed */
	unsigned flaps; /* left Up */
	uint32_t last_seq;
	bool any_seq;
};

struct sim {
	uint64_t seed, random;
	usec_t now, delay;
	unsigned loss, copies; /* of 100 packets */
	bool cut[2]; /* the way to that node */
	struct node node[2];
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
	for (unsigned i = 0; i < 2; i++) {
		const struct bfd *b = &s->node[i].b;

		(void)fprintf(stderr,
			      "  node %u: %s since %" PRIu64 ", diag \"%s\", tx %u/%u rx %u/%u%s%s "
			      "heard %" PRIu64 " detect %" PRIu64 " send %" PRIu64 "\n",
			      i, bfd_state_name(b->state), b->since, bfd_diag_text(b->diag),
			      b->tx_said, b->tx_used, b->rx_said, b->rx_used,
			      b->polling ? " polling" : "", s->node[i].cfg.demand ? " demand" : "",
			      b->heard_at, b->detect_at, b->send_at);
	}
	exit(1);
}

static void enqueue(struct node *n, usec_t at, const struct bfd_pkt *p)
{
	unsigned i = n->queued;

	if (n->queued == QUEUE)
		return;
	for (; i > 0 && n->queue[i - 1].at > at; i--)
		n->queue[i] = n->queue[i - 1];
	n->queue[i] = (struct message){ at, *p };
	n->queued++;
}

static void transmit(struct sim *s, unsigned from, const struct bfd_pkt *p)
{
	unsigned to = 1 - from, copies = 1 + (draw(s, 100) < s->copies);

	for (unsigned i = 0; i < copies; i++)
		if (!s->cut[to] && draw(s, 100) >= s->loss)
			enqueue(&s->node[to], s->now + 1 + draw(s, s->delay), p);
}

/* Packets in turn, which no news and no poll called for, keep the pace that was agreed on. */
static void check_pace(const struct sim *s, struct node *n, const struct bfd_event *ev,
		       const struct bfd_step *r, const struct bfd *old)
{
	/* What a peer wanted that is given up in this very step binds no more. */
	bool expired = old->heard && !r->next.heard;
	usec_t interval = usec_max(old->tx_used, expired ? 0 : old->remote_rx);

	if (r->actions & BFD_TELL_STATE)
		n->last_turn = 0;
	else if (ev->kind == BFD_EV_TIMER && (r->actions & BFD_SEND)) {
		if (n->last_turn && old->send_at != USEC_NEVER &&
		    s->now - n->last_turn < interval * 3 / 4)
			fail(s, "faster than the peer allows");
		if (old->state != BFD_UP && n->last_turn &&
		    s->now - n->last_turn < BFD_SLOW_USEC * 3 / 4)
			fail(s, "faster than once a second while not Up");
		n->last_turn = s->now;
	}
}

static void feed(struct sim *s, unsigned i, struct bfd_event *ev)
{
	struct node *n = &s->node[i];
	const struct bfd old = n->b;
	struct bfd_step r;

	ev->random = (uint32_t)draw(s, UINT32_MAX);
	r = bfd_step(&n->cfg, n->b, ev, s->now);
	n->b = r.next;
	n->flaps += old.state == BFD_UP && n->b.state != BFD_UP;
	check_pace(s, n, ev, &r, &old);
	if (r.actions & (BFD_SEND | BFD_SEND_FINAL)) {
		struct bfd_pkt p = bfd_packet(&n->cfg, &n->b, r.actions & BFD_SEND_FINAL);

		if (p.auth.type != BFD_AUTH_NONE) {
			if (n->any_seq && p.auth.seq == n->last_seq)
				fail(s, "a sequence number was used twice");
			n->last_seq = p.auth.seq;
			n->any_seq = true;
		}
		transmit(s, i, &p);
	}
}

static void feed_kind(struct sim *s, unsigned i, enum bfd_event_kind kind, bool on)
{
	struct bfd_event ev = { .kind = kind, .on = on };

	feed(s, i, &ev);
}

static void run_node(struct sim *s, unsigned i)
{
	struct node *n = &s->node[i];

	while (n->queued && n->queue[0].at <= s->now) {
		const struct message m = n->queue[0];
		struct bfd_event ev = {
			.kind = BFD_EV_PACKET, .packet = &m.packet, .authentic = true, .at = m.at
		};

		n->queued--;
		for (unsigned k = 0; k < n->queued; k++)
			n->queue[k] = n->queue[k + 1];
		feed(s, i, &ev);
	}
	if (n->b.deadline <= s->now)
		feed_kind(s, i, BFD_EV_TIMER, false);
}

static usec_t node_wake(const struct node *n)
{
	return n->queued ? usec_min(n->b.deadline, n->queue[0].at) : n->b.deadline;
}

static void run(struct sim *s, usec_t end)
{
	while (s->now < end) {
		usec_t next = usec_min(node_wake(&s->node[0]), node_wake(&s->node[1]));

		s->now = usec_min(usec_max(next, s->now + 1), end);
		for (unsigned i = 0; i < 2; i++)
			if (node_wake(&s->node[i]) <= s->now)
				run_node(s, i);
	}
}

static void choose(struct sim *s, struct bfd_cfg *c)
{
	static const uint32_t paces[] = { 3000, 10000, 50000, 300000, 1500000 };

	c->tx = paces[draw(s, ARRAY_LEN(paces))];
	c->rx = paces[draw(s, ARRAY_LEN(paces))];
	c->mult = (uint8_t)(2 + draw(s, 4));
	c->demand = draw(s, 4) == 0;
}

static void setup(struct sim *s, uint64_t seed)
{
	enum bfd_auth_type auth;

	*s = (struct sim){ .seed = seed, .random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1 };
	for (int i = 0; i < 8; i++)
		(void)draw(s, 2);
	auth = draw(s, 3) == 0   ? BFD_AUTH_METICULOUS_SHA1
	       : draw(s, 2) == 0 ? BFD_AUTH_SHA1
				 : BFD_AUTH_NONE;
	s->now = USEC_PER_SEC;
	for (unsigned i = 0; i < 2; i++) {
		struct node *n = &s->node[i];

		choose(s, &n->cfg);
		n->cfg.discr = 100 + i;
		n->cfg.auth = auth;
		n->b = bfd_start(&n->cfg, (uint32_t)draw(s, UINT32_MAX), s->now);
	}
}

/* Of the slower direction, at most: how long anything agreed on may take. */
static usec_t slowest(const struct sim *s)
{
	usec_t worst = BFD_SLOW_USEC;

	for (unsigned i = 0; i < 2; i++)
		worst = usec_max(worst, usec_max(s->node[i].cfg.tx, s->node[i].cfg.rx));
	return worst;
}

/* Loss, one-way cuts, restarts, changes and switching off, for a while. */
static void chaos(struct sim *s)
{
	unsigned steps = (unsigned)draw(s, 30);

	for (unsigned k = 0; k < steps; k++) {
		unsigned i = (unsigned)draw(s, 2);
		struct node *n = &s->node[i];

		s->loss = (unsigned)draw(s, 60);
		s->copies = (unsigned)draw(s, 20);
		s->delay = 1 + draw(s, 20000);
		s->cut[i] = draw(s, 3) == 0;
		switch (draw(s, 5)) {
		case 0:
			choose(s, &n->cfg);
			feed_kind(s, i, BFD_EV_CONFIG, false);
			break;
		case 1: /* killed and started anew: it remembers nothing */
			n->b = bfd_start(&n->cfg, (uint32_t)draw(s, UINT32_MAX), s->now);
			n->last_turn = 0;
			n->any_seq = false;
			break;
		case 2:
			feed_kind(s, i, BFD_EV_ADMIN, draw(s, 2));
			break;
		case 3:
			feed_kind(s, i, BFD_EV_CONCATENATED, draw(s, 2));
			break;
		default:
			break;
		}
		run(s, s->now + 1 + draw(s, 3 * USEC_PER_SEC));
	}
}

static void heal(struct sim *s)
{
	s->cut[0] = s->cut[1] = false;
	s->loss = s->copies = 0;
	/* Less than what one packet of slack leaves at the fastest pace. */
	s->delay = 1 + draw(s, 500);
	for (unsigned i = 0; i < 2; i++)
		feed_kind(s, i, BFD_EV_ADMIN, false);
	/* A peer with new sequence numbers is believed after two old detection times, and what is
	 * Down then speaks once in a while. */
	run(s, s->now + 20 * slowest(s));
}

/* Both are Up, know of each other what the other said, and nothing is left open. */
static void check_agreed(const struct sim *s)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct node *n = &s->node[i], *peer = &s->node[1 - i];

		if (n->b.state != BFD_UP || n->b.remote_state != BFD_UP)
			fail(s, "not Up on a sound line");
		if (n->b.tx_used != n->cfg.tx || n->b.rx_used != n->cfg.rx || n->b.poll_again)
			fail(s, "a poll never ended");
		if (n->b.remote_tx != peer->cfg.tx || n->b.remote_rx != peer->cfg.rx ||
		    n->b.remote_mult != peer->cfg.mult)
			fail(s, "the peer's intervals are not known");
		if (n->b.polling && !n->cfg.demand)
			fail(s, "polling without a reason");
	}
}

static void check_cut(struct sim *s)
{
	bool one_way = draw(s, 2) == 0;
	unsigned deaf = (unsigned)draw(s, 2);
	/* what is on the way, and a poll that is just answered, or about to be sent */
	usec_t slack = s->delay + 2;
	usec_t limit[2];

	for (unsigned i = 0; i < 2; i++) {
		const struct node *n = &s->node[i];

		limit[i] = bfd_detection_time(&n->cfg, &n->b) + slack;
		if (bfd_demand_is_active(&n->cfg, &n->b))
			limit[i] += bfd_rx_interval(&n->cfg, &n->b);
	}
	s->cut[deaf] = true;
	s->cut[1 - deaf] = !one_way;
	run(s, s->now + (one_way && !s->node[deaf].cfg.demand && !s->node[1 - deaf].cfg.demand
				 ? limit[deaf] + slack
				 : usec_max(limit[0], limit[1])));
	for (unsigned i = 0; i < 2; i++)
		if (s->node[i].b.state == BFD_UP)
			fail(s, "still Up behind a cut");
}

static void one(uint64_t seed)
{
	static struct sim s;
	unsigned flaps;

	setup(&s, seed);
	s.delay = 1 + draw(&s, 20000);
	chaos(&s);
	heal(&s);
	check_agreed(&s);
	flaps = s.node[0].flaps + s.node[1].flaps;
	run(&s, s.now + 20 * slowest(&s));
	if (s.node[0].flaps + s.node[1].flaps != flaps)
		fail(&s, "went down on a sound line");
	check_agreed(&s);
	check_cut(&s);
	heal(&s);
	check_agreed(&s);
}

int main(int argc, char **argv)
{
	if (argc > 1) {
		one(strtoull(argv[1], NULL, 10));
		return 0;
	}
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		one(seed);
	(void)printf("%u lines: always Up in the end, always Down within the detection time\n",
		     SEEDS);
	return 0;
}
