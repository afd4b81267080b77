/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/devices.h"

#include "base/list.h"
#include "esp/esp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define TUNNELS 40
#define FLOOD 200

/* Tunnels without SAs: what is read of a device is counted as dropped, and so is seen. */
static struct esp *esp;
static struct tunnel tunnels[TUNNELS];
static int far_end[TUNNELS];

static int setup(void **state)
{
	static const struct hash_key key;

	(void)state;
	esp = calloc(1, sizeof(*esp));
	assert_non_null(esp);
	esp->batch = batch_new(BATCH_FASTEST);
	assert_non_null(esp->batch);
	sadb_init(&esp->db, &key, NULL);
	devices_init(&esp->devices);
	for (unsigned i = 0; i < TUNNELS; i++) {
		int pair[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
					    0, pair),
				 0);
		tunnels[i] = (struct tunnel){ .tun_fd = pair[0], .esp = esp };
		far_end[i] = pair[1];
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TUNNELS; i++) {
		(void)close(tunnels[i].tun_fd);
		(void)close(far_end[i]);
	}
	batch_free(esp->batch);
	free(esp);
	return 0;
}

static void give(unsigned tunnel, unsigned packets)
{
	static const uint8_t packet[VNET_HDR_LEN + 20] = { [VNET_HDR_LEN] = 0x45,
							   [VNET_HDR_LEN + 3] = 20 };

	for (unsigned i = 0; i < packets; i++)
		assert_int_equal(write(far_end[tunnel], packet, sizeof(packet)), sizeof(packet));
	devices_ready(&tunnels[tunnel].watch);
}

static uint64_t read_of(unsigned tunnel)
{
	return tunnels[tunnel].stats.drops[IPC_DROP_NO_SA];
}

/* Whatever one sends, the others get their turn within the next. */
static void a_flood_starves_nobody(void **state)
{
	(void)state;
	give(0, FLOOD);
	for (unsigned turn = 0; turn < 4; turn++)
		devices_turn(esp);
	give(1, 1);
	give(2, 1);
	devices_turn(esp);
	assert_true(read_of(1) == 1 && read_of(2) == 1);
	for (unsigned turn = 0; turn < 2 * FLOOD; turn++)
		devices_turn(esp);
	assert_true(read_of(0) == FLOOD);
}

/* More of them than a turn has shares: all are served after as many turns as it takes. */
static void many_take_turns(void **state)
{
	unsigned got = 0;

	(void)state;
	for (unsigned i = 0; i < TUNNELS; i++)
		give(i, DEVICES_SHARE);
	for (unsigned turn = 0; turn < TUNNELS * DEVICES_SHARE / DEVICES_BATCH + 1; turn++) {
		unsigned before = esp->turn_reads;

		devices_turn(esp);
		assert_true(esp->turn_reads - before <= DEVICES_BATCH);
	}
	for (unsigned i = 0; i < TUNNELS; i++)
		got += (unsigned)read_of(i);
	assert_int_equal(got, TUNNELS * DEVICES_SHARE);
	for (unsigned i = 0; i < TUNNELS; i++)
		assert_true(read_of(i) == DEVICES_SHARE);
}

/* Also at the end of the line, where the next one joins. */
static void who_is_forgotten_is_not_read(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++)
		give(i, 1);
	devices_forget(&esp->devices, &tunnels[2]);
	devices_forget(&esp->devices, &tunnels[0]);
	give(3, 1);
	assert_int_equal(esp->devices.waiting, 2);
	for (unsigned turn = 0; turn < 4; turn++)
		devices_turn(esp);
	assert_true(read_of(0) == 0 && read_of(1) == 1 && read_of(2) == 0 && read_of(3) == 1);
	devices_forget(&esp->devices, &tunnels[0]); /* not in line: nothing happens */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_flood_starves_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(many_take_turns, setup, teardown),
		cmocka_unit_test_setup_teardown(who_is_forgotten_is_not_read, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
