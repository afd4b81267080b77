/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/mss.h"

#include "base/csum.h"
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"

static uint16_t tcp_sum(const uint8_t *p, const struct ip_pkt *ip)
{
	size_t n = ip->len - ip->header_len;

	return csum_finish(csum_add(csum_add_pseudo(0, &ip->src, &ip->dst, 6, (uint32_t)n),
				    p + ip->header_len, n));
}

/* 10.0.0.1 to 10.0.0.2, or 2001:db8::1 to ::2, with these TCP flags and options. */
static size_t make(uint8_t *p, bool v6, uint8_t flags, const char *options, struct ip_pkt *ip)
{
	size_t header, opt, n;
	uint16_t sum;

	memset(p, 0, 256);
	if (v6)
		header = unhex("600000000000063f 20010db8000000000000000000000001"
			       "20010db8000000000000000000000002",
			       p, 256);
	else
		header = unhex("45000000000000003f060000 0a000001 0a000002", p, 256);
	opt = unhex(options, p + header + 20, 40);
	n = header + 20 + opt;
	p[v6 ? 5 : 3] = (uint8_t)(v6 ? n - 40 : n);
	p[header + 12] = (uint8_t)((20 + opt) / 4 << 4);
	p[header + 13] = flags;
	assert_int_equal(ip_pkt_decode((struct view){ p, n }, ip), 0);
	sum = tcp_sum(p, ip);
	p[header + 16] = (uint8_t)(sum >> 8);
	p[header + 17] = (uint8_t)sum;
	assert_int_equal(tcp_sum(p, ip), 0);
	return n;
}

static void lowers_only_what_is_too_high(void **state)
{
	static const struct {
		const char *options, *want;
		uint16_t mss;
		uint8_t flags;
	} rows[] = {
		{ "020405b4", "02040550", 1360, 0x02 },
		{ "020405b4", "02040550", 1360, 0x12 }, /* SYN, ACK */
		{ "02040550", "02040550", 1360, 0x02 },
		{ "02040200", "02040200", 1360, 0x02 },
		{ "020405b4", "020405b4", 1360, 0x10 }, /* no SYN */
		{ "020405b4", "020405b4", 0, 0x02 }, /* off */
		{ "01020405b4010101", "0102040550010101", 1360, 0x02 }, /* at an odd place */
		{ "010303070402 020405b4 0101", "010303070402 02040550 0101", 1360, 0x02 },
		{ "00020405b4000000", "00020405b4000000", 1360, 0x02 }, /* behind the end */
		{ "0300020405b40000", "0300020405b40000", 1360, 0x02 }, /* length 0 */
		{ "010101 02 010101 02", "0101010201010102", 1360, 0x02 }, /* cut off */
		{ "0203ff00", "0203ff00", 1360, 0x02 }, /* a MSS of another length */
		{ "", "", 1360, 0x02 },
	};

	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			uint8_t p[256], want[40];
			struct ip_pkt ip;
			size_t n = unhex(rows[i].want, want, sizeof(want));

			(void)make(p, v6, rows[i].flags, rows[i].options, &ip);
			mss_clamp(p, &ip, rows[i].mss);
			assert_memory_equal(p + ip.header_len + 20, want, n);
			assert_int_equal(tcp_sum(p, &ip), 0);
		}
}

static void leaves_what_is_no_whole_tcp_header(void **state)
{
	uint8_t p[256], was[256];
	struct ip_pkt ip;
	size_t n = make(p, false, 2, "020405b4", &ip);

	(void)state;
	memcpy(was, p, sizeof(p));
	ip.fragment_offset = 8;
	mss_clamp(p, &ip, 1360);
	ip.fragment_offset = 0;
	ip.len = 30;
	mss_clamp(p, &ip, 1360);
	ip.len = n - 2; /* the options would reach past the end */
	mss_clamp(p, &ip, 1360);
	ip.len = n;
	ip.protocol = 17;
	mss_clamp(p, &ip, 1360);
	assert_memory_equal(p, was, sizeof(p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lowers_only_what_is_too_high),
		cmocka_unit_test(leaves_what_is_no_whole_tcp_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
