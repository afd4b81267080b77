/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a connection is dialled, and how long it waits after failures. */
#include "base/list.h"
#include "ike/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S USEC_PER_SEC

static void pauses_grow_to_a_minute(void **state)
{
	static const struct {
		uint32_t failures;
		usec_t most;
	} rows[] = { { 1, 1 * S },  { 2, 2 * S },   { 3, 4 * S },           { 6, 32 * S },
		     { 7, 60 * S }, { 60, 60 * S }, { 4000000000u, 60 * S } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(retry_pause(rows[i].failures, 0), rows[i].most);
		/* the jitter takes at most a quarter, whatever the dice say */
		for (uint32_t random = 1; random < UINT32_MAX / 2; random = random * 3 + 1) {
			usec_t pause = retry_pause(rows[i].failures, random);

			assert_in_range(pause, rows[i].most * 3 / 4, rows[i].most);
		}
	}
	assert_true(retry_pause(5, 12345678) != retry_pause(5, 87654321));
}

static void dials_when_wanted_and_due(void **state)
{
	static const struct {
		struct retry_view v; /* initiate, up, connecting, missing, not_before */
		usec_t now;
		enum retry_do want;
	} rows[] = {
		{ { false, false, false, 1, 0 }, 9 * S, RETRY_NOTHING }, /* the peer dials */
		{ { true, false, false, 1, 0 }, 9 * S, RETRY_IKE },
		{ { true, false, false, 1, 10 * S }, 10 * S - 1, RETRY_WAIT }, /* one tick early */
		{ { true, false, false, 1, 10 * S }, 10 * S, RETRY_IKE },
		{ { true, false, true, 1, 0 }, 9 * S, RETRY_NOTHING }, /* under way, by whomever */
		{ { true, true, true, 1, 0 }, 9 * S, RETRY_NOTHING }, /* being replaced */
		{ { true, true, false, 0, 0 }, 9 * S, RETRY_NOTHING }, /* all there */
		{ { true, true, false, 2, 0 }, 9 * S, RETRY_CHILDREN },
		{ { true, true, false, 2, 20 * S }, 9 * S, RETRY_WAIT },
		/* children outlive nothing: without an IKE_SA a new one is due */
		{ { true, false, false, 0, 0 }, 9 * S, RETRY_IKE },
		{ { false, true, false, 1, 0 }, 9 * S, RETRY_NOTHING },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(retry_decide(&rows[i].v, rows[i].now), rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_grow_to_a_minute),
		cmocka_unit_test(dials_when_wanted_and_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
