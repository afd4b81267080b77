/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/grade_fsm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define S USEC_PER_SEC
#define MS USEC_PER_MSEC

static const struct grade_cfg cfg = {
	.loss_permille = 200,
	.delay = 300 * MS,
	.interval = 100 * MS,
	.restore = 30 * S,
	.damp = { 60 * S, 600 * S },
};

struct bench {
	struct grade g;
	usec_t now;
	unsigned changes;
};

static struct bench begin(void)
{
	return (struct bench){ .g = grade_start(1000 * S), .now = 1000 * S };
}

/* As if each probe had seen that, for so long. */
static void feed(struct bench *b, struct grade_seen seen, usec_t span)
{
	for (usec_t end = b->now + span; b->now < end; b->now += cfg.interval) {
		struct grade_step s = grade_step(&cfg, b->g, &seen, b->now);

		assert_int_equal(s.changed, s.next.cause != b->g.cause);
		b->changes += s.changed;
		b->g = s.next;
	}
}

static struct grade_seen seen(unsigned loss, usec_t rtt)
{
	return (struct grade_seen){
		.answers = true, .window_full = true, .loss_permille = loss, .rtt = rtt
	};
}

/* Until the loss of a full window means something. */
static struct bench begin_good(void)
{
	struct bench b = begin();

	feed(&b, seen(0, 20 * MS), 10 * S);
	assert_int_equal(b.g.cause, GRADE_GOOD);
	return b;
}

static void test_loss_and_back(void **state)
{
	struct bench b = begin_good();
	usec_t from;

	(void)state;
	feed(&b, seen(199, 20 * MS), 60 * S);
	assert_int_equal(b.g.cause, GRADE_GOOD);
	feed(&b, seen(200, 20 * MS), 6 * S);
	feed(&b, seen(149, 20 * MS), 100 * MS); /* not at a stretch */
	feed(&b, seen(200, 20 * MS), 6 * S);
	feed(&b, seen(150, 20 * MS), 6800 * MS);
	assert_int_equal(b.g.cause, GRADE_GOOD);
	feed(&b, seen(200, 20 * MS), 200 * MS);
	assert_int_equal(b.g.cause, GRADE_LOSS);
	/* below the limit is not yet well */
	feed(&b, seen(140, 20 * MS), 120 * S);
	assert_int_equal(b.g.cause, GRADE_LOSS);
	assert_true(grade_good_at(&b.g) == USEC_NEVER);
	from = b.now;
	feed(&b, seen(100, 20 * MS), 29 * S);
	assert_int_equal(b.g.cause, GRADE_LOSS);
	assert_true(grade_good_at(&b.g) == from + 30 * S);
	feed(&b, seen(100, 20 * MS), 2 * S);
	assert_int_equal(b.g.cause, GRADE_GOOD);
	assert_int_equal(b.changes, 2);
}

static void test_delay(void **state)
{
	struct bench b = begin_good();

	(void)state;
	feed(&b, seen(0, 400 * MS), 2 * S);
	feed(&b, seen(0, 200 * MS), 100 * MS);
	feed(&b, seen(0, 400 * MS), 2 * S);
	assert_int_equal(b.g.cause, GRADE_GOOD); /* not at a stretch */
	feed(&b, seen(0, 400 * MS), 2 * S);
	assert_int_equal(b.g.cause, GRADE_DELAY);
	feed(&b, seen(0, 250 * MS), 100 * S);
	assert_int_equal(b.g.cause, GRADE_DELAY);
	feed(&b, seen(0, 200 * MS), 31 * S);
	assert_int_equal(b.g.cause, GRADE_GOOD);
}

/* Each time sooner than the last was forgotten it must be good for longer. */
static void test_penalty(void **state)
{
	struct bench b = begin_good();
	usec_t hold = 0;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		feed(&b, seen(500, 20 * MS), 13 * S);
		assert_int_equal(b.g.cause, GRADE_LOSS);
		feed(&b, seen(0, 20 * MS), 200 * MS);
		assert_true(i == 0 ? b.g.hold == cfg.restore : b.g.hold > hold);
		hold = b.g.hold;
		feed(&b, seen(0, 20 * MS), hold);
		assert_int_equal(b.g.cause, GRADE_GOOD);
	}
}

/* What went missing while it was down is no loss of the path that is back, and coming back is no
 * improvement of one that was degraded. */
static void test_outage(void **state)
{
	struct bench b = begin_good();
	struct grade_seen down = { .answers = false, .window_full = true, .loss_permille = 1000 };

	(void)state;
	feed(&b, down, 60 * S);
	feed(&b, seen(900, 20 * MS), 6 * S);
	assert_int_equal(b.g.cause, GRADE_GOOD);
	feed(&b, seen(500, 20 * MS), 20 * S);
	assert_int_equal(b.g.cause, GRADE_LOSS);
	feed(&b, seen(0, 20 * MS), 20 * S);
	feed(&b, down, 60 * S);
	assert_int_equal(b.g.cause, GRADE_LOSS);
	feed(&b, seen(0, 20 * MS), 30 * S);
	assert_int_equal(b.g.cause, GRADE_LOSS); /* anew, and from when the window is full */
	feed(&b, seen(0, 20 * MS), 8 * S);
	assert_int_equal(b.g.cause, GRADE_GOOD);
}

static void test_big_packets(void **state)
{
	struct bench b = begin_good();
	struct grade_seen broken = seen(0, 20 * MS);

	(void)state;
	broken.big_broken = true;
	feed(&b, broken, 100 * MS);
	assert_int_equal(b.g.cause, GRADE_BIG_PACKETS);
	/* the loss that is mended does not hide the size that is not */
	broken.loss_permille = 500;
	feed(&b, broken, 15 * S);
	assert_int_equal(b.g.cause, GRADE_BIG_PACKETS);
	feed(&b, seen(500, 20 * MS), 10 * S);
	assert_int_equal(b.g.cause, GRADE_LOSS);
	feed(&b, seen(0, 20 * MS), 31 * S);
	assert_int_equal(b.g.cause, GRADE_GOOD);
}

static void test_off(void **state)
{
	const struct grade_cfg off = { .interval = 100 * MS, .restore = 30 * S };
	struct grade g = grade_start(1);
	struct grade_seen bad = seen(990, 9 * S);

	(void)state;
	for (usec_t now = 1; now < 60 * S; now += 100 * MS) {
		struct grade_step s = grade_step(&off, g, &bad, now);

		assert_false(s.changed);
		g = s.next;
	}
}

static void test_words(void **state)
{
	struct bench b = begin_good();
	char text[200];

	(void)state;
	feed(&b, seen(234, 20 * MS), 13 * S);
	assert_string_equal(grade_text(&cfg, &b.g, text, sizeof(text)),
			    "23 % of the probes or their replies are lost, the limit is 20 %");
	b = begin_good();
	feed(&b, seen(0, 512 * MS), 4 * S);
	assert_string_equal(grade_text(&cfg, &b.g, text, sizeof(text)),
			    "the round trip takes 512 ms, the limit is 300 ms");
	for (enum grade_cause c = GRADE_GOOD; c <= GRADE_BIG_PACKETS; c++)
		assert_string_not_equal(grade_cause_name(c), "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loss_and_back), cmocka_unit_test(test_delay),
		cmocka_unit_test(test_penalty),       cmocka_unit_test(test_outage),
		cmocka_unit_test(test_big_packets),   cmocka_unit_test(test_off),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
