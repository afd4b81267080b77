/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When the rule calls a line bad, in virtual time. */
#include "bench/losswindow.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* usec from the first lost probe until the line is called bad, looked at every `look` */
static usec_t detection(struct losswindow *w, usec_t interval, usec_t look)
{
	usec_t now = 100 * USEC_PER_SEC, dead = now + interval, next_look = now;

	losswindow_fill(w, interval, now);
	for (;; now += interval) {
		uint32_t n = losswindow_send(w, now);

		if (now < dead)
			losswindow_reply(w, n);
		for (; next_look < now + interval; next_look += look)
			if (next_look > now && losswindow_is_bad(w, next_look))
				return next_look - dead;
		if (now > dead + 10 * w->period)
			return USEC_NEVER;
	}
}

/* pfSense: more than 20 % of 60 s at two a second is 25 probes, and 2 s of patience. */
static void test_detection(void **state)
{
	static struct losswindow w;

	(void)state;
	w = (struct losswindow){ .period = 60 * USEC_PER_SEC,
				 .patience = 2 * USEC_PER_SEC,
				 .limit = 20 };
	assert_in_range(detection(&w, USEC_PER_SEC / 2, USEC_PER_SEC / 10), 13 * USEC_PER_SEC,
			16 * USEC_PER_SEC);
	w = (struct losswindow){ .period = 500000, .patience = 100000, .limit = 40 };
	assert_in_range(detection(&w, 50000, 5000), 250000, 350000);
}

static void test_recovery_and_strange_replies(void **state)
{
	static struct losswindow w;
	usec_t now = USEC_PER_SEC;

	(void)state;
	w = (struct losswindow){ .period = 100000, .patience = 20000, .limit = 50 };
	assert_false(losswindow_is_bad(&w, now));
	losswindow_reply(&w, 0); /* nothing was sent yet */
	for (unsigned i = 0; i < 10; i++, now += 10000)
		(void)losswindow_send(&w, now);
	assert_int_equal(losswindow_percent(&w, now), 100);
	losswindow_reply(&w, w.next); /* from the future */
	losswindow_reply(&w, w.next - LOSSWINDOW_MAX - 1);
	assert_int_equal(losswindow_percent(&w, now), 100);
	for (unsigned i = 0; i < 10; i++, now += 10000)
		losswindow_reply(&w, losswindow_send(&w, now));
	assert_false(losswindow_is_bad(&w, now));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_detection),
		cmocka_unit_test(test_recovery_and_strange_replies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
