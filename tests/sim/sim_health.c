/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A health check over a lossy line, hours of virtual time in seconds: bad luck alone never
 * takes a path out of use, a fault always does and in time, and a path that comes back
 * serves its restore time.  Each seed is another line and another fault; all are repeatable.
 */
#include "base/list.h"
#include "fsm/health_fsm.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MS USEC_PER_MSEC
#define S USEC_PER_SEC
#define SEEDS 600
#define QUIET_SPAN (300 * S) /* 600 seeds: 50 hours */
#define FLIGHT 32

enum fault { FAULT_CUT, FAULT_NO_REPLIES, FAULT_ONE_WAY, FAULT_TRICKLE, FAULT_COUNT };

struct sim {
	const struct health_cfg *cfg;
	uint64_t random;
	unsigned loss; /* of 1,000, each way */
	usec_t rtt, jitter;
	unsigned peer_packets; /* data packets per tick, besides the peer's own probes */
	bool peer_probes; /* else an idle peer sends nothing of its own */
	bool out_works, back_works, target_works;
	bool trickle; /* one packet in ten of the peer's, and no reply */

	struct health h;
	usec_t now, tick;
	uint32_t seq;
	uint64_t rx_packets;
	usec_t rx_last;
	struct flight {
		usec_t at; /* 0: free */
		usec_t rtt;
		uint32_t seq;
	} flight[FLIGHT];
	unsigned told_unusable, told_usable;
};

static uint64_t draw(struct sim *s, uint64_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (s->random >> 11) % below;
}

static bool passes(struct sim *s)
{
	return draw(s, 1000) >= s->loss;
}

static void require(const struct sim *s, bool truth, const char *what)
{
	char text[512];

	if (truth)
		return;
	printf("at %" PRIu64 " ms: %s; state %s: %s\n", s->now / MS, what,
	       health_state_name(s->h.state), health_cause_text(&s->h, text, sizeof(text)));
	exit(1);
}

static void feed(struct sim *s, struct health_event ev)
{
	bool was = health_is_usable(&s->h);
	struct health_step step = health_step(s->cfg, s->h, &ev, s->now);
	bool is = health_is_usable(&step.next);

	s->h = step.next;
	require(s, !!(step.actions & HEALTH_TELL_USABLE) == (!was && is), "wrongly told usable");
	require(s, !!(step.actions & HEALTH_TELL_UNUSABLE) == (was && !is),
		"wrongly told unusable");
	require(s, s->h.deadline > s->now, "a deadline in the past would spin");
	s->told_usable += !was && is;
	s->told_unusable += was && !is;
}

static void peer_sends(struct sim *s)
{
	unsigned packets = s->out_works ? s->peer_packets : 0; /* data waits for answers */

	if (!s->back_works)
		return;
	if (s->trickle)
		packets = s->peer_packets / 10;
	if (packets > 0)
		s->rx_last = s->now - draw(s, s->cfg->interval);
	if (s->peer_probes && passes(s))
		s->rx_last = usec_max(s->rx_last, s->now - draw(s, s->cfg->interval));
	for (; packets > 0; packets--)
		s->rx_packets += passes(s);
}

static void send_probe(struct sim *s)
{
	peer_sends(s);
	feed(s, (struct health_event){ .kind = HEALTH_EV_LIFE,
				       .rx_last = s->rx_last,
				       .rx_packets = s->rx_packets });
	feed(s, (struct health_event){ .kind = HEALTH_EV_PROBE_SENT, .seq = ++s->seq });
	s->tick += s->cfg->interval;
	if (!s->out_works || !s->target_works || !passes(s) || !passes(s))
		return;
	for (size_t i = 0; i < FLIGHT; i++) {
		struct flight *f = &s->flight[i];

		if (f->at != 0)
			continue;
		f->rtt = s->rtt + draw(s, s->jitter + 1);
		f->at = s->now + f->rtt;
		f->seq = s->seq;
		return;
	}
	require(s, false, "more in flight than the test has room for");
}

static struct flight *next_flight(struct sim *s)
{
	struct flight *first = NULL;

	for (size_t i = 0; i < FLIGHT; i++)
		if (s->flight[i].at != 0 && (!first || s->flight[i].at < first->at))
			first = &s->flight[i];
	return first;
}

/* Until the state is `stop` or `span` is over; the time it took. */
static usec_t run(struct sim *s, usec_t span, int stop)
{
	usec_t start = s->now, end = s->now + span;

	while ((int)s->h.state != stop) {
		struct flight *f = next_flight(s);
		usec_t reply = f ? f->at : USEC_NEVER;
		usec_t next = usec_min(usec_min(s->tick, s->h.deadline), reply);

		if (next > end) {
			s->now = end;
			break;
		}
		s->now = next;
		if (f && next == reply) {
			f->at = 0;
			if (s->back_works)
				feed(s, (struct health_event){ .kind = HEALTH_EV_REPLY,
							       .seq = f->seq,
							       .rtt = f->rtt });
		} else if (next == s->tick) {
			send_probe(s);
		} else {
			feed(s, (struct health_event){ .kind = HEALTH_EV_TIMER });
		}
	}
	return s->now - start;
}

#define RUN_ALL (-1)

static struct sim line_of(const struct health_cfg *cfg, uint64_t seed, unsigned loss)
{
	struct sim s = { .cfg = cfg,
			 .random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15),
			 .loss = loss,
			 .now = 1000 * S,
			 .out_works = true,
			 .back_works = true,
			 .target_works = true };

	s.rtt = 1 * MS + draw(&s, cfg->silence / 5);
	s.jitter = draw(&s, cfg->interval / 5);
	s.peer_probes = draw(&s, 2);
	s.peer_packets = s.peer_probes && draw(&s, 2) ? (unsigned)draw(&s, 200) : 0;
	s.tick = s.now;
	s.h = health_start(s.now);
	feed(&s, (struct health_event){ .kind = HEALTH_EV_SA_UP });
	return s;
}

static void set_fault(struct sim *s, int fault)
{
	s->out_works = fault != FAULT_CUT && fault != FAULT_ONE_WAY && fault != FAULT_TRICKLE;
	s->back_works = fault != FAULT_CUT;
	s->target_works = fault != FAULT_NO_REPLIES;
	s->trickle = fault == FAULT_TRICKLE;
}

/* What a fault may cost: one silence, one interval, and what was on the way already. */
static usec_t bound(const struct sim *s, int fault)
{
	usec_t slack = s->cfg->interval + s->rtt + s->jitter + s->cfg->interval / 10;
	bool strong = fault == FAULT_CUT || (fault == FAULT_ONE_WAY && s->peer_packets >= 20);

	if (fault == FAULT_TRICKLE && s->peer_packets >= 20)
		return 2 * s->cfg->silence + slack;
	return (strong ? s->cfg->silence : s->cfg->silence * s->cfg->patience) + slack;
}

static void one_seed(const struct health_cfg *cfg, uint64_t seed, usec_t span)
{
	struct sim s = line_of(cfg, seed, 10);
	int fault = (int)(seed % FAULT_COUNT);
	usec_t took;

	run(&s, 10 * S, HEALTH_UP);
	run(&s, span + draw(&s, cfg->interval), RUN_ALL);
	require(&s, s.told_usable == 1 && s.told_unusable == 0, "out of use by bad luck");
	if (s.peer_packets >= 20) { /* a peer that is behind with its work */
		s.trickle = true;
		s.target_works = false;
		run(&s, cfg->silence + draw(&s, cfg->silence * 3 / 10), RUN_ALL);
		require(&s, s.told_unusable == 0, "out of use by a backlog");
		set_fault(&s, FAULT_COUNT);
		run(&s, 20 * cfg->silence + draw(&s, cfg->interval), RUN_ALL);
		require(&s, s.told_unusable == 0, "out of use after a backlog");
	}

	set_fault(&s, fault);
	took = run(&s, 60 * S, HEALTH_DOWN);
	require(&s, took <= bound(&s, fault), "the fault was seen too late");
	/* With much traffic, its end may be told before the silence is complete. */
	require(&s,
		fault != FAULT_CUT || s.h.why.cause == HEALTH_CAUSE_SILENCE ||
			s.h.why.cause == HEALTH_CAUSE_COLLAPSE,
		"wrong cause");
	require(&s,
		fault != FAULT_NO_REPLIES || !s.peer_probes ||
			s.h.why.cause == HEALTH_CAUSE_NO_REPLIES,
		"wrong cause");
	run(&s, draw(&s, 10 * S), RUN_ALL);

	set_fault(&s, FAULT_COUNT);
	took = run(&s, 300 * S, HEALTH_UP);
	require(&s, took >= cfg->restore, "used before its restore time");
	require(&s, took <= 4 * cfg->restore, "used too late");
}

/* A line that is really bad is left alone: each return to it is followed by its failure. */
static void bad_line(const struct health_cfg *cfg, uint64_t seed)
{
	struct sim s = line_of(cfg, seed, 600);

	run(&s, 3600 * S, RUN_ALL);
	require(&s, s.told_unusable >= 1, "most probes are lost, and it stays in use");
	require(&s, s.told_unusable <= 3, "flapping");
}

int main(void)
{
	static const struct health_cfg profiles[] = {
		{ .interval = 100 * MS, .silence = 500 * MS },
		{ .interval = 5 * MS, .silence = 30 * MS },
		{ .interval = 10 * MS, .silence = 50 * MS },
		{ .interval = 1 * S, .silence = 5 * S },
	};
	/* The same number of probes for each: false alarms are a matter of probes, not of time. */
	static const unsigned seeds[] = { SEEDS, 60, 60, 60 };

	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		struct health_cfg cfg = profiles[i];

		cfg.patience = HEALTH_PATIENCE;
		cfg.restore = 30 * S;
		cfg.damp = DAMP_CFG_DEFAULT;
		for (uint64_t seed = 0; seed < seeds[i]; seed++)
			one_seed(&cfg, seed, QUIET_SPAN / (100 * MS) * cfg.interval);
		bad_line(&cfg, 7);
	}
	return 0;
}
