/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/failover.h"
#include "fsm/span.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct failover_ring ring;

static int empty_ring(void **state)
{
	(void)state;
	memset(&ring, 0, sizeof(ring));
	return 0;
}

static struct failover *add(const char *object)
{
	return failover_add(&ring, FAILOVER_ROUTE, object, "line1", "line2", "silence");
}

static void test_empty(void **state)
{
	(void)state;
	assert_int_equal(failover_count(&ring), 0);
	assert_null(failover_last(&ring, 0));
	assert_null(failover_find(&ring, 0));
	assert_null(failover_find(&ring, 1));
}

static void test_ring(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 2 * FAILOVER_RING + 3; i++) {
		char name[16];

		snprintf(name, sizeof(name), "r%u", i);
		assert_int_equal(add(name)->id, i);
		assert_int_equal(failover_last(&ring, 0)->id, i);
		assert_string_equal(failover_find(&ring, i)->object, name);
		assert_int_equal(failover_count(&ring), i < FAILOVER_RING ? i : FAILOVER_RING);
	}
	assert_int_equal(failover_last(&ring, FAILOVER_RING - 1)->id, FAILOVER_RING + 4);
	assert_null(failover_last(&ring, FAILOVER_RING));
	assert_null(failover_find(&ring, FAILOVER_RING + 3)); /* overwritten */
	assert_non_null(failover_find(&ring, FAILOVER_RING + 4));
	assert_null(failover_find(&ring, 2 * FAILOVER_RING + 4)); /* not yet */
}

static const struct row {
	usec_t good, detected, decided, written, first; /* given */
	usec_t want[4];
} rows[] = {
	{ 1000, 1500, 1501, 1502, 1600, { 500, 501, 502, 600 } },
	{ 1000, 1500, 1501, 1502, 0, { 500, 501, 502, USEC_NEVER } },
	{ 0, 1500, 1501, 1502, 1600, { 0, 1, 2, 100 } }, /* by hand: no fault before it */
	{ 0, 0, 1501, 0, 1600, { USEC_NEVER, 0, USEC_NEVER, 99 } },
	{ 2000, 1500, 1501, 1502, 1600, { 0, 0, 0, 0 } }, /* never negative */
	{ 0, 0, 0, 0, 0, { USEC_NEVER, USEC_NEVER, USEC_NEVER, USEC_NEVER } },
};

static void test_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct failover f = { .last_good = rows[i].good,
				      .detected = rows[i].detected,
				      .decided = rows[i].decided,
				      .written = rows[i].written,
				      .first_packet = rows[i].first };
		struct failover_times t = failover_times(&f);

		assert_int_equal(t.detected, rows[i].want[0]);
		assert_int_equal(t.decided, rows[i].want[1]);
		assert_int_equal(t.written, rows[i].want[2]);
		assert_int_equal(t.first_packet, rows[i].want[3]);
	}
}

static void test_text(void **state)
{
	struct failover *f = add("10.1.22.0/24");
	char text[512], small[20];

	(void)state;
	f->last_good = 1000000;
	f->detected = 1550000;
	f->decided = 1550040;
	f->written = 1550200;
	assert_string_equal(failover_text(f, text, sizeof(text)),
			    "#1 route 10.1.22.0/24: line1 -> line2: silence; after the last good "
			    "packet, detected +550 ms, decided +550 ms, written +550 ms");
	f->first_packet = 2610000;
	f->sent_known = true;
	f->sent_into_dead_path = 34;
	failover_text(f, text, sizeof(text));
	assert_non_null(strstr(text, ", first packet by the new path +1.61 s; 34 packets "
				     "sent into the dead path"));
	assert_string_equal(failover_text(f, small, sizeof(small)), "#1 route 10.1.22.0/");

	f = failover_add(&ring, FAILOVER_VRRP, "lan", NULL, "master", "no advertisement");
	assert_string_equal(
		failover_text(f, text, sizeof(text)),
		"#2 vrrp lan: nothing -> master: no advertisement; no good packet known");
}

static void test_long_names(void **state)
{
	char name[FAILOVER_CAUSE + 100];
	struct failover *f;

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	f = failover_add(&ring, FAILOVER_ROUTE, name, name, name, name);
	assert_int_equal(strlen(f->object), FAILOVER_NAME - 1);
	assert_int_equal(strlen(f->from), FAILOVER_NAME - 1);
	assert_int_equal(strlen(f->to), FAILOVER_NAME - 1);
	assert_int_equal(strlen(f->cause), FAILOVER_CAUSE - 1);
}

static const struct {
	usec_t span;
	const char *want;
} spans[] = {
	{ 0, "0.0 ms" },         { 850, "0.8 ms" },
	{ 9999, "9.9 ms" },      { 10000, "10 ms" },
	{ 999999, "999 ms" },    { 2013000, "2.01 s" },
	{ 30000000, "30.0 s" },  { 119999999, "119.9 s" },
	{ 600000000, "10 min" }, { UINT64_C(86400000000), "24 h" },
	{ USEC_NEVER, "never" },
};

static void test_spans(void **state)
{
	char text[SPAN_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++)
		assert_string_equal(span_format(spans[i].span, text), spans[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_empty, empty_ring),
		cmocka_unit_test_setup(test_ring, empty_ring),
		cmocka_unit_test(test_times),
		cmocka_unit_test_setup(test_text, empty_ring),
		cmocka_unit_test_setup(test_long_names, empty_ring),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
