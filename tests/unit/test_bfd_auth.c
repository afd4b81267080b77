/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/bfd_auth.h"

#include "base/list.h"
#include "wire/bfd_pkt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"

/* A packet with meticulous SHA-1, its digest left out, and two digests that another SHA-1 made. */
#define HEAD "20c40334 00000001 00000002 000493e0 000493e0 00000000 051c0100 01020304"

static const struct {
	const char *key, *digest;
} rows[] = {
	{ "bfd key", "3bdeba81e4193e8aa0aafbba4576de637aaba760" },
	{ "12345678901234567890", "b6e812e99dbac8b0705984dd2d4ecda61e394b0a" },
};

static struct view text(const char *t)
{
	return (struct view){ (const uint8_t *)t, strlen(t) };
}

static void signed_and_verified(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		uint8_t packet[BFD_PKT_MAX] = { 0 }, want[BFD_DIGEST];
		struct view whole = { packet, sizeof(packet) };

		assert_int_equal(unhex(HEAD, packet, sizeof(packet)), BFD_DIGEST_AT);
		assert_int_equal(unhex(rows[i].digest, want, sizeof(want)), sizeof(want));
		assert_false(bfd_auth_verify(text(rows[i].key), whole));
		assert_true(bfd_auth_sign(text(rows[i].key), packet, sizeof(packet)));
		assert_memory_equal(packet + BFD_DIGEST_AT, want, sizeof(want));
		assert_true(bfd_auth_verify(text(rows[i].key), whole));
		assert_false(bfd_auth_verify(text(rows[1 - i].key), whole));
		for (size_t bit = 0; bit < 8 * sizeof(packet); bit++) {
			packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(bfd_auth_verify(text(rows[i].key), whole));
			packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
		}
	}
}

static void what_has_no_digest(void **state)
{
	uint8_t packet[BFD_PKT_MAX] = { 0 };
	const char *const long_key = "123456789012345678901";

	(void)state;
	assert_false(bfd_auth_sign(text(""), packet, sizeof(packet)));
	assert_false(bfd_auth_sign(text(long_key), packet, sizeof(packet)));
	assert_false(bfd_auth_sign(text("key"), packet, sizeof(packet) - 1));
	assert_false(bfd_auth_verify(text("key"), (struct view){ packet, 24 }));
	assert_false(
		bfd_auth_verify((struct view){ NULL, 0 }, (struct view){ packet, sizeof(packet) }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signed_and_verified),
		cmocka_unit_test(what_has_no_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
