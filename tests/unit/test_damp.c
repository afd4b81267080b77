/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/damp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S USEC_PER_SEC

static const struct damp_cfg cfg = { 60 * S, 600 * S };

/* Failures and questions in order of time. */
static const struct row {
	usec_t at;
	unsigned failures;
	uint32_t penalty;
	usec_t extra; /* on 30 s */
} rows[] = {
	{ 0, 0, 0, 0 },
	{ 10 * S, 1, 1000, 0 }, /* the first is free */
	{ 40 * S, 0, 750, 0 },
	{ 70 * S, 0, 500, 0 },
	{ 70 * S, 1, 1500, 15 * S },
	{ 130 * S, 0, 750, 0 }, /* forgotten again */
	{ 250 * S, 0, 188, 0 },
	{ 250 * S, 3, 3187, 112440000 }, /* 30 s x (2^2.187, taken straight: 4.748 - 1) */
	{ 250 * S, 9, DAMP_CEILING, 600 * S },
	{ 250 * S, 9, DAMP_CEILING, 600 * S },
	{ 550 * S, 0, DAMP_CEILING >> 5, 0 },
	{ 100000 * S, 0, 0, 0 },
	{ 100000 * S, 2, 2000, 30 * S },
	{ 100000 * S, 1, 3000, 90 * S },
	{ 100000 * S, 1, 4000, 210 * S },
	{ 5 * S, 0, 4000, 210 * S }, /* a clock that is behind takes nothing away */
};

static void test_rows(void **state)
{
	struct damp d = DAMP_START;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned n = 0; n < rows[i].failures; n++)
			d = damp_fail(&cfg, d, rows[i].at);
		assert_in_range(damp_penalty(&cfg, &d, rows[i].at),
				rows[i].penalty > 0 ? rows[i].penalty - 1 : 0, rows[i].penalty);
		assert_in_range(damp_extra(&cfg, &d, 30 * S, rows[i].at),
				rows[i].extra > 0 ? rows[i].extra - 100000 : 0, rows[i].extra);
	}
}

/* The penalty never grows by itself, and the wait never shrinks with it. */
static void test_monotonic(void **state)
{
	struct damp d = DAMP_START;
	uint32_t last = DAMP_CEILING;
	usec_t extra = 600 * S;

	(void)state;
	for (int i = 0; i < 20; i++)
		d = damp_fail(&cfg, d, 0);
	for (usec_t t = 0; t < 1000 * S; t += 77777) {
		assert_true(damp_penalty(&cfg, &d, t) <= last);
		assert_true(damp_extra(&cfg, &d, S, t) <= extra);
		last = damp_penalty(&cfg, &d, t);
		extra = damp_extra(&cfg, &d, S, t);
	}
	assert_int_equal(last, 0);
}

static void test_extremes(void **state)
{
	struct damp d = { UINT32_MAX, 0 };
	const struct damp_cfg off = { 0, 600 * S }, slow = { USEC_NEVER, USEC_NEVER };

	(void)state;
	assert_int_equal(damp_penalty(&off, &d, 1), 0);
	assert_int_equal(damp_extra(&off, &d, 30 * S, 1), 0);
	assert_in_range(damp_penalty(&slow, &d, USEC_NEVER - 1), UINT32_MAX / 2, UINT32_MAX);
	assert_true(damp_extra(&slow, &d, USEC_NEVER, 1) > 0);
	assert_int_equal(damp_fail(&slow, d, 1).penalty, DAMP_CEILING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_monotonic),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
