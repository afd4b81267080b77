/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/outbound.h"

#include "base/list.h"
#include "esp/ecn.h"
#include "esp/esp.h"
#include "esp/mss.h"
#include "esp/seal.h"
#include "esp/segment.h"
#include "wire/vnet_hdr.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#define QUOTE_FROM 1200u /* shorter packets pass every path */

static const struct bucket_cfg too_big_rate = { .burst = 50, .per_sec = 100 };

/* The way of one inner packet: its tunnel and SA, and how much of it fits into one outer packet. */
struct way {
	struct esp *esp;
	struct tunnel *tunnel;
	struct sa *sa;
	struct ip_pkt ip;
	struct leave how;
	size_t room;
};

void outbound_say_too_big(struct esp *esp, struct tunnel *t, struct view packet,
			  const struct ip_pkt *ip, size_t room)
{
	uint8_t none[VNET_HDR_LEN] = { 0 }, icmp[IP_TOO_BIG_MAX];
	struct iovec iov[] = { { none, sizeof(none) }, { icmp, 0 } };

	if (!t || t->tun_fd < 0 || !ip->dont_fragment || room > UINT16_MAX)
		return;
	if (ip->family == ADDR_V6 && room < IP_PKT_V6_MIN_MTU)
		room = IP_PKT_V6_MIN_MTU; /* these then go in fragments of the outer packet */
	iov[1].iov_len = ip_too_big_build(packet, ip, (uint16_t)room, icmp);
	if (iov[1].iov_len == 0 || !bucket_take(&too_big_rate, &esp->too_big, esp->now))
		return;
	if (writev(t->tun_fd, iov, ARRAY_LEN(iov)) < 0)
		esp_drop(esp, t, IPC_DROP_TUN);
}

/* The inner packet is at out + seal_head(), where outbox_place() said. */
static void seal_and_commit(const struct way *w, uint8_t *out, size_t len)
{
	const uint8_t *inner = out + seal_head(w->sa);
	uint8_t quote[RUN_QUOTE];
	int rc;

	if (len >= QUOTE_FROM)
		memcpy(quote, inner, sizeof(quote));
	rc = seal_packet(w->sa, out, len, w->ip.family, w->esp->now);
	if (rc != SEAL_OK) {
		esp_drop(w->esp, w->tunnel, (enum ipc_drop)rc);
		return;
	}
	outbox_commit(w->esp, len);
	if (len >= QUOTE_FROM) {
		struct esp_pkt_shape shape = sa_shape(w->sa);
		struct ip_pkt ip = w->ip;

		ip.len = len;
		outbox_quote(w->esp, (struct view){ quote, sizeof(quote) }, &ip, &shape);
	}
}

/* One packet that is too big, and may be cut. */
static void submit_fragments(const struct way *w, struct view packet)
{
	struct ip_pkt ip;
	struct ip_frag f;
	size_t len;

	if (ip_pkt_decode(packet, &ip) < 0 || ip_frag_init(&f, packet, &ip, w->room) < 0) {
		esp_drop(w->esp, w->tunnel, IPC_DROP_TOO_BIG);
		return;
	}
	while ((len = ip_frag_next(&f, w->esp->fragment)) != 0) {
		uint8_t *out = outbox_place(w->esp, &w->how, seal_len(w->sa, len));

		memcpy(out + seal_head(w->sa), w->esp->fragment, len);
		seal_and_commit(w, out, len);
	}
}

static void submit_segments(const struct way *w, struct segment *s)
{
	const struct ipc_tunnel *cfg = &w->tunnel->cfg;
	uint16_t mss = w->ip.family == ADDR_V6 ? cfg->mss_v6 : cfg->mss_v4;
	size_t len;

	while ((len = segment_len(s)) != 0) {
		uint8_t *out, *inner;
		struct ip_pkt ip = w->ip;

		if (len > w->room && !w->how.may_fragment) {
			(void)segment_next(s, w->esp->scratch);
			submit_fragments(w, (struct view){ w->esp->scratch, len });
			continue;
		}
		out = outbox_place(w->esp, &w->how, seal_len(w->sa, len));
		inner = out + seal_head(w->sa);
		(void)segment_next(s, inner);
		ip.len = len;
		mss_clamp(inner, &ip, mss);
		seal_and_commit(w, out, len);
	}
}

/* False, and counted, when the packet finds no way. */
static bool find_way(struct way *w, struct view packet)
{
	enum ipc_drop why = IPC_DROP_INNER;
	struct esp_pkt_shape shape;

	if (ip_pkt_decode(packet, &w->ip) < 0) {
		esp_drop(w->esp, w->tunnel, IPC_DROP_INNER);
		return false;
	}
	w->sa = tunnel_choose(w->tunnel, &w->ip, &why);
	if (w->ip.ttl == 0 || !w->sa) {
		esp_drop(w->esp, w->tunnel, w->sa ? IPC_DROP_TTL : why);
		return false;
	}
	w->how = (struct leave){ .tunnel = w->tunnel,
				 .src = w->sa->src,
				 .dst = w->sa->dst,
				 .sock = seal_socket(w->sa),
				 .tos = ecn_encapsulate(w->ip.tos, w->tunnel->cfg.copy_dscp) };
	shape = sa_shape(w->sa);
	w->room = esp_pkt_room(&shape, pmtu_get(&w->esp->pmtu, &w->sa->dst.addr, w->esp->now));
	return true;
}

static void submit(struct way *w, struct view packet, const struct vnet_hdr *v)
{
	struct ipc_stats *stats = esp_stats(w->esp, w->tunnel);
	struct segment s;
	unsigned due = sa_due(w->sa);
	size_t most;

	if (segment_init(&s, packet, &w->ip, v) < 0) {
		stats->drops[IPC_DROP_INNER]++;
		return;
	}
	most = segment_max(&s);
	if (most > w->room && w->ip.dont_fragment) {
		if (w->ip.family != ADDR_V6 || most > IP_PKT_V6_MIN_MTU) {
			stats->drops[IPC_DROP_TOO_BIG] += segment_left(&s);
			outbound_say_too_big(w->esp, w->tunnel, packet, &w->ip, w->room);
			return;
		}
		w->how.may_fragment = true; /* IPv6 promises this size (RFC 8200, 5) */
	}
	submit_segments(w, &s);
	w->esp->expire_due |= sa_due(w->sa) != due;
}

void outbound_submit(struct esp *esp, struct tunnel *t, struct view packet,
		     const struct vnet_hdr *v)
{
	struct way w = { .esp = esp, .tunnel = t };

	if (find_way(&w, packet))
		submit(&w, packet, v);
}

void outbound_express(struct esp *esp, struct tunnel *t, struct view packet)
{
	static const struct vnet_hdr whole = { 0 };
	struct way w = { .esp = esp, .tunnel = t };

	if (!find_way(&w, packet))
		return;
	w.how.tos = DSCP_CS6 | (w.how.tos & ECN_MASK);
	submit(&w, packet, &whole);
}

void outbound_take(struct esp *esp, struct tunnel *t, struct view read)
{
	struct vnet_hdr v;

	if (vnet_hdr_decode(read, &v) < 0) {
		esp_drop(esp, t, IPC_DROP_INNER);
		return;
	}
	outbound_submit(esp, t, (struct view){ read.data + VNET_HDR_LEN, read.len - VNET_HDR_LEN },
			&v);
}
