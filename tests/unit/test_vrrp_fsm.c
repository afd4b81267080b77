/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/vrrp_fsm.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC
#define S USEC_PER_SEC
#define N USEC_NEVER

/* With an interval of one second. */
#define SKEW100 UINT64_C(609375)
#define DOWN100 (3 * S + SKEW100)
#define DOWN150 (3 * S + UINT64_C(414062))
#define DOWN200 (3 * S + UINT64_C(218750))

#define TAKE (VRRP_SEND_ADV | VRRP_BECOME_MASTER | VRRP_SEND_GARP)

static const struct addr low = { ADDR_V4, { 10, 1, 22, 9 } };
static const struct addr own = { ADDR_V4, { 10, 1, 22, 10 } };
static const struct addr high = { ADDR_V4, { 10, 1, 22, 11 } };

#define BASE(prio)                                                                                 \
	.version = 3, .priority = (prio), .interval = S, .preempt = true,                          \
	.address = { ADDR_V4, { 10, 1, 22, 10 } }

#define START                                                                                      \
	{                                                                                          \
		.kind = VRRP_EV_START                                                              \
	}
#define STOP(why)                                                                                  \
	{                                                                                          \
		.kind = VRRP_EV_STOP, .cause = VRRP_CAUSE_##why                                    \
	}
#define LINK_DOWN                                                                                  \
	{                                                                                          \
		.kind = VRRP_EV_LINK_DOWN                                                          \
	}
#define LINK_UP                                                                                    \
	{                                                                                          \
		.kind = VRRP_EV_LINK_UP                                                            \
	}
#define PRIORITY(p)                                                                                \
	{                                                                                          \
		.kind = VRRP_EV_PRIORITY, .priority = (p)                                          \
	}
#define TIMER                                                                                      \
	{                                                                                          \
		.kind = VRRP_EV_TIMER                                                              \
	}
#define URGE                                                                                       \
	{                                                                                          \
		.kind = VRRP_EV_URGE                                                               \
	}
#define ADV(who, prio)                                                                             \
	{                                                                                          \
		.kind = VRRP_EV_ADVERT, .priority = (prio), .interval = S,                         \
		.src = { ADDR_V4,                                                                  \
			 { 10, 1, 22, (who) } }                                                    \
	}
#define ADV_EVERY(who, prio, every)                                                                \
	{                                                                                          \
		.kind = VRRP_EV_ADVERT, .priority = (prio), .interval = (every),                   \
		.src = { ADDR_V4,                                                                  \
			 { 10, 1, 22, (who) } }                                                    \
	}
/* the last byte of who sends it: below us, ourselves, above us */
#define LOW 9
#define OWN 10
#define HIGH 11

struct row {
	usec_t at;
	struct vrrp_event ev;
	enum vrrp_state want;
	unsigned actions;
	usec_t deadline;
	enum vrrp_cause cause;
};

static struct vrrp_fsm run(const struct vrrp_fsm_cfg *cfg, const struct row *rows, size_t n)
{
	struct vrrp_fsm v = vrrp_new(cfg);

	for (size_t i = 0; i < n; i++) {
		struct vrrp_step s = vrrp_step(cfg, v, &rows[i].ev, rows[i].at);

		if (s.next.state != rows[i].want || s.actions != rows[i].actions ||
		    s.next.deadline != rows[i].deadline || s.next.cause != rows[i].cause)
			fail_msg("row %zu: %s, actions %#x, deadline %llu, \"%s\"", i,
				 vrrp_state_name(s.next.state), s.actions,
				 (unsigned long long)s.next.deadline,
				 vrrp_cause_text(s.next.cause));
		if (s.next.state != v.state)
			assert_int_equal(s.next.since, rows[i].at);
		v = s.next;
	}
	return v;
}

#define RUN(cfg, rows) run(&(cfg), rows, ARRAY_LEN(rows))

static void startup_and_silence(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(100) };
	const struct row rows[] = {
		{ 0, TIMER, VRRP_INIT, 0, N, VRRP_CAUSE_NONE },
		{ 0, ADV(HIGH, 200), VRRP_INIT, 0, N, VRRP_CAUSE_NONE },
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ 1, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ DOWN100 - 1, TIMER, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ DOWN100, TIMER, VRRP_MASTER, TAKE, DOWN100 + 100 * MS, VRRP_CAUSE_SILENCE },
	};
	struct vrrp_fsm v = RUN(cfg, rows);

	(void)state;
	assert_true(addr_equal(&v.master, &own));
	assert_int_equal(v.master_priority, 100);
	assert_int_equal(vrrp_new(&cfg).state, VRRP_INIT);
}

static void a_living_master_is_followed(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(100) };
	const struct row rows[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ 1 * S, ADV(LOW, 200), VRRP_BACKUP, 0, 1 * S + DOWN100, VRRP_CAUSE_STARTED },
		{ 2 * S, ADV(LOW, 200), VRRP_BACKUP, 0, 2 * S + DOWN100, VRRP_CAUSE_STARTED },
		/* the same priority is as good, from whatever address */
		{ 3 * S, ADV(LOW, 100), VRRP_BACKUP, 0, 3 * S + DOWN100, VRRP_CAUSE_STARTED },
		{ 3 * S + DOWN100, TIMER, VRRP_MASTER, TAKE, 3 * S + DOWN100 + 100 * MS,
		  VRRP_CAUSE_SILENCE },
	};
	struct vrrp_fsm v = run(&cfg, rows, 3);

	(void)state;
	assert_true(addr_equal(&v.master, &low));
	assert_int_equal(v.master_priority, 200);
	assert_int_equal(v.heard, 2 * S);
	RUN(cfg, rows);
}

/* Version 3 waits by the master's interval; version 2 knows its own only, and its skew is in
 * seconds. */
static void intervals(void **state)
{
	const struct vrrp_fsm_cfg three = { BASE(100) };
	const struct row learns[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ 0, ADV_EVERY(LOW, 200, 100 * MS), VRRP_BACKUP, 0, DOWN100 / 10,
		  VRRP_CAUSE_STARTED },
		{ 0, ADV_EVERY(LOW, 200, 0), VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ 0, ADV_EVERY(LOW, 200, 10 * MS), VRRP_BACKUP, 0, 36093, VRRP_CAUSE_STARTED },
		/* ... but advertises by its own */
		{ 36093, TIMER, VRRP_MASTER, TAKE, 136093, VRRP_CAUSE_SILENCE },
		{ 136093, TIMER, VRRP_MASTER, VRRP_SEND_GARP, 1036093, VRRP_CAUSE_SILENCE },
		/* the third announcement and the second advertisement fall together here */
		{ 1036093, TIMER, VRRP_MASTER, VRRP_SEND_ADV | VRRP_SEND_GARP, 2036093,
		  VRRP_CAUSE_SILENCE },
	};
	struct vrrp_fsm_cfg two = { BASE(100) };
	const struct row refuses[] = {
		{ 0, START, VRRP_BACKUP, 0, 6 * S + SKEW100, VRRP_CAUSE_STARTED },
		{ 0, ADV_EVERY(LOW, 200, S), VRRP_BACKUP, VRRP_BAD_INTERVAL, 6 * S + SKEW100,
		  VRRP_CAUSE_STARTED },
		{ S, ADV_EVERY(LOW, 200, 2 * S), VRRP_BACKUP, 0, 7 * S + SKEW100,
		  VRRP_CAUSE_STARTED },
		{ 7 * S + SKEW100, TIMER, VRRP_MASTER, TAKE, 7 * S + SKEW100 + 100 * MS,
		  VRRP_CAUSE_SILENCE },
		{ 7 * S + SKEW100 + 1, ADV_EVERY(LOW, 200, S), VRRP_MASTER, VRRP_BAD_INTERVAL,
		  7 * S + SKEW100 + 100 * MS, VRRP_CAUSE_SILENCE },
	};

	(void)state;
	RUN(three, learns);
	two.version = 2;
	two.interval = 2 * S;
	RUN(two, refuses);
	assert_int_equal(vrrp_down_interval(3, 254, 10 * MS), 30078);
	assert_int_equal(vrrp_down_interval(2, 1, S), 3 * S + 996093);
}

static void the_master_keeps_its_pace(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(255) };
	const struct row rows[] = {
		{ 0, START, VRRP_MASTER, TAKE, 100 * MS, VRRP_CAUSE_OWNER },
		{ 99 * MS, TIMER, VRRP_MASTER, 0, 100 * MS, VRRP_CAUSE_OWNER },
		{ 100 * MS, TIMER, VRRP_MASTER, VRRP_SEND_GARP, S, VRRP_CAUSE_OWNER },
		/* a little late: the next is not */
		{ S + 5 * MS, TIMER, VRRP_MASTER, VRRP_SEND_ADV | VRRP_SEND_GARP, 2 * S,
		  VRRP_CAUSE_OWNER },
		{ 2 * S, TIMER, VRRP_MASTER, VRRP_SEND_ADV, 3 * S, VRRP_CAUSE_OWNER },
		/* a whole turn late: no burst */
		{ 4 * S + 1, TIMER, VRRP_MASTER, VRRP_SEND_ADV, 5 * S + 1, VRRP_CAUSE_OWNER },
	};

	(void)state;
	RUN(cfg, rows);
}

static void farewells(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(100) };
	const struct row rows[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ S, ADV(HIGH, 200), VRRP_BACKUP, 0, S + DOWN100, VRRP_CAUSE_STARTED },
		/* somebody who is not our master goes */
		{ S + 1, ADV(LOW, 0), VRRP_BACKUP, 0, S + DOWN100, VRRP_CAUSE_STARTED },
		{ S + 2, ADV(HIGH, 0), VRRP_BACKUP, 0, S + 2 + SKEW100, VRRP_CAUSE_STARTED },
		/* saying it again does not put off what follows from it */
		{ S + 500, ADV(HIGH, 0), VRRP_BACKUP, 0, S + 2 + SKEW100, VRRP_CAUSE_STARTED },
		{ S + 2 + SKEW100, TIMER, VRRP_MASTER, TAKE, S + 2 + SKEW100 + 100 * MS,
		  VRRP_CAUSE_FAREWELL },
		/* in master: whoever goes, others shall know at once that we are here */
		{ S + 2 + SKEW100 + 9, ADV(HIGH, 0), VRRP_MASTER, 0, S + 2 + SKEW100 + 9,
		  VRRP_CAUSE_FAREWELL },
		{ S + 2 + SKEW100 + 11, TIMER, VRRP_MASTER, VRRP_SEND_ADV | VRRP_SEND_GARP,
		  S + 2 + SKEW100 + 11 + 100 * MS, VRRP_CAUSE_FAREWELL },
	};
	const struct row unknown[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ 1, ADV(HIGH, 0), VRRP_BACKUP, 0, 1 + SKEW100, VRRP_CAUSE_STARTED },
		/* another has been quicker */
		{ 2, ADV(LOW, 150), VRRP_BACKUP, 0, 2 + DOWN100, VRRP_CAUSE_STARTED },
	};

	(void)state;
	assert_int_equal(RUN(cfg, rows).adv_at, 2 * S + 2 + SKEW100 + 9);
	RUN(cfg, unknown);
}

/* What a master does when it hears another one. */
/* The far end has moved here what is for this network. */
static void urged(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(100) };
	const usec_t overdue = S + S / 2 + SKEW100 / 4;
	const struct row rows[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		/* nobody heard yet: hear them out */
		{ 1, URGE, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ S, ADV(HIGH, 200), VRRP_BACKUP, 0, S + DOWN100, VRRP_CAUSE_STARTED },
		/* no more than one advertisement has to be missing */
		{ S + 9, URGE, VRRP_BACKUP, 0, S + overdue, VRRP_CAUSE_STARTED },
		/* but it is alive */
		{ 2 * S, ADV(HIGH, 200), VRRP_BACKUP, 0, 2 * S + DOWN100, VRRP_CAUSE_STARTED },
		/* late already: at once */
		{ 4 * S, URGE, VRRP_BACKUP, 0, 4 * S, VRRP_CAUSE_STARTED },
		{ 4 * S, TIMER, VRRP_MASTER, TAKE, 4 * S + 100 * MS, VRRP_CAUSE_URGED },
		{ 4 * S + 1, URGE, VRRP_MASTER, 0, 4 * S + 100 * MS, VRRP_CAUSE_URGED },
	};

	(void)state;
	RUN(cfg, rows);
}

static void rivals(void **state)
{
	static const struct {
		struct vrrp_event ev;
		enum vrrp_state want;
		unsigned actions;
		bool contradicts;
		enum vrrp_cause cause;
	} cells[] = {
		{ ADV(LOW, 101), VRRP_BACKUP, VRRP_LEAVE_MASTER, false, VRRP_CAUSE_HIGHER },
		{ ADV(HIGH, 101), VRRP_BACKUP, VRRP_LEAVE_MASTER, false, VRRP_CAUSE_HIGHER },
		{ ADV(HIGH, 255), VRRP_BACKUP, VRRP_LEAVE_MASTER, false, VRRP_CAUSE_HIGHER },
		{ ADV(HIGH, 100), VRRP_BACKUP, VRRP_LEAVE_MASTER, false,
		  VRRP_CAUSE_GREATER_ADDRESS },
		{ ADV(LOW, 100), VRRP_MASTER, 0, true, VRRP_CAUSE_SILENCE },
		{ ADV(HIGH, 99), VRRP_MASTER, 0, true, VRRP_CAUSE_SILENCE },
		{ ADV(HIGH, 0), VRRP_MASTER, 0, true, VRRP_CAUSE_SILENCE },
		/* our own, come back over a loop in the network */
		{ ADV(OWN, 100), VRRP_MASTER, 0, false, VRRP_CAUSE_SILENCE },
		{ ADV(OWN, 200), VRRP_MASTER, 0, false, VRRP_CAUSE_SILENCE },
	};
	const struct vrrp_fsm_cfg cfg = { BASE(100) };
	const struct row prelude[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ DOWN100, TIMER, VRRP_MASTER, TAKE, DOWN100 + 100 * MS, VRRP_CAUSE_SILENCE },
	};
	struct vrrp_fsm master = RUN(cfg, prelude);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
		/* before anything else is due */
		struct vrrp_step s = vrrp_step(&cfg, master, &cells[i].ev, DOWN100 + 1);

		assert_int_equal(s.next.state, cells[i].want);
		assert_int_equal(s.actions, cells[i].actions);
		assert_int_equal(s.next.cause, cells[i].cause);
		assert_int_equal(s.next.deadline == DOWN100 + 1, cells[i].contradicts);
		if (s.next.state == VRRP_BACKUP) {
			assert_int_equal(s.next.deadline, DOWN100 + 1 + DOWN100);
			assert_true(addr_equal(&s.next.master, &cells[i].ev.src));
		}
	}
}

/* A flood of rivals gets two answers per interval, and the announcements start over. */
static void contradiction_has_a_limit(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(255) };
	const struct row rows[] = {
		{ 10 * S, START, VRRP_MASTER, TAKE, 10 * S + 100 * MS, VRRP_CAUSE_OWNER },
		{ 10 * S + 100 * MS, TIMER, VRRP_MASTER, VRRP_SEND_GARP, 11 * S, VRRP_CAUSE_OWNER },
		{ 11 * S, TIMER, VRRP_MASTER, VRRP_SEND_ADV | VRRP_SEND_GARP, 12 * S,
		  VRRP_CAUSE_OWNER },
		{ 11 * S + 1, ADV(LOW, 100), VRRP_MASTER, 0, 11 * S + 1, VRRP_CAUSE_OWNER },
		{ 11 * S + 1, TIMER, VRRP_MASTER, VRRP_SEND_ADV | VRRP_SEND_GARP,
		  11 * S + 1 + 100 * MS, VRRP_CAUSE_OWNER },
		{ 11 * S + 2, ADV(LOW, 100), VRRP_MASTER, 0, 11 * S + 1 + 500 * MS,
		  VRRP_CAUSE_OWNER },
		{ 11 * S + 3, ADV(LOW, 0), VRRP_MASTER, 0, 11 * S + 1 + 500 * MS,
		  VRRP_CAUSE_OWNER },
		{ 11 * S + 500 * MS, TIMER, VRRP_MASTER, 0, 11 * S + 1 + 500 * MS,
		  VRRP_CAUSE_OWNER },
		{ 11 * S + 1 + 500 * MS, TIMER, VRRP_MASTER, VRRP_SEND_ADV | VRRP_SEND_GARP,
		  11 * S + 1 + 600 * MS, VRRP_CAUSE_OWNER },
	};

	(void)state;
	RUN(cfg, rows);
}

/*
 * The backup's cells: our effective priority is 150; a master of priority `heard` is alive, first
 * heard right after we started or much later.
 */
static void preemption(void **state)
{
	static const struct {
		usec_t delay, at;
		uint8_t priority, heard;
		bool preempt, accepted;
	} cells[] = {
		/* higher or equal: always the master */
		{ 0, S, 150, 200, true, true },
		{ 0, S, 150, 150, true, true },
		{ 0, S, 150, 200, false, true },
		{ 10 * S, 60 * S, 150, 150, true, true },
		/* lower, preempt on: ignored once the delay is over */
		{ 0, S, 150, 100, true, false },
		{ 10 * S, S, 150, 100, true, true },
		{ 10 * S, 10 * S - 1, 150, 100, true, true },
		{ 10 * S, 10 * S, 150, 100, true, false },
		{ 10 * S, 60 * S, 150, 100, true, false },
		/* lower, preempt off: accepted for ever */
		{ 0, S, 150, 100, false, true },
		{ 10 * S, 60 * S, 150, 100, false, true },
		/* the owner preempts whatever is configured */
		{ 10 * S, S, 255, 254, false, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
		const struct vrrp_fsm_cfg cfg = { .version = 3,
						  .priority = 150,
						  .interval = S,
						  .preempt = cells[i].preempt,
						  .preempt_delay = cells[i].delay,
						  .address = own };
		const struct vrrp_event start = START, adv = ADV(LOW, cells[i].heard),
					priority = PRIORITY(cells[i].priority);
		struct vrrp_fsm v = vrrp_step(&cfg, vrrp_new(&cfg), &start, 0).next;
		struct vrrp_step s;

		v = vrrp_step(&cfg, v, &priority, 0).next;
		v.deadline = cells[i].at + 1; /* about to run out */
		s = vrrp_step(&cfg, v, &adv, cells[i].at);
		assert_int_equal(s.next.state, VRRP_BACKUP);
		assert_int_equal(s.actions, 0);
		assert_int_equal(s.next.deadline > cells[i].at + 1, cells[i].accepted);
		assert_true(addr_equal(&s.next.master, &low));
		assert_int_equal(s.next.master_priority, cells[i].heard);
	}
}

/* The delay holds back who comes back, not who stands ready while the master gets worse. */
static void delay_and_tracked_priority(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(150), .preempt_delay = 30 * S };
	const struct row master_gets_worse[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN150, VRRP_CAUSE_STARTED },
		{ 1 * S, ADV(LOW, 200), VRRP_BACKUP, 0, 1 * S + DOWN150, VRRP_CAUSE_STARTED },
		{ 40 * S, ADV(LOW, 200), VRRP_BACKUP, 0, 40 * S + DOWN150, VRRP_CAUSE_STARTED },
		{ 41 * S, ADV(LOW, 140), VRRP_BACKUP, 0, 40 * S + DOWN150, VRRP_CAUSE_STARTED },
		{ 42 * S, ADV(LOW, 140), VRRP_BACKUP, 0, 40 * S + DOWN150, VRRP_CAUSE_STARTED },
		{ 40 * S + DOWN150, TIMER, VRRP_MASTER, TAKE, 40 * S + DOWN150 + 100 * MS,
		  VRRP_CAUSE_PREEMPT },
	};
	const struct row we_get_better[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN150, VRRP_CAUSE_STARTED },
		{ 0, PRIORITY(90), VRRP_BACKUP, 0, DOWN150, VRRP_CAUSE_STARTED },
		{ 40 * S, ADV(LOW, 100), VRRP_BACKUP, 0, 43 * S + 648437, VRRP_CAUSE_STARTED },
		{ 41 * S, PRIORITY(150), VRRP_BACKUP, 0, 43 * S + 648437, VRRP_CAUSE_STARTED },
		{ 42 * S, ADV(LOW, 100), VRRP_BACKUP, 0, 42 * S + DOWN150, VRRP_CAUSE_STARTED },
		{ 70 * S, ADV(LOW, 100), VRRP_BACKUP, 0, 70 * S + DOWN150, VRRP_CAUSE_STARTED },
		{ 71 * S, ADV(LOW, 100), VRRP_BACKUP, 0, 70 * S + DOWN150, VRRP_CAUSE_STARTED },
		{ 70 * S + DOWN150, TIMER, VRRP_MASTER, TAKE, 70 * S + DOWN150 + 100 * MS,
		  VRRP_CAUSE_PREEMPT },
	};
	const struct row the_master_dies_meanwhile[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN150, VRRP_CAUSE_STARTED },
		{ 1 * S, ADV(LOW, 100), VRRP_BACKUP, 0, 1 * S + DOWN150, VRRP_CAUSE_STARTED },
		{ 1 * S + DOWN150, TIMER, VRRP_MASTER, TAKE, 1 * S + DOWN150 + 100 * MS,
		  VRRP_CAUSE_SILENCE },
	};

	(void)state;
	RUN(cfg, master_gets_worse);
	RUN(cfg, we_get_better);
	RUN(cfg, the_master_dies_meanwhile);
}

static void a_master_gets_worse(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(200) };
	const struct row rows[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN200, VRRP_CAUSE_STARTED },
		{ DOWN200, TIMER, VRRP_MASTER, TAKE, DOWN200 + 100 * MS, VRRP_CAUSE_SILENCE },
		/* says so at once, and stays */
		{ 4 * S, PRIORITY(140), VRRP_MASTER, VRRP_SEND_ADV, DOWN200 + 100 * MS,
		  VRRP_CAUSE_SILENCE },
		{ 4 * S, PRIORITY(140), VRRP_MASTER, 0, DOWN200 + 100 * MS, VRRP_CAUSE_SILENCE },
		{ 4 * S, PRIORITY(0), VRRP_MASTER, 0, DOWN200 + 100 * MS, VRRP_CAUSE_SILENCE },
		{ 4 * S + 200 * MS, TIMER, VRRP_MASTER, VRRP_SEND_GARP, 5 * S, VRRP_CAUSE_SILENCE },
		{ 5 * S, TIMER, VRRP_MASTER, VRRP_SEND_ADV, 5 * S + 100 * MS, VRRP_CAUSE_SILENCE },
		{ 5 * S + 50 * MS, ADV(LOW, 150), VRRP_BACKUP, VRRP_LEAVE_MASTER,
		  8 * S + 50 * MS + 453125, VRRP_CAUSE_HIGHER },
	};

	(void)state;
	assert_int_equal(run(&cfg, rows, 3).priority, 140);
	RUN(cfg, rows);
}

static void stop_and_start(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(100) };
	const struct row master[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ DOWN100, TIMER, VRRP_MASTER, TAKE, DOWN100 + 100 * MS, VRRP_CAUSE_SILENCE },
		{ 4 * S, STOP(TRACK), VRRP_STOPPED, VRRP_SEND_ADV_ZERO | VRRP_LEAVE_MASTER, N,
		  VRRP_CAUSE_TRACK },
		{ 4 * S, STOP(SHUTDOWN), VRRP_STOPPED, 0, N, VRRP_CAUSE_TRACK },
		{ 5 * S, TIMER, VRRP_STOPPED, 0, N, VRRP_CAUSE_TRACK },
		{ 5 * S, ADV(LOW, 50), VRRP_STOPPED, 0, N, VRRP_CAUSE_TRACK },
		{ 5 * S, PRIORITY(90), VRRP_STOPPED, 0, N, VRRP_CAUSE_TRACK },
		{ 6 * S, START, VRRP_BACKUP, 0, 9 * S + 648437, VRRP_CAUSE_STARTED },
		{ 7 * S, STOP(SHUTDOWN), VRRP_STOPPED, 0, N, VRRP_CAUSE_SHUTDOWN },
	};
	const struct row never_started[] = {
		{ 0, STOP(TRACK), VRRP_STOPPED, 0, N, VRRP_CAUSE_TRACK },
		{ 1, START, VRRP_BACKUP, 0, 1 + DOWN100, VRRP_CAUSE_STARTED },
	};

	(void)state;
	RUN(cfg, master);
	RUN(cfg, never_started);
}

static void interface_lost(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(100) };
	const struct row master[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ 1, LINK_UP, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ DOWN100, TIMER, VRRP_MASTER, TAKE, DOWN100 + 100 * MS, VRRP_CAUSE_SILENCE },
		/* no farewell: nothing can be sent */
		{ 4 * S, LINK_DOWN, VRRP_FAULT, VRRP_LEAVE_MASTER, N, VRRP_CAUSE_LINK },
		{ 4 * S, LINK_DOWN, VRRP_FAULT, 0, N, VRRP_CAUSE_LINK },
		{ 5 * S, TIMER, VRRP_FAULT, 0, N, VRRP_CAUSE_LINK },
		{ 5 * S, START, VRRP_FAULT, 0, N, VRRP_CAUSE_LINK },
		{ 6 * S, LINK_UP, VRRP_BACKUP, 0, 6 * S + DOWN100, VRRP_CAUSE_STARTED },
	};
	const struct row both[] = {
		{ 0, LINK_DOWN, VRRP_INIT, 0, N, VRRP_CAUSE_NONE },
		{ 1, START, VRRP_FAULT, 0, N, VRRP_CAUSE_LINK },
		{ 2, STOP(TRACK), VRRP_FAULT, 0, N, VRRP_CAUSE_LINK },
		{ 3, LINK_UP, VRRP_STOPPED, 0, N, VRRP_CAUSE_TRACK },
		{ 4, LINK_DOWN, VRRP_FAULT, 0, N, VRRP_CAUSE_LINK },
		{ 5, START, VRRP_FAULT, 0, N, VRRP_CAUSE_LINK },
		{ 6, LINK_UP, VRRP_BACKUP, 0, 6 + DOWN100, VRRP_CAUSE_STARTED },
	};

	(void)state;
	RUN(cfg, master);
	RUN(cfg, both);
}

/* A master whose loop stood still longer than any backup waits listens before it says a word. */
static void a_late_master_does_not_fight(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(200), .preempt_delay = 30 * S };
	const usec_t back = 20 * S, listen = DOWN200;
	const struct row alone[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN200, VRRP_CAUSE_STARTED },
		{ DOWN200, TIMER, VRRP_MASTER, TAKE, DOWN200 + 100 * MS, VRRP_CAUSE_SILENCE },
		/* just in time: a backup of our priority would move now */
		{ 2 * DOWN200, TIMER, VRRP_MASTER, VRRP_SEND_ADV | VRRP_SEND_GARP,
		  2 * DOWN200 + 900 * MS, VRRP_CAUSE_SILENCE },
		{ back, TIMER, VRRP_BACKUP, VRRP_LEAVE_MASTER, back + listen, VRRP_CAUSE_LATE },
		{ back + listen, TIMER, VRRP_MASTER, TAKE, back + listen + 100 * MS,
		  VRRP_CAUSE_SILENCE },
	};
	const struct row replaced[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN200, VRRP_CAUSE_STARTED },
		{ DOWN200, TIMER, VRRP_MASTER, TAKE, DOWN200 + 100 * MS, VRRP_CAUSE_SILENCE },
		/* the queue comes before the timer: what it says is heard as a backup, and the
		 * preempt delay starts over */
		{ back, ADV(LOW, 100), VRRP_BACKUP, VRRP_LEAVE_MASTER, back + DOWN200,
		  VRRP_CAUSE_LATE },
		{ back + 29 * S, ADV(LOW, 100), VRRP_BACKUP, 0, back + 29 * S + DOWN200,
		  VRRP_CAUSE_LATE },
		{ back + 30 * S, ADV(LOW, 100), VRRP_BACKUP, 0, back + 29 * S + DOWN200,
		  VRRP_CAUSE_LATE },
	};
	/* Rivals that spoke while we still had the right to answer, read long after. */
	const struct row stale[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN200, VRRP_CAUSE_STARTED },
		{ DOWN200, TIMER, VRRP_MASTER, TAKE, DOWN200 + 100 * MS, VRRP_CAUSE_SILENCE },
		{ DOWN200 + 50 * MS, ADV(LOW, 100), VRRP_MASTER, 0, DOWN200 + 50 * MS,
		  VRRP_CAUSE_SILENCE },
		{ DOWN200 + 60 * MS, ADV(LOW, 0), VRRP_MASTER, 0, DOWN200 + 50 * MS,
		  VRRP_CAUSE_SILENCE },
		{ back, TIMER, VRRP_BACKUP, VRRP_LEAVE_MASTER, back + listen, VRRP_CAUSE_LATE },
	};
	const struct row worse[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN200, VRRP_CAUSE_STARTED },
		{ DOWN200, TIMER, VRRP_MASTER, TAKE, DOWN200 + 100 * MS, VRRP_CAUSE_SILENCE },
		{ back, PRIORITY(199), VRRP_MASTER, 0, DOWN200 + 100 * MS, VRRP_CAUSE_SILENCE },
		{ back, STOP(SHUTDOWN), VRRP_STOPPED, VRRP_SEND_ADV_ZERO | VRRP_LEAVE_MASTER, N,
		  VRRP_CAUSE_SHUTDOWN },
	};

	(void)state;
	RUN(cfg, alone);
	RUN(cfg, replaced);
	RUN(cfg, stale);
	RUN(cfg, worse);
}

/* A backup whose own loop stood still reads what has come in before it believes the silence. */
static void a_late_backup_listens_once(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(100) };
	const struct row silent[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ DOWN100 + S + 1, TIMER, VRRP_BACKUP, 0, DOWN100 + 2 * S + 1, VRRP_CAUSE_STARTED },
		/* late again: for a machine that is always late, once must do */
		{ DOWN100 + 9 * S, TIMER, VRRP_MASTER, TAKE, DOWN100 + 9 * S + 100 * MS,
		  VRRP_CAUSE_SILENCE },
	};
	const struct row alive[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ DOWN100 + 9 * S, TIMER, VRRP_BACKUP, 0, DOWN100 + 10 * S, VRRP_CAUSE_STARTED },
		/* read from the queue, and stamped with the time it came in */
		{ 12 * S, ADV(LOW, 200), VRRP_BACKUP, 0, 12 * S + DOWN100, VRRP_CAUSE_STARTED },
		{ 12 * S + DOWN100 + S + 1, TIMER, VRRP_BACKUP, 0, 12 * S + DOWN100 + 2 * S + 1,
		  VRRP_CAUSE_STARTED },
	};
	const struct row a_little[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ DOWN100 + S, TIMER, VRRP_MASTER, TAKE, DOWN100 + S + 100 * MS,
		  VRRP_CAUSE_SILENCE },
	};

	(void)state;
	RUN(cfg, silent);
	RUN(cfg, alive);
	RUN(cfg, a_little);
}

/* RFC 9568, 7.1: the owner discards what others say; it tells who it is all the same. */
static void an_owner_never_gives_in(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(255) };
	const struct row rows[] = {
		{ 0, START, VRRP_MASTER, TAKE, 100 * MS, VRRP_CAUSE_OWNER },
		{ 9 * MS, ADV(HIGH, 255), VRRP_MASTER, VRRP_OTHER_OWNER, 9 * MS, VRRP_CAUSE_OWNER },
		{ 9 * MS, TIMER, VRRP_MASTER, VRRP_SEND_ADV | VRRP_SEND_GARP, 109 * MS,
		  VRRP_CAUSE_OWNER },
		{ 10 * MS, ADV(HIGH, 254), VRRP_MASTER, 0, 509 * MS, VRRP_CAUSE_OWNER },
	};

	(void)state;
	RUN(cfg, rows);
}

#define TAKE_UP(why)                                                                               \
	{                                                                                          \
		.kind = VRRP_EV_TAKE, .cause = VRRP_CAUSE_##why                                    \
	}
#define YIELD(why)                                                                                 \
	{                                                                                          \
		.kind = VRRP_EV_YIELD, .cause = VRRP_CAUSE_##why                                   \
	}
#define SLEPT(span)                                                                                \
	{                                                                                          \
		.kind = VRRP_EV_SLEPT, .interval = (span)                                          \
	}

static void taking_and_yielding(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(100), .preempt_delay = 30 * S };
	const struct row rows[] = {
		{ 0, TAKE_UP(MANUAL), VRRP_INIT, 0, N, VRRP_CAUSE_NONE },
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ 0, YIELD(MANUAL), VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ S, ADV(HIGH, 200), VRRP_BACKUP, 0, S + DOWN100, VRRP_CAUSE_STARTED },
		{ S, PRIORITY(254), VRRP_BACKUP, 0, S + DOWN100, VRRP_CAUSE_STARTED },
		{ S, TAKE_UP(MANUAL), VRRP_MASTER, TAKE, S + 100 * MS, VRRP_CAUSE_MANUAL },
		{ S + 1, TAKE_UP(MANUAL), VRRP_MASTER, 0, S + 100 * MS, VRRP_CAUSE_MANUAL },
		{ S + 2, YIELD(GROUP), VRRP_BACKUP, VRRP_SEND_ADV_ZERO | VRRP_LEAVE_MASTER,
		  S + 2 + 3 * S + 7812, VRRP_CAUSE_GROUP },
	};

	(void)state;
	assert_int_equal(RUN(cfg, rows).master.family, ADDR_NONE);
}

/* The clock stood still as well: only the length of it tells that others have moved. */
static void a_sleeper_does_not_fight(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(200) };
	const usec_t at = DOWN200 + 50 * MS;
	const struct row master[] = {
		{ 0, SLEPT(9 * S), VRRP_INIT, 0, N, VRRP_CAUSE_NONE },
		{ 0, START, VRRP_BACKUP, 0, DOWN200, VRRP_CAUSE_STARTED },
		{ DOWN200, TIMER, VRRP_MASTER, TAKE, DOWN200 + 100 * MS, VRRP_CAUSE_SILENCE },
		/* not long enough for anybody to take over */
		{ at, SLEPT(2 * S), VRRP_MASTER, 0, DOWN200 + 100 * MS, VRRP_CAUSE_SILENCE },
		{ at, SLEPT(2 * S), VRRP_BACKUP, VRRP_LEAVE_MASTER, at + DOWN200, VRRP_CAUSE_LATE },
	};
	const struct row backup[] = {
		{ 9 * S, START, VRRP_BACKUP, 0, 9 * S + DOWN200, VRRP_CAUSE_STARTED },
		{ 10 * S, ADV(LOW, 250), VRRP_BACKUP, 0, 10 * S + DOWN200, VRRP_CAUSE_STARTED },
		{ 10 * S, SLEPT(9 * S), VRRP_BACKUP, 0, S + DOWN200, VRRP_CAUSE_STARTED },
		{ 10 * S + 1, TIMER, VRRP_BACKUP, 0, 11 * S + 1, VRRP_CAUSE_STARTED },
		{ 11 * S, ADV(LOW, 250), VRRP_BACKUP, 0, 11 * S + DOWN200, VRRP_CAUSE_STARTED },
	};

	(void)state;
	RUN(cfg, master);
	RUN(cfg, backup);
}

/* In a group nobody becomes master by itself. */
static void candidates(void **state)
{
	const struct vrrp_fsm_cfg cfg = { BASE(100), .grouped = true };
	const struct vrrp_fsm_cfg owner = { BASE(255), .grouped = true };
	const struct row rows[] = {
		{ 0, START, VRRP_BACKUP, 0, DOWN100, VRRP_CAUSE_STARTED },
		{ DOWN100, TIMER, VRRP_BACKUP, VRRP_CANDIDATE, N, VRRP_CAUSE_STARTED },
		{ DOWN100 + 1, TIMER, VRRP_BACKUP, 0, N, VRRP_CAUSE_STARTED },
		/* worse than us, or going: still one */
		{ 4 * S, ADV(LOW, 50), VRRP_BACKUP, 0, N, VRRP_CAUSE_STARTED },
		{ 4 * S, ADV(LOW, 0), VRRP_BACKUP, VRRP_CANDIDATE, N, VRRP_CAUSE_STARTED },
		/* better: no more */
		{ 4 * S, ADV(LOW, 150), VRRP_BACKUP, 0, 4 * S + DOWN100, VRRP_CAUSE_STARTED },
		{ 4 * S + DOWN100, TIMER, VRRP_BACKUP, VRRP_CANDIDATE, N, VRRP_CAUSE_STARTED },
		/* waits for no time that could be cut short */
		{ 4 * S + DOWN100, URGE, VRRP_BACKUP, 0, N, VRRP_CAUSE_STARTED },
		{ 8 * S, TAKE_UP(GROUP), VRRP_MASTER, TAKE, 8 * S + 100 * MS, VRRP_CAUSE_GROUP },
	};
	const struct row owns[] = {
		{ 0, START, VRRP_BACKUP, VRRP_CANDIDATE, N, VRRP_CAUSE_STARTED },
	};

	(void)state;
	assert_true(run(&cfg, rows, 3).candidate);
	assert_int_equal(run(&cfg, rows, 5).expect, VRRP_CAUSE_FAREWELL);
	assert_true(run(&cfg, rows, 6).follows);
	assert_false(run(&cfg, rows, 7).follows);
	assert_false(RUN(cfg, rows).candidate);
	assert_int_equal(RUN(owner, owns).expect, VRRP_CAUSE_OWNER);
}

static void words(void **state)
{
	(void)state;
	assert_string_equal(vrrp_state_name(VRRP_MASTER), "master");
	assert_string_equal(vrrp_cause_text(VRRP_CAUSE_SILENCE),
			    "no advertisement for 3 intervals");
	assert_string_equal(vrrp_cause_text(VRRP_CAUSE_COUNT), "unknown");
	assert_true(addr_compare(&low, &own) < 0 && addr_compare(&own, &high) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(startup_and_silence),
		cmocka_unit_test(a_living_master_is_followed),
		cmocka_unit_test(intervals),
		cmocka_unit_test(the_master_keeps_its_pace),
		cmocka_unit_test(farewells),
		cmocka_unit_test(urged),
		cmocka_unit_test(rivals),
		cmocka_unit_test(contradiction_has_a_limit),
		cmocka_unit_test(preemption),
		cmocka_unit_test(delay_and_tracked_priority),
		cmocka_unit_test(a_master_gets_worse),
		cmocka_unit_test(stop_and_start),
		cmocka_unit_test(interface_lost),
		cmocka_unit_test(a_late_master_does_not_fight),
		cmocka_unit_test(a_late_backup_listens_once),
		cmocka_unit_test(an_owner_never_gives_in),
		cmocka_unit_test(taking_and_yielding),
		cmocka_unit_test(a_sleeper_does_not_fight),
		cmocka_unit_test(candidates),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
