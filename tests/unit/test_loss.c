/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/loss.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC
#define INTERVAL (100 * MS)
#define OUTAGE 32u

#define assert_near(is, want, by)                                                                  \
	do {                                                                                       \
		if (!(fabs((double)(is) - (want)) <= (by)))                                        \
			fail_msg("%s is %g, not %g", #is, (double)(is), (double)(want));           \
	} while (0)

/* A probe that is answered or not, at once. */
static void probe(struct loss *l, bool answered)
{
	loss_sent(l, INTERVAL, OUTAGE);
	if (answered)
		loss_answered(l, 0);
}

static void probes(struct loss *l, unsigned n, bool answered)
{
	for (unsigned i = 0; i < n; i++)
		probe(l, answered);
}

/* Nothing seen: the prior, and it says so. */
static void test_prior(void **state)
{
	const struct loss none = { 0 };
	struct loss_estimate slow = loss_estimate(&none, INTERVAL);
	struct loss_estimate fast = loss_estimate(&none, 5 * MS);

	(void)state;
	assert_false(slow.known);
	assert_near(slow.path.loss, 0.001, 1e-9);
	assert_near(slow.burst, 1, 0.01);
	/* Bursts of 5 ms: of two probes 5 ms apart, e^-1 of the first's fate is the second's. */
	assert_near(gilbert_stay(&fast.path, 5 * MS), 0.368, 0.01);
}

static void test_bursts(void **state)
{
	struct loss l = { 0 };
	struct loss_estimate e;

	(void)state;
	for (unsigned i = 0; i < 200; i++) { /* 3 and 1 lost of 100 */
		probes(&l, 48, true);
		probes(&l, 3, false);
		probes(&l, 48, true);
		probes(&l, 1, false);
	}
	e = loss_estimate(&l, INTERVAL);
	assert_true(e.known);
	assert_near(e.path.loss, 0.04, 0.004);
	assert_near(e.burst, 2, 0.05);
	assert_near(l.outages, 0, 0);
}

/* What is answered late is answered; only what leaves the window is final. */
static void test_late_answers(void **state)
{
	struct loss l = { 0 };

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		loss_sent(&l, INTERVAL, OUTAGE);
		loss_answered(&l, 60);
		loss_answered(&l, LOSS_WINDOW); /* too late, and ignored */
	}
	assert_near(l.lost, 0, 0);
	assert_true(l.probes > 3000);
}

static void test_outage(void **state)
{
	struct loss l = { 0 };

	(void)state;
	probes(&l, 1000, true);
	probes(&l, 5000, false);
	probes(&l, 1000, true);
	assert_near(l.lost, 0, 0);
	assert_near(l.outages, 1, 0.1);
	/* One less than an outage is a burst. */
	probes(&l, OUTAGE - 1, false);
	probes(&l, 1000, true);
	assert_near(l.lost, OUTAGE - 1, 1);
	assert_near(l.outages, 1, 0.1);
	/* One that is not over yet says nothing. */
	probes(&l, 20, false);
	assert_near(l.lost, OUTAGE - 1, 1);
}

static void test_gap(void **state)
{
	struct loss l = { 0 };

	(void)state;
	probes(&l, 1000, true);
	probes(&l, 70, false); /* some final, some under way */
	loss_gap(&l);
	probes(&l, 1000, true);
	assert_near(l.lost, 0, 0);
	assert_near(l.outages, 0, 0);
	loss_answered(&l, 5000); /* of before */
}

/* Half a day later hardly anything of it counts. */
static void test_memory(void **state)
{
	struct loss l = { 0 };

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		probes(&l, 9, true);
		probe(&l, false);
	}
	assert_near(loss_estimate(&l, INTERVAL).path.loss, 0.1, 0.02);
	probes(&l, 432000, true);
	assert_true(loss_estimate(&l, INTERVAL).path.loss < 0.001);
	/* Bounded, whatever comes. */
	assert_true(l.probes <= (double)LOSS_MEMORY_USEC / (double)INTERVAL + 1);
}

/* The same path asked twice as often loses in bursts twice as long. */
static void test_rescale(void **state)
{
	struct loss l = { .probes = 1e5, .lost = 1e3, .bursts = 125 }; /* bursts of 8 */
	struct gilbert before = gilbert_of(0.01, 8, INTERVAL), after;

	(void)state;
	loss_rescale(&l, INTERVAL, INTERVAL / 2);
	assert_near(l.lost / l.bursts, 15.48, 0.01); /* a hair less: some ends meet new ones */
	after = gilbert_of(0.01, l.lost / l.bursts, INTERVAL / 2);
	assert_near(gilbert_stay(&after, INTERVAL), gilbert_stay(&before, INTERVAL), 1e-6);
	loss_rescale(&l, INTERVAL / 2, INTERVAL);
	assert_near(l.lost / l.bursts, 8, 0.01);
	assert_near(l.probes, 1e5, 0);
}

/* Bursts of 10 ms do not show in probes 100 ms apart: what those 5 ms apart saw is not forgotten.
 */
static void test_hidden(void **state)
{
	struct loss l = { .probes = 1e5, .lost = 1e3 };
	struct gilbert fine = gilbert_of(0.01, 1 / (1 - (0.01 + 0.99 * exp(-0.5))), 5 * MS);

	(void)state;
	l.bursts = l.lost / gilbert_burst(&fine, 5 * MS);
	loss_rescale(&l, 5 * MS, INTERVAL);
	assert_near(l.lost / l.bursts, 1 / 0.99, 0.001);
	fine = loss_estimate(&l, INTERVAL).path;
	assert_near(gilbert_stay(&fine, 5 * MS), 0.01 + 0.99 * exp(-0.5), 0.01);
	/* A day later the prior is back: the path may have changed. */
	probes(&l, 864000, true);
	fine = loss_estimate(&l, INTERVAL).path;
	assert_near((double)fine.hidden, (double)GILBERT_PRIOR_USEC, 100);
}

/* What is independent at one interval may not be at a shorter one: that is assumed. */
static void test_shorter_than_measured(void **state)
{
	struct gilbert g = gilbert_of(0.01, 1 / 0.99, INTERVAL);

	(void)state;
	assert_near(gilbert_stay(&g, INTERVAL), 0.01, 1e-9);
	assert_near(gilbert_stay(&g, 2 * INTERVAL), 0.01, 1e-9);
	assert_near(gilbert_stay(&g, 5 * MS), 0.01 + 0.99 * exp(-1), 1e-6);
	/* Probes 5 ms apart have seen what lasts 1 ms and more. */
	g = gilbert_of(0.01, 1 / 0.99, 5 * MS);
	assert_near(gilbert_stay(&g, 1 * MS), 0.01 + 0.99 * exp(-1), 1e-6);
	/* Impossible figures are bounded. */
	g = gilbert_of(2, 0, 0);
	assert_near(g.loss, 1, 0);
	assert_near(gilbert_stay(&g, 0), 1, 0);
	assert_near(gilbert_of(-1, 0.5, 1).loss, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prior),
		cmocka_unit_test(test_bursts),
		cmocka_unit_test(test_late_answers),
		cmocka_unit_test(test_outage),
		cmocka_unit_test(test_gap),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_rescale),
		cmocka_unit_test(test_hidden),
		cmocka_unit_test(test_shorter_than_measured),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
