/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/ip_hdr.h"

#include "base/csum.h"

#define V4_HDR 20
#define V6_HDR 40
#define DONT_FRAGMENT 0x4000
#define MORE_OR_OFFSET 0x3fff /* set in fragments only */

static void put_v4(struct wbuf *w, const struct ip_hdr *h, size_t payload)
{
	uint8_t bytes[V4_HDR];
	struct wbuf v = wbuf_of(bytes, sizeof(bytes));
	uint16_t sum;

	wbuf_u8(&v, 4 << 4 | V4_HDR / 4);
	wbuf_u8(&v, h->tos);
	wbuf_u16(&v, (uint16_t)(V4_HDR + payload));
	wbuf_u16(&v, 0); /* never fragmented, so it needs no identification (RFC 6864) */
	wbuf_u16(&v, DONT_FRAGMENT);
	wbuf_u8(&v, h->ttl);
	wbuf_u8(&v, h->protocol);
	wbuf_u16(&v, 0);
	wbuf_bytes(&v, h->src.bytes, 4);
	wbuf_bytes(&v, h->dst.bytes, 4);
	sum = csum_finish(csum_add(0, bytes, sizeof(bytes)));
	bytes[10] = (uint8_t)(sum >> 8);
	bytes[11] = (uint8_t)sum;
	wbuf_bytes(w, bytes, sizeof(bytes));
}

static void put_v6(struct wbuf *w, const struct ip_hdr *h, size_t payload)
{
	wbuf_u32(w, 6u << 28 | (uint32_t)h->tos << 20);
	wbuf_u16(w, (uint16_t)payload);
	wbuf_u8(w, h->protocol);
	wbuf_u8(w, h->ttl);
	wbuf_bytes(w, h->src.bytes, 16);
	wbuf_bytes(w, h->dst.bytes, 16);
}

void ip_hdr_put(struct wbuf *w, const struct ip_hdr *h, size_t payload)
{
	if (h->src.family == ADDR_NONE || h->src.family != h->dst.family ||
	    payload > UINT16_MAX - V4_HDR)
		w->failed = true;
	else if (h->src.family == ADDR_V4)
		put_v4(w, h, payload);
	else
		put_v6(w, h, payload);
}

static bool parse_v4(struct view packet, bool quoted, struct ip_hdr *out, struct view *payload)
{
	struct rbuf r = rbuf_of(packet.data, packet.len);
	size_t header = 4 * (size_t)(rbuf_u8(&r) & 0xf), total;
	struct ip_hdr h = { .tos = rbuf_u8(&r) };
	uint16_t fragment;
	uint8_t address[4];

	total = rbuf_u16(&r);
	(void)rbuf_u16(&r);
	fragment = rbuf_u16(&r) & MORE_OR_OFFSET;
	h.ttl = rbuf_u8(&r);
	h.protocol = rbuf_u8(&r);
	(void)rbuf_u16(&r);
	rbuf_bytes(&r, address, 4);
	h.src = addr_from_bytes(ADDR_V4, address);
	rbuf_bytes(&r, address, 4);
	h.dst = addr_from_bytes(ADDR_V4, address);
	if (r.failed || fragment || header < V4_HDR || header > packet.len || total < header)
		return false;
	if (!quoted && (total > packet.len || csum_finish(csum_add(0, packet.data, header)) != 0))
		return false;
	if (total > packet.len)
		total = packet.len;
	*out = h;
	*payload = (struct view){ packet.data + header, total - header };
	return true;
}

static bool parse_v6(struct view packet, bool quoted, struct ip_hdr *out, struct view *payload)
{
	struct rbuf r = rbuf_of(packet.data, packet.len);
	struct ip_hdr h = { .tos = (uint8_t)(rbuf_u32(&r) >> 20) };
	size_t len = rbuf_u16(&r);
	uint8_t address[16];

	h.protocol = rbuf_u8(&r);
	h.ttl = rbuf_u8(&r);
	rbuf_bytes(&r, address, 16);
	h.src = addr_from_bytes(ADDR_V6, address);
	rbuf_bytes(&r, address, 16);
	h.dst = addr_from_bytes(ADDR_V6, address);
	if (r.failed || (!quoted && len > rbuf_left(&r)))
		return false;
	if (len > rbuf_left(&r))
		len = rbuf_left(&r);
	*out = h;
	*payload = (struct view){ packet.data + V6_HDR, len };
	return true;
}

static bool parse(struct view packet, bool quoted, struct ip_hdr *out, struct view *payload)
{
	switch (packet.len ? packet.data[0] >> 4 : 0) {
	case 4:
		return parse_v4(packet, quoted, out, payload);
	case 6:
		return parse_v6(packet, quoted, out, payload);
	default:
		return false;
	}
}

bool ip_hdr_parse(struct view packet, struct ip_hdr *out, struct view *payload)
{
	return parse(packet, false, out, payload);
}

bool ip_hdr_parse_quoted(struct view quote, struct ip_hdr *out, struct view *payload)
{
	return parse(quote, true, out, payload);
}
