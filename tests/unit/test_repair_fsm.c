/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/repair_fsm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S USEC_PER_SEC
#define START (1000 * S)
#define LOG 64

struct bench {
	struct repair_cfg cfg;
	struct repair r;
	usec_t now, answered;
	bool answers; /* IKE does, at once */
	struct {
		enum repair_action action;
		usec_t at; /* since START */
	} log[LOG];
	unsigned count;
};

static struct bench begin(bool answers)
{
	return (struct bench){
		.cfg = { .may_redial = true }, .r = repair_start(), .now = START, .answers = answers
	};
}

static void run(struct bench *b, bool silent, usec_t span)
{
	for (usec_t end = b->now + span; b->now < end; b->now += S) {
		struct repair_seen seen = { silent, b->answered };
		struct repair_step s = repair_step(&b->cfg, b->r, &seen, b->now);

		b->r = s.next;
		if (s.action == REPAIR_NOTHING)
			continue;
		assert_true(silent && b->count < LOG);
		b->log[b->count].action = s.action;
		b->log[b->count++].at = b->now - START;
		if (b->answers)
			b->answered = b->now;
	}
}

/* New keys first, then all anew; twice as long after each round. */
static void test_order(void **state)
{
	static const struct {
		enum repair_action action;
		usec_t at;
	} want[] = { { REPAIR_REKEY, 10 * S },
		     { REPAIR_REDIAL, 20 * S },
		     { REPAIR_REKEY, 80 * S },
		     { REPAIR_REDIAL, 90 * S } };
	struct bench b = begin(true);

	(void)state;
	run(&b, true, 600 * S);
	assert_int_equal(b.count, 4); /* and no more within ten minutes of the first */
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(b.log[i].action, want[i].action);
		assert_true(b.log[i].at == want[i].at);
	}
}

static void test_never_more_than_so_many(void **state)
{
	struct bench b = begin(true);

	(void)state;
	run(&b, true, 7200 * S);
	assert_in_range(b.count, 20, 48);
	for (unsigned i = REPAIR_MOST; i < b.count; i++)
		assert_true(b.log[i].at - b.log[i - REPAIR_MOST].at >= REPAIR_WINDOW);
	/* a line that works for a moment in between does not make it forget */
	b = begin(true);
	for (unsigned i = 0; i < 60; i++) {
		run(&b, true, 30 * S);
		run(&b, false, 2 * S);
	}
	for (unsigned i = REPAIR_MOST; i < b.count; i++)
		assert_true(b.log[i].at - b.log[i - REPAIR_MOST].at >= REPAIR_WINDOW);
	assert_in_range(b.count, 8, 16);
}

/* IKE does not answer: the line is dead, and a new connection would not get through. */
static void test_ike_is_silent(void **state)
{
	struct bench b = begin(false);

	(void)state;
	run(&b, true, 3600 * S);
	assert_true(b.count > 2);
	for (unsigned i = 0; i < b.count; i++)
		assert_int_equal(b.log[i].action, REPAIR_REKEY);
}

static void test_who_waits(void **state)
{
	struct bench b = begin(true);

	(void)state;
	b.cfg.may_redial = false; /* the peer dials: if we hang up nobody might */
	b.cfg.head_start = 5 * S;
	run(&b, true, 60 * S);
	assert_int_equal(b.count, 1);
	assert_int_equal(b.log[0].action, REPAIR_REKEY);
	assert_true(b.log[0].at == 15 * S);
}

static void test_short_silences(void **state)
{
	struct bench b = begin(true);

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		run(&b, true, 9 * S);
		run(&b, false, S);
	}
	assert_int_equal(b.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_never_more_than_so_many),
		cmocka_unit_test(test_ike_is_silent),
		cmocka_unit_test(test_who_waits),
		cmocka_unit_test(test_short_silences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
