/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets through two ends of a tunnel: what goes in comes out, and nothing else does. */
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

/* Outbound here, inbound at the other end: two databases with mirrored SAs. */
static struct aead_lib *lib;
static struct sadb *here, *there;
static struct pkt *p, *copy;
static struct sa *out, *in;

static int setup(void **state)
{
	(void)state;
	assert_int_equal(aead_lib_new(AEAD_FASTEST, &lib, NULL), 0);
	here = calloc(1, sizeof(*here));
	there = calloc(1, sizeof(*there));
	p = pkt_new();
	copy = pkt_new();
	assert_true(here && there && p && copy);
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
	free(copy);
	aead_lib_free(lib);
	return 0;
}

static void connect_ends(const struct ipc_sa *m)
{
	static const struct hash_key key;
	struct ipc_sa far = *m;
	struct tunnel *t;

	sadb_done(here);
	sadb_done(there);
	sadb_init(here, &key, lib);
	sadb_init(there, &key, lib);
	far.ref.direction = IPC_SA_IN;
	memcpy(far.ts_local, m->ts_remote, sizeof(far.ts_local));
	memcpy(far.ts_remote, m->ts_local, sizeof(far.ts_remote));
	far.ts_local_count = m->ts_remote_count;
	far.ts_remote_count = m->ts_local_count;
	assert_int_equal(sadb_add(here, m, &t), 0);
	assert_int_equal(sadb_add(there, &far, &t), 0);
	out = sadb_find(here, &m->ref);
	in = sadb_find_in(there, m->ref.spi);
}

static struct ipc_sa suite(size_t i)
{
	return sa_make(&sa_suites[i], IPC_SA_OUT, SPI);
}

/* An inner packet of len bytes from 10.0.0.1 to 10.1.0.1, or the same in IPv6. */
static void make_inner(bool v6, size_t len, uint8_t tos)
{
	struct addr src = sa_addr(v6 ? "2001:db8::1" : "10.0.0.1");
	struct addr dst = sa_addr(v6 ? "2001:db8:1::1" : "10.1.0.1");

	p->data = pkt_inner(p);
	p->len = len;
	for (size_t i = 0; i < len; i++)
		p->data[i] = (uint8_t)(i * 31 + len);
	memset(p->data, 0, v6 ? 40 : 20);
	p->data[0] = v6 ? 0x60 : 0x45;
	if (v6) {
		p->data[4] = (uint8_t)((len - 40) >> 8);
		p->data[5] = (uint8_t)(len - 40);
		p->data[6] = 59;
		memcpy(p->data + 8, src.bytes, 16);
		memcpy(p->data + 24, dst.bytes, 16);
	} else {
		p->data[2] = (uint8_t)(len >> 8);
		p->data[3] = (uint8_t)len;
		p->data[9] = 253;
		memcpy(p->data + 12, src.bytes, 4);
		memcpy(p->data + 16, dst.bytes, 4);
	}
	ip_pkt_set_tos(p->data, tos);
	assert_int_equal(ip_pkt_decode(pkt_view(p), &p->ip), 0);
}

/* What the network does: the bytes and addresses arrive, nothing else. */
static void carry(struct pkt *from, struct pkt *to)
{
	to->data = pkt_inner(to);
	memcpy(to->data, from->data, from->len);
	to->len = from->len;
	to->src = from->src;
	to->dst = from->dst;
	to->tos = from->tos;
}

static void sealed(bool v6, size_t len)
{
	make_inner(v6, len, 0);
	assert_int_equal(pkt_seal(out, p, true, NOW), SEAL_OK);
}

/* Every suite, with and without ESN, 24 sizes, IPv4 and IPv6 inside. */
static void every_suite_round_trips(void **state)
{
	static const size_t sizes[] = { 40, 41, 42, 43, 44, 45, 46,  47,  48,   49,   50,   51,
					52, 53, 54, 55, 60, 64, 100, 576, 1280, 1400, 9000, 65000 };

	(void)state;
	for (size_t s = 0; s < 2 * ARRAY_LEN(sa_suites); s++) {
		struct ipc_sa m = suite(s / 2);

		m.esn = s % 2;
		connect_ends(&m);
		if (m.esn)
			out->seq = UINT32_MAX - 10; /* the wrap is on the way */
		if (m.esn)
			replay_mark(in->replay, out->seq);
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			bool v6 = i % 2;
			struct esp_pkt_shape shape = sa_shape(out);

			sealed(v6, sizes[i]);
			carry(p, copy);
			assert_int_equal(esp_pkt_room(&shape, copy->len + 20) >= sizes[i], true);
			assert_int_equal(esp_pkt_room(&shape, copy->len + 19) < sizes[i], true);
			assert_int_equal(seal_open(in, copy, false, NOW), SEAL_OK);
			make_inner(v6, sizes[i], 0);
			assert_int_equal(copy->len, sizes[i]);
			assert_memory_equal(copy->data, p->data, sizes[i]);
		}
		assert_int_equal(in->packets, ARRAY_LEN(sizes));
		assert_int_equal(in->bytes >= out->bytes, true); /* inbound counts padding, too */
	}
}

static void changed_bytes_are_noticed(void **state)
{
	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sa_suites); s++) {
		struct ipc_sa m = suite(s);

		connect_ends(&m);
		sealed(false, 60);
		for (size_t i = 4; i < p->len; i++) {
			int rc;

			carry(p, copy);
			copy->data[i] ^= 0x40;
			rc = seal_open(in, copy, false, NOW);
			assert_int_equal(rc, IPC_DROP_AUTH);
			assert_false(seal_was_authentic(rc));
		}
		for (size_t n = 0; n < p->len; n++) {
			carry(p, copy);
			copy->len = n;
			assert_true(seal_open(in, copy, false, NOW) >= 0);
		}
		assert_int_equal(replay_top(in->replay), 0);
		carry(p, copy);
		assert_int_equal(seal_open(in, copy, false, NOW), SEAL_OK);
		carry(p, copy);
		assert_int_equal(seal_open(in, copy, false, NOW), IPC_DROP_REPLAY);
	}
}

/* Text as a peer might have made it, sealed with the outbound SA's key. */
static int open_text(const char *inner_src, const char *inner_dst, uint8_t next, size_t tfc)
{
	size_t head = ESP_PKT_HEADER + aead_iv_len(out->aead), len;
	struct addr src = sa_addr(inner_src), dst = sa_addr(inner_dst);
	struct esp_pkt_header h = { SPI, (uint32_t)++out->seq };
	uint8_t *text;

	make_inner(false, 60, 0);
	memcpy(p->data + 12, src.bytes, 4);
	memcpy(p->data + 16, dst.bytes, 4);
	memset(p->data + 60, 0xee, tfc);
	text = p->data;
	len = esp_pkt_pad(text, 60 + tfc, aead_align(out->aead), next);
	p->data -= head;
	esp_pkt_encode(&h, p->data);
	assert_int_equal(aead_make_iv(out->aead, p->data, out->seq), 0);
	assert_int_equal(aead_seal(out->aead, p->data, len, 0), 0);
	p->len = head + len + aead_icv_len(out->aead);
	p->tos = 0;
	carry(p, copy);
	return seal_open(in, copy, false, NOW);
}

static void inner_packets_are_checked(void **state)
{
	static const struct {
		const char *src, *dst;
		size_t tfc;
		int want;
		uint8_t next;
	} rows[] = {
		{ "10.0.0.1", "10.1.0.1", 0, SEAL_OK, 4 },
		{ "10.0.0.1", "10.1.0.1", 333, SEAL_OK, 4 }, /* padded against traffic analysis */
		{ "10.0.0.1", "10.1.0.1", 0, IPC_DROP_INNER, 41 },
		{ "10.0.0.1", "10.1.0.1", 0, IPC_DROP_INNER, 6 },
		{ "10.0.0.1", "10.1.0.1", 0, SEAL_DUMMY, 59 },
		{ "10.0.1.1", "10.1.0.1", 0, IPC_DROP_SELECTOR, 4 },
		{ "10.0.0.1", "10.2.0.1", 0, IPC_DROP_SELECTOR, 4 },
		{ "10.1.0.1", "10.0.0.1", 0, IPC_DROP_SELECTOR, 4 },
	};

	(void)state;
	for (size_t s = 0; s < ARRAY_LEN(sa_suites); s++) {
		struct ipc_sa m = suite(s);

		m.ts_local_count = m.ts_remote_count = 1;
		assert_true(prefix_parse("10.0.0.0/24", &m.ts_local[0]));
		assert_true(prefix_parse("10.1.0.0/24", &m.ts_remote[0]));
		connect_ends(&m);
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			int rc = open_text(rows[i].src, rows[i].dst, rows[i].next, rows[i].tfc);

			assert_int_equal(rc, rows[i].want);
			assert_true(seal_was_authentic(rc));
			if (rc == SEAL_OK)
				assert_int_equal(copy->len, 60);
		}
	}
}

static void congestion_marks_come_through(void **state)
{
	struct ipc_sa m = suite(0);

	(void)state;
	connect_ends(&m);
	make_inner(false, 60, 0xb8 | 2);
	assert_int_equal(pkt_seal(out, p, true, NOW), SEAL_OK);
	assert_int_equal(p->tos, 0xb8 | 2);
	carry(p, copy);
	copy->tos = 0x03; /* marked on the way, and its DSCP rewritten */
	assert_int_equal(seal_open(in, copy, false, NOW), SEAL_OK);
	assert_int_equal(copy->ip.tos, 0xb8 | 3);
	assert_int_equal(copy->data[1], 0xb8 | 3);
	make_inner(true, 60, 0xb8);
	assert_int_equal(pkt_seal(out, p, false, NOW), SEAL_OK);
	assert_int_equal(p->tos, 0);
	carry(p, copy);
	copy->tos = 0x03;
	assert_int_equal(seal_open(in, copy, false, NOW), IPC_DROP_CONGESTION);
}

static void packets_must_come_as_agreed(void **state)
{
	struct ipc_sa m = suite(0);
	struct pkt at;

	(void)state;
	for (unsigned encap = 0; encap < 2; encap++) {
		m.encap = encap;
		connect_ends(&m);
		memset(&at, 0, sizeof(at));
		at.src = m.src;
		at.dst = m.dst;
		assert_true(seal_fits_address(in, &at, true)); /* RFC 7296, 2.23 */
		assert_int_equal(seal_fits_address(in, &at, false), !encap);
		at.src.port = 1025; /* a NAT's doing */
		assert_true(seal_fits_address(in, &at, true));
		at.src.addr = sa_addr("198.51.100.7");
		assert_int_equal(seal_fits_address(in, &at, true), encap);
		at.src = m.src;
		at.dst.addr = sa_addr("198.51.100.7");
		assert_false(seal_fits_address(in, &at, true));
		assert_false(seal_fits_address(in, &at, false));
	}
}

static void numbers_run_out(void **state)
{
	struct ipc_sa m = suite(0);

	(void)state;
	connect_ends(&m);
	out->seq = UINT32_MAX / 4 * 3 - 1;
	sealed(false, 60);
	assert_false(out->soft_due);
	sealed(false, 60);
	assert_true(out->soft_due);
	out->seq = UINT32_MAX - 1;
	sealed(false, 60);
	assert_false(out->hard_due);
	make_inner(false, 60, 0);
	assert_int_equal(pkt_seal(out, p, true, NOW), IPC_DROP_SEQUENCE);
	assert_true(out->hard_due);
	make_inner(false, 60, 0);
	assert_int_equal(pkt_seal(out, p, true, NOW), IPC_DROP_SEQUENCE);
	assert_int_equal(out->seq, UINT32_MAX);
}

static void hard_limits_stop_both_ways(void **state)
{
	struct ipc_sa m = suite(0);

	(void)state;
	m.hard_packets = 1;
	connect_ends(&m);
	sealed(false, 60);
	carry(p, copy);
	assert_int_equal(seal_open(in, copy, false, NOW), SEAL_OK);
	make_inner(false, 60, 0);
	assert_int_equal(pkt_seal(out, p, true, NOW), IPC_DROP_EXPIRED);
	out->hard_packets = 0;
	sealed(false, 60);
	carry(p, copy);
	assert_int_equal(seal_open(in, copy, false, NOW), IPC_DROP_EXPIRED);
	carry(p, copy);
	assert_true(in->hard_due);
	assert_int_equal(seal_open(in, copy, false, NOW), IPC_DROP_REPLAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_suite_round_trips),
		cmocka_unit_test(changed_bytes_are_noticed),
		cmocka_unit_test(inner_packets_are_checked),
		cmocka_unit_test(congestion_marks_come_through),
		cmocka_unit_test(packets_must_come_as_agreed),
		cmocka_unit_test(numbers_run_out),
		cmocka_unit_test(hard_limits_stop_both_ways),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
