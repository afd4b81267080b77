/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds a coalescer and takes apart what it made; include after cmocka. */
#ifndef UNIT_COALESCE_BENCH_H
#define UNIT_COALESCE_BENCH_H

#include "esp/coalesce.h"
#include "esp/segment.h"

#include <stdio.h>
#include <stdlib.h>

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
#define OTHER_TIMESTAMPS "0101080a0000000200000002"
#define FED_MAX (COALESCE_PACKETS + 1)

static const struct inner base = { .host = 1,
				   .tos = 0x28,
				   .ttl = 61,
				   .df = true,
				   .id = 0x1235, /* no bit away from the next */
				   .sport = 1234,
				   .seq = 0xfffffc00,
				   .ack = 0x01020304,
				   .flags = ACK,
				   .window = 555,
				   .payload = 1000 };

/* A packet as it came; `live` is the coalescer's. */
struct fed {
	void *owner;
	uint8_t *bytes, *live;
	size_t len;
	struct ip_pkt ip;
	bool back; /* found among what came out */
	unsigned place; /* where */
};

static int tunnel_a, tunnel_b;
static struct coalesce c;
static struct fed fed[FED_MAX];
static unsigned fed_count;
static uint8_t flat[VNET_HDR_LEN + INNER_MAX], out[INNER_MAX], made[INNER_MAX + 64];

static inline void begin(bool uso)
{
	for (unsigned i = 0; i < fed_count; i++) {
		free(fed[i].bytes);
		free(fed[i].live);
	}
	fed_count = 0;
	coalesce_init(&c, uso);
}

static inline bool feed_bytes(void *owner, const uint8_t *p, size_t len)
{
	struct fed *f = &fed[fed_count];

	assert_true(fed_count < FED_MAX);
	*f = (struct fed){ owner, malloc(len), malloc(len), len, inner_decode(p, len), false, 0 };
	assert_true(f->bytes && f->live);
	memcpy(f->bytes, p, len);
	memcpy(f->live, p, len);
	fed_count++;
	if (coalesce_add(&c, owner, f->live, &f->ip))
		return true;
	fed_count--;
	free(f->bytes);
	free(f->live);
	return false;
}

static inline bool feed_from(void *owner, const struct inner *f)
{
	return feed_bytes(owner, made, inner_make(f, made));
}

static inline void feed(const struct inner *f)
{
	assert_true(feed_from(&tunnel_a, f));
}

/* Without a mark that it may not be cut, an id counts; else only the receiver's patience. */
static inline bool is_same_packet(const struct fed *f, const uint8_t *p, size_t len)
{
	if (f->len != len)
		return false;
	if (f->ip.family == ADDR_V4 && f->ip.dont_fragment)
		return memcmp(f->bytes, p, 4) == 0 && memcmp(f->bytes + 6, p + 6, 4) == 0 &&
		       memcmp(f->bytes + 12, p + 12, len - 12) == 0;
	return memcmp(f->bytes, p, len) == 0;
}

static inline void give_back(const struct coalesce_item *it, const uint8_t *p, size_t len,
			     unsigned place)
{
	for (unsigned i = 0; i < fed_count; i++)
		if (!fed[i].back && fed[i].owner == it->owner && is_same_packet(&fed[i], p, len)) {
			fed[i].back = true;
			fed[i].place = place;
			return;
		}
	fail_msg("a packet came out that never went in");
}

/* What a write to the device would hand to the kernel. */
static inline size_t gather(const struct coalesce_item *it)
{
	size_t len = 0;

	assert_int_equal(it->iov[0].iov_len, VNET_HDR_LEN);
	for (unsigned i = 0; i < it->iov_count; i++) {
		assert_true(len + it->iov[i].iov_len <= sizeof(flat));
		memcpy(flat + len, it->iov[i].iov_base, it->iov[i].iov_len);
		len += it->iov[i].iov_len;
	}
	return len - VNET_HDR_LEN;
}

static inline unsigned take_apart(const struct coalesce_item *it, unsigned place)
{
	size_t len = gather(it), n, bytes = 0;
	struct view p = { flat + VNET_HDR_LEN, len };
	struct ip_pkt ip = inner_decode(p.data, p.len);
	struct vnet_hdr v;
	struct segment s;
	unsigned packets = 0;

	assert_int_equal(vnet_hdr_decode((struct view){ flat, VNET_HDR_LEN }, &v), 0);
	assert_int_equal(ip.len, len);
	assert_int_equal(it->len, len);
	assert_int_equal(segment_init(&s, p, &ip, &v), 0);
	while ((n = segment_next(&s, out)) > 0) {
		give_back(it, out, n, place + packets++);
		bytes += n;
	}
	assert_int_equal(it->packets, packets);
	assert_int_equal(it->bytes, bytes);
	return packets;
}

static inline bool has_ports(const struct fed *f)
{
	return !f->ip.fragment && (f->ip.protocol == 6 || f->ip.protocol == 17);
}

/* Would the receiver notice if these two changed places? */
static inline bool is_order_kept(const struct fed *a, const struct fed *b)
{
	if (a->owner != b->owner || !addr_equal(&a->ip.src, &b->ip.src) ||
	    !addr_equal(&a->ip.dst, &b->ip.dst) || a->place < b->place)
		return true;
	return has_ports(a) && has_ports(b) &&
	       (a->ip.protocol != b->ip.protocol ||
		memcmp(a->bytes + a->ip.header_len, b->bytes + b->ip.header_len, 4) != 0);
}

/* All come back, none twice, in order. */
static inline void check_conserved(void)
{
	unsigned place = 0;

	coalesce_finish(&c);
	for (unsigned i = 0; i < c.count; i++)
		place += take_apart(&c.item[i], place);
	assert_int_equal(place, fed_count);
	for (unsigned i = 0; i < fed_count; i++)
		for (unsigned k = i + 1; k < fed_count; k++)
			assert_true(is_order_kept(&fed[i], &fed[k]));
}

/* "2 1": the first item has two packets, the second one. */
static inline void expect(const char *groups)
{
	char text[1024] = "";
	size_t n = 0;

	check_conserved();
	for (unsigned i = 0; i < c.count; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u", i ? " " : "",
				      c.item[i].packets);
	assert_string_equal(text, groups);
}

static inline struct vnet_hdr hdr(unsigned i)
{
	struct vnet_hdr v = { 0 };

	assert_int_equal(vnet_hdr_decode((struct view){ c.item[i].iov[0].iov_base, VNET_HDR_LEN },
					 &v),
			 0);
	return v;
}

/* When all is done. */
static inline int clean(void **state)
{
	(void)state;
	begin(true);
	return 0;
}

#endif
