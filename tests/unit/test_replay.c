/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crypto/replay.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define G32 (UINT64_C(1) << 32)

struct row {
	uint64_t seq;
	bool fresh; /* and then marked */
};

static void run(uint32_t window, bool esn, uint64_t start, const struct row *rows, size_t n)
{
	struct replay *r = replay_new(window, esn);

	assert_non_null(r);
	if (start)
		replay_mark(r, start);
	for (size_t i = 0; i < n; i++) {
		uint64_t seq = replay_infer(r, (uint32_t)rows[i].seq);
		bool fresh = replay_is_fresh(r, seq);

		if (seq != rows[i].seq && rows[i].fresh)
			fail_msg("row %zu: inferred %#llx", i, (unsigned long long)seq);
		if (fresh != rows[i].fresh)
			fail_msg("row %zu: fresh is %d", i, fresh);
		if (fresh)
			replay_mark(r, seq);
	}
	replay_free(r);
}

static void a_number_passes_once(void **state)
{
	static const struct row rows[] = {
		{ 0, false }, /* never sent */
		{ 1, true },
		{ 1, false },
		{ 3, true },
		{ 2, true },
		{ 2, false },
		{ 64, true },
		{ 65, true },
		{ 1, false }, /* 64 behind: out of the window */
		{ 4, true },
		{ 4, false },
		{ 200, true },
		{ 137, true },
		{ 136, false },
		{ 199, true },
		{ 1000, true },
		{ 936, false },
		{ 937, true },
		{ 200, false },
		{ 937, false }, /* and again after a leap over every word */
		{ UINT32_MAX, true },
		{ UINT32_MAX, false },
		{ UINT32_MAX - 63, true },
		{ UINT32_MAX - 64, false },
		{ 1, false }, /* without ESN it never starts again */
	};

	(void)state;
	run(64, false, 0, rows, ARRAY_LEN(rows));
}

/* RFC 4303, appendix A2: the hidden half follows the window over 2^32. */
static void extended_numbers_wrap(void **state)
{
	static const struct row rows[] = {
		{ G32 - 1, true },
		{ G32, true }, /* seen as 0 */
		{ G32 - 1, false },
		{ G32 - 3, true }, /* from before the wrap */
		{ G32 + 5, true },
		{ G32 - 58, true },
		/* 63 behind; what is 64 behind looks like 2^32 ahead */ { G32 + 70, true },
		{ G32 + 8, true },
		{ G32 + 7, true },
	};

	(void)state;
	run(64, true, G32 - 2, rows, ARRAY_LEN(rows));
}

static void nothing_is_before_the_first(void **state)
{
	struct replay *r = replay_new(64, true);

	(void)state;
	/* Right after the start a number close to 2^32 would be from before it. */
	assert_int_equal(replay_infer(r, UINT32_MAX), 0);
	assert_int_equal(replay_infer(r, 7), 7);
	replay_mark(r, UINT64_MAX - 3);
	assert_int_equal(replay_infer(r, UINT32_MAX), UINT64_MAX);
	assert_int_equal(replay_infer(r, 1), 0); /* after the last */
	replay_free(r);
}

static void windows_keep_their_size(void **state)
{
	static const struct {
		uint32_t ask, get;
	} rows[] = { { 0, REPLAY_WINDOW_DEFAULT },
		     { 1, 64 },
		     { 64, 64 },
		     { 65, 65 },
		     { 1000, 1000 },
		     { 8192, 8192 },
		     { 8193, 8192 },
		     { UINT32_MAX, 8192 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct replay *r = replay_new(rows[i].ask, false);
		uint64_t w = rows[i].get;

		assert_int_equal(replay_window(r), w);
		replay_mark(r, 100000);
		assert_true(replay_is_fresh(r, 100000 - w + 1));
		assert_false(replay_is_fresh(r, 100000 - w));
		replay_mark(r, 100000 - w + 1);
		assert_false(replay_is_fresh(r, 100000 - w + 1));
		replay_free(r);
	}
}

/* Against a plain list of what was seen. */
static void agrees_with_a_list(void **state)
{
	enum { SPAN = 20000 };
	bool *seen = calloc(SPAN + 1, sizeof(*seen));
	struct replay *r = replay_new(300, true);
	uint32_t random = 1;
	uint64_t top = 0;

	(void)state;
	assert_non_null(seen);
	for (unsigned i = 0; i < 100000; i++) {
		uint64_t seq;
		bool fresh;

		random = random * 1664525 + 1013904223;
		seq = 1 + (top + (random >> 16) % 400) % SPAN;
		seq = seq > 340 ? seq - (random >> 8) % 340 : seq;
		fresh = seq > top || (top - seq < 300 && !seen[seq]);
		assert_int_equal(replay_is_fresh(r, seq), fresh);
		if (!fresh)
			continue;
		replay_mark(r, seq);
		seen[seq] = true;
		top = seq > top ? seq : top;
	}
	assert_true(top > SPAN - 400);
	replay_free(r);
	free(seen);
}

/* Packets 5000, 5001 ... are taken out of turn while 1 ... 4999 wait: none of those may be lost. */
static void early_numbers_leave_the_window(void **state)
{
	struct replay *r = replay_new(64, false);

	(void)state;
	assert_non_null(r);
	for (uint64_t seq = 5000; seq < 5000 + REPLAY_EARLY; seq++) {
		assert_true(replay_is_fresh(r, seq));
		replay_mark_early(r, seq);
		assert_false(replay_is_fresh(r, seq));
		assert_true(replay_top(r) == seq);
	}
	for (uint64_t seq = 1; seq < 5000 + 2 * REPLAY_EARLY; seq++) {
		bool was_early = seq >= 5000 && seq < 5000 + REPLAY_EARLY;

		assert_true(replay_is_fresh(r, seq) == !was_early);
		if (!was_early)
			replay_mark(r, seq);
		assert_false(replay_is_fresh(r, seq));
	}
	replay_free(r);
}

/* With nothing but early packets the window follows them, however they come. */
static void too_many_early_numbers_move_the_window(void **state)
{
	struct replay *r = replay_new(64, true);

	(void)state;
	assert_non_null(r);
	for (uint64_t i = 0; i < 1000; i++) {
		uint64_t seq = G32 - 500 + (i ^ 3); /* within four, out of order */

		assert_true(replay_is_fresh(r, seq));
		replay_mark_early(r, seq);
		assert_false(replay_is_fresh(r, seq));
	}
	for (uint64_t seq = G32 - 500; seq < G32 + 500; seq++)
		assert_false(replay_is_fresh(r, seq));
	assert_true(replay_top(r) == G32 + 499);
	replay_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_passes_once),
		cmocka_unit_test(extended_numbers_wrap),
		cmocka_unit_test(nothing_is_before_the_first),
		cmocka_unit_test(windows_keep_their_size),
		cmocka_unit_test(agrees_with_a_list),
		cmocka_unit_test(early_numbers_leave_the_window),
		cmocka_unit_test(too_many_early_numbers_move_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
