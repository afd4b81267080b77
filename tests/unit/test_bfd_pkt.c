/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/bfd_pkt.h"

#include "base/csum.h"
#include "base/list.h"
#include "wire/ip_hdr.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Written by hand after RFC 5880, 4.1: Up, 3 x 300 ms, discriminators 1 and 2, polling. */
#define BODY(first, second, len)                                                                   \
	first, second, 3, len, 0, 0, 0, 1, 0, 0, 0, 2, 0, 4, 0x93, 0xe0, 0, 4, 0x93, 0xe0, 0, 0,   \
		0xc3, 0x50

static const uint8_t plain[] = { BODY(0x20, 0xe0, 24) };
static const uint8_t password[] = { BODY(0x20, 0xc4, 33), 1, 9, 7, 's', 'e', 'c', 'r', 'e', 't' };
static const uint8_t sha1[] = { BODY(0x26, 0xd6, 52),
				5,
				28,
				1,
				0,
				1,
				2,
				3,
				4,
				0xa0,
				1,
				2,
				3,
				4,
				5,
				6,
				7,
				8,
				9,
				10,
				11,
				12,
				13,
				14,
				15,
				16,
				17,
				18,
				19 };
static const uint8_t md5[] = { BODY(0x20, 0xc4, 48),
			       2,
			       24,
			       1,
			       0,
			       0,
			       0,
			       0,
			       9,
			       1,
			       2,
			       3,
			       4,
			       5,
			       6,
			       7,
			       8,
			       9,
			       10,
			       11,
			       12,
			       13,
			       14,
			       15,
			       16 };

static const struct view good[] = { { plain, sizeof(plain) },
				    { password, sizeof(password) },
				    { sha1, sizeof(sha1) },
				    { md5, sizeof(md5) } };

static void fields(void **state)
{
	struct bfd_pkt p;

	(void)state;
	assert_int_equal(bfd_pkt_decode(good[0], &p), BFD_PKT_NONE);
	assert_int_equal(p.state, BFD_UP);
	assert_int_equal(p.diag, BFD_DIAG_NONE);
	assert_true(p.poll && !p.final && !p.demand && !p.independent);
	assert_int_equal(p.mult, 3);
	assert_int_equal(p.my_discr, 1);
	assert_int_equal(p.your_discr, 2);
	assert_int_equal(p.tx, 300000);
	assert_int_equal(p.rx, 300000);
	assert_int_equal(p.echo_rx, 50000);
	assert_int_equal(p.auth.type, BFD_AUTH_NONE);
	assert_int_equal(bfd_pkt_decode(good[1], &p), BFD_PKT_NONE);
	assert_int_equal(p.auth.type, BFD_AUTH_PASSWORD);
	assert_int_equal(p.auth.key_id, 7);
	assert_int_equal(p.auth.len, 6);
	assert_memory_equal(p.auth.digest, "secret", 6);
	assert_int_equal(bfd_pkt_decode(good[2], &p), BFD_PKT_NONE);
	assert_int_equal(p.diag, BFD_DIAG_CONCATENATED);
	assert_true(p.demand && p.final && !p.poll);
	assert_int_equal(p.auth.type, BFD_AUTH_METICULOUS_SHA1);
	assert_int_equal(p.auth.seq, 0x01020304);
	assert_int_equal(p.auth.len, BFD_DIGEST);
	assert_int_equal(p.auth.digest[0], 0xa0);
	assert_ptr_equal(sha1 + BFD_DIGEST_AT, sha1 + sizeof(sha1) - BFD_DIGEST);
	assert_int_equal(bfd_pkt_decode(good[3], &p), BFD_PKT_NONE);
	assert_int_equal(p.auth.type, BFD_AUTH_MD5);
	assert_int_equal(p.auth.len, 16);
}

static void said_again(void **state)
{
	uint8_t out[BFD_PKT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct bfd_pkt p;

		assert_int_equal(bfd_pkt_decode(good[i], &p), BFD_PKT_NONE);
		assert_int_equal(bfd_pkt_encode(&p, out, sizeof(out)), good[i].len);
		assert_memory_equal(out, good[i].data, good[i].len);
		assert_int_equal(bfd_pkt_encode(&p, out, good[i].len - 1), -EMSGSIZE);
	}
}

static void truncated(void **state)
{
	struct bfd_pkt p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		for (size_t n = 0; n < good[i].len; n++)
			assert_int_equal(bfd_pkt_decode((struct view){ good[i].data, n }, &p),
					 n < 24 ? BFD_PKT_SHORT : BFD_PKT_LENGTH);
}

/* 6.8.6, as far as no session is needed for it: one byte of a good packet changed. */
static void checks(void **state)
{
	static const struct {
		size_t from, at;
		uint8_t value;
		enum bfd_pkt_error want;
	} rows[] = {
		{ 0, 0, 0x00, BFD_PKT_VERSION },
		{ 0, 0, 0x40, BFD_PKT_VERSION },
		{ 0, 3, 23, BFD_PKT_LENGTH },
		{ 0, 3, 25, BFD_PKT_LENGTH }, /* more than there is */
		{ 2, 3, 25, BFD_PKT_LENGTH }, /* no room for the section's head */
		{ 0, 1, 0xe4, BFD_PKT_LENGTH }, /* a section is promised that is not there */
		{ 2, 1, 0xc0, BFD_PKT_LENGTH }, /* one is there that is not promised */
		{ 0, 2, 0, BFD_PKT_MULT },
		{ 0, 1, 0xe1, BFD_PKT_MULTIPOINT },
		{ 0, 7, 0, BFD_PKT_MY_DISCR },
		{ 0, 11, 0, BFD_PKT_STATE }, /* Up, and does not know us */
		{ 0, 0, 0x3f, BFD_PKT_NONE }, /* a reserved diagnostic */
		{ 2, 24, 0, BFD_PKT_AUTH },
		{ 2, 24, 6, BFD_PKT_AUTH },
		{ 2, 24, 1, BFD_PKT_AUTH }, /* a password of 25 bytes */
		{ 2, 25, 27, BFD_PKT_AUTH },
		{ 2, 25, 29, BFD_PKT_AUTH },
		{ 2, 3, 51, BFD_PKT_AUTH },
		{ 1, 25, 8, BFD_PKT_AUTH },
		{ 3, 24, 4, BFD_PKT_AUTH }, /* SHA-1 of 16 bytes */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct view from = good[rows[i].from];
		uint8_t bytes[BFD_PKT_MAX];
		struct bfd_pkt p;

		memcpy(bytes, from.data, from.len);
		bytes[rows[i].at] = rows[i].value;
		assert_int_equal(bfd_pkt_decode((struct view){ bytes, from.len }, &p),
				 rows[i].want);
	}
}

/* Who does not know us yet may only be Down or AdminDown. */
static void without_your_discriminator(void **state)
{
	(void)state;
	for (unsigned s = BFD_ADMIN_DOWN; s <= BFD_UP; s++) {
		uint8_t bytes[] = { BODY(0x20, 0, 24) };
		struct bfd_pkt p;

		bytes[1] = (uint8_t)(s << 6);
		bytes[11] = 0;
		assert_int_equal(bfd_pkt_decode((struct view){ bytes, sizeof(bytes) }, &p),
				 s <= BFD_DOWN ? BFD_PKT_NONE : BFD_PKT_STATE);
	}
}

/* What stands behind the packet's own length is not looked at. */
static void padding(void **state)
{
	uint8_t bytes[40] = { BODY(0x20, 0xc0, 24) };
	struct bfd_pkt p;

	(void)state;
	memset(bytes + 24, 0xff, sizeof(bytes) - 24);
	assert_int_equal(bfd_pkt_decode((struct view){ bytes, sizeof(bytes) }, &p), BFD_PKT_NONE);
}

static void what_cannot_be_said(void **state)
{
	const struct bfd_pkt base = { .state = BFD_DOWN, .mult = 1, .my_discr = 1 };
	uint8_t out[BFD_PKT_MAX];
	struct bfd_pkt p = base;

	(void)state;
	assert_int_equal(bfd_pkt_encode(&p, out, sizeof(out)), 24);
	p.mult = 0;
	assert_int_equal(bfd_pkt_encode(&p, out, sizeof(out)), -EINVAL);
	p = base;
	p.my_discr = 0;
	assert_int_equal(bfd_pkt_encode(&p, out, sizeof(out)), -EINVAL);
	p = base;
	p.state = BFD_INIT;
	assert_int_equal(bfd_pkt_encode(&p, out, sizeof(out)), -EINVAL);
	p = base;
	p.diag = 32;
	assert_int_equal(bfd_pkt_encode(&p, out, sizeof(out)), -EINVAL);
	p = base;
	p.auth = (struct bfd_auth){ .type = BFD_AUTH_SHA1, .len = 16 };
	assert_int_equal(bfd_pkt_encode(&p, out, sizeof(out)), -EINVAL);
}

static void wrapped(void **state)
{
	static const char *const ends[][2] = { { "10.1.22.252", "172.16.41.201" },
					       { "2001:db8::1", "2001:db8::2" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct endpoint src = { .port = 50000 }, dst = { .port = BFD_PORT };
		uint8_t out[BFD_WRAPPED_MAX];
		struct ip_hdr h;
		struct view udp;
		ssize_t n;

		assert_true(addr_parse(ends[i][0], &src.addr) && addr_parse(ends[i][1], &dst.addr));
		n = bfd_pkt_wrap(&src, &dst, good[2], out, sizeof(out));
		assert_true(n > 0);
		assert_true(ip_hdr_parse((struct view){ out, (size_t)n }, &h, &udp));
		assert_int_equal(h.ttl, 255);
		assert_int_equal(h.tos, 0xc0);
		assert_int_equal(h.protocol, 17);
		assert_true(addr_equal(&h.src, &src.addr) && addr_equal(&h.dst, &dst.addr));
		assert_int_equal(udp.len, 8 + sizeof(sha1));
		assert_int_equal(udp.data[0] << 8 | udp.data[1], 50000);
		assert_int_equal(udp.data[2] << 8 | udp.data[3], 3784);
		assert_int_equal(csum_finish(csum_add(csum_add_pseudo(0, &h.src, &h.dst, 17,
								      (uint32_t)udp.len),
						      udp.data, udp.len)),
				 0);
		assert_int_equal(bfd_pkt_wrap(&src, &dst, good[2], out, (size_t)n - 1), -EMSGSIZE);
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(bfd_pkt_error_name(BFD_PKT_LENGTH), "length");
	assert_string_equal(bfd_pkt_error_name(BFD_PKT_ERROR_COUNT), "unknown");
	assert_string_equal(bfd_state_name(BFD_ADMIN_DOWN), "admin-down");
	assert_string_equal(bfd_diag_text(6), "concatenated path down");
	assert_string_equal(bfd_diag_text(8), "reverse concatenated path down");
	assert_string_equal(bfd_diag_text(31), "a reserved diagnostic");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(said_again),
		cmocka_unit_test(truncated),
		cmocka_unit_test(checks),
		cmocka_unit_test(without_your_discriminator),
		cmocka_unit_test(padding),
		cmocka_unit_test(what_cannot_be_said),
		cmocka_unit_test(wrapped),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
