/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/ecn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { NOT, ECT1, ECT0, CE }; /* as in the header: 00, 01, 10, 11 */

/* RFC 6040, figure 4; DSCP of the inner header always stays. */
static void decapsulates_by_the_table(void **state)
{
	static const int want[4][4] = {
		/* outer: Not-ECT, ECT(1), ECT(0), CE */
		[NOT] = { NOT, NOT, NOT, -1 },
		[ECT1] = { ECT1, ECT1, ECT1, CE },
		[ECT0] = { ECT0, ECT1, ECT0, CE },
		[CE] = { CE, CE, CE, CE },
	};

	(void)state;
	for (int in = 0; in < 4; in++)
		for (int out = 0; out < 4; out++) {
			int expect = want[in][out] < 0 ? -1 : 0xb8 | want[in][out];

			assert_int_equal(ecn_decapsulate((uint8_t)(0x48 | out),
							 (uint8_t)(0xb8 | in)),
					 expect);
		}
}

static void encapsulates_in_normal_mode(void **state)
{
	(void)state;
	for (unsigned tos = 0; tos < 256; tos++) {
		/* CS6 is what health checks say, and nobody else */
		unsigned want = (tos & 0xfc) == 0xc0 ? 0xe0 | (tos & 3) : tos;

		assert_int_equal(ecn_encapsulate((uint8_t)tos, true), want);
		assert_int_equal(ecn_encapsulate((uint8_t)tos, false), tos & 3);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decapsulates_by_the_table),
		cmocka_unit_test(encapsulates_in_normal_mode),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
