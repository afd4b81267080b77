/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/pace.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Turns of `busy` usec each, one every `apart` usec, for 20 ms: what is paused in all of them. */
static usec_t paused(usec_t busy, usec_t apart, unsigned packets, unsigned *pauses)
{
	struct pace p = { 0 };
	usec_t now = USEC_PER_SEC, end = now + 20 * USEC_PER_MSEC, total = 0;

	*pauses = 0;
	while (now < end) {
		usec_t pause = pace_step(&p, now, now + busy, packets);

		assert_true(pause <= USEC_PER_MSEC);
		total += pause;
		*pauses += pause != 0;
		now += usec_max(busy + pause, apart);
	}
	return total;
}

static const struct row {
	usec_t busy, apart;
	unsigned packets;
	usec_t least, most; /* paused within 20 ms */
} rows[] = {
	{ 20, 500, 1, 0, 0 }, /* a conversation: every packet counts */
	{ 20, 1000, 64, 0, 0 }, /* batches now and then */
	{ 10, 20, 1, 5000, 19000 }, /* a stream of single packets is gathered */
	{ 30, 50, 64, 0, 0 }, /* a stream of batches needs no help */
	{ 100, 100, 64, 1500, 2500 }, /* no end of work: a tenth for everybody else */
	{ 5000, 5000, 64, 1500, 4000 }, /* also where one turn is longer than a window */
};

static void pauses_are_as_long_as_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned pauses;
		usec_t got = paused(rows[i].busy, rows[i].apart, rows[i].packets, &pauses);

		if (got < rows[i].least || got > rows[i].most)
			fail_msg("row %zu: %llu usec in %u pauses", i, (unsigned long long)got,
				 pauses);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pauses_are_as_long_as_they_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
