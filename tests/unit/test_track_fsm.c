/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/track_fsm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define S USEC_PER_SEC
#define NEVER USEC_NEVER
#define UP TRACK_TELL_GOOD
#define DOWN TRACK_TELL_BAD

static const struct start {
	enum track_mode mode;
	unsigned at_least, inputs;
	uint64_t mask;
	bool want;
} starts[] = {
	{ TRACK_ALL, 0, 3, 7, true },
	{ TRACK_ALL, 0, 3, 6, false },
	{ TRACK_ALL, 0, 0, 0, true }, /* nothing is asked */
	{ TRACK_ANY, 0, 3, 4, true },
	{ TRACK_ANY, 0, 3, 0, false },
	{ TRACK_ANY, 0, 3, 8, false }, /* not an input */
	{ TRACK_ANY, 0, 0, 0, false },
	{ TRACK_AT_LEAST, 2, 3, 5, true },
	{ TRACK_AT_LEAST, 2, 3, 4, false },
	{ TRACK_AT_LEAST, 2, 3, 8 + 16 + 4, false },
	{ TRACK_AT_LEAST, 4, 3, 7, false }, /* can never be */
	{ TRACK_AT_LEAST, 64, 64, UINT64_MAX, true },
	{ TRACK_ALL, 0, 64, UINT64_MAX >> 1, false },
	{ TRACK_ALL, 0, 1000, UINT64_MAX, true },
};

static void test_start(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		struct track_cfg cfg = { .mode = starts[i].mode,
					 .at_least = starts[i].at_least,
					 .inputs = starts[i].inputs,
					 .down_delay = S,
					 .up_delay = S };
		struct track t = track_start(&cfg, starts[i].mask, 5 * S);

		assert_int_equal(t.good, starts[i].want);
		assert_int_equal(t.since, 5 * S);
		assert_int_equal(t.deadline, NEVER);
	}
}

/* all of two inputs, both good at first; down after 1 s, up after 3 s */
static const struct row {
	usec_t at;
	enum track_event_kind kind;
	unsigned input;
	bool good, want;
	usec_t deadline;
	unsigned actions;
} rows[] = {
	{ 10 * S, TRACK_EV_INPUT, 0, false, true, 11 * S, 0 },
	{ 10 * S, TRACK_EV_INPUT, 0, false, true, 11 * S, 0 }, /* said twice: no new delay */
	{ 10500000, TRACK_EV_INPUT, 1, false, true, 11 * S, 0 },
	{ 11 * S - 1, TRACK_EV_TIMER, 0, false, true, 11 * S, 0 }, /* one tick early */
	{ 11 * S, TRACK_EV_TIMER, 0, false, false, NEVER, DOWN },
	{ 11 * S, TRACK_EV_TIMER, 0, false, false, NEVER, 0 }, /* stale timer */
	{ 12 * S, TRACK_EV_INPUT, 0, true, false, NEVER, 0 },
	{ 13 * S, TRACK_EV_INPUT, 1, true, false, 16 * S, 0 },
	{ 14 * S, TRACK_EV_INPUT, 1, false, false, NEVER, 0 }, /* back: nobody heard of it */
	{ 15 * S, TRACK_EV_INPUT, 1, true, false, 18 * S, 0 },
	{ 19 * S, TRACK_EV_INPUT, 7, false, true, NEVER,
	  UP }, /* no input of ours, but late enough */
	{ 20 * S, TRACK_EV_INPUT, 64, false, true, NEVER, 0 },
};

static void test_rows(void **state)
{
	const struct track_cfg cfg = { .inputs = 2, .down_delay = S, .up_delay = 3 * S };
	struct track t = track_start(&cfg, 3, 0);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct track_event ev = { rows[i].kind, rows[i].input, rows[i].good };
		struct track_step s = track_step(&cfg, t, &ev, rows[i].at);

		assert_int_equal(s.next.good, rows[i].want);
		assert_int_equal(s.next.deadline, rows[i].deadline);
		assert_int_equal(s.actions, rows[i].actions);
		if (s.actions != 0)
			assert_int_equal(s.next.since, rows[i].at);
		t = s.next;
	}
	assert_int_equal(track_good_inputs(&cfg, &t), 2);
}

static void test_no_delay(void **state)
{
	const struct track_cfg cfg = { .mode = TRACK_ANY, .inputs = 2 };
	struct track t = track_start(&cfg, 0, 0);
	struct track_step s =
		track_step(&cfg, t, &(struct track_event){ TRACK_EV_INPUT, 1, true }, S);

	(void)state;
	assert_int_equal(s.actions, UP);
	s = track_step(&cfg, s.next, &(struct track_event){ TRACK_EV_INPUT, 1, false }, S);
	assert_int_equal(s.actions, DOWN);
	assert_int_equal(s.next.deadline, NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
