/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void numbers_are_big_endian(void **state)
{
	static const uint8_t want[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 };
	uint8_t bytes[sizeof(want)];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	struct rbuf r = rbuf_of(want, sizeof(want));

	(void)state;
	wbuf_u8(&w, 0x01);
	wbuf_u16(&w, 0x0203);
	wbuf_u32(&w, 0x04050607);
	wbuf_u64(&w, 0x08090a0b0c0d0e0f);
	assert_false(w.failed);
	assert_int_equal(w.len, sizeof(want));
	assert_memory_equal(bytes, want, sizeof(want));
	assert_int_equal(rbuf_u8(&r), 0x01);
	assert_int_equal(rbuf_u16(&r), 0x0203);
	assert_int_equal(rbuf_u32(&r), 0x04050607);
	assert_false(rbuf_done(&r));
	assert_int_equal(rbuf_left(&r), 8);
	assert_true(rbuf_u64(&r) == 0x08090a0b0c0d0e0f);
	assert_true(rbuf_done(&r));
}

static void reading_past_the_end_sticks(void **state)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct rbuf r = rbuf_of(bytes, sizeof(bytes));
	uint8_t out[4] = { 9, 9, 9, 9 };

	(void)state;
	assert_int_equal(rbuf_u32(&r), 0);
	assert_true(r.failed);
	/* the three bytes that are there must not come out any more */
	assert_int_equal(rbuf_u8(&r), 0);
	assert_int_equal(rbuf_left(&r), 0);
	rbuf_bytes(&r, out, sizeof(out));
	assert_memory_equal(out, "\0\0\0\0", 4);
	assert_null(rbuf_view(&r, 0).data);
	assert_false(rbuf_done(&r));
}

static void writing_past_the_end_sticks(void **state)
{
	uint8_t bytes[4] = { 9, 9, 9, 9 };
	struct wbuf w = wbuf_of(bytes, 3);

	(void)state;
	wbuf_u16(&w, 0x0102);
	wbuf_u32(&w, 0);
	assert_true(w.failed);
	wbuf_u8(&w, 3);
	assert_int_equal(w.len, 2);
	assert_memory_equal(bytes, "\1\2\11\11", 4);
}

static void blobs(void **state)
{
	static const uint8_t lying[] = { 0, 5, 'a', 'b' };
	uint8_t bytes[16];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));
	struct rbuf r;
	struct view v;

	(void)state;
	wbuf_blob(&w, "abc", 3);
	wbuf_blob(&w, NULL, 0);
	r = rbuf_of(bytes, w.len);
	v = rbuf_blob(&r);
	assert_int_equal(v.len, 3);
	assert_memory_equal(v.data, "abc", 3);
	assert_int_equal(rbuf_blob(&r).len, 0);
	assert_true(rbuf_done(&r));
	r = rbuf_of(lying, sizeof(lying));
	assert_int_equal(rbuf_blob(&r).len, 0);
	assert_true(r.failed);
	wbuf_blob(&w, bytes, 65536);
	assert_true(w.failed);
}

static void strings(void **state)
{
	static const uint8_t text[] = { 3, 'a', 'b', 'c' }, nul[] = { 3, 'a', 0, 'c' };
	char out[4] = "xyz", small[3] = "xy";
	struct rbuf r = rbuf_of(text, sizeof(text));

	(void)state;
	rbuf_str(&r, out, sizeof(out));
	assert_true(rbuf_done(&r));
	assert_string_equal(out, "abc");
	r = rbuf_of(text, sizeof(text)); /* no room for the NUL */
	rbuf_str(&r, small, sizeof(small));
	assert_true(r.failed);
	assert_string_equal(small, "");
	r = rbuf_of(nul, sizeof(nul));
	rbuf_str(&r, out, sizeof(out));
	assert_true(r.failed);
	assert_string_equal(out, "");
	r = rbuf_of(text, 3); /* longer than what is left */
	rbuf_str(&r, out, sizeof(out));
	assert_true(r.failed);
}

static void long_strings_do_not_fit(void **state)
{
	char text[257];
	uint8_t bytes[300];
	struct wbuf w = wbuf_of(bytes, sizeof(bytes));

	(void)state;
	memset(text, 'a', sizeof(text));
	text[255] = '\0';
	wbuf_str(&w, text);
	assert_false(w.failed);
	assert_int_equal(w.len, 256);
	w = wbuf_of(bytes, sizeof(bytes));
	text[255] = 'a';
	text[256] = '\0';
	wbuf_str(&w, text);
	assert_true(w.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_big_endian),
		cmocka_unit_test(reading_past_the_end_sticks),
		cmocka_unit_test(writing_past_the_end_sticks),
		cmocka_unit_test(blobs),
		cmocka_unit_test(strings),
		cmocka_unit_test(long_strings_do_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
