/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HMAC-SHA-256 against RFC 4231. */
#include "crypto/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"

static const struct {
	const char *key, *data, *mac;
} cases[] = {
	{ "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
	{ "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
};

static void test_rfc4231(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2; i++) {
		uint8_t key[64], data[64], want[32], got[32];
		size_t klen = unhex(cases[i].key, key, sizeof(key));
		size_t len = unhex(cases[i].data, data, sizeof(data));
		struct hmac *h = hmac_new((struct view){ key, klen });

		(void)unhex(cases[i].mac, want, sizeof(want));
		assert_non_null(h);
		/* In two parts, cut anywhere, again and again with one key. */
		for (size_t cut = 0; cut <= len; cut++) {
			const struct view parts[] = { { data, cut }, { data + cut, len - cut } };

			memset(got, 0, sizeof(got));
			hmac_over(h, parts, 2, got, sizeof(got));
			assert_memory_equal(got, want, sizeof(want));
		}
		hmac_over(h, &(struct view){ data, len }, 1, got, 16);
		assert_memory_equal(got, want, 16);
		hmac_free(h);
	}
	hmac_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rfc4231) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
