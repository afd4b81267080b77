/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/frame.h"

#include "base/csum.h"
#include "wire/ip_hdr.h"

#include <errno.h>
#include <string.h>

#define TYPE_IPV4 0x0800
#define TYPE_ARP 0x0806
#define TYPE_IPV6 0x86dd
#define FRAME_MIN 60 /* without the frame check sequence */
#define HOP_LIMIT 255 /* proves to the receiver that nobody routed it */
#define TOS_CONTROL 0xc0 /* internetwork control, as routing protocols do */
#define ND_ADVERT 136
#define ND_ROUTER_OVERRIDE 0xa0000000u
#define ND_TARGET_LINK_ADDRESS 2

static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 0x01 };

void vrrp_virtual_mac(enum addr_family family, uint8_t vrid, uint8_t out[static FRAME_MAC])
{
	const uint8_t mac[FRAME_MAC] = { 0x00, 0x00, 0x5e, 0x00, family == ADDR_V6 ? 0x02 : 0x01,
					 vrid };

	memcpy(out, mac, sizeof(mac));
}

struct addr vrrp_group(enum addr_family family)
{
	static const uint8_t v4[4] = { 224, 0, 0, 18 };
	static const uint8_t v6[16] = { 0xff, 0x02, [15] = 0x12 };

	return addr_from_bytes(family, family == ADDR_V6 ? v6 : v4);
}

static void put_ethernet(struct wbuf *w, const uint8_t *dst, const uint8_t *src, uint16_t type)
{
	wbuf_bytes(w, dst, FRAME_MAC);
	wbuf_bytes(w, src, FRAME_MAC);
	wbuf_u16(w, type);
}

/* Where a group's packets go on Ethernet (RFC 1112, 6.4; RFC 2464, 7). */
static void put_group_ethernet(struct wbuf *w, const struct addr *group, const uint8_t *src)
{
	const uint8_t *a = group->bytes;
	const uint8_t v4[FRAME_MAC] = { 0x01, 0x00, 0x5e, a[1] & 0x7f, a[2], a[3] };
	const uint8_t v6[FRAME_MAC] = { 0x33, 0x33, a[12], a[13], a[14], a[15] };
	bool is_v6 = group->family == ADDR_V6;

	put_ethernet(w, is_v6 ? v6 : v4, src, is_v6 ? TYPE_IPV6 : TYPE_IPV4);
}

static ssize_t finish(const struct wbuf *w)
{
	return w->failed ? -EMSGSIZE : (ssize_t)w->len;
}

ssize_t frame_build_vrrp(const uint8_t mac[static FRAME_MAC], const struct addr *src,
			 struct view packet, void *buf, size_t cap)
{
	struct wbuf w = wbuf_of(buf, cap < FRAME_MAX ? cap : FRAME_MAX);
	const struct ip_hdr h = { *src, vrrp_group(src->family), IP_PROTO_VRRP, HOP_LIMIT,
				  TOS_CONTROL };

	put_group_ethernet(&w, &h.dst, mac);
	ip_hdr_put(&w, &h, packet.len);
	wbuf_bytes(&w, packet.data, packet.len);
	return finish(&w);
}

ssize_t frame_build_arp(const uint8_t mac[static FRAME_MAC], const struct addr *addr, void *buf,
			size_t cap)
{
	static const uint8_t nobody[FRAME_MAC], padding[FRAME_MIN];
	static const uint8_t everybody[FRAME_MAC] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	struct wbuf w = wbuf_of(buf, cap);

	put_ethernet(&w, everybody, mac, TYPE_ARP);
	wbuf_u16(&w, 1); /* Ethernet */
	wbuf_u16(&w, TYPE_IPV4);
	wbuf_u8(&w, FRAME_MAC);
	wbuf_u8(&w, 4);
	wbuf_u16(&w, 1); /* request */
	wbuf_bytes(&w, mac, FRAME_MAC);
	wbuf_bytes(&w, addr->bytes, 4);
	wbuf_bytes(&w, nobody, FRAME_MAC);
	wbuf_bytes(&w, addr->bytes, 4);
	/* Some drivers pad short frames with whatever lies in memory. */
	wbuf_bytes(&w, padding, w.failed ? 0 : FRAME_MIN - w.len);
	return finish(&w);
}

ssize_t frame_build_na(const uint8_t mac[static FRAME_MAC], const struct addr *addr, void *buf,
		       size_t cap)
{
	const struct ip_hdr h = { *addr, addr_from_bytes(ADDR_V6, all_nodes), IP_PROTO_ICMP6,
				  HOP_LIMIT, TOS_CONTROL };
	uint8_t bytes[32];
	struct wbuf nd = wbuf_of(bytes, sizeof(bytes)), w = wbuf_of(buf, cap);
	uint16_t sum;

	wbuf_u16(&nd, ND_ADVERT << 8);
	wbuf_u16(&nd, 0);
	wbuf_u32(&nd, ND_ROUTER_OVERRIDE);
	wbuf_bytes(&nd, addr->bytes, 16);
	wbuf_u8(&nd, ND_TARGET_LINK_ADDRESS);
	wbuf_u8(&nd, 1); /* times 8 bytes */
	wbuf_bytes(&nd, mac, FRAME_MAC);
	sum = csum_finish(csum_add(csum_add_pseudo(0, &h.src, &h.dst, h.protocol, sizeof(bytes)),
				   bytes, sizeof(bytes)));
	bytes[2] = (uint8_t)(sum >> 8);
	bytes[3] = (uint8_t)sum;
	put_group_ethernet(&w, &h.dst, mac);
	ip_hdr_put(&w, &h, sizeof(bytes));
	wbuf_bytes(&w, bytes, sizeof(bytes));
	return finish(&w);
}

ssize_t frame_build_announce(const uint8_t mac[static FRAME_MAC], const struct addr *addr,
			     void *buf, size_t cap)
{
	return addr->family == ADDR_V6 ? frame_build_na(mac, addr, buf, cap)
				       : frame_build_arp(mac, addr, buf, cap);
}
