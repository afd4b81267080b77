/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/vrrp_group.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define UNFIT VRRP_MEMBER_UNFIT
#define IDLE VRRP_MEMBER_IDLE
#define UNDECIDED VRRP_MEMBER_UNDECIDED
#define FOLLOWS VRRP_MEMBER_FOLLOWS
#define READY VRRP_MEMBER_READY
#define CALLED VRRP_MEMBER_CALLED
#define MASTER VRRP_MEMBER_MASTER

static void decisions(void **state)
{
	static const struct {
		enum vrrp_member members[3];
		enum vrrp_group_order want;
	} rows[] = {
		/* one that cannot run stops all, once */
		{ { UNFIT, MASTER, MASTER }, VRRP_GROUP_HALT },
		{ { FOLLOWS, UNFIT, FOLLOWS }, VRRP_GROUP_HALT },
		{ { CALLED, UNFIT, READY }, VRRP_GROUP_HALT },
		{ { IDLE, UNFIT, IDLE }, VRRP_GROUP_KEEP },
		{ { UNFIT, UNFIT, UNFIT }, VRRP_GROUP_KEEP },
		{ { IDLE, IDLE, IDLE }, VRRP_GROUP_START },
		{ { IDLE, UNDECIDED, FOLLOWS }, VRRP_GROUP_START },
		/* one gives in: all do */
		{ { MASTER, FOLLOWS, MASTER }, VRRP_GROUP_YIELD },
		{ { MASTER, FOLLOWS, CALLED }, VRRP_GROUP_YIELD },
		/* one hears a living master: the others wait */
		{ { READY, FOLLOWS, READY }, VRRP_GROUP_KEEP },
		{ { READY, UNDECIDED, READY }, VRRP_GROUP_KEEP },
		{ { READY, READY, READY }, VRRP_GROUP_TAKE },
		{ { UNDECIDED, FOLLOWS, UNDECIDED }, VRRP_GROUP_KEEP },
		/* the master of one goes: of all */
		{ { FOLLOWS, CALLED, UNDECIDED }, VRRP_GROUP_TAKE_ALL },
		/* one that came later, or was held up alone */
		{ { MASTER, UNDECIDED, MASTER }, VRRP_GROUP_KEEP },
		{ { MASTER, UNDECIDED, READY }, VRRP_GROUP_TAKE },
		{ { MASTER, MASTER, MASTER }, VRRP_GROUP_KEEP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (vrrp_group_decide(rows[i].members, 3) != rows[i].want)
			fail_msg("row %zu: %d", i, vrrp_group_decide(rows[i].members, 3));
}

static void events(void **state)
{
	static const struct {
		enum vrrp_group_order order;
		enum vrrp_member member;
		int kind; /* -1: none */
	} rows[] = {
		{ VRRP_GROUP_KEEP, MASTER, -1 },
		{ VRRP_GROUP_HALT, UNFIT, -1 },
		{ VRRP_GROUP_HALT, IDLE, -1 },
		{ VRRP_GROUP_HALT, FOLLOWS, VRRP_EV_STOP },
		{ VRRP_GROUP_HALT, MASTER, VRRP_EV_STOP },
		{ VRRP_GROUP_START, IDLE, VRRP_EV_START },
		{ VRRP_GROUP_START, FOLLOWS, -1 },
		{ VRRP_GROUP_YIELD, MASTER, VRRP_EV_YIELD },
		{ VRRP_GROUP_YIELD, READY, -1 },
		{ VRRP_GROUP_TAKE, UNDECIDED, -1 },
		{ VRRP_GROUP_TAKE, READY, VRRP_EV_TAKE },
		{ VRRP_GROUP_TAKE, MASTER, -1 },
		{ VRRP_GROUP_TAKE_ALL, UNDECIDED, VRRP_EV_TAKE },
		{ VRRP_GROUP_TAKE_ALL, FOLLOWS, VRRP_EV_TAKE },
		{ VRRP_GROUP_TAKE_ALL, MASTER, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct vrrp_event ev;
		bool told = vrrp_group_event(rows[i].order, rows[i].member, &ev);

		assert_int_equal(told, rows[i].kind >= 0);
		if (!told)
			continue;
		assert_int_equal(ev.kind, rows[i].kind);
		assert_int_equal(ev.cause, VRRP_CAUSE_GROUP);
	}
}

static void members(void **state)
{
	static const struct {
		struct vrrp_fsm v;
		enum vrrp_member want;
	} rows[] = {
		{ { .state = VRRP_INIT }, IDLE },
		{ { .state = VRRP_STOPPED }, IDLE },
		{ { .state = VRRP_FAULT }, IDLE },
		{ { .state = VRRP_MASTER }, MASTER },
		{ { .state = VRRP_BACKUP }, UNDECIDED },
		{ { .state = VRRP_BACKUP, .follows = true }, FOLLOWS },
		{ { .state = VRRP_BACKUP, .candidate = true }, READY },
		{ { .state = VRRP_BACKUP, .candidate = true, .expect = VRRP_CAUSE_FAREWELL },
		  CALLED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(vrrp_group_member(&rows[i].v, true), rows[i].want);
		assert_int_equal(vrrp_group_member(&rows[i].v, false), UNFIT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions),
		cmocka_unit_test(events),
		cmocka_unit_test(members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
