/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The model at points where it can be worked out by hand; tests/sim/sim_model.c has the rest. */
#include "fsm/health_model.h"

#include "base/list.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC
#define S USEC_PER_SEC
#define YEAR (365.25 * 86400 * 1e6)

#define assert_near(is, want, by)                                                                  \
	do {                                                                                       \
		if (!(fabs((double)(is) - (want)) <= (by)))                                        \
			fail_msg("%s is %g, not %g", #is, (double)(is), (double)(want));           \
	} while (0)

static const struct health_cfg normal = { .interval = 100 * MS,
					  .silence = 500 * MS,
					  .patience = HEALTH_PATIENCE };

/* Each probe is lost by itself. */
static struct health_path chance(double loss)
{
	return (struct health_path){ .chain = { .loss = loss, .span = 1 },
				     .rtt = 10 * MS,
				     .life = USEC_NEVER };
}

static void test_by_hand(void **state)
{
	struct health_path p = chance(0.01);
	struct health_expectation e = health_model(&normal, &p);

	(void)state;
	/* The fifth probe is given up half an interval after its reply was due. */
	assert_int_equal(e.detect_max, 550 * MS);
	/* (1 - p) p^5 at each of 315,576,000 probes. */
	assert_near(e.false_per_year, 0.03124, 0.0001);
	/* What is missing by chance already shortens the rest: 1 % of an interval. */
	assert_near(e.detect, 499000, 50);

	p.late = 20 * MS;
	assert_int_equal(health_model(&normal, &p).detect_max, 570 * MS);
	p = chance(0);
	assert_near(health_model(&normal, &p).false_per_year, 0, 0);
	assert_near(health_model(&normal, &p).detect, 500000, 1);
	p = chance(1);
	assert_near(health_model(&normal, &p).false_per_year, 0, 0);
}

/* Bursts: the first loss begins one, and four times it goes on. */
static void test_bursts(void **state)
{
	struct health_path p = chance(0);
	double want = YEAR / 1e5 * 0.01 / 4 * pow(0.75, 4);

	(void)state;
	p.chain = gilbert_of(0.01, 4, 100 * MS);
	assert_near(health_model(&normal, &p).false_per_year / want, 1, 1e-6);
}

/* More room for replies that vary. */
static void test_jitter(void **state)
{
	struct health_path p = chance(0.01);

	(void)state;
	p.rttvar = 30 * MS;
	assert_int_equal(health_model(&normal, &p).detect_max, 620 * MS);
	p.rttvar = 10 * S; /* half a silence at most */
	assert_int_equal(health_model(&normal, &p).detect_max, 750 * MS);
}

/* The peer's own packets must be lost as well: each factor of p counts. */
static void test_life(void **state)
{
	struct health_path p = chance(0.1);
	double alone = health_model(&normal, &p).false_per_year, with;

	(void)state;
	p.life = 100 * MS;
	with = health_model(&normal, &p).false_per_year;
	assert_true(with < alone / 1e4);
	assert_true(with > alone / 1e7);
	/* A peer that speaks once per ten silences helps little. */
	p.life = 5 * S;
	assert_true(health_model(&normal, &p).false_per_year > alone / 3);
	assert_true(health_model(&normal, &p).false_per_year <= alone * 1.001);
	/* A cut takes both away: nothing is slower by more than the phases of two clocks. */
	p.life = 100 * MS;
	assert_near(health_model(&normal, &p).detect, 500000, 20000);
}

/* Copies make chance alone rarer, where the round trip leaves them time. */
static void test_copies(void **state)
{
	struct health_cfg cfg = normal;
	struct health_path p = chance(0.1);
	double without = health_model(&cfg, &p).false_per_year, near, far;

	(void)state;
	cfg.repeats = true;
	near = health_model(&cfg, &p).false_per_year;
	p.rtt = 450 * MS;
	far = health_model(&cfg, &p).false_per_year;
	assert_true(near < without / 10);
	assert_true(far > near * 10);
}

/* Slower is never more often wrong, more loss and longer bursts always. */
static void test_monotone(void **state)
{
	static const double losses[] = { 0.001, 0.01, 0.05, 0.2 }, bursts[] = { 1.5, 3, 6, 12 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(losses); i++)
		for (size_t j = 0; j < ARRAY_LEN(bursts); j++) {
			double loss = losses[i], burst = bursts[j];
			struct health_cfg slow = normal;
			struct health_path p = chance(0), worse = p;
			double is;

			p.chain = gilbert_of(loss, burst, 100 * MS);
			worse.chain = gilbert_of(loss, burst * 2, 100 * MS);
			is = health_model(&normal, &p).false_per_year;
			slow.silence = 600 * MS;
			assert_true(health_model(&slow, &p).false_per_year < is);
			worse.chain = gilbert_of(loss * 2, burst * 1.5, 100 * MS);
			assert_true(health_model(&normal, &worse).false_per_year > is);
		}
}

/* No configuration makes it slow, or the figures no numbers. */
static void test_extremes(void **state)
{
	static const usec_t times[] = { 0, 1, 2 * MS, 60 * S, 600 * S, USEC_NEVER / 2, USEC_NEVER };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times) * ARRAY_LEN(times) * ARRAY_LEN(times); i++) {
		const struct health_cfg cfg = { .interval = times[i % 7],
						.silence = times[i / 7 % 7],
						.patience = (unsigned)i % 3 * 4,
						.repeats = true };
		struct health_path p = { .chain = gilbert_of(0.3, 5, 10 * MS),
					 .rtt = times[i / 49],
					 .rttvar = times[i / 49],
					 .life = times[i / 7 % 7],
					 .late = times[i / 49] };
		struct health_expectation e = health_model(&cfg, &p);

		assert_true(e.false_per_year >= 0 && e.false_per_year <= YEAR);
		assert_true(e.detect_max <= USEC_NEVER);
		assert_true(health_outage_probes(&cfg) >= 32);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),  cmocka_unit_test(test_bursts),
		cmocka_unit_test(test_jitter),   cmocka_unit_test(test_life),
		cmocka_unit_test(test_copies),   cmocka_unit_test(test_monotone),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
