/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How often an interface's carrier is looked at follows from how fast anything has to decide. */
#include "svc/iface.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC

static const struct row {
	usec_t node, a, b; /* silence; 0: not probed */
	usec_t want;
} rows[] = {
	{ 500 * MS, 0, 0, 20 * MS }, /* normal */
	{ 5000 * MS, 5000 * MS, 5000 * MS, 20 * MS }, /* relaxed: no slower */
	{ 30 * MS, 30 * MS, 30 * MS, 2 * MS }, /* fast */
	{ 500 * MS, 500 * MS, 50 * MS, 2500 }, /* one tunnel only */
	{ 50 * MS, 500 * MS, 500 * MS, 2500 },
	{ 10 * MS, 0, 0, 2 * MS }, /* no faster */
};

static void test_poll_interval(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf_tunnel tunnels[2] = { 0 };
		struct conf conf = { .tunnels = tunnels, .tunnel_count = 2 };

		conf.detection.silence = rows[i].node;
		tunnels[0].health.enabled = rows[i].a != 0;
		tunnels[0].health.detection.silence = rows[i].a;
		tunnels[1].health.enabled = rows[i].b != 0;
		tunnels[1].health.detection.silence = rows[i].b;
		assert_int_equal(ifaces_poll_interval(&conf), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_poll_interval) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
