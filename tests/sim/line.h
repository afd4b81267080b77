/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line that loses packets by chance, and a tunnel's health check over it, on a virtual clock. */
#ifndef SIM_LINE_H
#define SIM_LINE_H

#include "fsm/health_model.h"
#include "fsm/loss.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define MS USEC_PER_MSEC
#define S USEC_PER_SEC
#define YEAR (365.25 * 86400 * 1e6)

enum line_kind {
	LINE_CHANCE, /* each packet by itself */
	LINE_TIME, /* good and bad for a while: Gilbert in time */
	LINE_PACKETS, /* the same in packets, as netem does it: a burst ends by being sent into */
};

struct line {
	enum line_kind kind;
	double loss, burst; /* burst: mean, of packets, or of usec */
	uint64_t random;
	bool bad;
	double turns_at; /* LINE_TIME: the state's end */
};

static double line_draw(struct line *l)
{
	l->random ^= l->random << 13;
	l->random ^= l->random >> 7;
	l->random ^= l->random << 17;
	return ((double)(l->random >> 11) + .5) / 9007199254740992.0;
}

static struct line line_of(enum line_kind kind, double loss, double burst, uint64_t seed)
{
	struct line l = { .kind = kind, .loss = loss, .burst = burst };

	l.random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15);
	(void)line_draw(&l);
	l.bad = kind != LINE_CHANCE && line_draw(&l) < loss;
	return l;
}

/* Does a packet that meets it at `at` get lost?  Never asked about the past. */
static bool line_loses(struct line *l, usec_t at)
{
	double good = l->burst * (1 - l->loss) / l->loss;

	if (l->loss <= 0)
		return false;
	switch (l->kind) {
	case LINE_CHANCE:
		return line_draw(l) < l->loss;
	case LINE_TIME:
		if (l->turns_at == 0)
			l->turns_at = (double)at - log(line_draw(l)) * (l->bad ? l->burst : good);
		while (l->turns_at <= (double)at) {
			l->bad = !l->bad;
			l->turns_at -= log(line_draw(l)) * (l->bad ? l->burst : good);
		}
		return l->bad;
	case LINE_PACKETS:
		if (line_draw(l) < 1 / (l->bad ? l->burst : good))
			l->bad = !l->bad;
		return l->bad;
	}
	return false;
}

/* How long bad times must last, on average, for probes `interval` apart to be lost in bursts of
 * `burst` of them; 0: not longer than chance alone would have it. */
static inline double line_bad_usec(double loss, double burst, usec_t interval)
{
	double memory = (1 - 1 / burst - loss) / (1 - loss);

	/* The chain forgets at the rate 1/bad + 1/good, and good is bad (1 - loss) / loss. */
	return memory > 0 ? (double)interval / -log(memory) / (1 - loss) : 0;
}

/* A process that does not run for a while, once in each `every`, `max` long at most. */
struct sim_stalls {
	usec_t every, max; /* every 0: it always runs */
};

/* When it runs, at `at` or later.  Any time may be asked about, in any order. */
static usec_t sim_awake(const struct sim_stalls *st, usec_t at)
{
	uint64_t k, h;
	usec_t from, until;

	if (st->every == 0 || at == USEC_NEVER)
		return at;
	k = at / st->every;
	h = (k + 1) * UINT64_C(0x9e3779b97f4a7c15);
	h = (h ^ h >> 29) * UINT64_C(0xbf58476d1ce4e5b9);
	from = k * st->every + (h >> 32) % (st->every - st->max);
	until = from + (h & 0xffffffff) % (st->max + 1);
	return at >= from && at < until ? until : at;
}

#define SIM_FLIGHT 64u

/* What svc/health does with one tunnel, and what the line does to it. */
struct sim_check {
	const struct health_cfg *cfg;
	struct line line;
	struct loss *loss; /* what is learnt of it */
	usec_t rtt;
	usec_t life; /* between two packets of the peer's own; USEC_NEVER: none */
	bool out_only; /* what is lost is lost on the way out */
	bool cut;
	struct sim_stalls own, peer;

	struct health h;
	usec_t now, tick, copy_at, life_at, rx_last;
	uint32_t seq;
	struct {
		usec_t sent;
		uint32_t seq;
		bool copy;
	} flight[SIM_FLIGHT];
	unsigned head, tail;
	struct { /* replies that have arrived, and wait for us to run */
		usec_t at;
		uint32_t seq;
	} inbox[SIM_FLIGHT];
	unsigned inbox_head, inbox_tail;
	uint64_t probes, packets, downs;
};

static void sim_require(const struct sim_check *s, bool truth, const char *what)
{
	char text[512];

	if (truth)
		return;
	printf("at %" PRIu64 " us: %s; state %s: %s\n", s->now, what, health_state_name(s->h.state),
	       health_cause_text(&s->h, text, sizeof(text)));
	exit(1);
}

static void sim_feed(struct sim_check *s, struct health_event ev)
{
	struct health_step step = health_step(s->cfg, s->h, &ev, s->now);

	s->h = step.next;
	s->downs += !!(step.actions & HEALTH_TELL_UNUSABLE);
	s->copy_at = health_copy_at(s->cfg, &s->h, s->now);
}

static void sim_launch(struct sim_check *s, bool copy)
{
	unsigned i = s->tail++ % SIM_FLIGHT;

	sim_require(s, s->tail - s->head <= SIM_FLIGHT, "more in flight than there is room for");
	s->flight[i].sent = s->now;
	s->flight[i].seq = s->seq;
	s->flight[i].copy = copy;
	s->packets++;
}

static void sim_life(struct sim_check *s)
{
	sim_feed(s, (struct health_event){ .kind = HEALTH_EV_LIFE, .rx_last = s->rx_last });
}

/* What we slept through ourselves is told, as svc/health does. */
static void sim_late(struct sim_check *s, usec_t due)
{
	if (s->now - due > s->cfg->interval / 4)
		sim_feed(s, (struct health_event){ .kind = HEALTH_EV_LATE, .late = s->now - due });
	sim_life(s);
}

static void sim_tick(struct sim_check *s)
{
	sim_late(s, s->tick);
	s->seq++;
	s->probes++;
	loss_sent(s->loss, s->cfg->interval, health_outage_probes(s->cfg));
	sim_launch(s, false);
	sim_feed(s, (struct health_event){ .kind = HEALTH_EV_PROBE_SENT, .seq = s->seq });
	s->tick = usec_max(s->tick + s->cfg->interval, s->now + s->cfg->interval / 2);
}

/* Everything meets the line half a round trip before it gets here, in order. */
static void sim_arrive(struct sim_check *s)
{
	unsigned i = s->head++ % SIM_FLIGHT, in;
	usec_t there = s->now - s->rtt / 2;

	if (line_loses(&s->line, there) || s->cut)
		return;
	if (!s->flight[i].copy)
		loss_answered(s->loss, s->seq - s->flight[i].seq);
	in = s->inbox_tail++ % SIM_FLIGHT;
	sim_require(s, s->inbox_tail - s->inbox_head <= SIM_FLIGHT, "more than there is room for");
	s->inbox[in].at = s->now + sim_awake(&s->peer, there) - there;
	s->inbox[in].seq = s->flight[i].seq;
}

static void sim_read(struct sim_check *s)
{
	unsigned i = s->inbox_head++ % SIM_FLIGHT;

	sim_feed(s, (struct health_event){ .kind = HEALTH_EV_REPLY,
					   .seq = s->inbox[i].seq,
					   .rtt = s->rtt,
					   .at = s->inbox[i].at });
}

/* The next of what waits, or USEC_NEVER. */
static usec_t sim_read_at(const struct sim_check *s)
{
	return s->inbox_head == s->inbox_tail
		       ? USEC_NEVER
		       : sim_awake(&s->own, s->inbox[s->inbox_head % SIM_FLIGHT].at);
}

static void sim_peer(struct sim_check *s)
{
	usec_t there = s->now - s->rtt / 2;
	bool lost = !s->out_only && line_loses(&s->line, there);

	if (!lost && !s->cut && sim_awake(&s->peer, there) == there)
		s->rx_last = s->now;
	s->life_at += s->life;
}

static void sim_next(struct sim_check *s, usec_t at)
{
	bool read = sim_read_at(s) == at;
	/* What has waited comes before a decision; what arrives in its very moment does not. */
	bool waited = read && s->inbox[s->inbox_head % SIM_FLIGHT].at < at;
	bool arrives = s->head != s->tail && s->flight[s->head % SIM_FLIGHT].sent + s->rtt == at;

	s->now = at;
	if (!waited && sim_awake(&s->own, s->h.deadline) == at) {
		sim_late(s, s->h.deadline);
		sim_feed(s, (struct health_event){ .kind = HEALTH_EV_TIMER });
	} else if (!waited && arrives) {
		sim_arrive(s);
	} else if (read) {
		sim_read(s);
	} else if (s->life_at == at) {
		sim_peer(s);
	} else if (sim_awake(&s->own, s->tick) == at) {
		sim_tick(s);
	} else {
		s->copy_at = health_copy_at(s->cfg, &s->h, s->now);
		sim_launch(s, true);
	}
}

/* For `span`, or until its being usable changes to `until` (-1: whatever it does). */
static usec_t sim_run(struct sim_check *s, usec_t span, int until)
{
	usec_t start = s->now, end = s->now + span;

	while ((int)health_is_usable(&s->h) != until) {
		usec_t reply = s->head == s->tail ? USEC_NEVER
						  : s->flight[s->head % SIM_FLIGHT].sent + s->rtt;
		usec_t own = usec_min(usec_min(s->tick, s->h.deadline), s->copy_at);
		usec_t at = usec_min(usec_min(reply, s->life_at), sim_awake(&s->own, own));

		at = usec_min(at, sim_read_at(s));

		if (at > end) {
			s->now = end;
			break;
		}
		sim_next(s, at);
	}
	return s->now - start;
}

static struct sim_check sim_check_of(const struct health_cfg *cfg, struct line line,
				     struct loss *loss)
{
	struct sim_check s = { .cfg = cfg,
			       .line = line,
			       .loss = loss,
			       .rtt = MS,
			       .life = USEC_NEVER,
			       .life_at = USEC_NEVER,
			       .now = 1000 * S,
			       .tick = 1000 * S,
			       .copy_at = USEC_NEVER };

	loss_gap(loss);
	s.h = health_start(s.now);
	sim_feed(&s, (struct health_event){ .kind = HEALTH_EV_SA_UP });
	return s;
}

static inline void sim_set_life(struct sim_check *s, usec_t gap)
{
	s->life = gap;
	s->life_at = s->now + (usec_t)(line_draw(&s->line) * (double)gap);
}

#endif
