/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SPIs lead to the worker that has the SA; its word that it has it reaches who waits for it. */
#include "base/list.h"
#include "ike/await.h"
#include "ike/spi.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void spi_is_the_workers(void **state)
{
	static const uint32_t random[] = { 0,          1,          0x0fffffff, 0x0ffffffe,
					   0x12345678, 0xffffffff, 0xc0000000, 0x0ffffff0 };

	(void)state;
	for (unsigned count = 1; count <= IPC_WORKERS_MAX; count++)
		for (unsigned worker = 0; worker < count; worker++)
			for (size_t i = 0; i < ARRAY_LEN(random); i++) {
				uint32_t spi = spi_for_worker(random[i], worker, count);

				assert_in_range(spi, SPI_MIN, SPI_MAX);
				assert_int_equal(ipc_worker_of(spi, count), worker);
			}
}

static void alone_every_spi_will_do(void **state)
{
	(void)state;
	assert_int_equal(spi_for_worker(0, 0, 1), SPI_MIN);
	assert_int_equal(spi_for_worker(0xffffffff, 0, 1), SPI_MAX);
	assert_int_equal(spi_for_worker(0x12345678, 0, 1), 0xc2345678);
}

static const struct ipc_sa_ref mine = { 0xc0000001, IPC_SA_IN, { ADDR_V4, { 192, 0, 2, 1 } } };

static void only_the_right_word_counts(void **state)
{
	struct ipc_sa_ref other = mine;
	struct await a, b;

	(void)state;
	await_begin(&a, &mine);
	other.spi++;
	await_tell(&other);
	other = mine;
	other.direction = IPC_SA_OUT;
	await_tell(&other);
	other = mine;
	other.dst.bytes[3]++;
	await_tell(&other);
	assert_false(await_end(&a, 0));
	await_tell(&mine); /* nobody waits any more */

	await_begin(&a, &mine);
	other = mine;
	other.spi++;
	await_begin(&b, &other);
	await_tell(&mine);
	assert_true(await_end(&a, USEC_NEVER));
	assert_false(await_end(&b, 1));
}

static void *tell(void *arg)
{
	await_tell(arg);
	return NULL;
}

static void a_word_wakes(void **state)
{
	struct ipc_sa_ref ref = mine;
	struct await a;
	pthread_t thread;

	(void)state;
	await_begin(&a, &mine);
	assert_int_equal(pthread_create(&thread, NULL, tell, &ref), 0);
	assert_true(await_end(&a, USEC_NEVER));
	assert_int_equal(pthread_join(thread, NULL), 0);
}

/* 4 workers; the tunnel's lanes are 3 and 0. */
static void lanes_are_shared_out(void **state)
{
	static const struct {
		unsigned load[4];
		int old;
		unsigned want;
	} rows[] = {
		{ { 0, 0, 0, 0 }, -1, 3 }, /* its first worker before others */
		{ { 0, 9, 9, 1 }, -1, 0 },
		{ { 2, 0, 0, 1 }, -1, 3 }, /* 1 and 2 have fewer, and are not its */
		{ { 1, 0, 0, 1 }, 0, 0 }, /* new keys stay */
		{ { 1, 0, 0, 1 }, 3, 3 },
		{ { 2, 0, 0, 1 }, 3, 3 }, /* whoever is in the middle of the same */
		{ { 2, 0, 0, 1 }, 0, 0 },
		{ { 1, 0, 0, 0 }, 0, 0 }, /* the other one is missing: not ours to fill */
		{ { 2, 0, 0, 0 }, 0, 3 }, /* two in one lane */
		{ { 0, 0, 0, 3 }, 3, 0 },
		{ { 0, 0, 0, 1 }, 0, 0 }, /* its worker died, and is back */
		{ { 1, 0, 0, 1 }, 2, 3 }, /* not one of its lanes any more */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(spi_pick_worker(rows[i].load, rows[i].old, 3, 2, 4), rows[i].want);
	assert_true(spi_has_worker(3, 3, 2, 4) && spi_has_worker(0, 3, 2, 4));
	assert_false(spi_has_worker(1, 3, 2, 4) || spi_has_worker(2, 3, 2, 4));
	assert_false(spi_has_worker(7, 3, 4, 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lanes_are_shared_out),
		cmocka_unit_test(spi_is_the_workers),
		cmocka_unit_test(alone_every_spi_will_do),
		cmocka_unit_test(only_the_right_word_counts),
		cmocka_unit_test(a_word_wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
