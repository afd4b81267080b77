/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/csum.h"

#include "base/addr.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void rfc1071_example(void **state)
{
	static const uint8_t data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;
	assert_int_equal(csum_finish(csum_add(0, data, sizeof(data))), 0x220d);
	/* in parts, and with an odd end: as if a zero followed */
	assert_int_equal(csum_finish(csum_add(csum_add(0, data, 4), data + 4, 4)), 0x220d);
	assert_int_equal(csum_finish(csum_add(0, data, 3)), (uint16_t)~0xf201);
}

static void correct_header_gives_zero(void **state)
{
	uint8_t header[] = { 0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
			     0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7 };

	(void)state;
	assert_int_equal(csum_finish(csum_add(0, header, sizeof(header))), 0);
	header[10] = header[11] = 0;
	assert_int_equal(csum_finish(csum_add(0, header, sizeof(header))), 0xb861);
}

/* Carries must survive however much is added. */
static void long_input(void **state)
{
	static uint8_t ones[1 << 18];
	uint32_t sum = 0;

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (int i = 0; i < 8; i++)
		sum = csum_add(sum, ones, sizeof(ones));
	assert_int_equal(csum_finish(sum), 0);
}

/* Word by word, as RFC 1071 has it. */
static uint16_t slow_csum(const uint8_t *p, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
	return csum_finish(sum);
}

/* Every length and every alignment goes another way through the fast loops. */
static void fast_is_as_slow(void **state)
{
	uint8_t bytes[400], copy[400];
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(i % 5 ? seed >> 24 : 0xff);
	}
	for (size_t at = 0; at < 9; at++)
		for (size_t len = 0; len < 300; len++) {
			uint16_t want = slow_csum(bytes + at, len);

			assert_int_equal(csum_finish(csum_add(0, bytes + at, len)), want);
			memset(copy, 0xa5, sizeof(copy));
			assert_int_equal(csum_finish(csum_copy(0, copy + 7, bytes + at, len)),
					 want);
			assert_memory_equal(copy + 7, bytes + at, len);
			assert_int_equal(copy[6], 0xa5);
			assert_int_equal(copy[7 + len], 0xa5);
		}
	assert_int_equal(csum_copy(5, copy, bytes, 0), 5);
	assert_int_equal(csum_finish(csum_copy(csum_add(0, bytes, 100), copy, bytes + 100, 200)),
			 slow_csum(bytes, 300));
}

static void pseudo_headers(void **state)
{
	/* the same by hand: addresses, zero, protocol and length */
	static const uint8_t v4[] = { 10, 1, 22, 252, 224, 0, 0, 18, 0, 112, 0, 12 };
	static const uint8_t v6[] = {
		0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0, 0, 0,    1,    0xff, 0x02, 0, 0,
		0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0, 1, 0x11, 0x70, 0,    0,    0, 112,
	};
	struct addr src, dst;

	(void)state;
	assert_true(addr_parse("10.1.22.252", &src) && addr_parse("224.0.0.18", &dst));
	assert_int_equal(csum_finish(csum_add_pseudo(0, &src, &dst, 112, 12)),
			 csum_finish(csum_add(0, v4, sizeof(v4))));
	assert_true(addr_parse("fe80::1", &src) && addr_parse("ff02::12", &dst));
	assert_int_equal(csum_finish(csum_add_pseudo(0, &src, &dst, 112, 70000)),
			 csum_finish(csum_add(0, v6, sizeof(v6))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc1071_example), cmocka_unit_test(correct_header_gives_zero),
		cmocka_unit_test(long_input),      cmocka_unit_test(fast_is_as_slow),
		cmocka_unit_test(pseudo_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
