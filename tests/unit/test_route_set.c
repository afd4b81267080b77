/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/route_set.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/*
 * Members as text: weight, then u (usable), g (degraded), h (held: it answers), d (in doubt), s (SA
 * only) or -; ranks as written.  The answer as "mode member:weight ...", with ! for "lock ignored",
 * = for "locked", p for publish, l for publishing an answering last resort.
 */
static const struct row {
	const char *members;
	int lock;
	const char *current; /* members that carry, as digits */
	const char *want;
} rows[] = {
	{ "", -1, "", "blackhole" },
	{ "100-,0-", -1, "0", "blackhole" },
	{ "100u,0u", -1, "", "normal 0:100 p" },
	{ "100s,0u", -1, "0", "standby 1:1 p" },
	{ "100u,0s", -1, "1", "normal 0:100 p" },
	{ "100u,50u,0u", -1, "", "normal 0:100 1:50 p" },
	{ "100u,50s,0u", -1, "01", "normal 0:100 p" },
	{ "100s,50s,0u,0u", -1, "3", "standby 2:1 p" }, /* the first in order, always */
	{ "100s,50s,0s,0u", -1, "2", "standby 3:1 p" },
	/* nothing usable: who carries stays, or else the best weight */
	{ "100s,0s", -1, "1", "last-resort 1:1" },
	{ "100s,0s", -1, "0", "last-resort 0:100" },
	{ "100s,0s", -1, "", "last-resort 0:100" },
	{ "0s,100s", -1, "", "last-resort 1:100" },
	{ "100-,0s", -1, "0", "last-resort 1:1" },
	{ "100s,0-", -1, "1", "last-resort 0:100" },
	{ "50s,100s,0s", -1, "01", "last-resort 1:100" },
	{ "50s,100-,0s", -1, "01", "last-resort 0:50" },
	{ "50s,50s", -1, "", "last-resort 0:50" },
	{ "10s,20s,30s", -1, "1", "last-resort 1:20" },
	/* nothing usable: who answers is best, of two that do the one that carries */
	{ "100s,0h", -1, "0", "last-resort 1:1 l" },
	{ "100h,0s", -1, "1", "last-resort 0:100 l" },
	{ "100h,0h", -1, "0", "last-resort 0:100 l" },
	{ "100h,0h", -1, "1", "last-resort 1:1 l" },
	{ "100h,0h", -1, "", "last-resort 0:100 l" },
	{ "100s,50h,70h", -1, "0", "last-resort 2:70 l" },
	{ "100s,50h,70h", -1, "01", "last-resort 1:50 l" },
	{ "100-,0h,50s", -1, "2", "last-resort 1:1 l" },
	/* what is in doubt is not worth going to, nor leaving */
	{ "100d,0h", -1, "0", "last-resort 0:100" },
	{ "100d,0h", -1, "1", "last-resort 1:1 l" },
	{ "100s,0d", -1, "0", "last-resort 0:100" },
	{ "100-,0d", -1, "0", "last-resort 1:1" },
	{ "100d,0h", 0, "1", "last-resort 0:100 =" },
	{ "100h,0u", -1, "0",
	  "standby 1:1 p" }, /* the restore time counts where another is usable */
	{ "100y,0s", -1, "1", "last-resort 1:1" }, /* an answer without an SA cannot be */
	{ "100s,0h", 0, "0", "last-resort 1:1 ! l" },
	{ "100h,0h", 1, "0", "last-resort 1:1 = l" },
	{ "100h,0u", 0, "0", "standby 1:1 ! p" },
	/* by hand */
	{ "100u,0u", 1, "0", "standby 1:1 = p" },
	{ "100u,50u,0u", 1, "", "normal 1:50 = p" },
	{ "100u,0s", 1, "", "normal 0:100 ! p" },
	{ "100u,0-", 1, "", "normal 0:100 ! p" },
	{ "100s,0u", 0, "", "standby 1:1 ! p" },
	{ "100s,0s", 1, "0", "last-resort 1:1 =" },
	{ "100s,0-", 1, "", "last-resort 0:100 !" },
	{ "100-,0-", 1, "", "blackhole" },
	{ "100u,0u", 2, "", "normal 0:100 p" }, /* no such member */
	{ "100u,0u", -7, "", "normal 0:100 p" },
	/* degraded: usable if nothing is better; of two that are, none is worth a move */
	{ "100g,0u", -1, "0", "standby 1:1 p" },
	{ "100g,0g", -1, "0", "normal 0:100 p" },
	{ "100g,0g", -1, "1", "standby 1:1 p" },
	{ "100g,0g", -1, "", "normal 0:100 p" },
	{ "100u,0g", -1, "1", "normal 0:100 p" },
	{ "100g,0s", -1, "1", "normal 0:100 p" },
	{ "100s,0g", -1, "0", "standby 1:1 p" },
	{ "100g,0h", -1, "0", "normal 0:100 p" },
	{ "100g,50u,0u", -1, "01", "normal 1:50 p" },
	{ "100g,50g,0u", -1, "01", "standby 2:1 p" },
	{ "100g,50g,0g", -1, "01", "normal 0:100 1:50 p" },
	{ "100g,50g,0g", -1, "1", "normal 1:50 p" },
	{ "100s,50g,0g", -1, "2", "standby 2:1 p" },
	{ "0g,0u,100g", -1, "2", "standby 1:1 p" },
	{ "100g,0u", 0, "1", "normal 0:100 = p" }, /* a person's wish */
	/* usable without an SA cannot be */
	{ "100x,0u", -1, "", "standby 1:1 p" },
};

static size_t parse(const char *text, struct route_member *out)
{
	size_t n = 0;

	for (const char *p = text; *p; n++) {
		unsigned weight = 0;

		while (*p >= '0' && *p <= '9')
			weight = weight * 10 + (unsigned)(*p++ - '0');
		out[n] = (struct route_member){ .weight = (uint8_t)weight,
						.usable = *p && strchr("ugx", *p),
						.degraded = *p == 'g',
						.doubtful = *p == 'd',
						.answers = *p && strchr("ugxhy", *p),
						.has_sa = *p && strchr("ughds", *p),
						.rank = (unsigned)n };
		p += p[1] == ',' ? 2 : 1;
	}
	return n;
}

static void render(const struct route_choice *c, char *out, size_t size)
{
	size_t len = (size_t)snprintf(out, size, "%s", route_mode_name(c->mode));

	for (unsigned i = 0; i < c->count; i++)
		len += (size_t)snprintf(out + len, size - len, " %u:%u", c->use[i].member,
					c->use[i].weight);
	snprintf(out + len, size - len, "%s%s%s%s", c->locked ? " =" : "",
		 c->lock_ignored ? " !" : "", c->publish ? " p" : "", c->publish_last ? " l" : "");
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct route_member members[8];
		size_t n = parse(rows[i].members, members);
		struct route_choice current = { .mode = ROUTE_NORMAL }, c;
		char text[128];

		for (const char *p = rows[i].current; *p; p++)
			current.use[current.count++].member = (unsigned)(*p - '0');
		c = route_set_choose(members, n, rows[i].lock, &current);
		render(&c, text, sizeof(text));
		if (strcmp(text, rows[i].want) != 0)
			fail_msg("row %zu: \"%s\", not \"%s\"", i, text, rows[i].want);

		/* What was chosen is what is chosen again. */
		struct route_choice again = route_set_choose(members, n, rows[i].lock, &c);

		assert_true(route_choice_same_use(&c, &again));
		assert_int_equal(c.mode, again.mode);
	}
}

/* One after another, each with the choice before it in force. */
static const struct {
	const char *members, *want;
} days[] = {
	{ "100u,0u", "normal 0:100 p" },
	{ "100s,0u", "standby 1:1 p" },
	{ "100s,0s", "last-resort 1:1" }, /* both are called dead, and recover */
	{ "100h,0s", "last-resort 0:100 l" },
	{ "100h,0h", "last-resort 0:100 l" },
	{ "100d,0d", "last-resort 0:100 l" }, /* a moment's trouble for both */
	{ "100h,0d", "last-resort 0:100 l" },
	{ "100s,0h", "last-resort 1:1 l" }, /* the first really dies: at once to the other */
	{ "100h,0h", "last-resort 1:1 l" },
	{ "100s,0s", "last-resort 1:1" }, /* nothing answers: that was the one try */
	{ "100s,0h", "last-resort 1:1" },
	{ "100h,0s", "last-resort 0:100" },
	{ "100-,0-", "blackhole" },
	{ "100h,0h", "last-resort 0:100" },
	{ "100h,0u", "standby 1:1 p" }, /* usable: all is forgiven */
	{ "100h,0s", "last-resort 0:100 l" },
	{ "100u,0s", "normal 0:100 p" },
};

static void test_a_bad_day(void **state)
{
	struct route_choice c = { .mode = ROUTE_BLACKHOLE };

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		struct route_member members[8];
		size_t n = parse(days[i].members, members);
		char text[128];

		c = route_set_choose(members, n, ROUTE_NO_LOCK, &c);
		render(&c, text, sizeof(text));
		if (strcmp(text, days[i].want) != 0)
			fail_msg("day %zu: \"%s\", not \"%s\"", i, text, days[i].want);
	}
}

static void test_order_is_rank(void **state)
{
	struct route_member m[3] = {
		{ .weight = 0, .usable = true, .has_sa = true, .rank = 9 },
		{ .weight = 0, .usable = true, .has_sa = true, .rank = 1 },
		{ .weight = 0, .has_sa = true, .rank = 0 },
	};
	struct route_choice c = route_set_choose(m, 3, ROUTE_NO_LOCK, NULL);

	(void)state;
	assert_int_equal(c.mode, ROUTE_STANDBY);
	assert_int_equal(c.use[0].member, 1);

	/* Equal in all else: who failed last. */
	m[0] = (struct route_member){ .has_sa = true, .down_since = 5 };
	m[1] = (struct route_member){ .has_sa = true, .down_since = 9 };
	c = route_set_choose(m, 3, ROUTE_NO_LOCK, NULL);
	assert_int_equal(c.mode, ROUTE_LAST_RESORT);
	assert_int_equal(c.use[0].member, 1);
}

static void test_limit(void **state)
{
	struct route_member m[ROUTE_MEMBERS_MAX + 6];
	struct route_choice c;

	(void)state;
	for (unsigned i = 0; i < ROUTE_MEMBERS_MAX + 6; i++)
		m[i] = (struct route_member){
			.weight = 255, .usable = true, .has_sa = true, .rank = i
		};
	c = route_set_choose(m, ROUTE_MEMBERS_MAX + 6, ROUTE_MEMBERS_MAX + 1, NULL);
	assert_int_equal(c.count, ROUTE_MEMBERS_MAX);
	assert_false(c.locked);
	assert_true(route_choice_uses(&c, ROUTE_MEMBERS_MAX - 1));
	assert_false(route_choice_uses(&c, ROUTE_MEMBERS_MAX));
}

static void test_same_use(void **state)
{
	struct route_choice a = { .count = 2, .use = { { 0, 100 }, { 1, 50 } } }, b = a;

	(void)state;
	b.mode = ROUTE_NORMAL;
	assert_true(route_choice_same_use(&a, &b));
	b.use[1].weight = 51;
	assert_false(route_choice_same_use(&a, &b));
	b = a;
	b.use[1].member = 2;
	assert_false(route_choice_same_use(&a, &b));
	b = a;
	b.count = 1;
	assert_false(route_choice_same_use(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),          cmocka_unit_test(test_a_bad_day),
		cmocka_unit_test(test_order_is_rank), cmocka_unit_test(test_limit),
		cmocka_unit_test(test_same_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
