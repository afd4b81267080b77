/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The figures drawn from arrivals whose story is known. */
#include "lab/arrivals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC

static double number_of(const json_t *report, const char *key)
{
	return json_number_value(json_object_get(report, key));
}

/* One packet each ms from 1 ms on, 5 ms under way; `from` to `to` of them are lost. */
static void fill(struct arrivals *a, size_t count, size_t from, size_t to)
{
	assert_int_equal(arrivals_init(a, count), 0);
	for (size_t n = 0; n < count; n++) {
		a->sent_at[n] = (n + 1) * MS;
		a->sent = n + 1;
		if (n < from || n >= to)
			arrivals_add(a, n, (n + 6) * MS, 62);
	}
}

static void test_outage(void **state)
{
	struct arrivals a;
	json_t *report;

	(void)state;
	/* Packets 100-299 are lost; the fault was at 103 ms, with two packets still under way. */
	fill(&a, 500, 100, 300);
	report = arrivals_report(&a, 103 * MS, 500 * MS);
	assert_float_equal(number_of(report, "outage_ms"), 201, 0.001);
	assert_float_equal(number_of(report, "outage_from_ms"), 2, 0.001);
	assert_float_equal(number_of(report, "outage_to_ms"), 203, 0.001);
	assert_float_equal(number_of(report, "gap_before_ms"), 1, 0.001);
	assert_int_equal(number_of(report, "lost"), 200);
	assert_int_equal(number_of(report, "lost_after_fault"), 198);
	assert_true(json_is_true(json_object_get(report, "recovered")));
	assert_float_equal(number_of(json_object_get(report, "delay_ms"), "median"), 5, 0.001);
	json_decref(report);
	arrivals_done(&a);
}

/* A gap that was over before the fault is not its outage. */
static void test_gap_before(void **state)
{
	struct arrivals a;
	json_t *report;

	(void)state;
	fill(&a, 500, 50, 80);
	report = arrivals_report(&a, 200 * MS, 500 * MS);
	assert_float_equal(number_of(report, "outage_ms"), 1, 0.001);
	assert_float_equal(number_of(report, "gap_before_ms"), 31, 0.001);
	json_decref(report);
	arrivals_done(&a);
}

static void test_never_back(void **state)
{
	struct arrivals a;
	json_t *report;

	(void)state;
	fill(&a, 500, 100, 500);
	report = arrivals_report(&a, 100 * MS, 500 * MS);
	assert_false(json_is_true(json_object_get(report, "recovered")));
	assert_float_equal(number_of(report, "outage_ms"), 395, 0.001);
	json_decref(report);
	arrivals_done(&a);

	/* Not one packet at all is not recovered either. */
	fill(&a, 10, 0, 10);
	report = arrivals_report(&a, 1 * MS, 10 * MS);
	assert_false(json_is_true(json_object_get(report, "recovered")));
	json_decref(report);
	arrivals_done(&a);
}

static void test_disorder(void **state)
{
	struct arrivals a;

	(void)state;
	assert_int_equal(arrivals_init(&a, 4), 0);
	a.sent = 4;
	arrivals_add(&a, 0, 1 * MS, 62);
	arrivals_add(&a, 2, 2 * MS, 61);
	arrivals_add(&a, 1, 3 * MS, 62);
	arrivals_add(&a, 2, 4 * MS, 62);
	arrivals_add(&a, 4, 5 * MS, 62); /* was never sent */
	assert_int_equal(a.arrived, 3);
	assert_int_equal(a.reordered, 1);
	assert_int_equal(a.duplicated, 1);
	assert_int_equal(a.ttl_min, 61);
	assert_int_equal(a.ttl_max, 62);
	arrivals_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_outage),
		cmocka_unit_test(test_gap_before),
		cmocka_unit_test(test_never_back),
		cmocka_unit_test(test_disorder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
