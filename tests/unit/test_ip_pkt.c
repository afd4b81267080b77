/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/ip_pkt.h"

#include "base/csum.h"
#include "base/list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"

static struct addr at(const char *text)
{
	struct addr a = { ADDR_NONE, { 0 } };

	assert_true(addr_parse(text, &a));
	return a;
}

static void decodes(void **state)
{
	static const struct {
		const char *bytes;
		int rc;
		size_t len, header_len;
		uint8_t protocol, tos;
		bool df, fragment;
		uint16_t offset;
	} rows[] = {
		{ "", -EBADMSG, 0, 0, 0, 0, 0, 0, 0 },
		{ "45", -EBADMSG, 0, 0, 0, 0, 0, 0, 0 },
		{ "15000014 00004000 40010000 0a000001 0a000002", -EBADMSG, 0, 0, 0, 0, 0, 0, 0 },
		/* plain, DF, TOS b8 */
		{ "45b80014 00004000 40010000 0a000001 0a000002", 0, 20, 20, 1, 0xb8, 1, 0, 0 },
		/* total length past the end, and below the header */
		{ "45000015 00004000 40010000 0a000001 0a000002", -EBADMSG, 0, 0, 0, 0, 0, 0, 0 },
		{ "45000013 00004000 40010000 0a000001 0a000002", -EBADMSG, 0, 0, 0, 0, 0, 0, 0 },
		{ "44000014 00004000 40010000 0a000001 0a000002", -EBADMSG, 0, 0, 0, 0, 0, 0, 0 },
		{ "46000014 00004000 40010000 0a000001 0a000002", -EBADMSG, 0, 0, 0, 0, 0, 0, 0 },
		/* options; padding behind is tolerated */
		{ "46000018 00000000 40060000 0a000001 0a000002 01010101 0000", 0, 24, 24, 6, 0, 0,
		  0, 0 },
		/* first and later fragment */
		{ "45000014 00002000 40110000 0a000001 0a000002", 0, 20, 20, 17, 0, 0, 1, 0 },
		{ "45000014 00000003 40110000 0a000001 0a000002", 0, 20, 20, 17, 0, 0, 1, 24 },
		/* IPv6, traffic class 2c */
		{ "62c00000 0000 3b 40 20010db8000000000000000000000001"
		  "20010db8000000000000000000000002",
		  0, 40, 40, 59, 0x2c, 1, 0, 0 },
		{ "60000000 0001 3b 40 20010db8000000000000000000000001"
		  "20010db8000000000000000000000002",
		  -EBADMSG, 0, 0, 0, 0, 0, 0, 0 },
		/* hop-by-hop, then a fragment header of the first part, then UDP */
		{ "60000000 0018 00 40 20010db8000000000000000000000001"
		  "20010db8000000000000000000000002 2c00010400000000 1100000100000007"
		  "0001000200080000",
		  0, 64, 56, 17, 0, 1, 1, 0 },
		/* a later part: what follows is payload, even if it looks like an extension */
		{ "60000000 0010 2c 40 20010db8000000000000000000000001"
		  "20010db8000000000000000000000002 0000000900000007 0000000000000000",
		  0, 56, 48, 0, 0, 1, 1, 8 },
		/* a chain that is cut off */
		{ "60000000 0008 00 40 20010db8000000000000000000000001"
		  "20010db8000000000000000000000002 1101000000000000",
		  0, 48, 40, IP_PKT_PROTO_UNKNOWN, 0, 1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct ip_pkt ip = { 0 };
		uint8_t p[128];
		size_t n = unhex(rows[i].bytes, p, sizeof(p));

		assert_int_equal(ip_pkt_decode((struct view){ p, n }, &ip), rows[i].rc);
		if (rows[i].rc < 0)
			continue;
		assert_int_equal(ip.len, rows[i].len);
		assert_int_equal(ip.header_len, rows[i].header_len);
		assert_int_equal(ip.protocol, rows[i].protocol);
		assert_int_equal(ip.tos, rows[i].tos);
		assert_int_equal(ip.dont_fragment, rows[i].df);
		assert_int_equal(ip.fragment, rows[i].fragment);
		assert_int_equal(ip.fragment_offset, rows[i].offset);
	}
}

/* A UDP packet of n bytes of payload; the header checksum is right. */
static size_t make_v4(uint8_t *p, size_t n, bool df, const char *options)
{
	size_t header = 20 + unhex(options, p + 20, 40);
	struct addr src = at("10.0.0.1"), dst = at("10.9.0.2");

	memset(p, 0, 20);
	p[0] = (uint8_t)(0x40 | header / 4);
	p[2] = (uint8_t)((header + n) >> 8);
	p[3] = (uint8_t)(header + n);
	p[4] = 0x12;
	p[6] = df ? 0x40 : 0;
	p[8] = 64;
	p[9] = 17;
	memcpy(p + 12, src.bytes, 4);
	memcpy(p + 16, dst.bytes, 4);
	for (size_t i = 0; i < n; i++)
		p[header + i] = (uint8_t)(i * 7);
	p[10] = p[11] = 0;
	uint16_t sum = csum_finish(csum_add(0, p, header));
	p[10] = (uint8_t)(sum >> 8);
	p[11] = (uint8_t)sum;
	return header + n;
}

static void traffic_class_keeps_the_checksum(void **state)
{
	uint8_t p[64], v6[40] = { 0x61, 0x23, 0x45 };

	(void)state;
	(void)make_v4(p, 8, false, "");
	for (unsigned tos = 0; tos < 256; tos++) {
		ip_pkt_set_tos(p, (uint8_t)tos);
		assert_int_equal(p[1], tos);
		assert_int_equal(csum_finish(csum_add(0, p, 20)), 0);
	}
	ip_pkt_set_tos(v6, 0xb8);
	assert_memory_equal(v6, "\x6b\x83\x45", 3); /* the flow label stays */
}

static void fragments_make_the_packet_again(void **state)
{
	/* record route is not copied, 0x83 (loose source route) is */
	static const char *const options[] = { "", "01010101", "07070400000000 00",
					       "01830704c0a80101 0000000000000000" };
	static const size_t mtus[] = { 68, 100, 576, 1000 };
	uint8_t p[4096], out[4096], whole[4096];

	(void)state;
	for (size_t o = 0; o < ARRAY_LEN(options); o++)
		for (size_t m = 0; m < ARRAY_LEN(mtus); m++) {
			size_t len = make_v4(p, 2999, false, options[o]), n, got = 0;
			struct ip_pkt ip, part;
			struct ip_frag f;

			assert_int_equal(ip_pkt_decode((struct view){ p, len }, &ip), 0);
			assert_int_equal(ip_frag_init(&f, (struct view){ p, len }, &ip, mtus[m]),
					 0);
			while ((n = ip_frag_next(&f, out)) > 0) {
				assert_true(n <= mtus[m]);
				assert_int_equal(ip_pkt_decode((struct view){ out, n }, &part), 0);
				assert_int_equal(part.len, n);
				assert_int_equal(csum_finish(csum_add(0, out, part.header_len)), 0);
				assert_int_equal(part.fragment_offset, got);
				assert_memory_equal(out + 4, p + 4, 2);
				memcpy(whole + got, out + part.header_len, n - part.header_len);
				got += n - part.header_len;
				assert_int_equal(!!(out[6] & 0x20), got < 2999);
			}
			assert_int_equal(got, 2999);
			assert_memory_equal(whole, p + ip.header_len, got);
		}
}

/* A fragment that is cut again keeps its place and says that more follows. */
static void fragments_of_fragments(void **state)
{
	uint8_t p[1024], out[1024];
	size_t len = make_v4(p, 600, false, ""), n;
	struct ip_pkt ip, part;
	struct ip_frag f;

	(void)state;
	p[6] = 0x20; /* more follow, and it lies at 80 */
	p[7] = 10;
	assert_int_equal(ip_pkt_decode((struct view){ p, len }, &ip), 0);
	assert_int_equal(ip_frag_init(&f, (struct view){ p, len }, &ip, 400), 0);
	n = ip_frag_next(&f, out);
	assert_int_equal(n, 20 + 376);
	n = ip_frag_next(&f, out);
	assert_int_equal(ip_pkt_decode((struct view){ out, n }, &part), 0);
	assert_int_equal(part.fragment_offset, 80 + 376);
	assert_true(out[6] & 0x20);
	assert_int_equal(ip_frag_next(&f, out), 0);
	assert_int_equal(ip_frag_init(&f, (struct view){ p, len }, &ip, 27), -EMSGSIZE);
}

static void too_big_tells_the_sender(void **state)
{
	uint8_t p[2048], out[IP_TOO_BIG_MAX];
	size_t len = make_v4(p, 1400, true, ""), n;
	struct ip_pkt ip, back;

	(void)state;
	assert_int_equal(ip_pkt_decode((struct view){ p, len }, &ip), 0);
	n = ip_too_big_build((struct view){ p, len }, &ip, 1300, out);
	assert_int_equal(n, 576);
	assert_int_equal(ip_pkt_decode((struct view){ out, n }, &back), 0);
	assert_true(addr_equal(&back.dst, &ip.src));
	assert_true(addr_equal(&back.src, &ip.dst));
	assert_int_equal(csum_finish(csum_add(0, out, 20)), 0);
	assert_int_equal(csum_finish(csum_add(0, out + 20, n - 20)), 0);
	assert_memory_equal(out + 20, "\x03\x04", 2);
	assert_memory_equal(out + 24, "\0\0\x05\x14", 4);
	assert_memory_equal(out + 28, p, 548);
	p[9] = 1; /* an ICMP error is never answered, an echo request is */
	p[20] = 3;
	ip.protocol = 1;
	assert_int_equal(ip_too_big_build((struct view){ p, len }, &ip, 1300, out), 0);
	p[20] = 8;
	assert_int_equal(ip_too_big_build((struct view){ p, len }, &ip, 1300, out), 576);
	ip.fragment_offset = 8;
	assert_int_equal(ip_too_big_build((struct view){ p, len }, &ip, 1300, out), 0);
	ip.fragment_offset = 0;
	ip.dst = at("224.0.0.5");
	assert_int_equal(ip_too_big_build((struct view){ p, len }, &ip, 1300, out), 0);
}

static void packet_too_big_for_ipv6(void **state)
{
	uint8_t p[1500] = { 0x60 }, out[IP_TOO_BIG_MAX];
	struct addr src = at("2001:db8::1"), dst = at("2001:db8:1::2");
	struct ip_pkt ip, back;
	size_t n;

	(void)state;
	p[4] = (1500 - 40) >> 8;
	p[5] = (1500 - 40) & 0xff;
	p[6] = 17;
	memcpy(p + 8, src.bytes, 16);
	memcpy(p + 24, dst.bytes, 16);
	assert_int_equal(ip_pkt_decode((struct view){ p, sizeof(p) }, &ip), 0);
	n = ip_too_big_build((struct view){ p, sizeof(p) }, &ip, 1400, out);
	assert_int_equal(n, 1280);
	assert_int_equal(ip_pkt_decode((struct view){ out, n }, &back), 0);
	assert_int_equal(back.protocol, 58);
	assert_true(addr_equal(&back.dst, &src));
	assert_memory_equal(out + 40, "\x02\0", 2);
	assert_memory_equal(out + 44, "\0\0\x05\x78", 4);
	assert_int_equal(csum_finish(csum_add(csum_add_pseudo(0, &back.src, &back.dst, 58,
							      (uint32_t)n - 40),
					      out + 40, n - 40)),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes),
		cmocka_unit_test(traffic_class_keeps_the_checksum),
		cmocka_unit_test(fragments_make_the_packet_again),
		cmocka_unit_test(fragments_of_fragments),
		cmocka_unit_test(too_big_tells_the_sender),
		cmocka_unit_test(packet_too_big_for_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
