/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP datagrams and what ICMP errors quote of them. */
#include "wire/udp_pkt.h"

#include "base/csum.h"
#include "base/list.h"
#include "wire/ip_hdr.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hex.h"

static struct endpoint at(const char *addr, uint16_t port)
{
	struct endpoint e = { .port = port };

	assert_true(addr_parse(addr, &e.addr));
	return e;
}

static const char *const addresses[][2] = { { "10.0.0.1", "10.0.0.2" },
					    { "2001:db8::1", "2001:db8::2" } };

/* By hand, after RFC 791 and 768. */
static void test_layout(void **state)
{
	const struct endpoint src = at("10.0.0.1", 40000), dst = at("10.0.0.2", 862);
	uint8_t buf[128], want[64];
	size_t n = unhex("45c0001f 00004000 ff11670b 0a000001 0a000002 9c40035e 000b 87d4 616263",
			 want, sizeof(want));

	(void)state;
	assert_int_equal(udp_pkt_build(&src, &dst, (struct view){ (const uint8_t *)"abc", 3 }, buf,
				       sizeof(buf)),
			 n);
	assert_memory_equal(buf, want, n);
}

static void test_sums(void **state)
{
	(void)state;
	for (size_t f = 0; f < ARRAY_LEN(addresses); f++)
		for (unsigned i = 0; i < 65536; i += 97) {
			const struct endpoint src = at(addresses[f][0], 7),
					      dst = at(addresses[f][1], 9);
			const uint8_t payload[] = { (uint8_t)(i >> 8), (uint8_t)i };
			uint8_t buf[128];
			ssize_t n = udp_pkt_build(&src, &dst, (struct view){ payload, 2 }, buf,
						  sizeof(buf));
			struct ip_hdr h;
			struct view udp;

			assert_true(n > 0);
			assert_true(ip_hdr_parse((struct view){ buf, (size_t)n }, &h, &udp));
			assert_int_equal(h.protocol, 17);
			assert_int_equal(h.tos, 0xc0);
			assert_int_equal(udp.len, 10);
			assert_true(udp.data[6] || udp.data[7]);
			assert_int_equal(csum_finish(csum_add(csum_add_pseudo(0, &h.src, &h.dst, 17,
									      10),
							      udp.data, 10)),
					 0);
		}
}

static void test_unreachable(void **state)
{
	uint8_t payload[1200];

	(void)state;
	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)i;
	for (size_t f = 0; f < ARRAY_LEN(addresses); f++) {
		const struct endpoint src = at(addresses[f][0], 40000),
				      dst = at(addresses[f][1], 862);
		enum addr_family family = src.addr.family;

		for (size_t len = 0; len <= sizeof(payload); len += 300) {
			uint8_t buf[1500];
			ssize_t n =
				udp_pkt_build_unreachable(&src, &dst, (struct view){ payload, len },
							  buf, sizeof(buf));
			struct udp_quote q;
			struct ip_hdr h;
			struct view icmp;

			assert_true(n > 0 && n <= (family == ADDR_V4 ? 576 : 1280));
			assert_true(ip_hdr_parse((struct view){ buf, (size_t)n }, &h, &icmp));
			assert_true(addr_equal(&h.src, &dst.addr));
			assert_true(addr_equal(&h.dst, &src.addr));
			assert_int_equal(udp_pkt_parse_unreachable(family, icmp, &q), 0);
			assert_true(endpoint_equal(&q.src, &src));
			assert_true(endpoint_equal(&q.dst, &dst));
			assert_true(q.payload.len <= len && (len > 300 || q.payload.len == len));
			assert_memory_equal(q.payload.data, payload, q.payload.len);
			/* Cut before the ports it is nothing. */
			for (size_t cut = 0; cut < 8 + (family == ADDR_V4 ? 20u : 40u) + 8; cut++)
				if (family == ADDR_V6 || cut < icmp.len)
					assert_int_equal(udp_pkt_parse_unreachable(
								 family,
								 (struct view){ icmp.data, cut },
								 &q),
							 -EBADMSG);
		}
	}
}

static void test_refused(void **state)
{
	const struct endpoint v4 = at("10.0.0.1", 1), v6 = at("::1", 1), none = at("10.0.0.1", 0);
	uint8_t buf[64];

	(void)state;
	assert_int_equal(udp_pkt_build(&v4, &v6, (struct view){ buf, 0 }, buf, 64), -EINVAL);
	assert_int_equal(udp_pkt_build(&v4, &none, (struct view){ buf, 0 }, buf, 64), -EINVAL);
	assert_int_equal(udp_pkt_build(&v4, &v4, (struct view){ buf, 0 }, buf, 27), -EMSGSIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_sums),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
