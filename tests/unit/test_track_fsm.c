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
	uint64_t mask;
	enum track_mode mode;
	unsigned at_least, inputs;
	bool want;
} starts[] = {
	{ 7, TRACK_ALL, 0, 3, true },
	{ 6, TRACK_ALL, 0, 3, false },
	{ 0, TRACK_ALL, 0, 0, true }, /* nothing is asked */
	{ 4, TRACK_ANY, 0, 3, true },
	{ 0, TRACK_ANY, 0, 3, false },
	{ 8, TRACK_ANY, 0, 3, false }, /* not an input */
	{ 0, TRACK_ANY, 0, 0, false },
	{ 5, TRACK_AT_LEAST, 2, 3, true },
	{ 4, TRACK_AT_LEAST, 2, 3, false },
	{ 8 + 16 + 4, TRACK_AT_LEAST, 2, 3, false },
	{ 7, TRACK_AT_LEAST, 4, 3, false }, /* can never be */
	{ UINT64_MAX, TRACK_AT_LEAST, 64, 64, true },
	{ UINT64_MAX >> 1, TRACK_ALL, 0, 64, false },
	{ UINT64_MAX, TRACK_ALL, 0, 1000, true },
};

/* two inputs of weight 3 and 1, and one that was given none */
static void test_weights(void **state)
{
	const struct track_cfg cfg = {
		.mode = TRACK_AT_LEAST, .at_least = 4, .inputs = 3, .weight = { 3, 1 }
	};

	(void)state;
	assert_false(track_start(&cfg, 0x1, 0).good);
	assert_true(track_start(&cfg, 0x3, 0).good);
	assert_true(track_start(&cfg, 0x5, 0).good);
	assert_false(track_start(&cfg, 0x6, 0).good);
	assert_false(track_start(&cfg, 0xfe, 0).good); /* not inputs */
}

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
	usec_t at, deadline; /* given, wanted */
	enum track_event_kind kind;
	unsigned input, actions;
	bool good, want; /* of the input, the result */
} rows[] = {
	{ 10 * S, 11 * S, TRACK_EV_INPUT, 0, 0, false, true },
	{ 10 * S, 11 * S, TRACK_EV_INPUT, 0, 0, false, true }, /* said twice: no new delay */
	{ 10500000, 11 * S, TRACK_EV_INPUT, 1, 0, false, true },
	{ 11 * S - 1, 11 * S, TRACK_EV_TIMER, 0, 0, false, true }, /* one tick early */
	{ 11 * S, NEVER, TRACK_EV_TIMER, 0, DOWN, false, false },
	{ 11 * S, NEVER, TRACK_EV_TIMER, 0, 0, false, false }, /* stale timer */
	{ 12 * S, NEVER, TRACK_EV_INPUT, 0, 0, true, false },
	{ 13 * S, 16 * S, TRACK_EV_INPUT, 1, 0, true, false },
	{ 14 * S, NEVER, TRACK_EV_INPUT, 1, 0, false, false }, /* back: nobody heard of it */
	{ 15 * S, 18 * S, TRACK_EV_INPUT, 1, 0, true, false },
	{ 19 * S, NEVER, TRACK_EV_INPUT, 7, UP, false,
	  true }, /* no input of ours, but late enough */
	{ 20 * S, NEVER, TRACK_EV_INPUT, 64, 0, false, true },
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
		cmocka_unit_test(test_weights),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_no_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
