/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/route_damp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC

/*
 * A story: at each moment who is usable and what must carry; u usable, d degraded, h held, s
 * neither, x without an SA.
 */
struct moment {
	usec_t at;
	const char *members; /* per member weight then letter: "100u,0u" */
	const char *want; /* indexes that carry, then ~ when it stays by `revert: no` */
	usec_t deadline; /* 0: none */
};

struct story {
	const char *name;
	struct route_damp_cfg cfg;
	const struct moment *moments;
	size_t count;
};

#define STORY(label, hold, back, list)                                                             \
	{                                                                                          \
		label, { .hold_off = (hold), .revert = (back) }, list,                             \
			sizeof(list) / sizeof((list)[0])                                           \
	}

/* 100 ms of hold-off: a blink moves nothing, a fault that lasts does, and each begins anew */
static const struct moment hold[] = {
	{ 1000 * MS, "100u,0u", "0", 0 },
	{ 2000 * MS, "100s,0u", "0", 2100 * MS },
	{ 2099 * MS, "100s,0u", "0", 2100 * MS },
	{ 2099 * MS, "100u,0u", "0", 0 },
	{ 2150 * MS, "100s,0u", "0", 2250 * MS },
	{ 2249 * MS, "100s,0s", "0", 2250 * MS }, /* the other's trouble changes nothing */
	{ 2250 * MS, "100s,0u", "1", 0 },
	{ 2255 * MS, "100h,0u", "1", 0 }, /* left: it must serve its restore time */
	{ 2260 * MS, "100u,0u", "0", 0 },
	{ 3000 * MS, "100s,0u", "0", 3100 * MS },
	{ 3050 * MS, "100h,0u", "0", 0 }, /* not left: it need not */
	{ 9000 * MS, "100h,0u", "0", 0 },
	{ 9010 * MS, "100s,0u", "0", 9110 * MS },
	{ 9110 * MS, "100s,0u", "1", 0 },
};

/* who does not carry, and who has no SA, gets no time */
static const struct moment hold_not[] = {
	{ 1000 * MS, "100u,0u", "0", 0 }, { 1500 * MS, "100u,0s", "0", 0 },
	{ 2000 * MS, "100x,0u", "1", 0 }, { 2500 * MS, "100x,0s", "1", 2600 * MS },
	{ 2600 * MS, "100x,0s", "1", 0 }, /* now as last resort */
	{ 2700 * MS, "100u,0s", "0", 0 },
};

static const struct moment keep[] = {
	{ 1 * MS, "100s,0u", "1", 0 }, /* up first at the start: no failover */
	{ 2 * MS, "100u,0u", "0", 0 },
	{ 3 * MS, "100s,0u", "1", 0 },
	{ 4 * MS, "100u,0u", "1~", 0 },
	{ 5 * MS, "100s,0u", "1", 0 },
	{ 6 * MS, "100u,0u", "1~", 0 },
	{ 7 * MS, "100u,0s", "0", 0 }, /* until it fails */
	{ 8 * MS, "100u,0u", "0", 0 },
	{ 9 * MS, "100s,0u", "1", 0 }, /* and from there once more */
	{ 10 * MS, "100s,0s", "1", 0 }, /* last resort */
	{ 11 * MS, "100s,0u", "1", 0 },
	{ 12 * MS, "100u,0u", "1~", 0 },
};

/* sharing: who is left stays alone */
static const struct moment keep_share[] = {
	{ 1 * MS, "100u,50u,0u", "01", 0 }, { 2 * MS, "100s,50u,0u", "1", 0 },
	{ 3 * MS, "100u,50u,0u", "1~", 0 }, { 4 * MS, "100u,50s,0u", "0", 0 },
	{ 5 * MS, "100u,50u,0u", "0~", 0 }, { 6 * MS, "100s,50s,0u", "2", 0 },
	{ 7 * MS, "100u,50u,0u", "2~", 0 },
};

/* a weight that a track takes away moves the route, and does not bring it back */
static const struct moment keep_weight[] = {
	{ 1 * MS, "100u,0u", "0", 0 },
	{ 2 * MS, "0u,0u", "0", 0 },
	{ 3 * MS, "0u,50u", "1", 0 },
	{ 4 * MS, "100u,50u", "01", 0 }, /* 1 was all that should carry */
	{ 5 * MS, "100s,50u", "1", 0 },
	{ 6 * MS, "100u,50u", "1~", 0 },
	{ 7 * MS, "100u,0u", "0", 0 }, /* taken from it: 0 has weight */
};

/* to leave what is degraded is a failover; among degraded ones nothing moves */
static const struct moment keep_degraded[] = {
	{ 1 * MS, "100u,0u", "0", 0 }, { 2 * MS, "100d,0d", "0", 0 },
	{ 3 * MS, "100d,0u", "1", 0 }, { 4 * MS, "100u,0u", "1~", 0 },
	{ 5 * MS, "100d,0d", "1", 0 }, { 6 * MS, "100u,0d", "0", 0 },
	{ 7 * MS, "100u,0u", "0", 0 },
};

/* hold-off is for faults: what is degraded is left at once, and has none while another is worse */
static const struct moment hold_degraded[] = {
	{ 1000 * MS, "100u,0u", "0", 0 }, { 2000 * MS, "100d,0u", "1", 0 },
	{ 3000 * MS, "100d,0d", "1", 0 }, { 4000 * MS, "100d,0s", "1", 4100 * MS },
	{ 4100 * MS, "100d,0s", "0", 0 },
};

/* who leads went back: weights say so; the failover is remembered for when nobody leads */
static const struct moment led[] = {
	{ 1 * MS, "100u,50u", "01", 0 },
	{ 2 * MS, "100s,50u", "1", 0 },
	{ 3 * MS, "100u,50u", "01", 0 },
};

static const struct moment revert[] = {
	{ 1 * MS, "100u,0u", "0", 0 },
	{ 2 * MS, "100s,0u", "1", 0 },
	{ 3 * MS, "100u,0u", "0", 0 },
};

static const struct story stories[] = {
	STORY("hold-off", 100 * MS, true, hold),
	STORY("no hold-off", 100 * MS, true, hold_not),
	STORY("keep", 0, false, keep),
	STORY("keep share", 0, false, keep_share),
	STORY("keep weight", 0, false, keep_weight),
	STORY("keep, degraded", 0, false, keep_degraded),
	STORY("hold-off, degraded", 100 * MS, true, hold_degraded),
	{ "led", { .led = true }, led, sizeof(led) / sizeof(led[0]) },
	STORY("revert", 0, true, revert),
};

static size_t parse(const char *text, struct route_member *out)
{
	size_t n = 0;

	for (; *text; n++) {
		char *end;
		unsigned long weight = strtoul(text, &end, 10);
		char letter = *end;

		assert_true(end > text && letter != '\0');
		out[n] = (struct route_member){ .weight = (uint8_t)weight,
						.usable = letter == 'u' || letter == 'd',
						.degraded = letter == 'd',
						.answers = letter != 's' && letter != 'x',
						.has_sa = letter != 'x',
						.rank = (unsigned)n };
		text = end + 1;
		text += *text == ',';
	}
	return n;
}

static void tell(const struct route_choice *c, const struct route_damp *d, char *out)
{
	for (unsigned i = 0; i < c->count; i++)
		*out++ = (char)('0' + c->use[i].member);
	if (d->stays)
		*out++ = '~';
	*out = '\0';
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t s = 0; s < sizeof(stories) / sizeof(stories[0]); s++) {
		struct route_damp d = ROUTE_DAMP_START;
		struct route_choice c = { .mode = ROUTE_BLACKHOLE };

		for (size_t i = 0; i < stories[s].count; i++) {
			const struct moment *m = &stories[s].moments[i];
			struct route_member members[8];
			size_t n = parse(m->members, members);
			char got[16];

			c = route_damp_choose(&stories[s].cfg, &d, members, n, ROUTE_NO_LOCK, &c,
					      m->at);
			tell(&c, &d, got);
			if (strcmp(got, m->want) != 0)
				print_message("%s, moment %zu\n", stories[s].name, i);
			assert_string_equal(got, m->want);
			assert_true(d.deadline == (m->deadline ? m->deadline : USEC_NEVER));
		}
	}
}

/* A lock goes where it says, and when it ends so does what the failover before it began. */
static void test_lock(void **state)
{
	const struct route_damp_cfg cfg = { .revert = false };
	struct route_damp d = ROUTE_DAMP_START;
	struct route_choice c = { .mode = ROUTE_BLACKHOLE };
	struct route_member both[8], standby[8];
	size_t n = parse("100u,0u", both);

	(void)state;
	(void)parse("100s,0u", standby);
	c = route_damp_choose(&cfg, &d, both, n, ROUTE_NO_LOCK, &c, 1);
	c = route_damp_choose(&cfg, &d, standby, n, ROUTE_NO_LOCK, &c, 2);
	c = route_damp_choose(&cfg, &d, both, n, ROUTE_NO_LOCK, &c, 3);
	assert_true(d.stays);
	c = route_damp_choose(&cfg, &d, both, n, 0, &c, 4);
	assert_true(c.locked);
	assert_int_equal(c.use[0].member, 0);
	c = route_damp_choose(&cfg, &d, both, n, 1, &c, 5);
	assert_int_equal(c.use[0].member, 1);
	c = route_damp_choose(&cfg, &d, both, n, ROUTE_NO_LOCK, &c, 6);
	assert_int_equal(c.use[0].member, 0);
	assert_false(d.stays);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
