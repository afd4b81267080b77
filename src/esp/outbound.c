/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/outbound.h"

#include "base/list.h"
#include "esp/esp.h"
#include "esp/mss.h"
#include "esp/relay.h"
#include "esp/seal.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const struct bucket_cfg too_big_rate = { .burst = 50, .per_sec = 100 };

void outbound_say_too_big(struct esp *esp, struct tunnel *t, struct view packet,
			  const struct ip_pkt *ip, size_t room)
{
	uint8_t icmp[IP_TOO_BIG_MAX];
	size_t len;

	if (!t || t->tun_fd < 0 || !ip->dont_fragment || room > UINT16_MAX)
		return;
	if (ip->family == ADDR_V6 && room < IP_PKT_V6_MIN_MTU)
		room = IP_PKT_V6_MIN_MTU; /* these then go in fragments of the outer packet */
	len = ip_too_big_build(packet, ip, (uint16_t)room, icmp);
	if (len == 0 || !bucket_take(&too_big_rate, &esp->too_big, esp->now))
		return;
	if (write(t->tun_fd, icmp, len) < 0)
		esp_drop(esp, t, IPC_DROP_TUN);
}

static void seal_and_commit(struct esp *esp, struct tunnel *t, struct sa *sa, struct pkt *p)
{
	unsigned due = sa_due(sa);
	int rc;

	p->tunnel = t;
	rc = seal_packet(sa, p, t->cfg.copy_dscp, esp->now);
	esp->expire_due |= sa_due(sa) != due;
	if (rc == SEAL_OK)
		outbox_commit(esp);
	else
		esp_drop(esp, t, (enum ipc_drop)rc);
}

/* Cuts the inner packet: its place in the outbox is wanted for the first fragment. */
static void submit_fragments(struct esp *esp, struct tunnel *t, struct sa *sa, struct pkt *p,
			     size_t room)
{
	struct ip_pkt whole = p->ip;
	struct ip_frag f;
	size_t len;

	memcpy(esp->scratch, p->data, whole.len);
	if (ip_frag_init(&f, (struct view){ esp->scratch, whole.len }, &whole, room) < 0) {
		esp_drop(esp, t, IPC_DROP_TOO_BIG);
		return;
	}
	for (;;) {
		struct pkt *part = outbox_next(esp);

		len = ip_frag_next(&f, part->data);
		if (len == 0)
			return;
		part->len = len;
		part->ip = whole;
		part->ip.len = len;
		seal_and_commit(esp, t, sa, part);
	}
}

void outbound_submit(struct esp *esp, struct tunnel *t, struct pkt *p)
{
	enum ipc_drop why = IPC_DROP_INNER;
	struct esp_pkt_shape shape;
	struct sa *sa;
	size_t room;

	if (ip_pkt_decode(pkt_view(p), &p->ip) < 0) {
		esp_drop(esp, t, IPC_DROP_INNER);
		return;
	}
	p->len = p->ip.len;
	sa = tunnel_choose(t, &p->ip, &why);
	if (p->ip.ttl == 0 || !sa) {
		esp_drop(esp, t, sa ? IPC_DROP_TTL : why);
		return;
	}
	mss_clamp(p->data, &p->ip, p->ip.family == ADDR_V6 ? t->cfg.mss_v6 : t->cfg.mss_v4);
	shape = sa_shape(sa);
	room = esp_pkt_room(&shape, pmtu_get(&esp->pmtu, &sa->dst.addr, esp->now));
	if (p->len <= room) {
		seal_and_commit(esp, t, sa, p);
	} else if (!p->ip.dont_fragment) {
		submit_fragments(esp, t, sa, p, room);
	} else if (p->ip.family == ADDR_V6 && p->len <= IP_PKT_V6_MIN_MTU) {
		p->may_fragment = true; /* IPv6 promises this size (RFC 8200, 5) */
		seal_and_commit(esp, t, sa, p);
	} else {
		esp_drop(esp, t, IPC_DROP_TOO_BIG);
		outbound_say_too_big(esp, t, pkt_view(p), &p->ip, room);
	}
}

void outbound_read(struct watch *w)
{
	struct tunnel *t = container_of(w, struct tunnel, watch);
	struct esp *esp = t->esp;

	esp->now = clock_now();
	for (unsigned i = 0; i < PKT_BATCH; i++) {
		struct pkt *p = outbox_next(esp);
		ssize_t n = read(t->tun_fd, p->data, PKT_DATA);

		if (n <= 0) {
			/* EBADFD: somebody deleted the device; futaed makes another. */
			if (n < 0 && errno != EAGAIN && errno != EINTR && errno != EIO)
				watch_stop(&t->watch);
			break;
		}
		p->len = (size_t)n;
		outbound_submit(esp, t, p);
	}
	outbox_flush(esp);
	if (esp->expire_due)
		relay_report(esp, false);
}
