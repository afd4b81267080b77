/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/size_fsm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S USEC_PER_SEC
#define MS USEC_PER_MSEC
#define RTT (20 * MS)

static const struct size_cfg cfg = { .small = 84, .full = 1400, .every = 10 * S, .wait = 250 * MS };

/* A line that answers what is not larger than `mtu`, and loses some of all. */
struct line {
	struct size_probe p;
	usec_t now;
	unsigned mtu; /* 0: answers nothing at all */
	unsigned told; /* not 0: says so, too */
	double loss;
	uint64_t rng;
	bool dead; /* small ones neither */
	unsigned sent, changes;
	usec_t changed_at;
};

static struct line line_of(unsigned mtu)
{
	return (struct line){ .p = size_start(100 * S), .now = 100 * S, .mtu = mtu, .rng = 7 };
}

static bool is_lost(struct line *l)
{
	l->rng ^= l->rng << 13;
	l->rng ^= l->rng >> 7;
	l->rng ^= l->rng << 17;
	return (double)(l->rng >> 11) / 9007199254740992.0 < l->loss;
}

/* What the line makes of a probe: false when nothing comes back. */
static bool answer(struct line *l, unsigned bytes, struct size_event *out)
{
	*out = (struct size_event){ .kind = SIZE_EV_REPLY, .seq = l->p.seq };
	if (l->told && bytes > l->told) {
		out->kind = SIZE_EV_TOO_BIG;
		out->mtu = (uint16_t)l->told;
		return true;
	}
	if (l->dead || bytes > l->mtu || is_lost(l))
		return false;
	l->now += RTT;
	return true;
}

/* Until nothing comes back at once any more. */
static void feed(struct line *l, struct size_event ev)
{
	bool more = true;

	while (more) {
		struct size_step s = size_step(&cfg, l->p, &ev, l->now);

		l->p = s.next;
		l->changes += s.changed;
		if (s.changed)
			l->changed_at = l->now;
		more = s.send > 0;
		if (!more)
			break;
		assert_in_range(s.send, cfg.small + 1, cfg.full);
		assert_int_equal(s.send, l->p.sent);
		l->sent++;
		more = answer(l, s.send, &ev);
	}
}

static void run(struct line *l, usec_t span)
{
	usec_t end = l->now + span;

	while (l->p.deadline < end) {
		struct size_event ev = { .kind = SIZE_EV_TIMER,
					 .loss_permille = (unsigned)(l->loss * 1000) };

		l->now = l->p.deadline > l->now ? l->p.deadline : l->now;
		ev.small_reply = l->dead ? 0 : l->now - 50 * MS;
		feed(l, ev);
	}
	l->now = end;
}

static void test_black_hole(void **state)
{
	(void)state;
	for (unsigned mtu = 100; mtu < 1400; mtu += 13) {
		struct line l = line_of(1400);
		char text[256], want[64];
		usec_t from;

		run(&l, 30 * S);
		assert_int_equal(l.p.state, SIZE_GOOD);
		assert_in_range(l.sent, 3, 4);
		l.mtu = mtu;
		from = l.now;
		l.changes = 0;
		run(&l, 25 * S);
		assert_int_equal(l.p.state, SIZE_BROKEN);
		/* the next probe, three waits, and the search: eight halvings, two tries at most */
		assert_true(l.p.since - from <= 10 * S + 3 * cfg.wait);
		assert_true(l.changed_at - l.p.since <= 16 * cfg.wait);
		assert_int_equal(l.changes, 2);
		assert_true(l.p.passes <= mtu && l.p.passes + SIZE_PRECISION >= mtu);
		size_text(&cfg, &l.p, l.now, text, sizeof(text));
		assert_non_null(strstr(text, "packets of 1400 bytes do not arrive"));
		snprintf(want, sizeof(want), "lower mtu: to %u or", l.p.passes);
		assert_int_equal(strstr(text, want) != NULL, l.p.passes >= 576);
		/* one reply is not yet well, and three are */
		l.mtu = 1400;
		run(&l, 12 * S);
		assert_int_equal(l.p.state, SIZE_GOOD);
	}
}

/* Small ones are answered, large ones never were: nothing is concluded, but said. */
static void test_never_answered(void **state)
{
	struct line l = line_of(0);
	char text[256];

	(void)state;
	run(&l, 3600 * S);
	assert_int_equal(l.p.state, SIZE_UNKNOWN);
	size_text(&cfg, &l.p, l.now, text, sizeof(text));
	assert_string_equal(text, "not known: the peer has never answered one of 1400 bytes");
	l = line_of(1000);
	run(&l, 60 * S);
	assert_int_equal(l.p.state, SIZE_UNKNOWN);
	size_text(&cfg, &l.p, l.now, text, sizeof(text));
	assert_non_null(strstr(text, "not known"));
	assert_in_range(l.p.passes, 992, 1000);
}

static void test_dead_line(void **state)
{
	struct line l = line_of(1400);

	(void)state;
	run(&l, 30 * S);
	l.dead = true;
	run(&l, 600 * S);
	assert_int_equal(l.p.state, SIZE_GOOD); /* it is dead, which others say */
}

/* Somebody says how large they may be: no black hole, and asked again when that is forgotten. */
static void test_told(void **state)
{
	struct line l = line_of(1400);
	char text[256];

	(void)state;
	run(&l, 30 * S);
	l.told = l.mtu = 1300;
	run(&l, 60 * S);
	assert_int_equal(l.p.state, SIZE_GOOD);
	assert_int_equal(size_full(&cfg, &l.p, l.now), 1300);
	assert_string_equal(size_text(&cfg, &l.p, l.now, text, sizeof(text)),
			    "packets of 1300 bytes arrive");
	l.told = 0;
	l.mtu = 1400;
	run(&l, 700 * S);
	assert_int_equal(size_full(&cfg, &l.p, l.now), 1400);
	assert_int_equal(l.p.state, SIZE_GOOD);
}

/* A line that loses packets of all sizes alike is not called a black hole: 30 days of each. */
static void test_false_alarms(void **state)
{
	static const double losses[] = { 0.01, 0.05, 0.1, 0.19 };

	(void)state;
	for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
		struct line l = line_of(1400);

		run(&l, 30 * S);
		assert_int_equal(l.p.state, SIZE_GOOD);
		l.loss = losses[i];
		l.changes = 0;
		run(&l, UINT64_C(30) * 86400 * S);
		assert_in_range(l.changes, 0, 3); /* one in a million of 259,200 is 0.26 */
	}
	assert_int_equal(size_losses_needed(0), 3);
	assert_int_equal(size_losses_needed(10), 3);
	assert_int_equal(size_losses_needed(50), 5);
	assert_int_equal(size_losses_needed(1000), SIZE_LOST_MOST);
}

/* A path that was changed is asked at once, but never more than once in a wait. */
static void test_hurry(void **state)
{
	struct line l = line_of(1400);

	(void)state;
	run(&l, 12 * S);
	feed(&l, (struct size_event){ .kind = SIZE_EV_HURRY });
	assert_true(l.p.deadline <= l.now + cfg.wait);
	l.sent = 0;
	for (unsigned i = 0; i < 100; i++) {
		feed(&l, (struct size_event){ .kind = SIZE_EV_HURRY });
		run(&l, 10 * MS);
	}
	assert_in_range(l.sent, 3, 5);
}

static void test_off(void **state)
{
	struct size_cfg off = cfg;
	struct size_event ev = { .kind = SIZE_EV_TIMER };
	struct size_step s;

	(void)state;
	off.every = 0;
	s = size_step(&off, size_start(5), &ev, 10);
	assert_true(s.send == 0 && s.next.deadline == USEC_NEVER);
	off = cfg;
	off.full = 90; /* nothing to tell from small ones */
	s = size_step(&off, size_start(5), &ev, 10);
	assert_true(s.send == 0 && s.next.deadline == USEC_NEVER);
}

/* Late, doubled and foreign answers change nothing. */
static void test_strange_answers(void **state)
{
	struct size_probe p = size_start(1);
	struct size_event ev = { .kind = SIZE_EV_TIMER };

	(void)state;
	p = size_step(&cfg, p, &ev, 10).next;
	assert_true(p.waiting);
	ev = (struct size_event){ .kind = SIZE_EV_REPLY, .seq = p.seq + 1 };
	assert_true(size_step(&cfg, p, &ev, 20).next.waiting);
	ev = (struct size_event){ .kind = SIZE_EV_TOO_BIG, .seq = p.seq, .mtu = 1400 };
	assert_int_equal(size_step(&cfg, p, &ev, 20).next.told, 0);
	ev.mtu = 0; /* RFC 1191, section 5: of a router that does not say */
	assert_int_equal(size_step(&cfg, p, &ev, 20).next.told, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_black_hole),   cmocka_unit_test(test_never_answered),
		cmocka_unit_test(test_dead_line),    cmocka_unit_test(test_told),
		cmocka_unit_test(test_false_alarms), cmocka_unit_test(test_hurry),
		cmocka_unit_test(test_off),          cmocka_unit_test(test_strange_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
