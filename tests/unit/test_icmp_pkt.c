/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/icmp_pkt.h"

#include "base/csum.h"
#include "base/list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* Written by hand after RFC 791, 792, 8200 and 4443: the gateway's health check of the office
 * router, and what comes back. */
static const uint8_t request_v4[] = { 0x45, 0xc0, 0x00, 0x38, 0x00, 0x00, 0x40, 0x00, 0xff, 0x01,
				      0x84, 0x2e, 0xac, 0x10, 0x29, 0xc9, 0x0a, 0x01, 0x16, 0xfc,
				      0x08, 0x00, 0x17, 0x9d, 0xbe, 0xef, 0x00, 0x02, 0x11, 0x22,
				      0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x00, 0x00, 0x00, 0x05,
				      0x00, 0x01, 0x00, 0x02, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
				      0x07, 0x08, 0x00, 0x00, 0x00, 0x00 };
static const uint8_t reply_v4[] = { 0x45, 0xc0, 0x00, 0x38, 0x00, 0x00, 0x40, 0x00, 0x40, 0x01,
				    0x43, 0x2f, 0x0a, 0x01, 0x16, 0xfc, 0xac, 0x10, 0x29, 0xc9,
				    0x00, 0x00, 0x1f, 0x9d, 0xbe, 0xef, 0x00, 0x02, 0x11, 0x22,
				    0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x00, 0x00, 0x00, 0x05,
				    0x00, 0x01, 0x00, 0x02, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
				    0x07, 0x08, 0x00, 0x00, 0x00, 0x00 };
static const struct view none = { NULL, 0 };

static const uint8_t unreachable_v4[] = {
	0x45, 0xc0, 0x00, 0x54, 0x00, 0x00, 0x40, 0x00, 0x40, 0x01, 0x43, 0x13, 0x0a, 0x01,
	0x16, 0xfc, 0xac, 0x10, 0x29, 0xc9, 0x03, 0x01, 0xfc, 0xfe, 0x00, 0x00, 0x00, 0x00,
	0x45, 0xc0, 0x00, 0x38, 0x00, 0x00, 0x40, 0x00, 0xff, 0x01, 0x84, 0x2e, 0xac, 0x10,
	0x29, 0xc9, 0x0a, 0x01, 0x16, 0xfc, 0x08, 0x00, 0x17, 0x9d, 0xbe, 0xef, 0x00, 0x02,
	0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x00, 0x00, 0x00, 0x05, 0x00, 0x01,
	0x00, 0x02, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x00, 0x00, 0x00, 0x00
};
static const uint8_t request_v6[] = { 0x6c, 0x00, 0x00, 0x00, 0x00, 0x24, 0x3a, 0xff, 0x20, 0x01,
				      0x0d, 0xb8, 0x00, 0x41, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
				      0x00, 0x00, 0x00, 0xc9, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x22,
				      0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfc,
				      0x80, 0x00, 0x41, 0xa4, 0xbe, 0xef, 0x00, 0x02, 0x11, 0x22,
				      0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x00, 0x00, 0x00, 0x05,
				      0x00, 0x01, 0x00, 0x02, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
				      0x07, 0x08, 0x00, 0x00, 0x00, 0x00 };
static const uint8_t reply_v6[] = { 0x6c, 0x00, 0x00, 0x00, 0x00, 0x24, 0x3a, 0x40, 0x20, 0x01,
				    0x0d, 0xb8, 0x00, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
				    0x00, 0x00, 0x00, 0xfc, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x41,
				    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc9,
				    0x81, 0x00, 0x40, 0xa4, 0xbe, 0xef, 0x00, 0x02, 0x11, 0x22,
				    0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x00, 0x00, 0x00, 0x05,
				    0x00, 0x01, 0x00, 0x02, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06,
				    0x07, 0x08, 0x00, 0x00, 0x00, 0x00 };
static const uint8_t unreachable_v6[] = {
	0x6c, 0x00, 0x00, 0x00, 0x00, 0x54, 0x3a, 0x40, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x22,
	0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xfc, 0x20, 0x01, 0x0d, 0xb8,
	0x00, 0x41, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc9, 0x01, 0x03,
	0xfa, 0x0e, 0x00, 0x00, 0x00, 0x00, 0x6c, 0x00, 0x00, 0x00, 0x00, 0x24, 0x3a, 0xff,
	0x20, 0x01, 0x0d, 0xb8, 0x00, 0x41, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0xc9, 0x20, 0x01, 0x0d, 0xb8, 0x00, 0x22, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	0x00, 0x00, 0x00, 0xfc, 0x80, 0x00, 0x41, 0xa4, 0xbe, 0xef, 0x00, 0x02, 0x11, 0x22,
	0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x00, 0x00, 0x00, 0x05, 0x00, 0x01, 0x00, 0x02,
	0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x00, 0x00, 0x00, 0x00
};

static const struct {
	struct view request, reply, unreachable;
	const char *src, *dst;
	size_t header;
	uint8_t code;
} families[] = {
	{ { request_v4, sizeof(request_v4) },
	  { reply_v4, sizeof(reply_v4) },
	  { unreachable_v4, sizeof(unreachable_v4) },
	  "172.16.41.201",
	  "10.1.22.252",
	  20,
	  1 },
	{ { request_v6, sizeof(request_v6) },
	  { reply_v6, sizeof(reply_v6) },
	  { unreachable_v6, sizeof(unreachable_v6) },
	  "2001:db8:41::c9",
	  "2001:db8:22::fc",
	  40,
	  3 },
};

static const struct icmp_probe probe = { 0x1122334455667788, 5, 0x10002, 0x0102030405060708 };

static struct addr addr(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static void requests_are_built(void **state)
{
	static uint8_t large[ICMP_PAYLOAD_MAX + 64];
	uint8_t out[2200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct addr src = addr(families[i].src), dst = addr(families[i].dst);
		size_t len = families[i].request.len;

		assert_int_equal(icmp_build_request(&src, &dst, 0xbeef, &probe, none, 28, out,
						    sizeof(out)),
				 len);
		assert_memory_equal(out, families[i].request.data, len);
		assert_int_equal(icmp_build_request(&src, &dst, 1, &probe, none, 28, out, len - 1),
				 -EMSGSIZE);
		/* smaller than what it carries; larger than anything sent through a tunnel */
		assert_int_equal(icmp_build_request(&src, &dst, 1, &probe, none, 23, out,
						    sizeof(out)),
				 -EMSGSIZE);
		assert_int_equal(icmp_build_request(&src, &dst, 1, &probe, none,
						    ICMP_PAYLOAD_MAX + 1, large, sizeof(large)),
				 -EMSGSIZE);
		assert_int_equal(icmp_build_request(&src, &dst, 1, &probe, none, ICMP_PAYLOAD_MAX,
						    large, sizeof(large)),
				 families[i].header + 8 + ICMP_PAYLOAD_MAX);
		assert_int_equal(icmp_build_request(&src, &dst, 1, &probe, none, 2048, out,
						    sizeof(out)),
				 families[i].header + 8 + 2048);
	}
}

static void requests_are_answered(void **state)
{
	uint8_t out[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct view request = families[i].request;
		struct addr src, dst, want_src = addr(families[i].src),
				      want_dst = addr(families[i].dst);

		assert_true(icmp_is_echo_request(request, &src, &dst));
		assert_true(addr_equal(&src, &want_src) && addr_equal(&dst, &want_dst));
		assert_int_equal(icmp_build_reply(request, out, sizeof(out)),
				 families[i].reply.len);
		assert_memory_equal(out, families[i].reply.data, families[i].reply.len);
		assert_int_equal(icmp_build_unreachable(request, out, sizeof(out)),
				 families[i].unreachable.len);
		assert_memory_equal(out, families[i].unreachable.data, families[i].unreachable.len);
		/* answers are not answered */
		assert_false(icmp_is_echo_request(families[i].reply, &src, &dst));
		assert_int_equal(icmp_build_reply(families[i].unreachable, out, sizeof(out)),
				 -EBADMSG);
		assert_int_equal(icmp_build_unreachable(families[i].reply, out, sizeof(out)),
				 -EBADMSG);
	}
}

/* Puts right the header checksum (IPv4 only) after a test has changed the header. */
static void fix_header(uint8_t *packet, size_t header)
{
	uint16_t sum;

	packet[10] = packet[11] = 0;
	sum = csum_finish(csum_add(0, packet, header));
	packet[10] = (uint8_t)(sum >> 8);
	packet[11] = (uint8_t)sum;
}

static void padding_is_no_part_of_a_packet(void **state)
{
	uint8_t padded[200], out[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		memset(padded, 0xff, sizeof(padded));
		memcpy(padded, families[i].request.data, families[i].request.len);
		assert_int_equal(icmp_build_reply((struct view){ padded, 100 }, out, sizeof(out)),
				 families[i].reply.len);
		assert_memory_equal(out, families[i].reply.data, families[i].reply.len);
		assert_int_equal(icmp_build_unreachable((struct view){ padded, 100 }, out,
							sizeof(out)),
				 families[i].unreachable.len);
		assert_memory_equal(out, families[i].unreachable.data, families[i].unreachable.len);
	}
}

static void damaged_requests_are_refused(void **state)
{
	struct addr src, dst;
	uint8_t bad[200];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct view request = families[i].request;

		for (size_t n = 0; n < request.len; n++)
			assert_false(
				icmp_is_echo_request((struct view){ request.data, n }, &src, &dst));
		/* any one bit behind the IP header, and with IPv4 in it too, is noticed */
		for (size_t bit = i == 0 ? 0 : 8 * 40; bit < 8 * request.len; bit++) {
			memcpy(bad, request.data, request.len);
			bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
			assert_false(icmp_is_echo_request((struct view){ bad, request.len }, &src,
							  &dst));
		}
	}
}

static void strange_headers(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		bool accepted;
	} rows[] = {
		{ 8, 1, true }, /* nearly too old */
		{ 1, 0xb8, true }, /* marked */
		{ 6, 0x00, true }, /* may be fragmented, but is not */
		{ 6, 0x20, false }, /* first fragment */
		{ 7, 0x01, false }, /* later fragment */
		{ 9, 17, false }, /* UDP */
		{ 16, 224, false }, /* to a group */
		{ 12, 224, false }, /* from a group */
		{ 0, 0x44, false }, /* header shorter than the least */
		{ 0, 0x55, false }, /* IPv5 */
	};
	struct addr src, dst;
	uint8_t packet[sizeof(request_v4)];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		memcpy(packet, request_v4, sizeof(packet));
		packet[rows[i].at] = rows[i].value;
		fix_header(packet, 20);
		assert_int_equal(icmp_is_echo_request((struct view){ packet, sizeof(packet) }, &src,
						      &dst),
				 rows[i].accepted);
	}
	/* to and from everybody, from nobody */
	memcpy(packet, request_v4, sizeof(packet));
	memset(packet + 16, 255, 4);
	fix_header(packet, 20);
	assert_false(icmp_is_echo_request((struct view){ packet, sizeof(packet) }, &src, &dst));
	memcpy(packet, request_v4, sizeof(packet));
	memset(packet + 12, 0, 4);
	fix_header(packet, 20);
	assert_false(icmp_is_echo_request((struct view){ packet, sizeof(packet) }, &src, &dst));
}

/* An option must not carry a request past the answer that stands for this address. */
static void options_are_skipped(void **state)
{
	uint8_t packet[sizeof(request_v4) + 4], out[200];

	(void)state;
	memcpy(packet, request_v4, 20);
	memset(packet + 20, 1, 4); /* no operation, four times */
	memcpy(packet + 24, request_v4 + 20, sizeof(request_v4) - 20);
	packet[0] = 0x46;
	packet[3] = sizeof(packet);
	fix_header(packet, 24);
	assert_int_equal(icmp_build_reply((struct view){ packet, sizeof(packet) }, out,
					  sizeof(out)),
			 sizeof(reply_v4));
	assert_memory_equal(out, reply_v4, sizeof(reply_v4));
}

static void the_way_back_keeps_its_class(void **state)
{
	uint8_t packet[sizeof(request_v4)], out[200];

	(void)state;
	memcpy(packet, request_v4, sizeof(packet));
	packet[1] = 0xb8 | 3; /* expedited forwarding, congestion experienced */
	fix_header(packet, 20);
	assert_true(icmp_build_reply((struct view){ packet, sizeof(packet) }, out, sizeof(out)) >
		    0);
	assert_int_equal(out[1], 0xb8);
}

static void long_requests_are_quoted_in_part(void **state)
{
	uint8_t request[2200], out[2200];
	struct icmp_answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct addr src = addr(families[i].src), dst = addr(families[i].dst);
		ssize_t len = icmp_build_request(&src, &dst, 9, &probe, none, 2048, request,
						 sizeof(request));
		size_t want = i == 0 ? 576 : 1280;

		assert_int_equal(icmp_build_unreachable((struct view){ request, (size_t)len }, out,
							sizeof(out)),
				 want);
		assert_int_equal(icmp_parse(src.family,
					    (struct view){ out + families[i].header,
							   want - families[i].header },
					    &a),
				 0);
		assert_true(a.has_probe);
		assert_int_equal(a.id, 9);
	}
}

static void answers_are_read(void **state)
{
	struct icmp_answer a;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct addr dst = addr(families[i].dst);
		size_t header = families[i].header;

		for (int unreachable = 0; unreachable < 2; unreachable++) {
			struct view v = unreachable ? families[i].unreachable : families[i].reply;

			memset(&a, 0xee, sizeof(a));
			assert_int_equal(
				icmp_parse(dst.family,
					   (struct view){ v.data + header, v.len - header }, &a),
				0);
			assert_int_equal(a.kind,
					 unreachable ? ICMP_KIND_UNREACHABLE : ICMP_KIND_REPLY);
			assert_int_equal(a.code, unreachable ? families[i].code : 0);
			assert_int_equal(a.id, 0xbeef);
			assert_int_equal(a.sequence, 2);
			assert_true(a.has_probe);
			assert_true(a.probe.cookie == probe.cookie && a.probe.sent == probe.sent);
			assert_int_equal(a.probe.check, 5);
			assert_int_equal(a.probe.sequence, 0x10002);
			assert_int_equal(addr_equal(&a.asked, &dst), unreachable);
			assert_int_equal(a.size, v.len - header);
		}
	}
}

/* The same quote, but the router says how large it may be (RFC 1191, 4; RFC 4443, 3.2). */
static void too_big_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		struct view v = families[i].unreachable;
		size_t header = families[i].header, len = v.len - header;
		struct addr dst = addr(families[i].dst);
		struct icmp_answer a;
		uint8_t m[2200];
		uint16_t sum;

		memcpy(m, v.data + header, len);
		m[0] = i == 0 ? 3 : 2;
		m[1] = i == 0 ? 4 : 0;
		m[2] = m[3] = 0;
		m[4] = m[5] = i == 0 ? 0xaa : 0; /* unused with IPv4 */
		m[6] = 1200 >> 8;
		m[7] = 1200 & 0xff;
		sum = csum_finish(csum_add(0, m, len));
		m[2] = (uint8_t)(sum >> 8);
		m[3] = (uint8_t)sum;
		assert_int_equal(icmp_parse(dst.family, (struct view){ m, len }, &a), 0);
		assert_int_equal(a.kind, ICMP_KIND_TOO_BIG);
		assert_int_equal(a.mtu, 1200);
		assert_true(a.has_probe && a.probe.cookie == probe.cookie);
		for (size_t cut = 0; cut < 8; cut++)
			assert_int_equal(icmp_parse(dst.family, (struct view){ m, cut }, &a),
					 -EBADMSG);
	}
}

/* Old routers quote the header and 8 bytes: enough for the id, not for the probe. */
static void short_quotes(void **state)
{
	uint8_t message[36];
	struct icmp_answer a;
	uint16_t sum;

	(void)state;
	memcpy(message, unreachable_v4 + 20, sizeof(message));
	message[2] = message[3] = 0;
	sum = csum_finish(csum_add(0, message, sizeof(message)));
	message[2] = (uint8_t)(sum >> 8);
	message[3] = (uint8_t)sum;
	assert_int_equal(icmp_parse(ADDR_V4, (struct view){ message, sizeof(message) }, &a), 0);
	assert_int_equal(a.id, 0xbeef);
	assert_false(a.has_probe);
	assert_int_equal(icmp_parse(ADDR_V6, (struct view){ unreachable_v6 + 40, 8 + 40 + 8 }, &a),
			 0);
	assert_false(a.has_probe);
	for (size_t n = 0; n < 8 + 40 + 8; n++)
		assert_int_equal(icmp_parse(ADDR_V6, (struct view){ unreachable_v6 + 40, n }, &a),
				 -EBADMSG);
}

static void foreign_messages_are_refused(void **state)
{
	struct icmp_answer a;
	uint8_t bad[sizeof(unreachable_v4) - 20];

	(void)state;
	for (size_t bit = 0; bit < 8 * sizeof(bad); bit++) {
		memcpy(bad, unreachable_v4 + 20, sizeof(bad));
		bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(icmp_parse(ADDR_V4, (struct view){ bad, sizeof(bad) }, &a),
				 -EBADMSG);
	}
	/* our own request, as a socket on the loopback device would see it; the other family's */
	assert_int_equal(icmp_parse(ADDR_V4,
				    (struct view){ request_v4 + 20, sizeof(request_v4) - 20 }, &a),
			 -EBADMSG);
	assert_int_equal(icmp_parse(ADDR_V6, (struct view){ reply_v4 + 20, sizeof(reply_v4) - 20 },
				    &a),
			 -EBADMSG);
	assert_int_equal(icmp_parse(ADDR_V4, (struct view){ reply_v6 + 40, sizeof(reply_v6) - 40 },
				    &a),
			 -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_built),
		cmocka_unit_test(requests_are_answered),
		cmocka_unit_test(padding_is_no_part_of_a_packet),
		cmocka_unit_test(damaged_requests_are_refused),
		cmocka_unit_test(strange_headers),
		cmocka_unit_test(options_are_skipped),
		cmocka_unit_test(the_way_back_keeps_its_class),
		cmocka_unit_test(long_requests_are_quoted_in_part),
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(too_big_is_read),
		cmocka_unit_test(short_quotes),
		cmocka_unit_test(foreign_messages_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
