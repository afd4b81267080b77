/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/health_auto.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC
#define S USEC_PER_SEC
#define PLENTY 1e6

static const struct health_auto_cfg yearly = { 1, 30 * MS, 5 * S };
static const struct health_auto_cfg daily = { 365.25, 30 * MS, 5 * S };

/* A path of which all is known, and the setting that it gets. */
struct bench {
	const struct health_auto_cfg *cfg;
	struct health_auto a;
	double loss, bad_usec; /* and how long bad times last */
	usec_t late, now;
	double probes;
	bool calm;
	unsigned changes;
};

static struct bench bench_of(const struct health_auto_cfg *cfg, double loss, double bad_usec)
{
	struct bench b = { .cfg = cfg,
			   .loss = loss,
			   .bad_usec = bad_usec,
			   .now = 1000 * S,
			   .probes = PLENTY,
			   .calm = true };

	b.a = health_auto_start(cfg, b.now);
	return b;
}

static struct health_expectation expect(const struct bench *b, const struct health_auto *a)
{
	const struct health_cfg cfg = { .interval = a->interval,
					.silence = a->silence,
					.patience = HEALTH_PATIENCE,
					.repeats = true };
	/* Of a chain whose memory is known at 1 ms, so that nothing hides between two probes. */
	const struct gilbert fine = gilbert_of(b->loss, b->bad_usec / 1000 + 1, MS);
	const struct health_path p = { .chain = fine, .rtt = 5 * MS, .life = USEC_NEVER };

	return health_model(&cfg, &p);
}

static void step(struct bench *b)
{
	const struct health_cfg cfg = { .interval = b->a.interval,
					.silence = b->a.silence,
					.patience = HEALTH_PATIENCE,
					.repeats = true };
	const struct health_path p = { .chain = gilbert_of(b->loss, b->bad_usec / 1000 + 1, MS),
				       .rtt = 5 * MS,
				       .life = USEC_NEVER,
				       .late = b->late };
	struct health_auto next =
		health_auto_step(b->cfg, b->a, &cfg, &p, b->probes, b->calm, b->now);

	if (next.changed != b->a.changed) {
		assert_true(next.changed == b->now);
		assert_true(b->now - b->a.changed >= HEALTH_AUTO_PAUSE_USEC);
		assert_true(next.silence >= b->cfg->fastest && next.silence <= b->cfg->slowest);
		assert_true(next.silence / 3 >= next.interval);
		b->changes++;
	} else {
		assert_int_equal(next.interval, b->a.interval);
		assert_int_equal(next.silence, b->a.silence);
	}
	b->a = next;
}

/* Asked each second, for so many hours. */
static void run(struct bench *b, unsigned hours)
{
	for (unsigned i = 0; i < hours * 3600; i++) {
		b->now += S;
		step(b);
	}
}

static void says(const struct bench *b, const char *part)
{
	char text[160];

	health_auto_text(&b->a, text, sizeof(text));
	if (!strstr(text, part))
		fail_msg("\"%s\" does not hold \"%s\"", text, part);
}

static void test_start(void **state)
{
	struct bench b = bench_of(&yearly, 0.001, 500);

	(void)state;
	assert_int_equal(b.a.interval, 100 * MS);
	assert_int_equal(b.a.silence, 500 * MS);
	says(&b, "auto uses 100ms/500ms until enough is known of the path");
	b.probes = 100; /* too little to go by */
	run(&b, 2);
	assert_int_equal(b.changes, 0);
	b.probes = PLENTY;
	b.calm = false; /* suspect or down */
	run(&b, 2);
	assert_int_equal(b.changes, 0);
	b.calm = true;
	run(&b, 1);
	assert_true(b.changes > 0);
}

/* Short bursts: as fast as may be, step by step, and then it stays. */
static void test_good_line(void **state)
{
	struct bench b = bench_of(&daily, 0.001, 500);
	usec_t first;

	(void)state;
	for (b.now += HEALTH_AUTO_PAUSE_USEC; b.changes == 0; b.now += S)
		step(&b);
	first = b.a.interval;
	assert_true(first >= 40 * MS && first < 100 * MS);
	run(&b, 3);
	assert_int_equal(b.a.interval, 5 * MS);
	assert_in_range(b.a.silence, 30 * MS, 40 * MS);
	assert_true(expect(&b, &b.a).false_per_year <= 365.25);
	says(&b, "auto chose 5ms/");
	says(&b, "measured loss 0.1 % in bursts of ");
	b.changes = 0;
	run(&b, 24);
	assert_int_equal(b.changes, 0);
}

/* Bursts of 30 ms that a silence of 30 ms would take for a fault. */
static void test_bursty_line(void **state)
{
	struct bench b = bench_of(&yearly, 0.01, 30e3);

	(void)state;
	run(&b, 6);
	assert_true(expect(&b, &b.a).false_per_year <= 1);
	assert_in_range(b.a.silence, 500 * MS, 1200 * MS);
	b.changes = 0;
	run(&b, 24);
	assert_int_equal(b.changes, 0);

	/* It gets better, and then worse than ever. */
	b.bad_usec = 3e3;
	run(&b, 6);
	assert_true(b.a.silence <= 120 * MS);
	assert_int_equal(b.a.why, HEALTH_AUTO_FASTER);
	b.bad_usec = 60e3;
	run(&b, 1);
	assert_int_equal(b.a.why, HEALTH_AUTO_BUDGET);
	assert_true(expect(&b, &b.a).false_per_year <= 1);
	says(&b, "to keep to the budget");
}

/* No setting keeps to the budget: the best there is, and no running about. */
static void test_hopeless(void **state)
{
	struct bench b = bench_of(&yearly, 0.3, 2e6);

	(void)state;
	run(&b, 6);
	assert_int_equal(b.a.silence, 5 * S);
	assert_true(b.changes <= 2);
}

/* A node that is late by 20 ms must not promise 50 ms. */
static void test_late(void **state)
{
	struct bench b = bench_of(&daily, 0.0001, 500);

	(void)state;
	b.late = 20 * MS;
	run(&b, 6);
	assert_in_range(b.a.silence, 80 * MS, 120 * MS);
	b.late = 60 * MS;
	run(&b, 1);
	assert_int_equal(b.a.why, HEALTH_AUTO_LATE);
	assert_in_range(b.a.silence, 240 * MS, 300 * MS);
	says(&b, "late by 60 ms itself");
	b.late = 60 * S; /* the bound is the user's */
	run(&b, 1);
	assert_int_equal(b.a.silence, 5 * S);
}

static void test_bounds(void **state)
{
	static const struct health_auto_cfg narrow = { 1, 45 * MS, 47 * MS };
	static const struct health_auto_cfg tiny = { 1, 15 * MS, 15 * MS };
	static const struct health_auto_cfg long_one = { 1, 60 * S, 600 * S };
	struct bench b = bench_of(&narrow, 0.01, 10e3);

	(void)state;
	assert_int_equal(b.a.silence, 47 * MS);
	run(&b, 2);
	b = bench_of(&tiny, 0.01, 10e3);
	assert_int_equal(b.a.interval, 5 * MS);
	run(&b, 2);
	assert_int_equal(b.changes, 0);
	b = bench_of(&long_one, 0.0001, 10e3);
	assert_int_equal(b.a.silence, 60 * S);
	assert_int_equal(b.a.interval, 2 * S);
	run(&b, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),       cmocka_unit_test(test_good_line),
		cmocka_unit_test(test_bursty_line), cmocka_unit_test(test_hopeless),
		cmocka_unit_test(test_late),        cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
