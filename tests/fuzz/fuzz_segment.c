/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any header before any packet, as if the kernel had given them: what is cut is never longer than
 * was promised, is sound, and holds every byte of the payload once, in order.
 */
#include "esp/segment.h"

#include "base/csum.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t l4_header(const uint8_t *p, const struct ip_pkt *ip)
{
	return ip->protocol == IPPROTO_TCP ? (size_t)(p[ip->header_len + 12] >> 4) * 4 : 8;
}

/* Is the checksum of TCP or UDP right?  A routing header hides what it is about. */
static bool is_right(const uint8_t *p, const struct ip_pkt *ip)
{
	size_t n = ip->len - ip->header_len;
	uint32_t sum = csum_add_pseudo(0, &ip->src, &ip->dst, ip->protocol, (uint32_t)n);

	return csum_finish(csum_add(sum, p + ip->header_len, n)) == 0;
}

/* As the kernel does: the pseudo header's sum. */
static void prepare(uint8_t *p, const struct ip_pkt *ip, size_t field)
{
	uint32_t sum = csum_add_pseudo(0, &ip->src, &ip->dst, ip->protocol,
				       (uint32_t)(ip->len - ip->header_len));
	uint16_t value = (uint16_t)~csum_finish(sum);

	p[field] = (uint8_t)(value >> 8);
	p[field + 1] = (uint8_t)value;
}

static bool is_cut(const struct segment *s)
{
	return s->kind == SEGMENT_TCP || s->kind == SEGMENT_UDP;
}

/* One segment; returns how much payload it had. */
static size_t check(const struct segment *s, const uint8_t *out, size_t n, const uint8_t *payload)
{
	struct ip_pkt ip;
	size_t header;

	MUST(ip_pkt_decode((struct view){ out, n }, &ip) == 0 && ip.len == n);
	if (!is_cut(s)) {
		MUST(n == s->len);
		return n;
	}
	header = ip.header_len + l4_header(out, &ip);
	MUST(header <= n && is_right(out, &ip));
	MUST(memcmp(out + header, payload, n - header) == 0);
	MUST(ip.family == ADDR_V6 || csum_finish(csum_add(0, out, ip.header_len)) == 0);
	MUST(ip.protocol == IPPROTO_TCP || memcmp(out + ip.header_len + 6, "\0\0", 2) != 0);
	return n - header;
}

static void cut(struct segment *s)
{
	size_t max = segment_max(s), sum = 0, n;
	unsigned left = segment_left(s);
	uint8_t *out = malloc(max); /* one byte too far is seen */

	MUST(out && left > 0 && max <= s->len);
	while ((n = segment_next(s, out)) > 0) {
		MUST(n <= max && segment_left(s) == --left);
		sum += check(s, out, n, s->packet + s->header_len + sum);
	}
	MUST(left == 0 && segment_next(s, out) == 0);
	MUST(sum == s->len - s->header_len);
	free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct vnet_hdr v;
	struct segment s;
	struct ip_pkt ip;
	uint8_t *p;

	if (vnet_hdr_decode((struct view){ data, len }, &v) < 0 || len > 70000)
		return 0;
	len -= VNET_HDR_LEN;
	p = malloc(len);
	MUST(p || len == 0);
	if (len)
		memcpy(p, data + VNET_HDR_LEN, len);
	if (ip_pkt_decode((struct view){ p, len }, &ip) == 0 &&
	    segment_init(&s, (struct view){ p, len }, &ip, &v) == 0) {
		if (is_cut(&s) && v.flags & VNET_HDR_NEEDS_CSUM) {
			prepare(p, &ip, s.csum_at);
			MUST(segment_init(&s, (struct view){ p, len }, &ip, &v) == 0);
		}
		cut(&s);
	}
	free(p);
	return 0;
}
