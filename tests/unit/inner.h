/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inner TCP and UDP packets for tests, field by field; include after cmocka and hex.h. */
#ifndef UNIT_INNER_H
#define UNIT_INNER_H

#include "base/csum.h"
#include "wire/ip_pkt.h"

#include <string.h>

#define INNER_MAX (65535 + 40)

struct inner {
	size_t payload;
	const char *ip_options; /* IPv4: hexadecimal; IPv6: extension headers, ... */
	const char *tcp_options;
	uint32_t seq; /* which bytes of the stream; UDP has one, too */
	uint32_t ack;
	uint16_t id; /* IPv4 */
	uint16_t sport, window;
	uint8_t ext; /* ... the first of which is of this kind */
	uint8_t host; /* the last byte of the source address */
	uint8_t tos, ttl, flags;
	bool v6, udp, df, bad_csum;
};

static inline void inner_u16(uint8_t *p, size_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline uint8_t inner_stream(uint32_t at)
{
	return (uint8_t)(at * 0x9e3779b1u >> 23);
}

static inline struct ip_pkt inner_decode(const uint8_t *p, size_t len)
{
	struct ip_pkt ip = { .len = 0 };

	assert_int_equal(ip_pkt_decode((struct view){ p, len }, &ip), 0);
	return ip;
}

static inline uint8_t *inner_csum_field(uint8_t *p, const struct ip_pkt *ip)
{
	return p + ip->header_len + (ip->protocol == 6 ? 16 : 6);
}

/* Over the field as it is: 0 when it is right. */
static inline uint16_t inner_csum(const uint8_t *p, const struct ip_pkt *ip)
{
	size_t n = ip->len - ip->header_len;

	return csum_finish(
		csum_add(csum_add_pseudo(0, &ip->src, &ip->dst, ip->protocol, (uint32_t)n),
			 p + ip->header_len, n));
}

/* Both checksums as a sender writes them. */
static inline void inner_fix(uint8_t *p, size_t len)
{
	struct ip_pkt ip = inner_decode(p, len);
	uint16_t sum;

	if (ip.family == ADDR_V4) {
		inner_u16(p + 10, 0);
		inner_u16(p + 10, csum_finish(csum_add(0, p, (size_t)(p[0] & 15) * 4)));
	}
	if ((ip.protocol != 6 && ip.protocol != 17) || ip.fragment)
		return;
	inner_u16(inner_csum_field(p, &ip), 0);
	sum = inner_csum(p, &ip);
	inner_u16(inner_csum_field(p, &ip), sum || ip.protocol == 6 ? sum : 0xffff);
}

/* What the kernel leaves in the field of a packet that still needs its checksum. */
static inline void inner_unfinish(uint8_t *p, size_t len)
{
	struct ip_pkt ip = inner_decode(p, len);
	uint32_t sum = csum_add_pseudo(0, &ip.src, &ip.dst, ip.protocol,
				       (uint32_t)(ip.len - ip.header_len));

	inner_u16(inner_csum_field(p, &ip), (uint16_t)~csum_finish(sum));
}

static inline size_t inner_ip(const struct inner *f, uint8_t *p)
{
	static const uint8_t prefix[16] = { 0x20, 0x01, 0x0d, 0xb8 };
	size_t opt;

	memset(p, 0, 40);
	if (f->v6) {
		p[0] = (uint8_t)(0x60 | f->tos >> 4);
		p[1] = (uint8_t)(f->tos << 4);
		p[2] = 0x12;
		p[6] = f->ip_options ? f->ext : f->udp ? 17 : 6;
		p[7] = f->ttl;
		memcpy(p + 8, prefix, 16);
		memcpy(p + 24, prefix, 16);
		p[23] = f->host;
		p[39] = 99;
		return 40 + (f->ip_options ? unhex(f->ip_options, p + 40, 64) : 0);
	}
	opt = f->ip_options ? unhex(f->ip_options, p + 20, 40) : 0;
	p[0] = (uint8_t)(0x45 + opt / 4);
	p[1] = f->tos;
	inner_u16(p + 4, f->id);
	p[6] = f->df ? 0x40 : 0;
	p[8] = f->ttl;
	p[9] = f->udp ? 17 : 6;
	memcpy(p + 12, (uint8_t[]){ 10, 0, 0, f->host, 10, 9, 0, 99 }, 8);
	return 20 + opt;
}

static inline size_t inner_l4(const struct inner *f, uint8_t *p)
{
	size_t opt;

	memset(p, 0, 20);
	inner_u16(p, f->sport);
	inner_u16(p + 2, 443);
	if (f->udp) {
		inner_u16(p + 4, 8 + f->payload);
		return 8;
	}
	inner_u16(p + 4, f->seq >> 16);
	inner_u16(p + 6, f->seq & 0xffff);
	inner_u16(p + 8, f->ack >> 16);
	inner_u16(p + 10, f->ack & 0xffff);
	opt = f->tcp_options ? unhex(f->tcp_options, p + 20, 40) : 0;
	p[12] = (uint8_t)((20 + opt) / 4 << 4);
	p[13] = f->flags;
	inner_u16(p + 14, f->window);
	return 20 + opt;
}

/* Into p, which has room for INNER_MAX; the whole length. */
static inline size_t inner_make(const struct inner *f, uint8_t *p)
{
	size_t l4 = inner_ip(f, p), at = l4 + inner_l4(f, p + l4), len = at + f->payload;

	for (size_t i = 0; i < f->payload; i++)
		p[at + i] = inner_stream(f->seq + (uint32_t)i);
	inner_u16(p + (f->v6 ? 4 : 2), f->v6 ? len - 40 : len);
	inner_fix(p, len);
	if (f->bad_csum)
		p[l4 + (f->udp ? 7 : 17)] ^= 0x10;
	return len;
}

/* The one after f in its flow. */
static inline struct inner inner_next(struct inner f)
{
	f.id++;
	f.seq += (uint32_t)f.payload;
	return f;
}

#endif
