/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/measure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC
#define S USEC_PER_SEC

static const struct health_cfg fast = { .interval = 5 * MS,
					.silence = 30 * MS,
					.patience = HEALTH_PATIENCE };

struct bench {
	struct measure m;
	struct health h;
	uint64_t packets, replies;
	usec_t now;
};

static struct bench bench_up(void)
{
	struct bench b = { .now = 1000 * S };

	b.h = health_start(b.now);
	b.h.has_sa = true;
	b.h.state = HEALTH_UP;
	return b;
}

/* So many intervals, in each of which every probe is answered and `others` packets come. */
static void turns(struct bench *b, unsigned n, unsigned others)
{
	for (unsigned i = 0; i < n; i++) {
		b->now += fast.interval;
		measure_turn(&b->m, &fast, &b->h, b->packets, b->replies, b->now);
		loss_answered(&b->m.loss, 0);
		b->packets += 1 + others;
		b->replies++;
	}
}

static void test_life(void **state)
{
	struct bench b = bench_up();

	(void)state;
	assert_int_equal(measure_life(&b.m, &fast), USEC_NEVER);
	turns(&b, 10000, 0); /* nothing but replies */
	assert_int_equal(measure_life(&b.m, &fast), USEC_NEVER);
	b = bench_up();
	turns(&b, 10000, 1);
	assert_in_range(measure_life(&b.m, &fast), 5 * MS, 5 * MS + 2);
	/* Bulk traffic is no more than once per interval, for it comes in heaps. */
	b = bench_up();
	for (int i = 0; i < 1000; i++) {
		turns(&b, 3, 0);
		turns(&b, 1, 500);
	}
	assert_in_range(measure_life(&b.m, &fast), 19 * MS, 21 * MS);
}

/* futae-esp has counted a reply that has not got here yet: no life, and no debt that stays. */
static void test_reply_under_way(void **state)
{
	struct bench b = bench_up();

	(void)state;
	for (int i = 0; i < 5000; i++) {
		turns(&b, 1, 0);
		b.packets += i % 2 == 0; /* early, and then not again */
		b.packets -= i % 2 != 0;
	}
	assert_int_equal(measure_life(&b.m, &fast), USEC_NEVER);
	/* The counters begin anew with a new futae-esp. */
	b.packets = 0;
	turns(&b, 100, 0);
	assert_int_equal(measure_life(&b.m, &fast), USEC_NEVER);
}

static void test_not_while_dead(void **state)
{
	struct bench b = bench_up();
	double known;

	(void)state;
	turns(&b, 10000, 1);
	known = b.m.turns;
	b.h.state = HEALTH_DOWN;
	turns(&b, 1000, 0);
	assert_true(b.m.turns == known);
	b.h.has_sa = false;
	b.h.state = HEALTH_NO_SA;
	turns(&b, 1000, 0);
	assert_int_equal(b.m.loss.pending, 0);
}

static void test_late(void **state)
{
	struct bench b = bench_up();

	(void)state;
	measure_late(&b.m, 7 * MS, b.now);
	measure_late(&b.m, 3 * MS, b.now);
	assert_int_equal(measure_worst_late(&b.m), 7 * MS);
	measure_late(&b.m, 2 * MS, b.now + 301 * S);
	assert_int_equal(measure_worst_late(&b.m), 7 * MS); /* of the minutes before */
	measure_late(&b.m, 1 * MS, b.now + 602 * S);
	assert_int_equal(measure_worst_late(&b.m), 2 * MS);
	measure_late(&b.m, 0, b.now + 7200 * S); /* long ago */
	assert_int_equal(measure_worst_late(&b.m), 0);
}

static void test_path(void **state)
{
	struct bench b = bench_up();
	struct health_path p;

	(void)state;
	b.h.srtt = 12 * MS;
	b.h.rttvar = 1 * MS;
	turns(&b, 10000, 1);
	measure_late(&b.m, 2 * MS, b.now);
	p = measure_path(&b.m, &fast, &b.h);
	assert_int_equal(p.rtt, 12 * MS);
	assert_int_equal(p.rttvar, 1 * MS);
	assert_int_equal(p.late, 2 * MS);
	assert_in_range(p.life, 5 * MS, 5 * MS + 2);
	assert_true(p.chain.loss > 0 && p.chain.loss < 0.0002);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_life),           cmocka_unit_test(test_reply_under_way),
		cmocka_unit_test(test_not_while_dead), cmocka_unit_test(test_late),
		cmocka_unit_test(test_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
