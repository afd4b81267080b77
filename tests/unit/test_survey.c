/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who has an address: this device, another, both, nobody; in whatever order they were told. */
#include "svc/survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct addr numbered(unsigned n)
{
	uint8_t bytes[4] = { 10, 0, (uint8_t)(n >> 8), (uint8_t)n };

	return addr_from_bytes(ADDR_V4, bytes);
}

static void expect(const struct survey *s, unsigned n, int index, bool want_here,
		   bool want_elsewhere)
{
	struct addr a = numbered(n);
	bool here, elsewhere;

	survey_look(s, &a, index, &here, &elsewhere);
	assert_int_equal(here, want_here);
	assert_int_equal(elsewhere, want_elsewhere);
}

static void test_look(void **state)
{
	struct survey s = { 0 };

	(void)state;
	expect(&s, 1, 1, false, false);
	/* every third of 3000, in an order that is neither up nor down */
	for (unsigned i = 0; i < 1000; i++) {
		struct addr a = numbered(i * 7 % 1000 * 3);

		survey_add(&s, &a, (int)(i * 7 % 1000) + 1);
	}
	for (unsigned i = 0; i < 1000; i++) {
		expect(&s, i * 3, (int)i + 1, true, false);
		expect(&s, i * 3, 5000, false, true);
		expect(&s, i * 3 + 1, (int)i + 1, false, false);
	}
	survey_add(&s, &(struct addr){ 0 }, 1);
	for (int index = 5001; index < 5003; index++) {
		struct addr a = numbered(9);

		survey_add(&s, &a, index);
	}
	expect(&s, 9, 5002, true, true);
	survey_forget(&s, &(struct addr){ 0 }, 2); /* another's */
	for (unsigned i = 0; i < 1000; i++) {
		struct addr a = numbered(i * 3);

		survey_forget(&s, &a, (int)i + 1);
	}
	expect(&s, 9, 4, false, true);
	expect(&s, 2997, 1000, false, false);
	assert_int_equal(s.count, 3);
	assert_false(s.failed);
	survey_done(&s);
	expect(&s, 9, 5002, false, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_look) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
