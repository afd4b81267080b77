/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/vrrp_pkt.h"

#include "base/csum.h"
#include "base/list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Written by hand after RFC 3768 and RFC 9568: virtual router 10, priority 200. */
static const uint8_t v2[] = { 0x21, 0x0a, 0xc8, 0x01, 0x00, 0x01, 0xf5, 0xf3, 0x0a, 0x01,
			      0x16, 0xfe, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 };
static const uint8_t v3_plain[] = { 0x31, 0x0a, 0xc8, 0x02, 0x00, 0x64, 0xc4, 0x93,
				    0x0a, 0x01, 0x16, 0xfe, 0x0a, 0x01, 0x16, 0xfb };
static const uint8_t v3_pseudo[] = { 0x31, 0x0a, 0xc8, 0x02, 0x00, 0x64, 0xc3, 0x03,
				     0x0a, 0x01, 0x16, 0xfe, 0x0a, 0x01, 0x16, 0xfb };
static const uint8_t v3_v6[] = { 0x31, 0x0a, 0x00, 0x01, 0x00, 0x01, 0xd0, 0x5a,
				 0xfe, 0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
				 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfe };

static struct addr addr(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static const struct {
	struct view packet;
	const char *src, *dst;
	uint8_t version, priority;
	usec_t interval;
	enum vrrp_checksum checksum;
	unsigned count;
	const char *addresses[2];
} good[] = {
	{ { v2, sizeof(v2) },
	  "10.1.22.252",
	  "224.0.0.18",
	  2,
	  200,
	  1000000,
	  VRRP_CHECKSUM_PSEUDO,
	  1,
	  { "10.1.22.254" } },
	{ { v3_plain, sizeof(v3_plain) },
	  "10.1.22.252",
	  "224.0.0.18",
	  3,
	  200,
	  1000000,
	  VRRP_CHECKSUM_PLAIN,
	  2,
	  { "10.1.22.254", "10.1.22.251" } },
	{ { v3_pseudo, sizeof(v3_pseudo) },
	  "10.1.22.252",
	  "224.0.0.18",
	  3,
	  200,
	  1000000,
	  VRRP_CHECKSUM_PSEUDO,
	  2,
	  { "10.1.22.254", "10.1.22.251" } },
	{ { v3_v6, sizeof(v3_v6) },
	  "fe80::fc",
	  "ff02::12",
	  3,
	  0,
	  10000,
	  VRRP_CHECKSUM_PSEUDO,
	  1,
	  { "fe80::fe" } },
};

static void good_packets(void **state)
{
	uint8_t out[VRRP_PKT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct addr src = addr(good[i].src), dst = addr(good[i].dst);
		size_t len = good[i].packet.len;
		struct vrrp_adv adv;

		assert_int_equal(vrrp_pkt_decode(good[i].packet, &src, &dst, 255, &adv),
				 VRRP_PKT_NONE);
		assert_int_equal(adv.version, good[i].version);
		assert_int_equal(adv.vrid, 10);
		assert_int_equal(adv.priority, good[i].priority);
		assert_int_equal(adv.interval, good[i].interval);
		assert_int_equal(adv.checksum, good[i].checksum);
		assert_int_equal(adv.count, good[i].count);
		for (unsigned n = 0; n < adv.count; n++) {
			struct addr want = addr(good[i].addresses[n]);

			assert_true(addr_equal(&adv.addresses[n], &want));
		}
		assert_int_equal(vrrp_pkt_encode(&adv, &src, &dst, out, sizeof(out)), len);
		assert_memory_equal(out, good[i].packet.data, len);
		assert_int_equal(vrrp_pkt_encode(&adv, &src, &dst, out, len - 1), -EMSGSIZE);
	}
}

static void any_wrong_bit_is_noticed(void **state)
{
	uint8_t bad[VRRP_PKT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct addr src = addr(good[i].src), dst = addr(good[i].dst);
		size_t len = good[i].packet.len;
		struct vrrp_adv adv;

		for (size_t bit = 0; bit < 8 * len; bit++) {
			memcpy(bad, good[i].packet.data, len);
			bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_int_not_equal(vrrp_pkt_decode((struct view){ bad, len }, &src, &dst,
							     255, &adv),
					     VRRP_PKT_NONE);
		}
		for (size_t n = 0; n < len; n++)
			assert_int_equal(vrrp_pkt_decode((struct view){ good[i].packet.data, n },
							 &src, &dst, 255, &adv),
					 n < 8 ? VRRP_PKT_SHORT : VRRP_PKT_LENGTH);
	}
}

/* One field wrong, the checksum right. */
static void wrong_fields(void **state)
{
	static const struct {
		size_t from, at; /* good[from], byte */
		uint8_t value;
		enum vrrp_pkt_error want;
	} rows[] = {
		{ 0, 0, 0x11, VRRP_PKT_VERSION }, { 0, 0, 0x41, VRRP_PKT_VERSION },
		{ 3, 0, 0x21, VRRP_PKT_VERSION }, /* version 2 has no IPv6 */
		{ 0, 0, 0x22, VRRP_PKT_TYPE },    { 2, 0, 0x30, VRRP_PKT_TYPE },
		{ 0, 1, 0, VRRP_PKT_VRID },       { 2, 3, 0, VRRP_PKT_COUNT },
		{ 2, 3, 21, VRRP_PKT_LENGTH },    { 2, 3, 255, VRRP_PKT_LENGTH },
		{ 2, 3, 1, VRRP_PKT_LENGTH },     { 0, 3, 2, VRRP_PKT_LENGTH },
		{ 0, 4, 1, VRRP_PKT_AUTH },       { 0, 4, 2, VRRP_PKT_AUTH },
		{ 0, 5, 0, VRRP_PKT_INTERVAL },   { 1, 5, 0, VRRP_PKT_INTERVAL },
		{ 2, 4, 0xf0, VRRP_PKT_NONE }, /* reserved bits are ignored on receipt */
		{ 0, 2, 255, VRRP_PKT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t from = rows[i].from, len = good[from].packet.len;
		struct addr src = addr(good[from].src), dst = addr(good[from].dst);
		uint8_t bytes[VRRP_PKT_MAX];
		struct vrrp_adv adv;
		uint32_t sum = 0;

		memcpy(bytes, good[from].packet.data, len);
		bytes[rows[i].at] = rows[i].value;
		bytes[6] = bytes[7] = 0;
		if (from >= 2)
			sum = csum_add_pseudo(0, &src, &dst, 112, (uint32_t)len);
		sum = csum_finish(csum_add(sum, bytes, len));
		bytes[6] = (uint8_t)(sum >> 8);
		bytes[7] = (uint8_t)sum;
		assert_int_equal(vrrp_pkt_decode((struct view){ bytes, len }, &src, &dst, 255,
						 &adv),
				 rows[i].want);
	}
}

static void routed_packets_are_refused(void **state)
{
	struct addr src = addr("10.1.22.252"), dst = addr("224.0.0.18"), other = addr("10.1.22.9");
	struct vrrp_adv adv;

	(void)state;
	assert_int_equal(vrrp_pkt_decode(good[0].packet, &src, &dst, 254, &adv), VRRP_PKT_TTL);
	/* the pseudo header binds a packet to its sender */
	assert_int_equal(vrrp_pkt_decode(good[2].packet, &other, &dst, 255, &adv),
			 VRRP_PKT_CHECKSUM);
}

static void limits_of_what_can_be_said(void **state)
{
	const struct vrrp_adv base = { .version = 3,
				       .vrid = 10,
				       .priority = 100,
				       .interval = 1000000,
				       .count = 1,
				       .addresses = { addr("10.1.22.254") } };
	struct addr v4 = addr("10.1.22.252"), v6 = addr("fe80::1"), group = addr("224.0.0.18");
	uint8_t out[VRRP_PKT_MAX];
	struct vrrp_adv a;

	(void)state;
	assert_true(vrrp_pkt_encode(&base, &v4, &group, out, sizeof(out)) > 0);
	a = base;
	a.version = 4;
	assert_int_equal(vrrp_pkt_encode(&a, &v4, &group, out, sizeof(out)), -EINVAL);
	a = base;
	a.vrid = 0;
	assert_int_equal(vrrp_pkt_encode(&a, &v4, &group, out, sizeof(out)), -EINVAL);
	a = base;
	a.count = 0;
	assert_int_equal(vrrp_pkt_encode(&a, &v4, &group, out, sizeof(out)), -EINVAL);
	a.count = VRRP_ADDRS_MAX + 1;
	assert_int_equal(vrrp_pkt_encode(&a, &v4, &group, out, sizeof(out)), -EINVAL);
	a = base;
	a.addresses[0] = v6;
	assert_int_equal(vrrp_pkt_encode(&a, &v4, &group, out, sizeof(out)), -EINVAL);
	assert_int_equal(vrrp_pkt_encode(&base, &v4, &v6, out, sizeof(out)), -EINVAL);
}

static void intervals(void **state)
{
	static const struct {
		usec_t interval;
		uint8_t version;
		bool valid;
	} rows[] = {
		{ 10000, 3, true },      { 40950000, 3, true }, { 0, 3, false },
		{ 40960000, 3, false },  { 15000, 3, false },   { 1000000, 2, true },
		{ 255000000, 2, true },  { 0, 2, false },       { 500000, 2, false },
		{ 256000000, 2, false },
	};
	struct addr src = addr("10.1.22.252"), dst = addr("224.0.0.18");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct vrrp_adv back, adv = { .version = rows[i].version,
					      .vrid = 1,
					      .priority = 1,
					      .interval = rows[i].interval,
					      .count = VRRP_ADDRS_MAX };
		uint8_t out[VRRP_PKT_MAX];
		ssize_t len;

		for (unsigned n = 0; n < VRRP_ADDRS_MAX; n++)
			adv.addresses[n] = src;
		len = vrrp_pkt_encode(&adv, &src, &dst, out, sizeof(out));
		assert_int_equal(len > 0, rows[i].valid);
		if (len < 0)
			continue;
		assert_int_equal(vrrp_pkt_decode((struct view){ out, (size_t)len }, &src, &dst, 255,
						 &back),
				 VRRP_PKT_NONE);
		assert_true(back.interval == rows[i].interval);
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(vrrp_pkt_error_name(VRRP_PKT_NONE), "none");
	assert_string_equal(vrrp_pkt_error_name(VRRP_PKT_CHECKSUM), "checksum");
	assert_string_equal(vrrp_pkt_error_name(VRRP_PKT_ERROR_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_packets),
		cmocka_unit_test(any_wrong_bit_is_noticed),
		cmocka_unit_test(wrong_fields),
		cmocka_unit_test(routed_packets_are_refused),
		cmocka_unit_test(limits_of_what_can_be_said),
		cmocka_unit_test(intervals),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
