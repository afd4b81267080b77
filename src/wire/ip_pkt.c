/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/ip_pkt.h"

#include "base/be.h"

#include <errno.h>
#include <netinet/in.h>

#define V4_HEADER 20
#define V6_HEADER 40
#define V6_EXT_MAX 8 /* more extension headers than anybody sends */

static int decode_v4(struct view v, struct ip_pkt *out)
{
	const uint8_t *p = v.data;
	struct ip_pkt ip = { .family = ADDR_V4 };
	uint16_t frag;

	if (v.len < V4_HEADER)
		return -EBADMSG;
	ip.header_len = (size_t)(p[0] & 0x0f) * 4;
	ip.len = be_get_u16(p + 2);
	if (ip.header_len < V4_HEADER || ip.len < ip.header_len || ip.len > v.len)
		return -EBADMSG;
	frag = be_get_u16(p + 6);
	ip.tos = p[1];
	ip.ttl = p[8];
	ip.protocol = p[9];
	ip.dont_fragment = frag & 0x4000;
	ip.fragment = frag & 0x3fff;
	ip.fragment_offset = (uint16_t)((frag & 0x1fff) * 8);
	ip.src = addr_from_bytes(ADDR_V4, p + 12);
	ip.dst = addr_from_bytes(ADDR_V4, p + 16);
	*out = ip;
	return 0;
}

static bool is_extension(uint8_t next)
{
	return next == IPPROTO_HOPOPTS || next == IPPROTO_ROUTING || next == IPPROTO_FRAGMENT ||
	       next == IPPROTO_DSTOPTS;
}

/* Walks to the upper layer.  A broken chain is the receiver's to judge: we only forward. */
static void skip_extensions(const uint8_t *p, struct ip_pkt *ip)
{
	for (unsigned i = 0; i < V6_EXT_MAX && is_extension(ip->protocol); i++) {
		const uint8_t *ext = p + ip->header_len;
		size_t size;

		if (ip->header_len + 8 > ip->len)
			break;
		size = ip->protocol == IPPROTO_FRAGMENT ? 8 : 8 + (size_t)ext[1] * 8;
		if (ip->header_len + size > ip->len)
			break;
		if (ip->protocol == IPPROTO_FRAGMENT) {
			ip->fragment = true;
			ip->fragment_offset = be_get_u16(ext + 2) & 0xfff8;
		}
		ip->protocol = ext[0];
		ip->header_len += size;
		if (ip->fragment_offset)
			return; /* what follows is no header */
	}
	if (is_extension(ip->protocol))
		ip->protocol = IP_PKT_PROTO_UNKNOWN;
}

static int decode_v6(struct view v, struct ip_pkt *out)
{
	const uint8_t *p = v.data;
	struct ip_pkt ip = { .family = ADDR_V6, .dont_fragment = true, .header_len = V6_HEADER };

	if (v.len < V6_HEADER)
		return -EBADMSG;
	ip.len = V6_HEADER + (size_t)be_get_u16(p + 4);
	if (ip.len > v.len)
		return -EBADMSG;
	ip.tos = (uint8_t)(p[0] << 4 | p[1] >> 4);
	ip.ttl = p[7];
	ip.protocol = p[6];
	ip.src = addr_from_bytes(ADDR_V6, p + 8);
	ip.dst = addr_from_bytes(ADDR_V6, p + 24);
	skip_extensions(p, &ip);
	*out = ip;
	return 0;
}

int ip_pkt_decode(struct view packet, struct ip_pkt *out)
{
	if (packet.len == 0)
		return -EBADMSG;
	switch (packet.data[0] >> 4) {
	case 4:
		return decode_v4(packet, out);
	case 6:
		return decode_v6(packet, out);
	default:
		return -EBADMSG;
	}
}

void ip_pkt_fix_csum(uint8_t csum[static 2], uint16_t old, uint16_t now)
{
	uint32_t sum = (uint32_t)(uint16_t)~be_get_u16(csum) + (uint16_t)~old + now;

	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	csum[0] = (uint8_t)(~sum >> 8);
	csum[1] = (uint8_t)~sum;
}

void ip_pkt_set_tos(uint8_t *packet, uint8_t tos)
{
	uint16_t old = be_get_u16(packet);

	if (packet[0] >> 4 == 4) {
		packet[1] = tos;
		ip_pkt_fix_csum(packet + 10, old, be_get_u16(packet));
	} else {
		packet[0] = (uint8_t)((packet[0] & 0xf0) | tos >> 4);
		packet[1] = (uint8_t)((packet[1] & 0x0f) | tos << 4);
	}
}
