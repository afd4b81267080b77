/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many workers a machine gets, and when the kernel may join packets for them. */
#include "svc/workers.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void count(void **state)
{
	static const struct {
		unsigned configured, processors, want;
	} rows[] = {
		{ 0, 1, 1 }, { 0, 2, 1 },  { 0, 3, 1 },  { 0, 4, 2 },   { 0, 7, 3 },
		{ 0, 8, 4 }, { 0, 64, 4 }, { 1, 64, 1 }, { 16, 1, 16 }, { 3, 2, 3 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(workers_count(rows[i].configured, rows[i].processors),
				 rows[i].want);
}

#define TUNNELS 4

/* "12 13": tunnels 1 and 2 between addresses 1 and 2, 1 and 3; 0 is anybody. */
static bool may_join(const char *pairs, unsigned workers)
{
	struct conf conf = { .tunnels = calloc(TUNNELS, sizeof(struct conf_tunnel)) };
	bool may;

	assert_non_null(conf.tunnels);

	for (const char *p = pairs; *p; p += p[2] ? 3 : 2) {
		struct conf_tunnel *t = &conf.tunnels[conf.tunnel_count++];

		t->if_id = (uint32_t)conf.tunnel_count;
		t->local = (struct addr){ ADDR_V4, { 192, 0, 2, (uint8_t)(p[0] - '0') } };
		if (p[1] != '0')
			t->remote = (struct addr){ ADDR_V4, { 192, 0, 2, (uint8_t)(p[1] - '0') } };
	}
	may = workers_may_join(&conf, workers);
	free(conf.tunnels);
	return may;
}

static void join(void **state)
{
	static const struct {
		const char *pairs;
		unsigned workers;
		bool want;
	} rows[] = {
		{ "", 2, true },
		{ "12", 2, true },
		{ "12 12 12", 1, true },
		{ "12 12", 2, false },
		{ "12 13 12", 2, true }, /* if_ids 1 and 3 are one worker's */
		{ "12 13 14 12", 2, false },
		{ "12 13 12", 3, false },
		{ "12 13 14 15", 3, true },
		{ "12 32 42", 3, true }, /* lines of ours to one peer */
		{ "10 12", 2, false }, /* the peer may be there */
		{ "14 13 10", 2, false },
		{ "10 23", 2, true },
		{ "10 23 13", 2, true },
		{ "10 10", 2, false },
		{ "20 13 10 14", 2, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (may_join(rows[i].pairs, rows[i].workers) != rows[i].want)
			fail_msg("%s among %u", rows[i].pairs, rows[i].workers);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(count),
		cmocka_unit_test(join),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
