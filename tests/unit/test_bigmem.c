/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/bigmem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HUGE_PAGE ((size_t)2 << 20)

/* Also where what was used before is given out again. */
static void is_zeroed_and_aligned(void **state)
{
	static const size_t sizes[] = { 1, 4096, HUGE_PAGE - 1, HUGE_PAGE, 3 * HUGE_PAGE + 5 };

	(void)state;
	for (unsigned i = 0; i < 25; i++) {
		size_t size = sizes[i % 5];
		uint8_t *mem = bigmem_new(size);

		assert_non_null(mem);
		assert_int_equal((uintptr_t)mem % HUGE_PAGE, 0);
		for (size_t at = 0; at < size; at += 512)
			assert_int_equal(mem[at], 0);
		assert_int_equal(mem[size - 1], 0);
		memset(mem, 0xff, size);
		bigmem_free(mem, size);
	}
	bigmem_free(NULL, 4096);
}

/* More than there are addresses for: told, not died of. */
static void no_memory(void **state)
{
	(void)state;
	assert_null(bigmem_new((size_t)1 << 60));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_zeroed_and_aligned),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
