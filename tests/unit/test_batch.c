/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/batch.h"

#include "base/list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define MANY 40

static const enum batch_want kinds[] = { BATCH_PLAIN, BATCH_FASTEST };

/* Like a device: packets keep their bounds, and nothing to read is EAGAIN. */
static void open_pair(int pair[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0,
				    pair),
			 0);
}

static void close_pair(const int pair[2])
{
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* Packets of two pieces go in and come out whole and in order; what is asked for beyond is EAGAIN.
 */
static void check_order(enum batch_want want)
{
	struct batch *b = batch_new(want);
	uint8_t number[MANY], text[] = "packet", got[MANY + 4][16] = { { 0 } };
	struct iovec out[MANY][2], in[MANY + 4];
	struct batch_op op[MANY + 4];
	int pair[2];

	assert_non_null(b);
	open_pair(pair);
	for (unsigned i = 0; i < MANY; i++) {
		number[i] = (uint8_t)i;
		out[i][0] = (struct iovec){ &number[i], 1 };
		out[i][1] = (struct iovec){ text, 1 + i % sizeof(text) };
		op[i] = (struct batch_op){ pair[0], true, out[i], i % 3 ? 2 : 1, 0 };
	}
	batch_run(b, op, MANY);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(op[i].result, i % 3 ? 2 + i % sizeof(text) : 1);
	for (unsigned i = 0; i < MANY + 4; i++) {
		in[i] = (struct iovec){ got[i], sizeof(got[i]) };
		op[i] = (struct batch_op){ pair[1], false, &in[i], 1, 0 };
	}
	batch_run(b, op, MANY + 4);
	for (unsigned i = 0; i < MANY; i++) {
		assert_int_equal(op[i].result, i % 3 ? 2 + i % sizeof(text) : 1);
		assert_int_equal(got[i][0], i);
	}
	for (unsigned i = MANY; i < MANY + 4; i++)
		assert_int_equal(op[i].result, -EAGAIN);
	close_pair(pair);
	batch_free(b);
}

static void packets_keep_their_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		check_order(kinds[i]);
}

/* One op's trouble is that op's alone, and each descriptor's reads are its own. */
static void check_trouble(enum batch_want want)
{
	struct batch *b = batch_new(want);
	uint8_t byte = 7, got[4] = { 0 };
	struct iovec out = { &byte, 1 }, in[4];
	struct batch_op op[5];
	int one[2], two[2];

	assert_non_null(b);
	open_pair(one);
	open_pair(two);
	for (unsigned i = 0; i < ARRAY_LEN(in); i++)
		in[i] = (struct iovec){ &got[i], 1 };
	op[0] = (struct batch_op){ one[1], false, &in[0], 1, 0 }; /* nothing there */
	op[1] = (struct batch_op){ -1, false, &in[1], 1, 0 };
	op[2] = (struct batch_op){ two[0], true, &out, 1, 0 };
	op[3] = (struct batch_op){ two[1], false, &in[2], 1, 0 };
	op[4] = (struct batch_op){ one[1], false, &in[3], 1, 0 };
	batch_run(b, op, ARRAY_LEN(op));
	assert_int_equal(op[0].result, -EAGAIN);
	assert_int_equal(op[1].result, -EBADF);
	assert_int_equal(op[2].result, 1);
	assert_int_equal(op[3].result, 1);
	assert_int_equal(got[2], 7);
	assert_int_equal(op[4].result, -EAGAIN);
	close_pair(one);
	close_pair(two);
	batch_free(b);
}

static void trouble_stays_with_its_op(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		check_trouble(kinds[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_keep_their_order),
		cmocka_unit_test(trouble_stays_with_its_op),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
