/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every span falls into the first bucket whose end is above it, and no bucket is wide. */
#include "base/spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static size_t bucket_with(usec_t span)
{
	struct spread s = { { 0 } };
	size_t i = 0;

	spread_add(&s, span);
	while (i < SPREAD_BUCKETS && !s.count[i])
		i++;
	return i;
}

static void test_buckets(void **state)
{
	(void)state;
	for (size_t i = 0; i + 1 < SPREAD_BUCKETS; i++) {
		usec_t end = spread_below(i);

		assert_int_equal(bucket_with(end - 1), i);
		assert_int_equal(bucket_with(end), i + 1);
		assert_true(spread_below(i + 1) > end);
		assert_true(i < 4 || spread_below(i + 1) * 4 <= end * 5);
	}
	assert_int_equal(bucket_with(0), 0);
	assert_int_equal(bucket_with(USEC_NEVER), SPREAD_BUCKETS - 1);
	assert_true(spread_below(SPREAD_BUCKETS - 1) == (usec_t)1 << 27);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_buckets) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
