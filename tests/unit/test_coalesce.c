/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is merged has to come apart again into the very same packets, in the same order. */
#include "esp/coalesce.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "coalesce_bench.h"

static void merges_what_follows(void **state)
{
	static const uint8_t types[2][2] = { { VNET_HDR_GSO_TCPV4, VNET_HDR_GSO_UDP_L4 },
					     { VNET_HDR_GSO_TCPV6, VNET_HDR_GSO_UDP_L4 } };

	(void)state;
	for (unsigned kind = 0; kind < 8; kind++) {
		struct inner f = base;
		struct vnet_hdr v;

		f.v6 = kind & 1;
		f.udp = kind & 2;
		f.df = kind & 4;
		f.flags = ACK | ECE;
		f.tcp_options = TIMESTAMPS;
		begin(true);
		feed(&f);
		f = inner_next(f);
		feed(&f);
		f = inner_next(f);
		f.payload = 999;
		feed(&f);
		expect("3");
		v = hdr(0);
		assert_int_equal(v.flags, VNET_HDR_NEEDS_CSUM);
		assert_int_equal(v.gso_type, types[f.v6][f.udp]);
		assert_int_equal(v.gso_size, 1000);
		assert_int_equal(v.csum_start, f.v6 ? 40 : 20);
		assert_int_equal(v.csum_offset, f.udp ? 6 : 16);
		assert_int_equal(v.hdr_len, v.csum_start + (f.udp ? 8 : 32));
		assert_int_equal(c.item[0].iov_count, 4);
		assert_ptr_equal(c.item[0].owner, &tunnel_a);
		/* in place, and its IPv4 header is sound as it is */
		assert_ptr_equal(c.item[0].iov[1].iov_base, fed[0].live);
		assert_ptr_equal(c.item[0].iov[3].iov_base, fed[2].live + v.hdr_len);
		if (!f.v6)
			assert_int_equal(csum_finish(csum_add(0, fed[0].live, 20)), 0);
	}
}

/* The kernel adds up from csum_start and is done: then the checksum has to be right. */
static void leaves_the_pseudo_header_for_the_kernel(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 4; kind++) {
		struct inner f = base, second;
		struct ip_pkt ip;
		uint8_t *p = flat + VNET_HDR_LEN;
		size_t len;

		f.v6 = kind & 1;
		f.udp = kind & 2;
		second = inner_next(f);
		begin(true);
		feed(&f);
		feed(&second);
		coalesce_finish(&c);
		assert_int_equal(c.count, 1);
		len = gather(&c.item[0]);
		ip = inner_decode(p, len);
		uint8_t *field = inner_csum_field(p, &ip);
		uint16_t sum = csum_finish(csum_add(0, p + ip.header_len, len - ip.header_len));

		inner_u16(field, sum);
		assert_int_equal(inner_csum(p, &ip), 0);
	}
}

/* The fields that do differ: lengths and checksums; and PSH ends a group. */
static bool may_differ(const struct inner *f, size_t at, unsigned bit)
{
	size_t l4 = f->v6 ? 40 : 20;

	if (f->v6 ? at == 4 || at == 5 : at == 2 || at == 3 || at == 10 || at == 11)
		return true;
	if (at < l4)
		return false;
	at -= l4;
	return f->udp ? at >= 4 : at == 16 || at == 17 || (at == 13 && 1u << bit == PSH);
}

static void every_other_bit_of_the_headers_counts(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 8; kind++) {
		struct inner f = base, second;
		size_t header, len;

		f.v6 = kind & 1;
		f.udp = kind & 2;
		f.df = kind & 4;
		f.tcp_options = TIMESTAMPS;
		second = inner_next(f);
		header = (f.v6 ? 40u : 20u) + (f.udp ? 8u : 32u);
		for (size_t bit = 0; bit < header * 8; bit++) {
			uint8_t p[2000];
			struct ip_pkt ip;

			if (may_differ(&f, bit / 8, bit % 8))
				continue;
			len = inner_make(&second, p);
			p[bit / 8] ^= (uint8_t)(1 << bit % 8);
			if (ip_pkt_decode((struct view){ p, len }, &ip) < 0)
				continue;
			inner_fix(p, len);
			begin(true);
			feed(&f);
			assert_true(feed_bytes(&tunnel_a, p, len));
			expect("1 1");
		}
	}
}

static void flags_decide(void **state)
{
	static const struct {
		uint8_t first, second, third;
		const char *groups;
	} rows[] = {
		{ ACK, ACK, ACK, "3" },
		{ ACK, ACK, ACK | PSH, "3" },
		{ ACK, ACK | PSH, ACK, "2 1" },
		{ ACK | PSH, ACK, ACK, "1 2" },
		{ ACK | ECE, ACK | ECE, ACK | ECE, "3" },
		{ ACK, ACK | ECE, ACK | ECE, "1 2" },
		{ ACK | ECE, ACK | ECE, ACK, "2 1" },
		{ ACK | CWR, ACK, ACK, "1 2" },
		{ ACK | CWR, ACK | CWR, ACK | CWR, "1 1 1" },
		{ ACK, ACK | CWR, ACK, "1 1 1" },
		{ ACK, ACK, ACK | FIN, "2 1" },
		{ ACK | FIN, ACK | FIN, ACK | FIN, "1 1 1" },
		{ ACK | SYN, ACK | SYN, ACK, "1 1 1" },
		{ ACK | RST, ACK | RST, ACK, "1 1 1" },
		{ ACK | URG, ACK | URG, ACK, "1 1 1" },
		{ 0, 0, 0, "1 1 1" },
		{ PSH, PSH, ACK, "1 1 1" },
	};

	(void)state;
	for (unsigned v6 = 0; v6 < 2; v6++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			struct inner f = base;

			f.v6 = v6;
			begin(true);
			f.flags = rows[i].first;
			feed(&f);
			f = inner_next(f);
			f.flags = rows[i].second;
			feed(&f);
			f = inner_next(f);
			f.flags = rows[i].third;
			feed(&f);
			expect(rows[i].groups);
		}
}

static void ids_count_or_do_not_matter(void **state)
{
	static const struct {
		bool df;
		uint16_t id[3];
		const char *groups;
	} rows[] = {
		{ false, { 7, 8, 9 }, "3" },     { false, { 0xfffe, 0xffff, 0 }, "3" },
		{ false, { 7, 7, 7 }, "1 1 1" }, { false, { 0, 0, 0 }, "1 1 1" },
		{ false, { 7, 8, 10 }, "2 1" },  { false, { 8, 7, 6 }, "1 1 1" },
		{ true, { 7, 8, 9 }, "3" },      { true, { 0, 0, 0 }, "3" },
		{ true, { 7, 7, 8 }, "2 1" },    { true, { 7, 8, 8 }, "2 1" },
		{ true, { 7, 9, 11 }, "1 1 1" }, { true, { 9, 8, 7 }, "1 1 1" },
	};

	(void)state;
	for (unsigned udp = 0; udp < 2; udp++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			struct inner f = base;

			f.df = rows[i].df;
			f.udp = udp;
			begin(true);
			for (unsigned k = 0; k < 3; k++) {
				f.id = rows[i].id[k];
				feed(&f);
				f = inner_next(f);
			}
			expect(rows[i].groups);
		}
}

static void only_the_last_is_shorter(void **state)
{
	static const struct {
		size_t payload[5];
		const char *tcp, *udp;
	} rows[] = {
		{ { 1000, 1000, 1000, 1000, 1000 }, "5", "5" },
		{ { 1000, 1000, 999, 1000, 1000 }, "3 2", "3 2" },
		{ { 1000, 1, 1, 1, 2 }, "2 2 1", "2 2 1" },
		{ { 1000, 1001, 1000, 1001, 1 }, "1 2 2", "1 2 2" },
		{ { 0, 0, 1000, 1000, 0 }, "1 1 2 1", "1 1 2 1" }, /* a pure ACK is alone */
		{ { 1000, 0, 1000, 0, 1000 }, "1 1 1 1 1", "1 1 1 1 1" },
		{ { 1, 1, 1, 1, 1 }, "5", "5" },
	};

	(void)state;
	for (unsigned kind = 0; kind < 4; kind++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			struct inner f = base;

			f.udp = kind & 1;
			f.v6 = kind & 2;
			begin(true);
			for (unsigned k = 0; k < 5; k++) {
				f.payload = rows[i].payload[k];
				feed(&f);
				f = inner_next(f);
			}
			expect(f.udp ? rows[i].udp : rows[i].tcp);
		}
}

static void limits_end_a_group(void **state)
{
	static const struct {
		size_t payload;
		unsigned packets;
		bool v6;
		const char *groups;
	} rows[] = {
		{ 100, 130, false, "64 64 2" },
		{ 1460, 46, false, "44 2" }, /* 65,535 - 40 is 44.8 of them */
		{ 1440, 46, true, "45 1" },
		{ 13099, 6, false, "5 1" }, /* 40 + 5 * 13,099 is 65,535 */
		{ 13100, 6, false, "4 2" },
		{ 16374, 4, false, "3 1" }, /* 65,536 */
		{ 13095, 6, true, "5 1" }, /* 60 + 5 * 13,095 is 65,535 */
		{ 13096, 6, true, "4 2" },
		{ 65495, 2, false, "1 1" },
		{ 65515, 2, true, "1 1" }, /* past 65,535 with its header, and sound */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct inner f = base;

		f.v6 = rows[i].v6;
		f.payload = rows[i].payload;
		begin(true);
		for (unsigned k = 0; k < rows[i].packets; k++) {
			feed(&f);
			f = inner_next(f);
		}
		expect(rows[i].groups);
	}
}

/* A wrong one goes on alone, and nobody is told that it was right. */
static void checksums_are_verified(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 4; kind++) {
		struct inner f = base;

		f.udp = kind & 1;
		f.v6 = kind & 2;
		begin(true);
		feed(&f);
		f = inner_next(f);
		f.bad_csum = true;
		feed(&f);
		f = inner_next(f);
		feed(&f);
		f = inner_next(f);
		f.bad_csum = false;
		feed(&f);
		expect("1 1 1 1");
		assert_int_equal(hdr(0).flags, VNET_HDR_DATA_VALID);
		assert_int_equal(hdr(1).flags, 0);
		assert_int_equal(hdr(2).flags, 0);
		assert_int_equal(hdr(3).flags, VNET_HDR_DATA_VALID);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(hdr(i).gso_type, VNET_HDR_GSO_NONE);
	}
}

/* Patches the second of two packets that would merge. */
static void patched(const struct inner *f, size_t at, const char *bytes)
{
	struct inner second = inner_next(*f);
	uint8_t p[2000];
	size_t len = inner_make(&second, p);

	begin(true);
	feed(f);
	(void)unhex(bytes, p + at, 8);
	assert_true(feed_bytes(&tunnel_a, p, len));
	expect("1 1");
	assert_int_equal(hdr(1).flags, 0);
}

/* Chooses the word at `at` so that the checksum at `field` becomes zero. */
static void make_zero(uint8_t *p, size_t len, size_t field, size_t at)
{
	uint32_t sum =
		(uint32_t)(p[field] << 8 | p[field + 1]) + (uint32_t)(p[at] << 8 | p[at + 1]);

	inner_u16(p + at, (sum & 0xffff) + (sum >> 16));
	inner_fix(p, len);
}

static void checksums_that_would_come_back_changed(void **state)
{
	struct inner f = base, second;
	uint8_t p[2000];
	size_t len;

	(void)state;
	patched(&f, 10, "dead"); /* IPv4's own is wrong */
	f.udp = true;
	patched(&f, 26, "0000"); /* UDP without one */
	f.v6 = true;
	patched(&f, 46, "0000");
	/* TCP's is zero, written the other way: right, but not as we would write it. */
	f.udp = f.v6 = false;
	second = inner_next(f);
	len = inner_make(&second, p);
	make_zero(p, len, 36, 40);
	assert_memory_equal(p + 36, "\0\0", 2);
	begin(true);
	feed(&f);
	assert_true(feed_bytes(&tunnel_a, p, len));
	expect("2");
	p[36] = p[37] = 0xff;
	begin(true);
	feed(&f);
	assert_true(feed_bytes(&tunnel_a, p, len));
	expect("1 1");
}

static void zeros_in_their_other_form(void **state)
{
	struct inner f = base, second = inner_next(f);
	uint8_t first[2000], p[2000];
	size_t len;

	(void)state;
	/* IPv4's header, in a source address that both have */
	(void)inner_make(&f, first);
	len = inner_make(&second, p);
	make_zero(p, len, 10, 12);
	memcpy(first + 12, p + 12, 2);
	inner_fix(first, len);
	for (unsigned ones = 0; ones < 2; ones++) {
		memset(p + 10, ones ? 0xff : 0, 2);
		begin(true);
		assert_true(feed_bytes(&tunnel_a, first, len));
		assert_true(feed_bytes(&tunnel_a, p, len));
		expect(ones ? "1 1" : "2");
	}
	/* UDP without a checksum, which by chance looks right */
	f.udp = second.udp = true;
	len = inner_make(&second, p);
	make_zero(p, len, 26, 28);
	for (unsigned ones = 0; ones < 2; ones++) {
		memset(p + 26, ones ? 0xff : 0, 2);
		begin(true);
		feed(&f);
		assert_true(feed_bytes(&tunnel_a, p, len));
		expect(ones ? "2" : "1 1");
	}
}

/* UDP that ends before its packet does; headers that do not fit. */
static void what_is_cut_short_stays_alone(void **state)
{
	struct inner f = base, second;
	uint8_t p[2000];
	size_t len;

	(void)state;
	f.udp = true;
	second = inner_next(f);
	len = inner_make(&second, p);
	inner_u16(p + 24, 8 + 999);
	inner_fix(p, len);
	begin(true);
	feed(&f);
	assert_true(feed_bytes(&tunnel_a, p, len));
	expect("1 1");
	f.udp = false;
	f.tcp_options = TIMESTAMPS;
	(void)inner_make(&f, p);
	begin(true);
	for (len = 20; len <= 52; len++) {
		inner_u16(p + 2, len);
		inner_u16(p + 10, 0);
		inner_u16(p + 10, csum_finish(csum_add(0, p, 20)));
		assert_true(feed_bytes(&tunnel_a, p, len));
	}
	check_conserved();
	assert_int_equal(c.count, 33);
}

static void order_is_kept_within_a_flow(void **state)
{
	struct inner f = base, next = inner_next(base), third = inner_next(next), odd;

	(void)state;
	/* a pure ACK, a retransmission, a gap */
	odd = next;
	odd.payload = 0;
	begin(true);
	feed(&f);
	feed(&odd);
	feed(&next);
	feed(&third);
	expect("1 1 2");
	begin(true);
	feed(&f);
	feed(&next);
	feed(&f);
	feed(&next);
	expect("2 2");
	begin(true);
	feed(&f);
	feed(&third);
	feed(&next);
	feed(&third);
	expect("1 1 2");
	/* a flow between the same two hosts, and one of the same ports elsewhere, go on beside it
	 */
	for (unsigned which = 0; which < 4; which++) {
		odd = next;
		odd.sport = which == 0 ? 80 : odd.sport;
		odd.host = (uint8_t)(odd.host + (which == 1));
		odd.udp = which == 2;
		odd.v6 = which == 3;
		begin(true);
		feed(&f);
		feed(&odd);
		feed(&next);
		odd = inner_next(odd);
		feed(&odd);
		expect("2 2");
	}
}

/* Options and extension headers: never merged, but of the flow nevertheless. */
static void options_stay_alone_and_end_the_flow(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 4; kind++) {
		struct inner f = base, next;

		f.v6 = kind & 1;
		f.udp = kind & 2;
		next = inner_next(f);
		next.ext = 60;
		next.ip_options = !f.v6   ? "94040000"
				  : f.udp ? "1100010400000000"
					  : "0600010400000000";
		begin(true);
		feed(&f);
		feed(&next);
		next = inner_next(next);
		feed(&next);
		next = inner_next(next);
		next.ip_options = NULL;
		feed(&next);
		next = inner_next(next);
		feed(&next);
		expect("1 1 1 2");
	}
}

static void tcp_options_have_to_be_the_same(void **state)
{
	static const char *const options[] = { NULL, TIMESTAMPS, OTHER_TIMESTAMPS,
					       TIMESTAMPS "01010101" };

	(void)state;
	for (size_t a = 0; a < ARRAY_LEN(options); a++)
		for (size_t b = 0; b < ARRAY_LEN(options); b++) {
			struct inner f = base;

			f.tcp_options = options[a];
			begin(true);
			feed(&f);
			f = inner_next(f);
			f.tcp_options = options[b];
			feed(&f);
			expect(a == b ? "2" : "1 1");
		}
}

/* Who could say which flow a fragment is of: all between its addresses are ended. */
static void fragments_end_what_they_may_belong_to(void **state)
{
	static const struct {
		size_t at;
		const char *ext;
		uint8_t value;
		bool v6;
	} rows[] = {
		{ 6, NULL, 0x20, false }, /* a first part */
		{ 7, NULL, 8, false }, /* a later one */
		{ 0, NULL, 0x45, false }, /* too short to have ports */
		{ 6, "0600000100000007", 44, true },
		{ 6, "0600010000000007", 44, true },
		{ 6, "06ff000000000000", 60, true }, /* an extension past the end */
	};

	(void)state;
	for (size_t kind = 0; kind < ARRAY_LEN(rows); kind++) {
		struct inner a = base, b = base, other = base, f = base;
		uint8_t p[2000];
		size_t len;

		b.sport = 77;
		other.host = 2;
		a.v6 = b.v6 = other.v6 = f.v6 = rows[kind].v6;
		f.payload = 64;
		len = inner_make(&f, p);
		p[rows[kind].at] = rows[kind].value;
		if (f.v6)
			(void)unhex(rows[kind].ext, p + 40, 8);
		else if (!rows[kind].at)
			inner_u16(p + 2, len = 24);
		inner_fix(p, len);
		begin(true);
		feed(&a);
		feed(&b);
		feed(&other);
		assert_true(feed_from(&tunnel_b, &a));
		assert_true(feed_bytes(&tunnel_a, p, len));
		a = inner_next(a);
		b = inner_next(b);
		other = inner_next(other);
		feed(&a);
		feed(&b);
		feed(&other);
		assert_true(feed_from(&tunnel_b, &a));
		expect("1 1 2 2 1 1 1");
	}
}

/* Other protocols are flows of their own. */
static void other_protocols_pass_by(void **state)
{
	struct inner f = base, ping = base;
	uint8_t p[2000];
	size_t len;

	(void)state;
	begin(true);
	feed(&f);
	len = inner_make(&ping, p);
	p[9] = 1;
	inner_fix(p, len);
	assert_true(feed_bytes(&tunnel_a, p, len));
	assert_true(feed_bytes(&tunnel_a, p, len));
	f = inner_next(f);
	feed(&f);
	coalesce_finish(&c);
	assert_int_equal(c.count, 3);
	assert_int_equal(c.item[0].packets, 2);
	assert_int_equal(hdr(1).flags, 0);
}

static void owners_never_merge(void **state)
{
	struct inner f = base, next = inner_next(base), third = inner_next(next);

	(void)state;
	begin(true);
	feed(&f);
	assert_true(feed_from(&tunnel_b, &f));
	feed(&next);
	assert_true(feed_from(&tunnel_b, &next));
	assert_true(feed_from(&tunnel_b, &third));
	feed(&third);
	expect("3 3");
	assert_ptr_equal(c.item[1].owner, &tunnel_b);
	begin(true);
	feed(&f);
	assert_true(feed_from(&tunnel_b, &next));
	expect("1 1");
}

/* To a device that cannot cut UDP none is given that would have to be. */
static void udp_only_where_it_is_wanted(void **state)
{
	struct inner f = base;

	(void)state;
	begin(false);
	f.udp = true;
	feed(&f);
	f = inner_next(f);
	feed(&f);
	f.udp = false;
	feed(&f);
	f = inner_next(f);
	feed(&f);
	expect("1 1 2");
	assert_int_equal(hdr(0).flags, 0);
}

static void says_when_it_is_full(void **state)
{
	struct inner f = base;

	(void)state;
	f.payload = 10;
	begin(true);
	for (unsigned i = 0; i < COALESCE_ITEMS; i++) {
		f.sport = (uint16_t)i;
		feed(&f);
	}
	f.sport++;
	assert_false(feed_from(&tunnel_a, &f));
	f.sport--; /* what can be merged needs no item */
	f = inner_next(f);
	feed(&f);
	check_conserved();
	assert_int_equal(c.count, COALESCE_ITEMS);
	assert_int_equal(c.item[COALESCE_ITEMS - 1].packets, 2);
	/* it starts anew: nothing is open any more */
	coalesce_reset(&c);
	f = inner_next(f);
	assert_true(feed_from(&tunnel_a, &f));
	coalesce_finish(&c);
	assert_int_equal(c.count, 1);
	assert_int_equal(c.item[0].packets, 1);

	begin(true);
	for (unsigned i = 0; i < COALESCE_PACKETS; i++) {
		f = inner_next(f);
		feed(&f);
	}
	f = inner_next(f);
	assert_false(feed_from(&tunnel_a, &f));
	check_conserved();
	assert_int_equal(c.count, COALESCE_PACKETS / COALESCE_MERGED);
}

static void many_flows_side_by_side(void **state)
{
	struct inner f[100];

	(void)state;
	begin(true);
	for (unsigned i = 0; i < ARRAY_LEN(f); i++) {
		f[i] = base;
		f[i].payload = 100 + i;
		f[i].v6 = i % 2;
		f[i].udp = i % 3 == 0;
		f[i].sport = (uint16_t)i;
	}
	for (unsigned k = 0; k < 10; k++)
		for (unsigned i = 0; i < ARRAY_LEN(f); i++) {
			feed(&f[i]);
			f[i] = inner_next(f[i]);
		}
	check_conserved();
	assert_int_equal(c.count, ARRAY_LEN(f));
}

static void padding_is_left_behind(void **state)
{
	struct inner f = base;
	struct ip_pkt ip;
	uint8_t p[2][2000];
	size_t len;

	(void)state;
	begin(true);
	for (unsigned i = 0; i < 2; i++) {
		len = inner_make(&f, p[i]);
		ip = inner_decode(p[i], len + 9);
		assert_true(coalesce_add(&c, &tunnel_a, p[i], &ip));
		f = inner_next(f);
	}
	coalesce_finish(&c);
	assert_int_equal(c.count, 1);
	assert_int_equal(c.item[0].len, 40 + 2000);
	assert_int_equal(c.item[0].iov[1].iov_len + c.item[0].iov[2].iov_len, 40 + 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges_what_follows),
		cmocka_unit_test(leaves_the_pseudo_header_for_the_kernel),
		cmocka_unit_test(every_other_bit_of_the_headers_counts),
		cmocka_unit_test(flags_decide),
		cmocka_unit_test(ids_count_or_do_not_matter),
		cmocka_unit_test(only_the_last_is_shorter),
		cmocka_unit_test(limits_end_a_group),
		cmocka_unit_test(checksums_are_verified),
		cmocka_unit_test(checksums_that_would_come_back_changed),
		cmocka_unit_test(zeros_in_their_other_form),
		cmocka_unit_test(what_is_cut_short_stays_alone),
		cmocka_unit_test(order_is_kept_within_a_flow),
		cmocka_unit_test(options_stay_alone_and_end_the_flow),
		cmocka_unit_test(tcp_options_have_to_be_the_same),
		cmocka_unit_test(fragments_end_what_they_may_belong_to),
		cmocka_unit_test(other_protocols_pass_by),
		cmocka_unit_test(owners_never_merge),
		cmocka_unit_test(udp_only_where_it_is_wanted),
		cmocka_unit_test(says_when_it_is_full),
		cmocka_unit_test(many_flows_side_by_side),
		cmocka_unit_test(padding_is_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, clean);
}
