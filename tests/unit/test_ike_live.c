/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is noted about IKE_SAs and CHILD_SAs, and what follows for dialling and telling. */
#include "ike/live.h"
#include "io/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static unsigned kicks;

static void kick(void)
{
	kicks++;
}

static int setup(void **state)
{
	(void)state;
	live_init(kick);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	live_done();
	return 0;
}

static void put(const char *name, unsigned children, uint64_t content, uint64_t visible)
{
	struct tunnel t = { .content = content,
			    .visible = visible,
			    .initiate = true,
			    .children = children,
			    .each = 1 };

	(void)snprintf(t.name, sizeof(t.name), "%s", name);
	live_put(&t);
}

static struct addr address(uint8_t last)
{
	return (struct addr){ .family = ADDR_V4, .bytes = { 192, 0, 2, last } };
}

/* We are 192.0.2.1, the peer 192.0.2.2. */
static void ike(const char *name, uint32_t unique, bool ours, bool up)
{
	struct live_ike is = { .unique = unique, .ours = ours, .up = up, .version = 2 };
	ike_sa_id_t *id = ike_sa_id_create(2, unique, unique, ours);

	is.local.addr = address(1);
	is.remote.addr = address(2);
	live_set_ike(name, &is, id);
	id->destroy(id);
}

static void child(const char *name, uint32_t unique, uint32_t of, unsigned index, bool up)
{
	struct live_child is = { .unique = unique, .ike = of, .index = index, .up = up };

	live_set_child(name, &is);
}

/* The last thing that is to be done or told now. */
static struct live_work drain(usec_t now)
{
	struct live_work w, last = { .todo = RETRY_NOTHING };
	enum retry_do todo = RETRY_NOTHING;

	while (live_take(&w, now)) {
		if (w.todo == RETRY_IKE || w.todo == RETRY_CHILDREN)
			todo = w.todo;
		if (w.ike)
			w.ike->destroy(w.ike);
		free(w.missing);
		last = w;
	}
	last.todo = todo;
	return last;
}

static void dials_once_and_again_after_failure(void **state)
{
	struct live_work w;
	usec_t now;

	(void)state;
	put("x", 1, 1, 1);
	now = clock_now();
	assert_int_equal(drain(now).todo, RETRY_IKE);
	put("x", 1, 1, 1); /* touched, but the dial is under way */
	assert_int_equal(drain(now).todo, RETRY_NOTHING);
	ike("x", 1, true, false);
	w = drain(now);
	assert_int_equal(w.todo, RETRY_NOTHING);
	assert_int_equal(w.state.phase, IPC_IKE_CONNECTING);

	assert_true(live_ike_gone(1, "nothing came of it"));
	now = clock_now();
	w = drain(now);
	assert_int_equal(w.state.phase, IPC_IKE_RETRY);
	assert_int_equal(w.state.attempts, 1);
	assert_string_equal(w.state.trouble, "nothing came of it");
	assert_in_range(live_deadline(), now + 700 * USEC_PER_MSEC, now + USEC_PER_SEC);
	assert_int_equal(drain(now).todo, RETRY_NOTHING);
	assert_int_equal(drain(now + USEC_PER_SEC).todo, RETRY_IKE);
}

static void a_dial_that_never_began_is_a_failure(void **state)
{
	(void)state;
	put("x", 1, 1, 1);
	assert_int_equal(drain(clock_now()).todo, RETRY_IKE);
	live_dial_done("x", false);
	assert_int_equal(drain(clock_now()).state.attempts, 1);
	assert_int_equal(drain(clock_now() + USEC_PER_SEC).todo, RETRY_IKE);
}

static void missing_children_are_added(void **state)
{
	struct live_work w;
	usec_t now;

	(void)state;
	put("x", 3, 1, 1);
	(void)drain(clock_now());
	ike("x", 1, true, true);
	child("x", 10, 1, 0, true);
	child("x", 12, 1, 2, true);
	now = clock_now();
	assert_int_equal(drain(now).todo, RETRY_NOTHING); /* whoever dialled has its time */
	put("x", 3, 1, 1);
	assert_true(live_take(&w, now + RETRY_SETTLE + USEC_PER_SEC));
	assert_int_equal(w.todo, RETRY_CHILDREN);
	assert_int_equal(w.wanted, 3);
	assert_false(w.missing[0]);
	assert_true(w.missing[1]);
	assert_false(w.missing[2]);
	assert_int_equal(w.state.children, 2);
	w.ike->destroy(w.ike);
	free(w.missing);

	child("x", 11, 1, 1, true);
	assert_int_equal(drain(clock_now() + 100 * USEC_PER_SEC).todo, RETRY_NOTHING);
	/* a rekeyed one leaves no hole: the new is there before the old goes */
	child("x", 21, 1, 1, true);
	child("x", 11, 1, 1, false);
	live_child_gone(11);
	w = drain(clock_now() + 100 * USEC_PER_SEC);
	assert_int_equal(w.todo, RETRY_NOTHING);
	assert_int_equal(w.state.children, 3);
}

static void what_flaps_is_left_alone_longer_each_time(void **state)
{
	usec_t deadline[3];

	(void)state;
	put("x", 1, 1, 1);
	(void)drain(clock_now());
	ike("x", 1, true, true);
	for (unsigned i = 0; i < 3; i++) {
		child("x", 10 + i, 1, 0, true);
		live_child_gone(10 + i);
		(void)drain(clock_now());
		deadline[i] = usec_since(clock_now(), live_deadline());
	}
	assert_in_range(deadline[1], 1200 * USEC_PER_MSEC, 2 * USEC_PER_SEC);
	assert_in_range(deadline[2], 2700 * USEC_PER_MSEC, 4 * USEC_PER_SEC);
}

static void only_what_changed_is_told(void **state)
{
	struct live_work w;

	(void)state;
	put("x", 1, 1, 1);
	assert_true(live_take(&w, clock_now()));
	assert_true(w.tell);
	kicks = 0;
	put("x", 1, 1, 1);
	assert_int_equal(kicks, 1);
	assert_true(live_take(&w, clock_now()));
	assert_false(w.tell);
}

static void compares_configurations(void **state)
{
	struct tunnel t = { .name = "x", .content = 1, .visible = 1 };

	(void)state;
	assert_int_equal(live_compare(&t), LIVE_NEW);
	live_reject("x", "wrong");
	assert_int_equal(live_compare(&t), LIVE_NEW);
	put("x", 1, 1, 1);
	assert_int_equal(live_compare(&t), LIVE_SAME);
	t.content = 2;
	assert_int_equal(live_compare(&t), LIVE_LATER);
	t.visible = 2;
	assert_int_equal(live_compare(&t), LIVE_REDIAL);
}

/* 192.0.2.1 is the lower: of two that came up together, what it dialled stays, at both ends. */
static void of_two_one_goes(void **state)
{
	char name[IPC_NAME];
	ike_sa_id_t *id;
	uint32_t unique;
	usec_t later = clock_now() + 20 * USEC_PER_SEC;

	(void)state;
	put("x", 1, 1, 1);
	ike("x", 1, true, true);
	assert_null(live_surplus(name, &unique, later));
	ike("x", 2, false, true);
	assert_null(live_surplus(name, &unique, clock_now())); /* not yet */
	assert_null(live_surplus(name, &unique, later)); /* the peer dialled the worse one */
	live_ike_gone(2, "");

	ike("x", 3, true, true); /* both ours: the newer stays */
	id = live_surplus(name, &unique, later);
	assert_non_null(id);
	assert_int_equal(unique, 1);
	assert_string_equal(name, "x");
	id->destroy(id);
	assert_null(live_surplus(name, &unique, later)); /* once */
}

static void strays_of_charon_do_no_harm(void **state)
{
	(void)state;
	ike("nobody", 1, true, true);
	child("nobody", 1, 1, 0, true);
	assert_false(live_ike_gone(1, "?"));
	live_child_gone(1);
	live_ike_replaced(1, 2);
	live_dial_done("nobody", true);
	assert_true(live_trouble("nobody", 0, "text"));
	assert_int_equal(live_ike_since(1), 0);
	live_remove("nobody");
	assert_int_equal(live_deadline(), USEC_NEVER);
}

static void a_removed_one_is_forgotten_with_all_it_has(void **state)
{
	linked_list_t *ids;
	struct live_work w;

	(void)state;
	put("x", 1, 1, 1);
	(void)drain(clock_now());
	ike("x", 1, true, true);
	child("x", 10, 1, 0, true);
	ids = live_ikes("x", true);
	assert_int_equal(ids->get_count(ids), 1);
	ids->destroy_offset(ids, offsetof(ike_sa_id_t, destroy));
	live_remove("x");
	assert_false(live_take(&w, clock_now() + 100 * USEC_PER_SEC));
	live_child_gone(10); /* charon reports their end later */
	assert_false(live_ike_gone(1, "?"));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(dials_once_and_again_after_failure),
		T(a_dial_that_never_began_is_a_failure),
		T(missing_children_are_added),
		T(what_flaps_is_left_alone_longer_each_time),
		T(only_what_changed_is_told),
		T(compares_configurations),
		T(of_two_one_goes),
		T(strays_of_charon_do_no_harm),
		T(a_removed_one_is_forgotten_with_all_it_has),
	};
	int failed;

	library_init("", "test");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	library_deinit();
	return failed;
}
