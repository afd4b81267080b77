/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets that do not fit: cut into IPv4 fragments, or sent back with the size that would. */
#include "wire/ip_pkt.h"

#include "base/be.h"
#include "base/csum.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define V4_HEADER 20
#define V6_HEADER 40
#define ICMP_HEADER 8
#define V4_QUOTE_MAX (576 - V4_HEADER - ICMP_HEADER) /* RFC 1812, 4.3.2.3 */
#define MORE_FRAGMENTS 0x2000

static void put_header_csum(uint8_t *p, size_t header_len)
{
	be_put_u16(p + 10, 0);
	be_put_u16(p + 10, csum_finish(csum_add(0, p, header_len)));
}

int ip_frag_init(struct ip_frag *f, struct view packet, const struct ip_pkt *ip, size_t mtu)
{
	if (ip->family != ADDR_V4 || mtu < ip->header_len + 8)
		return -EMSGSIZE;
	*f = (struct ip_frag){ { packet.data, ip->len }, ip->header_len, mtu, 0 };
	return 0;
}

/* The first fragment has all options, later ones those with the copy bit (RFC 791, 3.2). */
static size_t copy_header(const struct ip_frag *f, uint8_t *out)
{
	const uint8_t *p = f->packet.data;
	size_t len = V4_HEADER, pos = V4_HEADER;

	if (f->pos == 0) {
		memcpy(out, p, f->header_len);
		return f->header_len;
	}
	memcpy(out, p, V4_HEADER);
	while (pos < f->header_len && p[pos] != 0) {
		size_t size = p[pos] == 1 ? 1 : pos + 1 < f->header_len ? p[pos + 1] : 0;

		if (size == 0 || (size == 1 && p[pos] != 1) || pos + size > f->header_len)
			break; /* broken options end here */
		if (p[pos] & 0x80) {
			memcpy(out + len, p + pos, size);
			len += size;
		}
		pos += size;
	}
	while (len % 4)
		out[len++] = 0;
	out[0] = (uint8_t)(0x40 | len / 4);
	return len;
}

size_t ip_frag_next(struct ip_frag *f, uint8_t *out)
{
	size_t total = f->packet.len - f->header_len, left = total - f->pos, header, n;
	uint16_t field;

	if (left == 0)
		return 0;
	header = copy_header(f, out);
	n = f->mtu - header;
	field = (uint16_t)(f->packet.data[6] << 8 | f->packet.data[7]);
	field = (uint16_t)((field & 0xe000) | ((field + f->pos / 8) & 0x1fff));
	if (n < left) {
		n &= ~(size_t)7;
		field |= MORE_FRAGMENTS;
	} else {
		n = left;
	}
	memcpy(out + header, f->packet.data + f->header_len + f->pos, n);
	f->pos += n;
	be_put_u16(out + 2, (uint16_t)(header + n));
	be_put_u16(out + 6, field);
	put_header_csum(out, header);
	return header + n;
}

/* An error about an error, about a later fragment, or to nobody in particular would do harm. */
static bool must_be_silent(struct view packet, const struct ip_pkt *ip)
{
	uint8_t type;

	if (addr_is_multicast(&ip->dst) || addr_is_multicast(&ip->src) ||
	    addr_is_unspecified(&ip->src) || ip->fragment_offset)
		return true;
	if (ip->protocol != (ip->family == ADDR_V4 ? IPPROTO_ICMP : IPPROTO_ICMPV6))
		return false;
	if (packet.len <= ip->header_len)
		return true;
	type = packet.data[ip->header_len];
	if (ip->family == ADDR_V6)
		return type < 128;
	return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

static size_t build_v4(struct view packet, const struct ip_pkt *ip, uint16_t mtu, uint8_t *out)
{
	size_t quote = packet.len < V4_QUOTE_MAX ? packet.len : V4_QUOTE_MAX;
	size_t len = V4_HEADER + ICMP_HEADER + quote;
	uint8_t *icmp = out + V4_HEADER;

	memset(out, 0, V4_HEADER + ICMP_HEADER);
	out[0] = 0x45;
	out[1] = 0xc0; /* internetwork control, as routers mark their errors */
	be_put_u16(out + 2, (uint16_t)len);
	out[8] = 64;
	out[9] = IPPROTO_ICMP;
	memcpy(out + 12, ip->dst.bytes, 4);
	memcpy(out + 16, ip->src.bytes, 4);
	put_header_csum(out, V4_HEADER);
	icmp[0] = 3; /* destination unreachable: */
	icmp[1] = 4; /* fragmentation needed (RFC 1191) */
	be_put_u16(icmp + 6, mtu);
	memcpy(icmp + ICMP_HEADER, packet.data, quote);
	be_put_u16(icmp + 2, csum_finish(csum_add(0, icmp, ICMP_HEADER + quote)));
	return len;
}

static size_t build_v6(struct view packet, const struct ip_pkt *ip, uint16_t mtu, uint8_t *out)
{
	size_t room = IP_TOO_BIG_MAX - V6_HEADER - ICMP_HEADER;
	size_t quote = packet.len < room ? packet.len : room, len = ICMP_HEADER + quote;
	uint8_t *icmp = out + V6_HEADER;
	uint32_t sum;

	memset(out, 0, V6_HEADER + ICMP_HEADER);
	out[0] = 0x60;
	be_put_u16(out + 4, (uint16_t)len);
	out[6] = IPPROTO_ICMPV6;
	out[7] = 64;
	memcpy(out + 8, ip->dst.bytes, 16);
	memcpy(out + 24, ip->src.bytes, 16);
	icmp[0] = 2; /* packet too big (RFC 4443, 3.2) */
	be_put_u16(icmp + 6, mtu);
	memcpy(icmp + ICMP_HEADER, packet.data, quote);
	sum = csum_add_pseudo(0, &ip->dst, &ip->src, IPPROTO_ICMPV6, (uint32_t)len);
	be_put_u16(icmp + 2, csum_finish(csum_add(sum, icmp, len)));
	return V6_HEADER + len;
}

size_t ip_too_big_build(struct view packet, const struct ip_pkt *ip, uint16_t mtu,
			uint8_t out[static IP_TOO_BIG_MAX])
{
	if (must_be_silent(packet, ip))
		return 0;
	return ip->family == ADDR_V4 ? build_v4(packet, ip, mtu, out)
				     : build_v6(packet, ip, mtu, out);
}
