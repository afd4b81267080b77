/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/agree.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define S USEC_PER_SEC

static const struct agree_cfg cfg = { .node = 5, .nonce = 77, .hold = 2 * S };

static const struct agree_word heard = { .node = 9,
					 .nonce = 1234,
					 .echo = 77,
					 .epoch = 10,
					 .sight = AGREE_USABLE,
					 .carries = true,
					 .fit = true };

static const uint8_t wire[AGREE_WORD_LEN] = {
	1,    0x21, 0xc0, 7,
	0x01, 0x02, 0x03, 0x04, /* version, usable master, flags, lead, epoch */
	0,    0,    0,    0,
	0,    0,    0,    9, /* node */
	0xff, 0,    0,    0,
	0,    0,    0,    1, /* nonce */
	0,    0,    0,    0,
	0,    0,    0,    77, /* echo */
};

static void test_word(void **state)
{
	struct agree_word w;
	uint8_t out[AGREE_WORD_LEN], longer[AGREE_WORD_LEN + 8] = { 0 };

	(void)state;
	assert_int_equal(agree_word_decode((struct view){ wire, sizeof(wire) }, &w), 0);
	assert_int_equal(w.sight, AGREE_USABLE);
	assert_int_equal(w.role, AGREE_BACKUP);
	assert_true(w.carries && w.fit);
	assert_int_equal(w.lead, 7);
	assert_int_equal(w.epoch, 0x01020304);
	assert_true(w.node == 9 && w.nonce == 0xff00000000000001 && w.echo == 77);
	agree_word_encode(&w, out);
	assert_memory_equal(out, wire, sizeof(wire));
	/* A later version of this one only says more. */
	memcpy(longer, wire, sizeof(wire));
	assert_int_equal(agree_word_decode((struct view){ longer, sizeof(longer) }, &w), 0);
}

static void test_bad_words(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} bad[] = { { 0, 2 }, { 0, 0 }, { 1, 0x31 }, { 1, 0x23 }, { 15, 0 } };
	struct agree_word w;

	(void)state;
	for (size_t len = 0; len < sizeof(wire); len++)
		assert_true(agree_word_decode((struct view){ wire, len }, &w) < 0);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		uint8_t copy[AGREE_WORD_LEN];

		memcpy(copy, wire, sizeof(copy));
		copy[bad[i].at] = bad[i].value;
		assert_true(agree_word_decode((struct view){ copy, sizeof(copy) }, &w) < 0);
	}
}

/* Who has not heard our nonce is not believed, but told it. */
static void test_stranger(void **state)
{
	struct agree_word word = heard;
	struct agree_step s;

	(void)state;
	word.echo = 0;
	word.sight = AGREE_SILENT;
	s = agree_hear(&cfg, (struct agree){ 0 }, &word, S);
	assert_int_equal(s.actions, AGREE_SPEAK);
	assert_false(s.next.known);
	assert_false(agree_is_unheard(&s.next));
	assert_int_equal(agree_say(&cfg, &s.next).echo, 1234);
	word.echo = 78;
	s = agree_hear(&cfg, s.next, &word, S);
	assert_int_equal(s.actions, 0);
	assert_false(s.next.known);
	word.echo = 77;
	s = agree_hear(&cfg, s.next, &word, S);
	assert_int_equal(s.actions, AGREE_CHANGED);
	assert_true(agree_is_unheard(&s.next) && agree_is_avoided(&s.next));
	assert_int_equal(s.next.refused, 2);
}

static void test_our_own_word(void **state)
{
	struct agree a = { .sight = AGREE_USABLE };
	struct agree_word word = agree_say(&cfg, &a);
	struct agree_step s;

	(void)state;
	word.echo = cfg.nonce;
	s = agree_hear(&cfg, a, &word, S);
	assert_int_equal(s.actions, 0);
	assert_false(s.next.known || s.next.twin);
	word.nonce = 1; /* not ours, though of our number: said once */
	s = agree_hear(&cfg, s.next, &word, S);
	assert_int_equal(s.actions, AGREE_CHANGED);
	assert_true(s.next.twin && !s.next.known);
	s = agree_hear(&cfg, s.next, &word, S);
	assert_int_equal(s.actions, 0);
}

static void test_stale(void **state)
{
	struct agree_word word = heard;
	struct agree_step s = agree_hear(&cfg, (struct agree){ 0 }, &word, S);

	(void)state;
	word.epoch = 9;
	word.sight = AGREE_SILENT;
	s = agree_hear(&cfg, s.next, &word, S);
	assert_int_equal(s.actions, 0);
	assert_false(agree_is_unheard(&s.next));
	/* Restarted: it counts from the beginning, with a new nonce. */
	word.nonce = 4321;
	word.epoch = 0;
	s = agree_hear(&cfg, s.next, &word, S);
	assert_int_equal(s.actions, AGREE_SPEAK | AGREE_CHANGED);
	assert_true(agree_is_unheard(&s.next));
}

static void test_hold(void **state)
{
	struct agree_word word = heard;
	struct agree_step s;

	(void)state;
	word.sight = AGREE_HELD;
	word.fit = false;
	s = agree_hear(&cfg, (struct agree){ 0 }, &word, S);
	assert_true(agree_is_avoided(&s.next) && agree_is_unfit(&s.next));
	assert_false(agree_is_unheard(&s.next));
	s = agree_timer(s.next, 3 * S - 1);
	assert_int_equal(s.actions, 0);
	s = agree_timer(s.next, 3 * S);
	assert_int_equal(s.actions, AGREE_CHANGED);
	assert_false(agree_is_avoided(&s.next) || agree_is_unfit(&s.next));
}

static void test_lead(void **state)
{
	struct agree a = { .known = true, .peer = heard };

	(void)state;
	assert_true(agree_is_led(&cfg, &a)); /* 9 > 5 */
	a.lead = 1;
	assert_false(agree_is_led(&cfg, &a));
	a.peer.lead = 2;
	assert_true(agree_is_led(&cfg, &a));
	a.known = false;
	assert_false(agree_is_led(&cfg, &a));
}

static void test_note(void **state)
{
	struct agree_facts facts = { .sight = AGREE_USABLE, .fit = true };
	struct agree_step s = agree_note((struct agree){ 0 }, &facts);

	(void)state;
	assert_int_equal(s.actions, AGREE_SPEAK);
	assert_int_equal(s.next.epoch, 1);
	s = agree_note(s.next, &facts);
	assert_int_equal(s.actions, 0);
	facts.carries = true;
	s = agree_note(s.next, &facts);
	assert_int_equal(s.next.epoch, 2);
	assert_true(agree_say(&cfg, &s.next).carries);
}

/* Members before and after; node 9 is the peer of the first two, 8 of the third. */
static const struct shape {
	struct agree_member in[3];
	struct {
		uint8_t weight;
		bool usable;
	} out[3];
} shapes[] = {
	/* Nobody says anything. */
	{ { { .weight = 100, .usable = true }, { .usable = true } },
	  { { 100, true }, { 0, true } } },
	/* The leader carries by the second. */
	{ { { .weight = 100, .usable = true, .led = true, .node = 9 },
	    { .usable = true, .led = true, .carried = true, .node = 9 } },
	  { { 0, true }, { 100, true } } },
	/* It does, but we cannot. */
	{ { { .weight = 100, .usable = true, .led = true, .node = 9 },
	    { .led = true, .carried = true, .node = 9 } },
	  { { 100, true }, { 0, false } } },
	/* We lead. */
	{ { { .weight = 100, .usable = true, .node = 9 },
	    { .usable = true, .carried = true, .node = 9 } },
	  { { 100, true }, { 0, true } } },
	/* The peer does not use the first; the second is as good as ever. */
	{ { { .weight = 100, .usable = true, .avoided = true, .node = 9 }, { .usable = true } },
	  { { 100, false }, { 0, true } } },
	/* There is nothing better. */
	{ { { .weight = 100, .usable = true, .avoided = true, .node = 9 }, { 0 } },
	  { { 100, true }, { 0, false } } },
	/* Another node's tunnel is not the leader's business. */
	{ { { .weight = 50, .usable = true, .led = true, .node = 9 },
	    { .usable = true, .led = true, .carried = true, .node = 9 },
	    { .weight = 50, .usable = true, .led = true, .node = 8 } },
	  { { 0, true }, { 50, true }, { 50, true } } },
};

static void test_shape(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		struct agree_member m[3];

		memcpy(m, shapes[i].in, sizeof(m));
		agree_shape(m, 3);
		for (size_t k = 0; k < 3; k++) {
			assert_int_equal(m[k].weight, shapes[i].out[k].weight);
			assert_int_equal(m[k].usable, shapes[i].out[k].usable);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_word),     cmocka_unit_test(test_bad_words),
		cmocka_unit_test(test_stranger), cmocka_unit_test(test_our_own_word),
		cmocka_unit_test(test_stale),    cmocka_unit_test(test_hold),
		cmocka_unit_test(test_lead),     cmocka_unit_test(test_note),
		cmocka_unit_test(test_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
