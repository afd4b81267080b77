/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/script_fsm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC
#define RUN SCRIPT_WANTS_RUN
#define TELL SCRIPT_TELL

/* each 1 s, 500 ms at most, up after 2, down after 3 */
static const struct script_cfg cfg = { 1000 * MS, 500 * MS, 2, 3 };

static const struct row {
	usec_t at;
	enum script_event ev;
	unsigned actions;
	bool good;
	unsigned overlaps;
	usec_t deadline;
} rows[] = {
	{ 1000 * MS, SCRIPT_EV_TIMER, RUN, false, 0, 2000 * MS },
	{ 1001 * MS, SCRIPT_EV_GOOD, 0, false, 0, 2000 * MS }, /* it does not run yet */
	{ 1010 * MS, SCRIPT_EV_STARTED, 0, false, 0, 2000 * MS },
	{ 1011 * MS, SCRIPT_EV_STARTED, 0, false, 0, 2000 * MS },
	{ 1020 * MS, SCRIPT_EV_GOOD, TELL, true, 0, 2000 * MS }, /* the first decides */
	{ 1021 * MS, SCRIPT_EV_BAD, 0, true, 0, 2000 * MS }, /* said twice */
	{ 1999 * MS, SCRIPT_EV_TIMER, 0, true, 0, 2000 * MS }, /* early */
	{ 2000 * MS, SCRIPT_EV_TIMER, RUN, true, 0, 3000 * MS },
	{ 2000 * MS, SCRIPT_EV_STARTED, 0, true, 0, 3000 * MS },
	{ 2500 * MS, SCRIPT_EV_BAD, 0, true, 0, 3000 * MS }, /* 1 */
	{ 3000 * MS, SCRIPT_EV_TIMER, RUN, true, 0, 4000 * MS },
	{ 4000 * MS, SCRIPT_EV_TIMER, 0, true, 1, 5000 * MS }, /* still waits for its turn */
	{ 4500 * MS, SCRIPT_EV_STARTED, 0, true, 1, 5000 * MS },
	{ 5000 * MS, SCRIPT_EV_TIMER, 0, true, 2, 6000 * MS }, /* still out */
	{ 5100 * MS, SCRIPT_EV_BAD, 0, true, 2, 6000 * MS }, /* 2 */
	/* a stall of ours: one turn, not six */
	{ 12345 * MS, SCRIPT_EV_TIMER, RUN, true, 2, 13345 * MS },
	{ 12345 * MS, SCRIPT_EV_STARTED, 0, true, 2, 13345 * MS },
	{ 13345 * MS, SCRIPT_EV_TIMER, 0, true, 3, 14345 * MS },
	{ 14345 * MS, SCRIPT_EV_TIMER, 0, true, 4, 15345 * MS },
	{ 15345 * MS, SCRIPT_EV_TIMER, 0, true, 5, 15845 * MS },
	/* nobody said how it ended: that is 3, and the next turn may run */
	{ 15845 * MS, SCRIPT_EV_TIMER, TELL | SCRIPT_NO_WORD, false, 5, 16345 * MS },
	{ 16345 * MS, SCRIPT_EV_TIMER, RUN, false, 5, 17345 * MS },
	{ 16345 * MS, SCRIPT_EV_STARTED, 0, false, 5, 17345 * MS },
	{ 16350 * MS, SCRIPT_EV_GOOD, 0, false, 5, 17345 * MS },
	{ 17345 * MS, SCRIPT_EV_TIMER, RUN, false, 5, 18345 * MS },
	{ 17345 * MS, SCRIPT_EV_STARTED, 0, false, 5, 18345 * MS },
	{ 17350 * MS, SCRIPT_EV_BAD, 0, false, 5, 18345 * MS }, /* breaks the row */
	{ 18345 * MS, SCRIPT_EV_TIMER, RUN, false, 5, 19345 * MS },
	{ 18345 * MS, SCRIPT_EV_STARTED, 0, false, 5, 19345 * MS },
	{ 18350 * MS, SCRIPT_EV_GOOD, 0, false, 5, 19345 * MS },
	{ 19345 * MS, SCRIPT_EV_TIMER, RUN, false, 5, 20345 * MS },
	{ 19345 * MS, SCRIPT_EV_STARTED, 0, false, 5, 20345 * MS },
	{ 19350 * MS, SCRIPT_EV_GOOD, TELL, true, 5, 20345 * MS },
};

static void test_rows(void **state)
{
	struct script s = script_start(1000 * MS);

	(void)state;
	assert_int_equal(s.deadline, 1000 * MS);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct script_step step = script_step(&cfg, s, rows[i].ev, rows[i].at);

		s = step.next;
		if (step.actions != rows[i].actions || s.good != rows[i].good ||
		    s.overlaps != rows[i].overlaps || s.deadline != rows[i].deadline)
			print_message("row %zu: actions %u, deadline %llu ms\n", i, step.actions,
				      (unsigned long long)(s.deadline / MS));
		assert_int_equal(step.actions, rows[i].actions);
		assert_int_equal(s.good, rows[i].good);
		assert_int_equal(s.overlaps, rows[i].overlaps);
		assert_true(s.deadline == rows[i].deadline);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
