/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of paths, and how often strangers may knock. */
#include "esp/pmtu.h"

#include "esp/bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define S USEC_PER_SEC

static struct addr v4(uint32_t n)
{
	return (struct addr){ ADDR_V4, { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n } };
}

static void paths_are_forgotten(void **state)
{
	struct pmtu *p = calloc(1, sizeof(*p));
	struct addr a = v4(1), b = v4(2), v6;

	(void)state;
	assert_non_null(p);
	assert_int_equal(pmtu_get(p, &a, 1 * S), PMTU_UNKNOWN);
	pmtu_note(p, &a, 1400, 1 * S);
	assert_int_equal(pmtu_get(p, &a, 2 * S), 1400);
	assert_int_equal(pmtu_get(p, &b, 2 * S), PMTU_UNKNOWN);
	pmtu_note(p, &a, 1450, 3 * S); /* never higher before it has expired */
	assert_int_equal(pmtu_get(p, &a, 4 * S), 1400);
	pmtu_note(p, &a, 1300, 5 * S);
	assert_int_equal(pmtu_get(p, &a, 605 * S - 1), 1300);
	assert_int_equal(pmtu_get(p, &a, 605 * S), PMTU_UNKNOWN);
	pmtu_note(p, &a, 1450, 606 * S);
	assert_int_equal(pmtu_get(p, &a, 607 * S), 1450);
	pmtu_note(p, &a, 1, 608 * S);
	assert_int_equal(pmtu_get(p, &a, 609 * S), PMTU_MIN_V4);
	assert_true(addr_parse("2001:db8::1", &v6));
	pmtu_note(p, &v6, 600, 608 * S);
	assert_int_equal(pmtu_get(p, &v6, 609 * S), PMTU_MIN_V6);
	free(p);
}

/* A table that is too small forgets, but never takes one peer for another. */
static void peers_are_kept_apart(void **state)
{
	struct pmtu *p = calloc(1, sizeof(*p));
	unsigned known = 0;

	(void)state;
	assert_non_null(p);
	for (uint32_t i = 0; i < 2000; i++) {
		struct addr a = v4(i);

		pmtu_note(p, &a, 600 + i % 800, S + i);
	}
	for (uint32_t i = 0; i < 2000; i++) {
		struct addr a = v4(i);
		uint32_t mtu = pmtu_get(p, &a, 2 * S);

		assert_true(mtu == PMTU_UNKNOWN || mtu == 600 + i % 800);
		known += mtu != PMTU_UNKNOWN;
	}
	assert_true(known > 700 && known <= PMTU_SETS * PMTU_WAYS);
	free(p);
}

static void buckets_run_dry_and_fill(void **state)
{
	const struct bucket_cfg cfg = { .burst = 10, .per_sec = 5 };
	struct bucket b = { 0 };
	usec_t now = 1000 * S;

	(void)state;
	for (unsigned i = 0; i < 10; i++)
		assert_true(bucket_take(&cfg, &b, now));
	assert_false(bucket_take(&cfg, &b, now));
	assert_false(bucket_take(&cfg, &b, now + S / 5 - 1));
	assert_true(bucket_take(&cfg, &b, now + S / 5));
	assert_false(bucket_take(&cfg, &b, now + S / 5));
	now += 1000 * S; /* never more than the burst */
	for (unsigned i = 0; i < 10; i++)
		assert_true(bucket_take(&cfg, &b, now));
	assert_false(bucket_take(&cfg, &b, now));
}

static void neighbours_share_a_bucket(void **state)
{
	struct bucket_table *t = calloc(1, sizeof(*t));
	struct addr a = v4(0x010203), b = v4(0x0102ff), c = v4(0x010303), d, e, f;

	(void)state;
	assert_non_null(t);
	assert_ptr_equal(bucket_of(t, &a), bucket_of(t, &b));
	assert_ptr_not_equal(bucket_of(t, &a), bucket_of(t, &c)); /* with this key */
	assert_true(addr_parse("2001:db8:1:1100::1", &d));
	assert_true(addr_parse("2001:db8:1:11ff::2", &e));
	assert_true(addr_parse("2001:db8:1:1200::1", &f));
	assert_ptr_equal(bucket_of(t, &d), bucket_of(t, &e));
	assert_ptr_not_equal(bucket_of(t, &d), bucket_of(t, &f));
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_forgotten),
		cmocka_unit_test(peers_are_kept_apart),
		cmocka_unit_test(buckets_run_dry_and_fill),
		cmocka_unit_test(neighbours_share_a_bucket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
