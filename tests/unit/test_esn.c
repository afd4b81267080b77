/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequence numbers at their ends: extended ones go on past 2^32, the others stop before it. */
#include "esp/seal.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "esp_packet.h"
#include "esp_sa.h"

#define SPI 0xc0ffee01
#define NOW 1000
#define SPAN (UINT64_C(1) << 32)

/* Outbound here, inbound at the other end. */
static struct aead_lib *lib;
static struct sadb *here, *there;
static struct pkt *p, *held;
static struct sa *out, *in;

static int setup(void **state)
{
	static const struct hash_key key;

	(void)state;
	assert_int_equal(aead_lib_new(AEAD_FASTEST, &lib, NULL), 0);
	here = calloc(1, sizeof(*here));
	there = calloc(1, sizeof(*there));
	p = pkt_new();
	held = pkt_new();
	assert_true(here && there && p && held);
	sadb_init(here, &key, lib);
	sadb_init(there, &key, lib);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sadb_done(here);
	sadb_done(there);
	free(here);
	free(there);
	free(p);
	free(held);
	aead_lib_free(lib);
	return 0;
}

/* A new pair of SAs, each with a key that was not used before. */
static void connect_ends(size_t suite, bool esn, uint32_t window)
{
	static uint8_t salt;
	struct ipc_sa m = sa_make(&sa_suites[suite], IPC_SA_OUT, SPI), far;
	struct tunnel *t;

	m.esn = esn;
	m.replay_window = window;
	m.enc_key[0] = ++salt;
	far = m;
	far.ref.direction = IPC_SA_IN;
	assert_int_equal(sadb_add(here, &m, &t), 0);
	assert_int_equal(sadb_add(there, &far, &t), 0);
	out = sadb_find(here, &m.ref);
	in = sadb_find_in(there, SPI);
}

static int seal_next(void)
{
	static const uint8_t ip[] = { 0x45, 0, 0,  60, 0, 0, 0,  0, 64, 1,
				      0,    0, 10, 0,  0, 1, 10, 1, 0,  1 };

	p->data = pkt_inner(p);
	p->len = 60;
	memset(p->data, 0xcd, p->len);
	memcpy(p->data, ip, sizeof(ip));
	assert_int_equal(ip_pkt_decode(pkt_view(p), &p->ip), 0);
	return pkt_seal(out, p, true, NOW);
}

static void carry(const struct pkt *from, struct pkt *to)
{
	memmove(pkt_inner(to), from->data, from->len);
	to->data = pkt_inner(to);
	to->len = from->len;
	to->src = from->src;
	to->dst = from->dst;
	to->tos = from->tos;
}

static void seal_and_open(void)
{
	assert_int_equal(seal_next(), SEAL_OK);
	carry(p, p);
	assert_int_equal(seal_open(in, p, false, NOW), SEAL_OK);
	assert_int_equal(p->len, 60);
	assert_int_equal(p->data[59], 0xcd);
}

/* As if all packets up to this number had been carried. */
static void be_at(uint64_t seq)
{
	out->seq = seq;
	replay_mark(in->replay, seq);
}

static void extended_numbers_pass_each_span(void **state)
{
	static const uint32_t windows[] = { 64, 1024, 8192 };

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sa_suites); s++)
		for (size_t w = 0; w < ARRAY_LEN(windows); w++) {
			connect_ends(s, true, windows[w]);
			for (uint64_t span = 1; span < 4; span++) {
				be_at(span * SPAN - 20);
				for (unsigned i = 0; i < 40; i++)
					seal_and_open();
				assert_true(replay_top(in->replay) == span * SPAN + 20);
			}
			assert_false(out->soft_due || out->hard_due || in->hard_due);
		}
}

/* Held back on its way across the end of a span: still good, and only once. */
static void late_packets_belong_to_the_old_span(void **state)
{
	struct pkt *again = pkt_new();

	(void)state;
	assert_non_null(again);
	connect_ends(0, true, 64);
	be_at(SPAN - 6);
	assert_int_equal(seal_next(), SEAL_OK);
	carry(p, held);
	carry(p, again);
	for (unsigned i = 0; i < 12; i++)
		seal_and_open();
	assert_true(replay_top(in->replay) == SPAN + 7);
	assert_int_equal(seal_open(in, held, false, NOW), SEAL_OK);
	assert_int_equal(seal_open(in, again, false, NOW), IPC_DROP_REPLAY);
	/* Behind the window it is taken for one of the next span, as which it is not authentic. */
	assert_int_equal(seal_next(), SEAL_OK);
	carry(p, held);
	for (unsigned i = 0; i < 100; i++)
		seal_and_open();
	assert_int_equal(seal_open(in, held, false, NOW), IPC_DROP_AUTH);
	assert_true(replay_top(in->replay) == SPAN + 108);
	seal_and_open();
	free(again);
}

/* Two SAs that differ in this alone do not understand each other's second span. */
static void the_upper_half_is_authenticated(void **state)
{
	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sa_suites); s++) {
		connect_ends(s, true, 64);
		be_at(SPAN + 5);
		assert_int_equal(seal_next(), SEAL_OK);
		carry(p, held);
		replay_mark(in->replay, 2 * SPAN + 5); /* the receiver has lost a whole span */
		assert_int_equal(seal_open(in, held, false, NOW), IPC_DROP_AUTH);
	}
}

static void short_numbers_stop_before_they_wrap(void **state)
{
	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sa_suites); s++) {
		connect_ends(s, false, 64);
		/* A rekey is asked for while a quarter of the numbers is left to do it in. */
		be_at(UINT32_MAX / 4 * 3 - 1);
		seal_and_open();
		assert_false(out->soft_due);
		seal_and_open();
		assert_true(out->soft_due && !out->hard_due);
		be_at(UINT32_MAX - 3);
		for (unsigned i = 0; i < 3; i++)
			seal_and_open();
		for (unsigned i = 0; i < 3; i++)
			assert_int_equal(seal_next(), IPC_DROP_SEQUENCE);
		assert_true(out->hard_due);
		assert_true(out->seq == UINT32_MAX);
	}
}

static void extended_numbers_stop_before_they_wrap(void **state)
{
	(void)state;
	connect_ends(0, true, 64);
	be_at(UINT64_MAX - 2);
	seal_and_open();
	seal_and_open();
	assert_true(out->soft_due);
	assert_int_equal(seal_next(), IPC_DROP_SEQUENCE);
	assert_true(out->hard_due && out->seq == UINT64_MAX);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(extended_numbers_pass_each_span),        T(late_packets_belong_to_the_old_span),
		T(the_upper_half_is_authenticated),        T(short_numbers_stop_before_they_wrap),
		T(extended_numbers_stop_before_they_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
