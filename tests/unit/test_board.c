/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The board tells a listener of a change exactly once, and unknown counts as not good. */
#include "svc/board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

struct listener {
	struct board_watch watch;
	unsigned told;
	char last[BOARD_NAME];
};

static void hear(struct board_watch *w, enum board_kind kind, const char *name)
{
	struct listener *l = (struct listener *)(void *)w;

	(void)kind;
	l->told++;
	(void)snprintf(l->last, sizeof(l->last), "%s", name);
}

static void tells_changes_once(void **state)
{
	struct board *b = board_new();
	struct listener l = { .watch = { .fn = hear } };

	(void)state;
	board_watch_add(b, &l.watch);
	assert_false(board_is_good(b, BOARD_TUNNEL, "line1"));
	board_set(b, BOARD_TUNNEL, "line1", false, "no SA yet", 10);
	assert_int_equal(l.told, 1); /* new */
	board_set(b, BOARD_TUNNEL, "line1", false, "still none", 20);
	assert_int_equal(l.told, 1); /* another reason is no change */
	assert_string_equal(board_get(b, BOARD_TUNNEL, "line1")->why, "still none");
	assert_int_equal(board_get(b, BOARD_TUNNEL, "line1")->since, 10);
	board_set(b, BOARD_TUNNEL, "line1", true, "3 replies", 30);
	assert_int_equal(l.told, 2);
	assert_string_equal(l.last, "line1");
	assert_int_equal(board_get(b, BOARD_TUNNEL, "line1")->since, 30);
	board_free(b);
}

static void tells_of_degraded(void **state)
{
	struct board *b = board_new();
	struct listener l = { .watch = { .fn = hear } };

	(void)state;
	board_watch_add(b, &l.watch);
	board_degrade(b, BOARD_TUNNEL, "line1", true); /* nobody has said that it is there */
	assert_int_equal(l.told, 0);
	board_set(b, BOARD_TUNNEL, "line1", true, "3 replies", 10);
	board_degrade(b, BOARD_TUNNEL, "line1", true);
	board_degrade(b, BOARD_TUNNEL, "line1", true);
	assert_int_equal(l.told, 2);
	assert_true(board_is_good(b, BOARD_TUNNEL, "line1"));
	assert_true(board_is_degraded(b, BOARD_TUNNEL, "line1"));
	board_set(b, BOARD_TUNNEL, "line1", false, "silence", 20); /* worse than that now */
	assert_false(board_is_degraded(b, BOARD_TUNNEL, "line1"));
	board_free(b);
}

static void keeps_kinds_apart(void **state)
{
	struct board *b = board_new();

	(void)state;
	board_set(b, BOARD_TUNNEL, "lan", true, "up", 1);
	board_set(b, BOARD_INTERFACE, "lan", false, "no carrier", 1);
	assert_true(board_is_good(b, BOARD_TUNNEL, "lan"));
	assert_false(board_is_good(b, BOARD_INTERFACE, "lan"));
	board_forget(b, BOARD_TUNNEL, "lan");
	assert_null(board_get(b, BOARD_TUNNEL, "lan"));
	assert_non_null(board_get(b, BOARD_INTERFACE, "lan"));
	board_free(b);
}

/* A listener that changes another fact from within (health -> VRRP -> answers do). */
struct chain {
	struct board_watch watch;
	struct board *board;
	unsigned told;
};

static void pass_on(struct board_watch *w, enum board_kind kind, const char *name)
{
	struct chain *c = (struct chain *)(void *)w;

	c->told++;
	if (kind == BOARD_TUNNEL)
		board_set(c->board, BOARD_VRRP, "lan", board_is_good(c->board, kind, name), "", 5);
}

static void listeners_may_set_facts(void **state)
{
	struct board *b = board_new();
	struct chain c = { .watch = { .fn = pass_on }, .board = b };

	(void)state;
	board_watch_add(b, &c.watch);
	board_set(b, BOARD_TUNNEL, "line1", true, "", 5);
	assert_true(board_is_good(b, BOARD_VRRP, "lan"));
	assert_int_equal(c.told, 2);
	board_watch_remove(b, &c.watch);
	board_set(b, BOARD_TUNNEL, "line1", false, "", 6);
	assert_int_equal(c.told, 2);
	assert_true(board_is_good(b, BOARD_VRRP, "lan"));
	board_free(b);
}

static void held_is_told_and_is_not_good(void **state)
{
	struct board *b = board_new();
	struct listener l = { .watch = { .fn = hear } };

	(void)state;
	board_set(b, BOARD_TUNNEL, "line1", false, "silence", 1);
	board_watch_add(b, &l.watch);
	board_hold(b, BOARD_TUNNEL, "line1", true);
	board_hold(b, BOARD_TUNNEL, "line1", true);
	assert_int_equal(l.told, 1);
	assert_true(board_is_held(b, BOARD_TUNNEL, "line1"));
	assert_false(board_is_good(b, BOARD_TUNNEL, "line1"));
	board_set(b, BOARD_TUNNEL, "line1", true, "restored", 2);
	assert_false(board_is_held(b, BOARD_TUNNEL, "line1"));
	assert_false(board_is_held(b, BOARD_TUNNEL, "line2"));
	board_free(b);
}

static void hundreds_stay_apart(void **state)
{
	struct board *b = board_new();
	char name[16];

	(void)state;
	for (unsigned i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "t%u", i);
		board_set(b, BOARD_TUNNEL, name, i % 2, "", i);
	}
	for (unsigned i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "t%u", i);
		assert_int_equal(board_is_good(b, BOARD_TUNNEL, name), i % 2);
	}
	board_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_changes_once),
		cmocka_unit_test(keeps_kinds_apart),
		cmocka_unit_test(tells_of_degraded),
		cmocka_unit_test(listeners_may_set_facts),
		cmocka_unit_test(held_is_told_and_is_not_good),
		cmocka_unit_test(hundreds_stay_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
