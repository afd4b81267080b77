/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A health check against a scripted path on a virtual clock. */
#ifndef UNIT_HEALTH_BENCH_H
#define UNIT_HEALTH_BENCH_H

#include "fsm/health_fsm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC
#define S USEC_PER_SEC
#define QUEUE 256
#define WRONG_DEVICE 42

static const struct health_cfg normal = {
	.interval = 100 * MS,
	.silence = 500 * MS,
	.patience = HEALTH_PATIENCE,
	.restore = 30 * S,
	.damp = { 60 * S, 600 * S },
};
static const struct health_cfg fast = {
	.interval = 10 * MS,
	.silence = 50 * MS,
	.patience = HEALTH_PATIENCE,
	.restore = 30 * S,
	.damp = { 60 * S, 600 * S },
};

enum path { PATH_GOOD, PATH_CUT, PATH_WRONG, PATH_REFUSED, PATH_NOT_FIT };

/* One end of a path: probes every interval, answers come a round trip later. */
struct bench {
	const struct health_cfg *cfg;
	struct health h;
	usec_t now, tick, rtt;
	enum path path;
	usec_t late; /* each tick */
	usec_t handed; /* the data plane has stood still since; 0: it runs */
	unsigned packets_per_tick; /* of the peer's other traffic */
	bool peer_probes;
	uint64_t rx_packets;
	usec_t rx_last;
	uint32_t seq;
	struct {
		usec_t at;
		uint32_t seq;
		enum path path;
	} queue[QUEUE];
	unsigned head, tail;
	unsigned usable_told, unusable_told, states_told, answers_told;
};

static void feed(struct bench *b, struct health_event ev)
{
	bool was = health_is_usable(&b->h);
	struct health_step s = health_step(b->cfg, b->h, &ev, b->now);
	bool is = health_is_usable(&s.next);

	assert_int_equal(!!(s.actions & HEALTH_TELL_USABLE), !was && is);
	assert_int_equal(!!(s.actions & HEALTH_TELL_UNUSABLE), was && !is);
	assert_int_equal(!!(s.actions & HEALTH_TELL_ANSWERS), b->h.answer != s.next.answer);
	if (s.next.state != b->h.state)
		assert_true(s.actions & HEALTH_TELL_STATE);
	assert_true(s.next.deadline > b->now);
	b->usable_told += !!(s.actions & HEALTH_TELL_USABLE);
	b->unusable_told += !!(s.actions & HEALTH_TELL_UNUSABLE);
	b->states_told += !!(s.actions & HEALTH_TELL_STATE);
	b->answers_told += !!(s.actions & HEALTH_TELL_ANSWERS);
	b->h = s.next;
}

static void feed_kind(struct bench *b, enum health_event_kind kind)
{
	feed(b, (struct health_event){ .kind = kind });
}

static void guess(struct bench *b)
{
	if (b->handed != 0)
		feed(b, (struct health_event){ .kind = HEALTH_EV_LATE,
					       .late = b->now - b->handed,
					       .guessed = true });
}

static void probe(struct bench *b)
{
	if (b->late != 0)
		feed(b, (struct health_event){ .kind = HEALTH_EV_LATE, .late = b->late });
	guess(b);
	b->rx_packets += b->packets_per_tick;
	if (b->packets_per_tick != 0 || b->peer_probes)
		b->rx_last = b->now;
	feed(b, (struct health_event){ .kind = HEALTH_EV_LIFE,
				       .rx_last = b->rx_last,
				       .rx_packets = b->rx_packets });
	feed(b, (struct health_event){ .kind = HEALTH_EV_PROBE_SENT, .seq = ++b->seq });
	if (b->path != PATH_CUT) {
		b->queue[b->tail % QUEUE].at = b->now + b->rtt;
		b->queue[b->tail % QUEUE].seq = b->seq;
		b->queue[b->tail++ % QUEUE].path = b->path;
		assert_true(b->tail - b->head < QUEUE);
	}
	b->tick = b->now + b->cfg->interval;
}

static void arrive(struct bench *b)
{
	uint32_t seq = b->queue[b->head % QUEUE].seq;

	switch (b->queue[b->head++ % QUEUE].path) {
	case PATH_GOOD:
		feed(b,
		     (struct health_event){ .kind = HEALTH_EV_REPLY, .seq = seq, .rtt = b->rtt });
		break;
	case PATH_WRONG:
		feed(b,
		     (struct health_event){ .kind = HEALTH_EV_WRONG_PATH, .device = WRONG_DEVICE });
		break;
	case PATH_REFUSED:
		feed(b, (struct health_event){ .kind = HEALTH_EV_UNREACHABLE, .seq = seq });
		break;
	case PATH_NOT_FIT:
		feed(b, (struct health_event){
				.kind = HEALTH_EV_UNREACHABLE, .seq = seq, .first_party = true });
		break;
	case PATH_CUT:
		break;
	}
}

/* Runs to `until`, or until the state is `stop`; the time it took. */
static usec_t run(struct bench *b, usec_t span, int stop)
{
	usec_t start = b->now, end = b->now + span;

	while ((int)b->h.state != stop) {
		usec_t reply = b->head == b->tail ? USEC_NEVER : b->queue[b->head % QUEUE].at;
		usec_t next = usec_min(usec_min(b->tick, b->h.deadline), reply);

		if (next > end) {
			b->now = end;
			break;
		}
		b->now = next;
		if (next == reply) {
			arrive(b);
		} else if (next == b->tick) {
			probe(b);
		} else {
			guess(b);
			feed_kind(b, HEALTH_EV_TIMER);
		}
	}
	return b->now - start;
}

#define RUN_ALL (-1)

static struct bench bench_of(const struct health_cfg *cfg, usec_t rtt)
{
	struct bench b = { .cfg = cfg, .now = 1000 * S, .rtt = rtt, .path = PATH_GOOD };

	b.tick = b.now;
	b.h = health_start(b.now);
	return b;
}

/* A path in use for a while. */
static struct bench bench_up(const struct health_cfg *cfg, usec_t rtt)
{
	struct bench b = bench_of(cfg, rtt);

	feed_kind(&b, HEALTH_EV_SA_UP);
	run(&b, 10 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_UP);
	assert_int_equal(b.unusable_told, 0);
	return b;
}

static void says(const struct bench *b, const char *part)
{
	char text[512];

	health_cause_text(&b->h, text, sizeof(text));
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" does not hold \"%s\"", text, part);
}

#endif
