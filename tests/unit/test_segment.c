/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is cut has to be, byte for byte, what the sender would have sent without offloads. */
#include "esp/segment.h"

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
#include "inner.h"

#define FIN 0x01
#define SYN 0x02
#define RST 0x04
#define PSH 0x08
#define ACK 0x10
#define URG 0x20
#define ECE 0x40
#define CWR 0x80
#define TIMESTAMPS "0101080a0000000100000002"

static const struct inner base = { .host = 1,
				   .tos = 0x29,
				   .ttl = 61,
				   .df = true,
				   .id = 0xfffe, /* wraps soon, as seq does */
				   .sport = 1234,
				   .seq = 0xffffff00,
				   .ack = 0x01020304,
				   .flags = ACK,
				   .window = 555 };

static uint8_t packet[INNER_MAX + 8], out[INNER_MAX + 8], want[INNER_MAX];

/* The header that the kernel puts before the packet in `packet`. */
static struct vnet_hdr hdr_of(const struct inner *f, size_t len, size_t gso_size)
{
	struct ip_pkt ip = inner_decode(packet, len);

	return (struct vnet_hdr){ .flags = VNET_HDR_NEEDS_CSUM,
				  .gso_type = !gso_size ? VNET_HDR_GSO_NONE
					      : f->udp  ? VNET_HDR_GSO_UDP_L4
					      : f->v6   ? VNET_HDR_GSO_TCPV6
							: VNET_HDR_GSO_TCPV4,
				  .hdr_len = 17, /* only a hint */
				  .gso_size = (uint16_t)gso_size,
				  .csum_start = (uint16_t)ip.header_len,
				  .csum_offset = f->udp ? 6 : 16 };
}

static int init(struct segment *s, size_t len, const struct vnet_hdr *v)
{
	struct ip_pkt ip = inner_decode(packet, len);

	return segment_init(s, (struct view){ packet, len }, &ip, v);
}

static void take(struct segment *s, const struct inner *f)
{
	size_t len = inner_make(f, want), max = segment_max(s);
	unsigned left = segment_left(s);

	memset(out, 0xa5, sizeof(out));
	assert_int_equal(segment_next(s, out), len);
	assert_true(len <= max);
	assert_memory_equal(out, want, len);
	assert_int_equal(out[len], 0xa5);
	assert_int_equal(segment_left(s), left - 1);
}

static uint8_t flags_at(uint8_t flags, bool first, bool last)
{
	if (!first)
		flags &= (uint8_t)~CWR;
	if (!last)
		flags &= (uint8_t) ~(FIN | PSH);
	return flags;
}

static void check_cut(const struct inner *f, size_t size, bool partial)
{
	size_t len = inner_make(f, packet), left = f->payload, longest = left < size ? left : size;
	struct vnet_hdr v = hdr_of(f, len, size);
	struct inner part = *f;
	struct segment s;

	if (partial)
		inner_unfinish(packet, len);
	else
		v.flags = VNET_HDR_DATA_VALID;
	assert_int_equal(init(&s, len, &v), 0);
	assert_int_equal(segment_max(&s), len - left + longest);
	assert_int_equal(segment_left(&s), left ? (left + size - 1) / size : 1);
	do {
		part.payload = left < size ? left : size;
		part.flags = flags_at(f->flags, left == f->payload, left <= size);
		take(&s, &part);
		left -= part.payload;
		part = inner_next(part);
	} while (left);
	assert_int_equal(segment_next(&s, out), 0);
	assert_int_equal(segment_left(&s), 0);
}

static void cuts_as_the_sender_would(void **state)
{
	static const size_t sizes[] = { 1, 7, 536, 1220, 1347, 1360, 1448, 8948, 40000 };
	static const char *const options[] = { NULL, TIMESTAMPS };

	(void)state;
	for (unsigned kind = 0; kind < 16; kind++)
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			size_t n = sizes[i], most = n < 100 ? 300 : 65400;
			const size_t payloads[] = { 0, 1, n - 1, n, n + 1, 2 * n, 3 * n + 1, most };
			struct inner f = base;

			f.v6 = kind & 1;
			f.udp = kind & 2;
			f.df = kind & 8;
			f.tcp_options = options[kind >> 2 & 1];
			f.ext = 60;
			f.ip_options = !(kind & 4) ? NULL : f.v6 ? "0600010400000000" : "94040000";
			if (f.udp && f.v6 && f.ip_options)
				f.ip_options = "1100010400000000";
			for (size_t k = 0; k < ARRAY_LEN(payloads); k++) {
				f.payload = payloads[k] < most ? payloads[k] : most;
				check_cut(&f, n, k % 3);
			}
		}
}

/* The longest packets there are: the last bytes count, too. */
static void cuts_the_longest(void **state)
{
	struct inner f = base;

	(void)state;
	f.payload = 65535 - 40;
	check_cut(&f, 1460, true);
	f.v6 = true;
	f.payload = 65535 - 20;
	check_cut(&f, 1440, true);
	f.udp = true;
	f.payload = 65535 - 8;
	check_cut(&f, 1452, true);
}

static void flags_stay_where_they_belong(void **state)
{
	struct inner f = base;

	(void)state;
	f.payload = 3000;
	for (unsigned flags = 0; flags < 256; flags++) {
		f.flags = (uint8_t)flags;
		if (!(flags & (SYN | RST | URG)))
			check_cut(&f, 1000, true);
	}
	/* The kernel says so where CWR is set. */
	f.flags = ACK | CWR;
	size_t len = inner_make(&f, packet);
	struct vnet_hdr v = hdr_of(&f, len, 1000);
	struct segment s;

	v.gso_type |= VNET_HDR_GSO_ECN;
	assert_int_equal(init(&s, len, &v), 0);
	assert_int_equal(segment_left(&s), 3);
}

/* A routing header: the last destination is in the kernel's sum only. */
static void keeps_the_kernels_pseudo_header(void **state)
{
	struct inner f = base;
	struct vnet_hdr v;
	struct segment s;
	struct ip_pkt ip;
	size_t len;

	(void)state;
	f.v6 = true;
	f.ext = 43;
	f.ip_options = "0602020100000000 20010db8000000000000000000000007";
	f.payload = 2000;
	len = inner_make(&f, packet);
	inner_unfinish(packet, len);
	v = hdr_of(&f, len, 1000);
	ip = inner_decode(packet, len);
	uint8_t *field = inner_csum_field(packet, &ip);

	inner_u16(field, (size_t)(field[0] << 8 | field[1]) - 99 + 7); /* ::99 is ::7 there */
	assert_int_equal(init(&s, len, &v), 0);
	for (unsigned i = 0; i < 2; i++) {
		size_t n = segment_next(&s, out);

		out[39] = 7;
		ip = inner_decode(out, n);
		assert_int_equal(inner_csum(out, &ip), 0);
	}
}

static void completes_a_checksum(void **state)
{
	struct vnet_hdr v;
	struct segment s;

	(void)state;
	for (unsigned kind = 0; kind < 4; kind++)
		for (size_t payload = 0; payload < 70; payload++) {
			struct inner f = base;
			size_t len;

			f.v6 = kind & 1;
			f.udp = kind & 2;
			f.flags = SYN | RST | URG | FIN; /* whole, anything may pass */
			f.payload = payload;
			len = inner_make(&f, packet);
			inner_unfinish(packet, len);
			v = hdr_of(&f, len, 0);
			assert_int_equal(init(&s, len, &v), 0);
			assert_int_equal(segment_max(&s), len);
			take(&s, &f);
			assert_int_equal(segment_next(&s, out), 0);
		}
}

/* A UDP packet whose checksum comes out as zero: there is one for each payload. */
static void zero_is_written_as_ones(void **state)
{
	struct inner f = base;
	struct ip_pkt ip;
	size_t len;

	(void)state;
	f.udp = true;
	f.payload = 10;
	len = inner_make(&f, packet);
	ip = inner_decode(packet, len);
	uint8_t *field = inner_csum_field(packet, &ip), *word = packet + ip.header_len + 8;
	uint32_t sum = (uint32_t)(field[0] << 8 | field[1]) + (uint32_t)(word[0] << 8 | word[1]);

	inner_u16(word, (sum & 0xffff) + (sum >> 16));
	memcpy(want, packet, len);
	inner_fix(want, len);
	assert_memory_equal(want + ip.header_len + 6, "\xff\xff", 2);
	for (unsigned cut = 0; cut < 2; cut++) {
		struct vnet_hdr v = hdr_of(&f, len, cut ? 10 : 0);
		struct segment s;

		inner_unfinish(packet, len);
		assert_int_equal(init(&s, len, &v), 0);
		assert_int_equal(segment_next(&s, out), len);
		assert_memory_equal(out, want, len);
	}
}

static void copies_what_needs_nothing(void **state)
{
	const struct vnet_hdr none = { .flags = VNET_HDR_DATA_VALID, .csum_start = 60000 };
	struct inner f = base;
	struct ip_pkt ip;
	struct segment s;
	size_t len;

	(void)state;
	f.payload = 1000;
	f.bad_csum = true; /* not ours to mend */
	len = inner_make(&f, packet);
	ip = inner_decode(packet, len);
	/* padding is left behind */
	assert_int_equal(segment_init(&s, (struct view){ packet, len + 5 }, &ip, &none), 0);
	assert_int_equal(segment_max(&s), len);
	assert_int_equal(segment_left(&s), 1);
	take(&s, &f);
	assert_int_equal(segment_next(&s, out), 0);
}

/* A checksum that lies deeper, as that of a packet within a packet. */
static void completes_wherever_it_is(void **state)
{
	struct inner f = base;
	struct vnet_hdr v = { .flags = VNET_HDR_NEEDS_CSUM, .csum_start = 61, .csum_offset = 4 };
	struct segment s;
	size_t len;

	(void)state;
	f.payload = 100;
	len = inner_make(&f, packet);
	assert_int_equal(init(&s, len, &v), 0);
	assert_int_equal(segment_next(&s, out), len);
	uint16_t sum = csum_finish(csum_add(0, packet + 61, len - 61));

	inner_u16(packet + 65, sum);
	assert_memory_equal(out, packet, len);
}

/* Each row is one thing wrong with a TCP (or UDP) packet of 3000 bytes cut at 1000. */
static void refuses_what_does_not_fit(void **state)
{
	static const struct {
		bool udp, v6;
		uint8_t type, flags;
		int size, start, offset; /* -1: as it should be */
		size_t at; /* this byte of the packet, from the transport header on, ... */
		uint8_t value; /* ... is this; 0, 0: none */
	} rows[] = {
		{ 0, 0, 1, 1, 0, -1, -1, 0, 0 }, /* nothing would ever come out */
		{ 0, 0, 4, 1, -1, -1, -1, 0, 0 }, /* the other family's type */
		{ 0, 1, 1, 1, -1, -1, -1, 0, 0 },
		{ 0, 0, 5, 1, -1, -1, -1, 0, 0 }, /* the other protocol's */
		{ 1, 0, 1, 1, -1, -1, -1, 0, 0 },
		{ 1, 1, 4, 1, -1, -1, -1, 0, 0 },
		{ 1, 0, 3, 1, -1, -1, -1, 0, 0 }, /* UDP fragmentation: never offered */
		{ 1, 0, 0x85, 1, -1, -1, -1, 0, 0 }, /* ECN is TCP's */
		{ 0, 0, 2, 1, -1, -1, -1, 0, 0 },
		{ 0, 0, 0x80, 1, -1, -1, -1, 0, 0 },
		{ 0, 0, 1, 1, -1, 21, -1, 0, 0 }, /* the checksum elsewhere */
		{ 0, 0, 1, 1, -1, -1, 6, 0, 0 },
		{ 1, 0, 5, 1, -1, 19, -1, 0, 0 },
		{ 1, 0, 5, 1, -1, -1, 16, 0, 0 },
		{ 0, 0, 1, 1, -1, 19, 17, 0, 0 }, /* at the right place, over the wrong bytes */
		{ 0, 0, 1, 1, -1, -1, -1, 12, 0x40 }, /* a TCP header of 16 bytes */
		{ 0, 0, 1, 0, -1, -1, -1, 13, ACK | SYN },
		{ 0, 0, 1, 0, -1, -1, -1, 13, ACK | RST },
		{ 0, 0, 1, 0, -1, -1, -1, 13, ACK | URG },
		{ 1, 0, 5, 1, -1, -1, -1, 5, 0xff }, /* UDP's length against IP's */
		{ 0, 0, 0, 1, -1, 19, -1, 0, 0 }, /* a whole one: a checksum in the IP header */
		{ 0, 0, 0, 1, -1, 3040 - 16 - 1, -1, 0, 0 }, /* or past the end */
		{ 0, 0, 0, 1, -1, 65535, 65535, 0, 0 },
		{ 0, 0, 0, 1, -1, -1, 3040 - 20 - 1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct inner f = base;
		struct segment s = { .index = 77 };
		struct vnet_hdr v;
		struct ip_pkt ip;
		size_t len;

		f.udp = rows[i].udp;
		f.v6 = rows[i].v6;
		f.payload = 3000;
		len = inner_make(&f, packet);
		ip = inner_decode(packet, len);
		v = hdr_of(&f, len, 1000);
		assert_int_equal(init(&s, len, &v), 0);
		s.index = 77;
		v.gso_type = rows[i].type;
		v.flags = rows[i].flags;
		v.gso_size = rows[i].size < 0 ? v.gso_size : (uint16_t)rows[i].size;
		v.csum_start = rows[i].start < 0 ? v.csum_start : (uint16_t)rows[i].start;
		v.csum_offset = rows[i].offset < 0 ? v.csum_offset : (uint16_t)rows[i].offset;
		if (rows[i].at)
			packet[ip.header_len + rows[i].at] = rows[i].value;
		assert_int_equal(init(&s, len, &v), -EBADMSG);
		assert_int_equal(s.index, 77); /* untouched */
	}
}

static void refuses_the_other_protocol_in_disguise(void **state)
{
	struct vnet_hdr v = { .gso_type = VNET_HDR_GSO_UDP_L4, .gso_size = 1000 };
	struct inner f = base;
	struct segment s;

	(void)state;
	f.payload = 3000;
	f.seq = 3020u << 16; /* its beginning is where UDP has its length */
	assert_int_equal(init(&s, inner_make(&f, packet), &v), -EBADMSG);
	f.udp = true;
	v.gso_type = VNET_HDR_GSO_TCPV4;
	size_t len = inner_make(&f, packet);

	packet[20 + 12] = 0x50;
	packet[20 + 13] = ACK;
	assert_int_equal(init(&s, len, &v), -EBADMSG);
}

/* Headers that reach past the end, and parts of packets. */
static void refuses_what_is_no_whole_packet(void **state)
{
	struct inner f = base;
	struct vnet_hdr v;
	struct segment s;
	struct ip_pkt ip;

	(void)state;
	for (unsigned udp = 0; udp < 2; udp++)
		for (unsigned gso = 0; gso < 2; gso++) {
			f.udp = udp;
			f.payload = 3000;
			f.tcp_options = TIMESTAMPS;
			size_t len = inner_make(&f, packet), header = len - 3000;

			v = hdr_of(&f, len, gso ? 1000 : 0);
			ip = inner_decode(packet, len);
			ip.fragment = true;
			assert_int_equal(segment_init(&s, (struct view){ packet, len }, &ip, &v),
					 -EBADMSG);
			inner_u16(packet + 2, len + 1); /* longer than what was read */
			ip.fragment = false;
			ip.len = len + 1;
			assert_int_equal(segment_init(&s, (struct view){ packet, len }, &ip, &v),
					 -EBADMSG);
			for (size_t n = 20; gso && n < header; n++) {
				inner_u16(packet + 2, n);
				inner_u16(packet + 24, udp ? n - 20 : 0);
				assert_int_equal(init(&s, n, &v), -EBADMSG);
			}
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_as_the_sender_would),
		cmocka_unit_test(cuts_the_longest),
		cmocka_unit_test(flags_stay_where_they_belong),
		cmocka_unit_test(keeps_the_kernels_pseudo_header),
		cmocka_unit_test(completes_a_checksum),
		cmocka_unit_test(zero_is_written_as_ones),
		cmocka_unit_test(copies_what_needs_nothing),
		cmocka_unit_test(completes_wherever_it_is),
		cmocka_unit_test(refuses_what_does_not_fit),
		cmocka_unit_test(refuses_the_other_protocol_in_disguise),
		cmocka_unit_test(refuses_what_is_no_whole_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
