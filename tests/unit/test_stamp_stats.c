/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a tunnel's history says of hand-made lines: each loses, delays or repeats in one way. */
#include "fsm/stamp_stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define S USEC_PER_SEC
#define MS USEC_PER_MSEC
#define START (1000 * S)
#define NS_PER_USEC 1000

/* As exact as a ring keeps it. */
#define assert_near(v, want) assert_in_range(v, (want) - (want) / 1000, (want) + (want) / 1000)

/* A line with a reflector at its end, as a sender sees it. */
struct line {
	struct stamp_stats s;
	struct stamp_rings *rings;
	usec_t now;
	uint32_t seq, probe, count; /* the next of the session, of the check, of the reflector */
	usec_t there, back;
	int64_t offset; /* of the reflector's clock, ns */
	bool stateless, synced;
};

static void line_start(struct line *l, bool ways)
{
	memset(l, 0, sizeof(*l));
	l->rings = malloc(ways ? STAMP_WAYS_BYTES : STAMP_ROUND_BYTES);
	assert_non_null(l->rings);
	l->now = START;
	l->there = 3 * MS;
	l->back = 5 * MS;
	stamp_stats_init(&l->s, l->rings, ways, l->now);
	if (ways)
		stamp_stats_session(&l->s, l->now);
}

static void line_end(struct line *l)
{
	free(l->rings);
}

struct sent {
	uint32_t seq, probe;
	usec_t at;
};

static struct sent ask(struct line *l)
{
	struct sent q = { l->seq, l->probe, l->now };

	stamp_stats_sent(&l->s, l->now);
	l->probe++;
	l->seq++;
	if (l->seq == STAMP_SKIP)
		l->seq++;
	return q;
}

/* The number that the reflector gives it. */
static uint32_t reflect(struct line *l, const struct sent *q)
{
	return l->stateless ? q->seq : l->count++;
}

static void answer(struct line *l, const struct sent *q, uint32_t number)
{
	struct stamp_sample x = { .sender_seq = q->seq,
				  .reflector_seq = number,
				  .sent = q->at,
				  .at = q->at + l->there + l->back,
				  .synced = l->synced };

	x.there_ns = (int64_t)l->there * NS_PER_USEC + l->offset;
	x.back_ns = (int64_t)l->back * NS_PER_USEC - l->offset;
	stamp_stats_answered(&l->s, q->probe, q->at, x.at);
	if (l->s.has_ways)
		stamp_stats_sample(&l->s, &x);
}

enum fate { ARRIVES, LOST_THERE, LOST_BACK };

static void exchange(struct line *l, enum fate fate)
{
	struct sent q = ask(l);
	uint32_t number = fate == LOST_THERE ? 0 : reflect(l, &q);

	if (fate == ARRIVES)
		answer(l, &q, number);
	l->now += 100 * MS;
}

static void run(struct line *l, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		exchange(l, ARRIVES);
}

static struct stamp_sum all(struct line *l)
{
	return stamp_stats_sum(&l->s, 0, STAMP_SPAN_MAX, l->now + 3 * S);
}

static void test_good_line(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	line_start(&l, true);
	run(&l, 600);
	a = all(&l);
	assert_true(a.seconds >= 60 && a.seconds <= 62);
	assert_int_equal(a.sent, 600);
	assert_int_equal(a.answered, 600);
	assert_int_equal(a.lost, 0);
	assert_near(a.rtt, 8 * MS);
	assert_near(a.rtt_worst, 8 * MS);
	assert_int_equal(a.jitter, 0);
	assert_true(a.has_ways && a.has_rtt && !a.absolute && l.s.stateful);
	assert_int_equal(a.lost_way[STAMP_THERE] + a.lost_way[STAMP_BACK], 0);
	line_end(&l);
}

/* Every 10th is lost on one way, wherever in the second; the other way must not be blamed. */
static void check_loss(enum fate fate, unsigned phase, unsigned every, unsigned burst)
{
	enum stamp_way way = fate == LOST_THERE ? STAMP_THERE : STAMP_BACK;
	unsigned lost = 0;
	struct line l;
	struct stamp_sum a;

	line_start(&l, true);
	run(&l, 5 + phase);
	for (unsigned i = 0; i < 400; i++) {
		bool gone = i % every < burst;

		exchange(&l, gone ? fate : ARRIVES);
		lost += gone;
	}
	run(&l, 5);
	a = all(&l);
	assert_int_equal(a.lost, lost);
	assert_int_equal(a.lost_way[way], lost);
	assert_int_equal(a.lost_way[!way], 0);
	line_end(&l);
}

static void test_loss_one_way(void **state)
{
	(void)state;
	for (unsigned phase = 0; phase < 10; phase++) {
		check_loss(LOST_THERE, phase, 10, 1);
		check_loss(LOST_BACK, phase, 10, 1);
		check_loss(LOST_THERE, phase, 50, 37);
		check_loss(LOST_BACK, phase, 50, 37);
	}
}

/* Both at once, within one gap: split in the proportion that the numbers tell. */
static void test_loss_both_ways(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	line_start(&l, true);
	run(&l, 20);
	for (unsigned i = 0; i < 40; i++)
		exchange(&l, i % 4 ? LOST_THERE : LOST_BACK);
	run(&l, 20);
	a = all(&l);
	assert_int_equal(a.lost, 40);
	assert_int_equal(a.lost_way[STAMP_THERE], 30);
	assert_int_equal(a.lost_way[STAMP_BACK], 10);
	line_end(&l);
}

/* A dead line: nothing is known of the way, but what it was shows when it is back. */
static void test_outage(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	line_start(&l, true);
	run(&l, 50);
	for (unsigned i = 0; i < 300; i++)
		exchange(&l, LOST_BACK);
	a = all(&l);
	assert_int_equal(a.lost, 300);
	assert_int_equal(a.lost_way[STAMP_THERE] + a.lost_way[STAMP_BACK], 0);
	run(&l, 1);
	a = all(&l);
	assert_int_equal(a.lost_way[STAMP_BACK], 300);
	assert_int_equal(a.lost_way[STAMP_THERE], 0);
	/* Each in its own second, not all in the last one. */
	a = stamp_stats_sum(&l.s, 10, 10, l.now + 3 * S);
	assert_int_equal(a.sent, 100);
	assert_int_equal(a.lost_way[STAMP_BACK], 100);
	line_end(&l);
}

/* A reflector that copies our numbers tells no direction, and is not believed to. */
static void test_stateless(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	line_start(&l, true);
	l.stateless = true;
	run(&l, 20);
	for (unsigned i = 0; i < 100; i++)
		exchange(&l, i % 10 ? ARRIVES : LOST_THERE);
	run(&l, 5);
	a = all(&l);
	assert_false(l.s.stateful);
	assert_int_equal(a.lost, 10);
	assert_int_equal(a.lost_way[STAMP_THERE] + a.lost_way[STAMP_BACK], 0);
	line_end(&l);
}

static void test_duplicates(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	line_start(&l, true);
	run(&l, 10);
	for (unsigned i = 0; i < 20; i++) {
		struct sent q = ask(&l);
		uint32_t number = reflect(&l, &q);

		answer(&l, &q, number);
		if (i % 2) /* repeated on the way back */
			answer(&l, &q, number);
		else /* on the way there: reflected twice */
			answer(&l, &q, reflect(&l, &q));
		l.now += 100 * MS;
	}
	run(&l, 10);
	a = all(&l);
	assert_int_equal(a.sent, 40);
	assert_int_equal(a.answered, 40);
	assert_int_equal(a.lost_way[STAMP_THERE] + a.lost_way[STAMP_BACK], 0);
	assert_int_equal(l.s.duplicates, 20);
	assert_int_equal(l.s.restarts, 0);
	/* And loss is still seen for what it is. */
	exchange(&l, LOST_THERE);
	exchange(&l, LOST_BACK);
	run(&l, 5);
	a = all(&l);
	assert_int_equal(a.lost_way[STAMP_THERE], 1);
	assert_int_equal(a.lost_way[STAMP_BACK], 1);
	line_end(&l);
}

static void test_reordering(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	line_start(&l, true);
	run(&l, 10);
	for (unsigned i = 0; i < 20; i++) {
		struct sent one = ask(&l), two = ask(&l);
		uint32_t first, second;

		if (i % 2) { /* overtaken on the way there */
			second = reflect(&l, &two);
			first = reflect(&l, &one);
		} else { /* on the way back */
			first = reflect(&l, &one);
			second = reflect(&l, &two);
		}
		answer(&l, &two, second);
		answer(&l, &one, first);
		l.now += 100 * MS;
	}
	run(&l, 10);
	a = all(&l);
	assert_int_equal(a.lost, 0);
	assert_int_equal(a.lost_way[STAMP_THERE] + a.lost_way[STAMP_BACK], 0);
	assert_int_equal(l.s.restarts, 0);
	assert_int_equal(l.s.reordered, 20);
	line_end(&l);
}

static void check_restart(unsigned before)
{
	struct line l;
	struct stamp_sum a;

	line_start(&l, true);
	run(&l, before);
	l.count = 0;
	run(&l, 30);
	a = all(&l);
	assert_int_equal(a.lost, 0);
	assert_int_equal(a.lost_way[STAMP_THERE] + a.lost_way[STAMP_BACK], 0);
	assert_int_equal(l.s.restarts, 1);
	exchange(&l, LOST_BACK);
	exchange(&l, LOST_THERE);
	exchange(&l, LOST_THERE);
	run(&l, 5);
	a = all(&l);
	assert_int_equal(a.lost_way[STAMP_THERE], 2);
	assert_int_equal(a.lost_way[STAMP_BACK], 1);
	line_end(&l);
}

static void test_reflector_restart(void **state)
{
	(void)state;
	check_restart(20);
	check_restart(300);
	check_restart(1000);
}

/* Our clocks are hours apart: what shows is what a way takes above its best. */
static void test_delay_without_clocks(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	line_start(&l, true);
	l.offset = INT64_C(-7200000000000);
	run(&l, 100);
	l.there += 20 * MS;
	run(&l, 50);
	a = stamp_stats_sum(&l.s, 0, 3, l.now + S);
	assert_false(a.absolute);
	assert_near(a.delay[STAMP_THERE], 20 * MS);
	assert_int_equal(a.delay[STAMP_BACK], 0);
	assert_near(a.rtt, 28 * MS);
	line_end(&l);
}

static void test_delay_with_clocks(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	line_start(&l, true);
	l.synced = true;
	run(&l, 100);
	a = stamp_stats_sum(&l.s, 0, 5, l.now);
	assert_true(a.absolute);
	assert_near(a.delay[STAMP_THERE], 3 * MS);
	assert_near(a.delay[STAMP_BACK], 5 * MS);
	line_end(&l);
}

static void test_clock_step(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	line_start(&l, true);
	run(&l, 100);
	l.offset += INT64_C(3600000000000);
	run(&l, 50);
	l.offset -= INT64_C(900000000);
	run(&l, 50);
	a = all(&l);
	assert_int_equal(l.s.clock_steps, 2);
	for (unsigned w = 0; w < STAMP_WAYS; w++) {
		assert_int_equal(a.delay[w], 0);
		assert_int_equal(a.way_jitter[w], 0);
	}
	line_end(&l);
}

/* The queue on one way swings by 10 ms from packet to packet. */
static void test_jitter(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	line_start(&l, true);
	for (unsigned i = 0; i < 200; i++) {
		l.back = i % 2 ? 5 * MS : 15 * MS;
		exchange(&l, ARRIVES);
	}
	a = stamp_stats_sum(&l.s, 2, 10, l.now);
	assert_near(a.way_jitter[STAMP_BACK], 10 * MS);
	assert_int_equal(a.way_jitter[STAMP_THERE], 0);
	assert_near(a.jitter, 10 * MS);
	assert_near(a.delay[STAMP_BACK], 5 * MS);
	line_end(&l);
}

/* Of other kinds only the round trip is known, in less memory. */
static void test_round_trip_alone(void **state)
{
	struct line l;
	struct stamp_sum a;

	(void)state;
	assert_int_equal(STAMP_ROUND_BYTES, 36000);
	assert_int_equal(STAMP_WAYS_BYTES, 36000 + 50400);
	line_start(&l, false);
	for (unsigned i = 0; i < 100; i++)
		exchange(&l, i % 20 ? ARRIVES : LOST_BACK);
	a = all(&l);
	assert_int_equal(a.sent, 100);
	assert_int_equal(a.lost, 5);
	assert_false(a.has_ways);
	assert_near(a.rtt, 8 * MS);
	line_end(&l);
}

/* A probe counts for the second it left in; of what is older than an hour nothing is left. */
static void test_seconds(void **state)
{
	struct line l;
	struct stamp_sum a;
	struct sent late;

	(void)state;
	line_start(&l, true);
	exchange(&l, LOST_BACK);
	l.now = START + 900 * MS;
	late = ask(&l);
	l.back = 500 * MS;
	answer(&l, &late, reflect(&l, &late));
	l.back = 5 * MS;
	l.now = START + 2 * S;
	a = stamp_stats_sum(&l.s, 0, 1, l.now);
	assert_int_equal(a.sent, 2);
	assert_int_equal(a.answered, 1);
	a = stamp_stats_sum(&l.s, 0, 1, l.now + S);
	assert_int_equal(a.seconds, 1);
	assert_int_equal(a.sent, 0);
	l.now = START + 3596 * S;
	a = stamp_stats_sum(&l.s, 0, STAMP_SPAN_MAX, l.now);
	assert_int_equal(a.sent, 2);
	l.now = START + 3700 * S;
	a = stamp_stats_sum(&l.s, 0, STAMP_SPAN_MAX, l.now);
	assert_int_equal(a.seconds, STAMP_SPAN_MAX);
	assert_int_equal(a.sent, 0);
	run(&l, 30);
	a = all(&l);
	assert_int_equal(a.sent, 30);
	assert_int_equal(a.answered, 30);
	/* After days without a word, too. */
	l.now += 1000000 * S;
	run(&l, 20);
	a = all(&l);
	assert_int_equal(a.sent, 20);
	assert_int_equal(a.lost, 0);
	line_end(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_line),
		cmocka_unit_test(test_loss_one_way),
		cmocka_unit_test(test_loss_both_ways),
		cmocka_unit_test(test_outage),
		cmocka_unit_test(test_stateless),
		cmocka_unit_test(test_duplicates),
		cmocka_unit_test(test_reordering),
		cmocka_unit_test(test_reflector_restart),
		cmocka_unit_test(test_delay_without_clocks),
		cmocka_unit_test(test_delay_with_clocks),
		cmocka_unit_test(test_clock_step),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_round_trip_alone),
		cmocka_unit_test(test_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
