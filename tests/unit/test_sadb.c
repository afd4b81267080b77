/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/sadb.h"

#include "base/list.h"
#include "wire/ip_pkt.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "esp_sa.h"

static struct aead_lib *lib;
static struct sadb *db;

static int setup(void **state)
{
	const struct hash_key key = { 1, 2 };

	(void)state;
	db = calloc(1, sizeof(*db));
	assert_non_null(db);
	assert_int_equal(aead_lib_new(AEAD_FASTEST, &lib, NULL), 0);
	sadb_init(db, &key, lib);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sadb_done(db);
	assert_int_equal(db->in_count + db->out_count + db->tunnel_count, 0);
	for (size_t i = 0; i < ARRAY_LEN(db->peers); i++)
		assert_int_equal(db->peers[i], 0);
	free(db);
	aead_lib_free(lib);
	return 0;
}

static void add(const struct ipc_sa *m)
{
	struct tunnel *t = NULL;

	assert_int_equal(sadb_add(db, m, &t), 0);
	assert_int_equal(t->if_id, m->if_id);
}

static struct ipc_sa out_sa(uint32_t spi)
{
	return sa_make(&sa_suites[0], IPC_SA_OUT, spi);
}

static struct ipc_sa in_sa(uint32_t spi)
{
	return sa_make(&sa_suites[0], IPC_SA_IN, spi);
}

static void sas_come_and_go(void **state)
{
	struct ipc_sa in = in_sa(0x1000), out = out_sa(0x1000);
	struct addr peer = sa_addr("192.0.2.2"), other = sa_addr("192.0.2.77");
	struct tunnel *t;

	(void)state;
	add(&in);
	add(&out);
	t = sadb_tunnel(db, 1);
	assert_non_null(t);
	assert_int_equal(t->inbound, 1);
	assert_int_equal(t->outbound, 1);
	assert_true(t->counts_untold);
	assert_non_null(sadb_find_in(db, 0x1000));
	assert_null(sadb_find_in(db, 0x1001));
	assert_true(sadb_is_peer(db, &peer));
	assert_false(sadb_is_peer(db, &other)); /* with this key */
	assert_int_equal(sadb_del(db, &in.ref, &t), 0);
	assert_int_equal(sadb_del(db, &in.ref, &t), -ENOENT);
	assert_null(sadb_find_in(db, 0x1000));
	assert_int_equal(sadb_del(db, &out.ref, &t), 0);
	assert_null(t->out);
	assert_false(sadb_is_peer(db, &peer));
	sadb_tunnel_release(db, t); /* never configured: nothing holds it now */
	assert_null(sadb_tunnel(db, 1));
}

static void peers_of_other_workers_count(void **state)
{
	struct addr list[] = { sa_addr("192.0.2.77"), sa_addr("2001:db8::7") };

	(void)state;
	assert_false(sadb_is_peer(db, &list[0]));
	sadb_set_elsewhere(db, list, 2);
	assert_true(sadb_is_peer(db, &list[0]));
	assert_true(sadb_is_peer(db, &list[1]));
	sadb_set_elsewhere(db, list + 1, 1);
	assert_false(sadb_is_peer(db, &list[0]));
	assert_true(sadb_is_peer(db, &list[1]));
}

static void two_peers_may_choose_one_spi(void **state)
{
	struct ipc_sa a = out_sa(0x2000), b = out_sa(0x2000);
	struct tunnel *t;

	(void)state;
	b.if_id = 2;
	b.dst.addr = b.ref.dst = sa_addr("198.51.100.1");
	add(&a);
	add(&b);
	assert_int_equal(sadb_find(db, &a.ref)->tunnel->if_id, 1);
	assert_int_equal(sadb_find(db, &b.ref)->tunnel->if_id, 2);
	assert_int_equal(sadb_del(db, &a.ref, &t), 0);
	assert_non_null(sadb_find(db, &b.ref));
}

/* A counter that started again under one key would give both packets away. */
static void the_same_key_keeps_its_numbers(void **state)
{
	struct ipc_sa out = out_sa(0x3000), in = in_sa(0x3001);
	struct sa *sa;

	(void)state;
	add(&out);
	add(&in);
	sadb_find(db, &out.ref)->seq = 77;
	replay_mark(sadb_find_in(db, 0x3001)->replay, 55);
	out.soft_packets = 9;
	add(&out);
	add(&in);
	sa = sadb_find(db, &out.ref);
	assert_int_equal(sa->seq, 77);
	assert_int_equal(sa->soft_packets, 9);
	assert_int_equal(replay_top(sadb_find_in(db, 0x3001)->replay), 55);
	assert_int_equal(db->in_count + db->out_count, 2);
	out.enc_key[3] ^= 1;
	add(&out);
	assert_int_equal(sadb_find(db, &out.ref)->seq, 0);
	assert_int_equal(db->out_count, 1);
	assert_int_equal(sadb_tunnel(db, 1)->outbound, 1);
}

static void an_sa_may_move_to_another_tunnel(void **state)
{
	struct ipc_sa out = out_sa(0x3000);

	(void)state;
	add(&out);
	out.if_id = 5;
	add(&out);
	assert_null(sadb_tunnel(db, 1));
	assert_int_equal(sadb_tunnel(db, 5)->outbound, 1);
	out.if_id = 6;
	out.enc_key[0] ^= 1;
	add(&out);
	assert_null(sadb_tunnel(db, 5));
	assert_ptr_equal(sadb_tunnel(db, 6)->out, sadb_find(db, &out.ref));
}

static void bad_sas_are_refused(void **state)
{
	struct ipc_sa m;
	struct tunnel *t;

	(void)state;
	m = in_sa(255);
	assert_int_equal(sadb_add(db, &m, &t), -EINVAL);
	m = in_sa(0x1000);
	m.ts_local_count = 0;
	assert_int_equal(sadb_add(db, &m, &t), -EINVAL);
	m = in_sa(0x1000);
	m.enc_key_len = 16;
	assert_int_equal(sadb_add(db, &m, &t), -EINVAL);
	m = in_sa(0x1000);
	m.src.addr = sa_addr("2001:db8::1");
	assert_int_equal(sadb_add(db, &m, &t), -EINVAL);
	m = in_sa(0x1000);
	m.if_id = 0;
	assert_int_equal(sadb_add(db, &m, &t), -ENOSPC);
	assert_int_equal(db->tunnel_count, 0);
}

static struct sa *choose(const char *src, const char *dst, enum ipc_drop *why)
{
	struct ip_pkt ip = { .src = sa_addr(src), .dst = sa_addr(dst) };

	return tunnel_choose(sadb_tunnel_make(db, 1), &ip, why);
}

static void narrow(struct ipc_sa *m, const char *local, const char *remote)
{
	m->ts_local_count = m->ts_remote_count = 1;
	assert_true(prefix_parse(local, &m->ts_local[0]));
	assert_true(prefix_parse(remote, &m->ts_remote[0]));
}

static void the_narrowest_then_the_newest_is_chosen(void **state)
{
	struct ipc_sa wide = out_sa(0x1001), narrow1 = out_sa(0x1002), narrow2 = out_sa(0x1003);
	struct tunnel *t;
	enum ipc_drop why;

	(void)state;
	assert_null(choose("10.0.0.1", "10.1.0.1", &why));
	assert_int_equal(why, IPC_DROP_NO_SA);
	narrow(&narrow1, "10.0.0.0/24", "10.1.0.0/24");
	narrow(&narrow2, "10.0.0.0/24", "10.1.0.0/24");
	add(&narrow1);
	assert_null(choose("10.0.0.1", "10.2.0.1", &why));
	assert_int_equal(why, IPC_DROP_SELECTOR);
	add(&wide);
	assert_int_equal(choose("10.0.0.1", "10.1.0.1", &why)->ref.spi, 0x1002);
	assert_int_equal(choose("10.0.0.1", "10.2.0.1", &why)->ref.spi, 0x1001);
	assert_int_equal(choose("2001:db8::1", "2001:db8::2", &why)->ref.spi, 0x1001);
	add(&narrow2);
	assert_int_equal(choose("10.0.0.1", "10.1.0.1", &why)->ref.spi, 0x1003);
	sadb_find(db, &narrow2.ref)->hard_due = true;
	assert_int_equal(choose("10.0.0.1", "10.1.0.1", &why)->ref.spi, 0x1002);
	assert_int_equal(sadb_del(db, &narrow1.ref, &t), 0);
	assert_int_equal(sadb_del(db, &wide.ref, &t), 0);
	assert_null(choose("10.0.0.1", "10.1.0.1", &why));
	assert_int_equal(why, IPC_DROP_EXPIRED);
}

static void updates_move_the_peer(void **state)
{
	struct ipc_sa out = out_sa(0x1001);
	struct ipc_sa_update up = {
		out.ref, { sa_addr("192.0.2.1"), 4500 }, { sa_addr("203.0.113.9"), 1024 }, true
	};
	struct addr was = sa_addr("192.0.2.2"), is = sa_addr("203.0.113.9");
	struct tunnel *t;

	(void)state;
	add(&out);
	assert_int_equal(sadb_update(db, &up), 0);
	assert_false(sadb_is_peer(db, &was));
	assert_true(sadb_is_peer(db, &is));
	assert_int_equal(sadb_update(db, &up), -ENOENT); /* it is known by its new address now */
	out.ref.dst = is;
	assert_int_equal(sadb_find(db, &out.ref)->dst.port, 1024);
	assert_true(sadb_find(db, &out.ref)->encap);
	assert_int_equal(sadb_del(db, &out.ref, &t), 0);
}

static void the_table_has_an_end(void **state)
{
	struct ipc_sa m = in_sa(0);
	struct tunnel *t;

	(void)state;
	for (uint32_t i = 0; i < SADB_MAX; i++) {
		m.ref.spi = 0x1000 + i;
		add(&m);
	}
	m.ref.spi = 7000;
	add(&m); /* there already: replaced */
	m.ref.spi = 0x1000 + SADB_MAX;
	assert_int_equal(sadb_add(db, &m, &t), -ENOSPC);
	sadb_flush(db);
	assert_int_equal(db->in_count, 0);
	assert_int_equal(sadb_tunnel(db, 1)->inbound, 0);
}

static void limits_are_told_once_passed(void **state)
{
	struct ipc_sa m = out_sa(0x1001);
	struct sa *sa;

	(void)state;
	m.soft_packets = 2;
	m.hard_packets = 4;
	m.hard_bytes = 1000;
	add(&m);
	sa = sadb_find(db, &m.ref);
	assert_true(sa_count(sa, 100, 5) && sa_count(sa, 100, 6));
	assert_false(sa->soft_due);
	assert_true(sa_count(sa, 100, 7));
	assert_true(sa->soft_due && !sa->hard_due);
	assert_false(sa_count(sa, 701, 8)); /* bytes */
	assert_true(sa->hard_due);
	assert_int_equal(sa->packets, 3);
	assert_int_equal(sa->last_use, 7);
	assert_true(sa_count(sa, 700, 9));
	assert_false(sa_count(sa, 0, 9)); /* packets */
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(sas_come_and_go),
		T(peers_of_other_workers_count),
		T(two_peers_may_choose_one_spi),
		T(the_same_key_keeps_its_numbers),
		T(an_sa_may_move_to_another_tunnel),
		T(bad_sas_are_refused),
		T(the_narrowest_then_the_newest_is_chosen),
		T(updates_move_the_peer),
		T(the_table_has_an_end),
		T(limits_are_told_once_passed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
