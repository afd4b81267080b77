/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/udp_pkt.h"

#include "base/csum.h"
#include "wire/ip_hdr.h"

#include <errno.h>

#define IP_PROTO_UDP 17
#define CS6 0xc0
#define OUR_TTL 255 /* it came from us, and no host behind us (RFC 5082) */
#define ICMP_HDR 8
/* RFC 1812, 4.3.2.3, and RFC 4443, 2.4: what every network takes */
#define ERROR_MAX_V4 576u
#define ERROR_MAX_V6 1280u

static bool can_be_said(const struct endpoint *src, const struct endpoint *dst, size_t len)
{
	return src->addr.family != ADDR_NONE && src->addr.family == dst->addr.family && src->port &&
	       dst->port && len <= UINT16_MAX - UDP_PKT_ROOM;
}

static void put_u16(uint8_t *at, uint16_t v)
{
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

ssize_t udp_pkt_build(const struct endpoint *src, const struct endpoint *dst, struct view payload,
		      void *buf, size_t cap)
{
	const struct ip_hdr h = { src->addr, dst->addr, IP_PROTO_UDP, OUR_TTL, CS6 };
	struct wbuf w = wbuf_of(buf, cap);
	size_t len = UDP_HDR + payload.len, start;
	uint16_t sum;

	if (!can_be_said(src, dst, payload.len))
		return -EINVAL;
	ip_hdr_put(&w, &h, len);
	start = w.len;
	wbuf_u16(&w, src->port);
	wbuf_u16(&w, dst->port);
	wbuf_u16(&w, (uint16_t)len);
	wbuf_u16(&w, 0);
	wbuf_bytes(&w, payload.data, payload.len);
	if (w.failed)
		return -EMSGSIZE;
	sum = csum_finish(csum_add(csum_add_pseudo(0, &h.src, &h.dst, IP_PROTO_UDP, (uint32_t)len),
				   w.data + start, len));
	/* Zero would say that there is none (RFC 768). */
	put_u16(w.data + start + 6, sum ? sum : UINT16_MAX);
	return (ssize_t)w.len;
}

int udp_pkt_parse_unreachable(enum addr_family family, struct view message, struct udp_quote *out)
{
	uint8_t unreachable = family == ADDR_V4 ? 3 : 1;
	struct udp_quote q = { 0 };
	struct ip_hdr h;
	struct view udp;
	struct rbuf r;

	/* The kernel has verified ICMPv6 checksums, which need the addresses. */
	if (message.len < ICMP_HDR || message.data[0] != unreachable ||
	    (family == ADDR_V4 && csum_finish(csum_add(0, message.data, message.len)) != 0))
		return -EBADMSG;
	q.code = message.data[1];
	if (!ip_hdr_parse_quoted((struct view){ message.data + ICMP_HDR, message.len - ICMP_HDR },
				 &h, &udp) ||
	    h.src.family != family || h.protocol != IP_PROTO_UDP || udp.len < UDP_HDR)
		return -EBADMSG;
	r = rbuf_of(udp.data, udp.len);
	q.src = (struct endpoint){ h.src, rbuf_u16(&r) };
	q.dst = (struct endpoint){ h.dst, rbuf_u16(&r) };
	q.payload = (struct view){ udp.data + UDP_HDR, udp.len - UDP_HDR };
	*out = q;
	return 0;
}

ssize_t udp_pkt_build_unreachable(const struct endpoint *src, const struct endpoint *dst,
				  struct view payload, void *buf, size_t cap)
{
	bool v4 = src->addr.family == ADDR_V4;
	const struct ip_hdr h = { dst->addr, src->addr, v4 ? IP_PROTO_ICMP : IP_PROTO_ICMP6,
				  OUR_TTL, CS6 };
	size_t most = v4 ? ERROR_MAX_V4 - 20 - ICMP_HDR : ERROR_MAX_V6 - 40 - ICMP_HDR;
	uint8_t quote[2048];
	ssize_t n = udp_pkt_build(src, dst, payload, quote, sizeof(quote));
	struct wbuf w = wbuf_of(buf, cap);
	size_t start, len;
	uint32_t sum = 0;

	if (n < 0)
		return n;
	len = (size_t)n < most ? (size_t)n : most;
	ip_hdr_put(&w, &h, ICMP_HDR + len);
	start = w.len;
	wbuf_u8(&w, v4 ? 3 : 1);
	wbuf_u8(&w, v4 ? 1 : 3);
	wbuf_u16(&w, 0);
	wbuf_u32(&w, 0);
	wbuf_bytes(&w, quote, len);
	if (w.failed)
		return -EMSGSIZE;
	if (!v4)
		sum = csum_add_pseudo(0, &h.src, &h.dst, IP_PROTO_ICMP6,
				      (uint32_t)(ICMP_HDR + len));
	put_u16(w.data + start + 2, csum_finish(csum_add(sum, w.data + start, ICMP_HDR + len)));
	return (ssize_t)w.len;
}
