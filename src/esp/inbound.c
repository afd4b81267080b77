/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/inbound.h"

#include "base/be.h"
#include "base/list.h"
#include "esp/answer.h"
#include "esp/ecn.h"
#include "esp/esp.h"
#include "esp/joined.h"
#include "esp/mss.h"
#include "esp/outbound.h"
#include "esp/relay.h"
#include "esp/seal.h"
#include "esp/words.h"
#include "wire/bfd_pkt.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define ICMP_ECHO_REPLY 0
#define ICMP_ECHO_REQUEST 8
#define ICMP6_ECHO_REQUEST 128
#define ICMP_DEST_UNREACH 3
#define ICMP6_ECHO_REPLY 129
#define ICMP6_DST_UNREACH 1

static void sign_of_life(struct esp *esp, struct tunnel *t, size_t bytes)
{
	struct liveness_slot *s = t->live;

	if (!s)
		return;
	liveness_add(&s->rx_packets, 1, t->cfg.shared);
	liveness_add(&s->rx_bytes, bytes, t->cfg.shared);
	atomic_store_explicit(&s->tx_at_rx,
			      atomic_load_explicit(&s->tx_packets, memory_order_relaxed),
			      memory_order_relaxed);
	atomic_store_explicit(&s->rx_last, esp->now, memory_order_relaxed);
	/* A tunnel has its memory only from esp->live. */
	atomic_store_explicit(&esp->live->worker[esp->worker.number].rx_last, esp->now,
			      memory_order_relaxed);
}

/* Somebody's traffic, rather than a health check of ours or theirs. */
static void sign_of_use(struct esp *esp, struct tunnel *t)
{
	if (!t->live)
		return;
	liveness_add(&t->live->rx_data_packets, 1, t->cfg.shared);
	atomic_store_explicit(&t->live->rx_data_last, esp->now, memory_order_relaxed);
}

#define DSCP_MASK 0xfcu

static bool is_icmp(const struct pkt *p)
{
	return p->ip.protocol == (p->ip.family == ADDR_V6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

/*
 * What answers something, and would not have come by itself: replies, and "unreachable".  A peer's
 * request for a host behind us is known by its class, which is a health check's (RFC 4594, network
 * control) and nobody's ping's.
 */
static bool is_health_check(const struct pkt *p)
{
	bool v6 = p->ip.family == ADDR_V6;
	uint8_t type;

	if (!is_icmp(p) || p->ip.fragment_offset || p->ip.len <= p->ip.header_len)
		return false;
	type = p->data[p->ip.header_len];
	if (type == (v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO_REQUEST))
		return (p->ip.tos & ~ECN_MASK) == DSCP_CS6;
	return type == (v6 ? ICMP6_ECHO_REPLY : ICMP_ECHO_REPLY) ||
	       type == (v6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH);
}

/* Control packets of a session, ours or of others: they go on whatever happens to data. */
static bool is_bfd(const struct pkt *p)
{
	const uint8_t *udp = p->data + p->ip.header_len;
	uint16_t port;

	if (p->ip.protocol != IPPROTO_UDP || p->ip.fragment_offset ||
	    p->ip.len < p->ip.header_len + 8)
		return false;
	port = be_get_u16(udp + 2);
	return port == BFD_PORT || port == BFD_PORT_MULTIHOP;
}

static bool answer(struct esp *esp, struct tunnel *t, const struct pkt *p)
{
	size_t len;

	if (!is_icmp(p)) /* nearly everything */
		return false;
	/* Also when it is for a host behind us, whose answer would say nothing. */
	if ((p->ip.tos & DSCP_MASK) == DSCP_CS6 && p->ip.ttl == WORDS_TTL)
		words_take(esp, t, pkt_view(p));
	len = answer_build(&esp->answers, esp->alone, pkt_view(p), esp->reply, sizeof(esp->reply));

	if (len == 0)
		return false;
	t->stats.in_packets++;
	t->stats.in_bytes += p->len;
	outbound_express(esp, t, (struct view){ esp->reply, len });
	return true;
}

/* What has been gathered goes to the devices, all in one go. */
static void write_gathered(struct esp *esp)
{
	struct coalesce *co = &esp->co;
	unsigned n = co->count;

	if (n == 0)
		return;
	coalesce_finish(co);
	for (unsigned i = 0; i < n; i++) {
		const struct tunnel *t = co->item[i].owner;

		esp->write[i] = (struct batch_op){ t->tun_fd, true, co->item[i].iov,
						   co->item[i].iov_count, 0 };
	}
	batch_run(esp->batch, esp->write, n);
	for (unsigned i = 0; i < n; i++) {
		struct tunnel *t = co->item[i].owner;

		if (esp->write[i].result < 0) {
			t->stats.drops[IPC_DROP_TUN] += co->item[i].packets;
			continue;
		}
		t->stats.in_packets += co->item[i].packets;
		t->stats.in_bytes += co->item[i].bytes;
	}
	coalesce_reset(co);
}

static void deliver(struct esp *esp, struct tunnel *t, struct pkt *p)
{
	if (answer(esp, t, p))
		return;
	if (!is_health_check(p) && !is_bfd(p))
		sign_of_use(esp, t);
	mss_clamp(p->data, &p->ip, p->ip.family == ADDR_V6 ? t->cfg.mss_v6 : t->cfg.mss_v4);
	if (!coalesce_add(&esp->co, t, p->data, &p->ip)) {
		write_gathered(esp);
		(void)coalesce_add(&esp->co, t, p->data, &p->ip);
	}
}

/* A NAT gave the peer another address or port. */
static void watch_mapping(struct esp *esp, struct sa *sa, const struct endpoint *from)
{
	if (endpoint_equal(from, &sa->src))
		sa->mapping_told = (struct endpoint){ 0 };
	else
		relay_mapping(esp, sa, from);
}

static void take_authentic(struct esp *esp, struct sa *sa, struct pkt *p, int verdict,
			   bool is_newest)
{
	sign_of_life(esp, sa->tunnel, p->len);
	/* A packet that was held back on the way tells of an old mapping. */
	if (sa->encap && is_newest)
		watch_mapping(esp, sa, &p->src);
	if (verdict == SEAL_OK)
		deliver(esp, sa->tunnel, p);
	else if (verdict != SEAL_DUMMY)
		esp_drop(esp, sa->tunnel, (enum ipc_drop)verdict);
}

static bool is_express(enum ipc_socket s)
{
	return s == IPC_SOCK_EXPRESS_V4 || s == IPC_SOCK_EXPRESS_V6;
}

/* The kernel took packets of several workers for one row and gave all to the first one's. */
static void note_misjoined(struct esp *esp, const struct pkt *p, uint32_t spi)
{
	if (p->joined && esp->worker.count > 1 &&
	    ipc_worker_of(spi, esp->worker.count) != esp->worker.number &&
	    sadb_is_peer(&esp->db, &p->src.addr))
		esp->misjoined++;
}

static void take_esp(struct esp *esp, struct pkt *p, bool encap)
{
	struct esp_pkt_header h;
	unsigned due;
	uint64_t top;
	struct sa *sa;
	int rc;

	if (esp_pkt_decode(pkt_view(p), &h) < 0) {
		esp_drop(esp, NULL, IPC_DROP_SHORT);
		return;
	}
	sa = sadb_find_in(&esp->db, h.spi);
	if (!sa)
		note_misjoined(esp, p, h.spi);
	if (!sa || !seal_fits_address(sa, p, encap)) {
		esp_drop(esp, sa ? sa->tunnel : NULL,
			 sa ? IPC_DROP_WRONG_ADDRESS : IPC_DROP_UNKNOWN_SPI);
		return;
	}
	due = sa_due(sa);
	top = replay_top(sa->replay);
	rc = seal_open(sa, p, is_express(p->sock), esp->now);
	esp->expire_due |= sa_due(sa) != due;
	if (seal_was_authentic(rc))
		take_authentic(esp, sa, p, rc, replay_top(sa->replay) > top);
	else
		esp_drop(esp, sa->tunnel, (enum ipc_drop)rc);
}

static void take_udp4500(struct esp *esp, struct pkt *p)
{
	switch (esp_pkt_classify(pkt_view(p))) {
	case ESP_PKT_KEEPALIVE:
		break;
	case ESP_PKT_SHORT:
		esp_drop(esp, NULL, IPC_DROP_SHORT);
		break;
	case ESP_PKT_IKE:
		relay_ike(esp, p);
		break;
	case ESP_PKT_ESP:
		take_esp(esp, p, true);
		break;
	}
}

/* A raw IPv4 socket gives the IP header, too; a raw IPv6 one does not. */
static void take_raw(struct esp *esp, struct pkt *p)
{
	size_t header;

	if (p->sock == IPC_SOCK_ESP_V4) {
		header = p->len ? (size_t)(p->data[0] & 0x0f) * 4 : 0;
		if (header < 20 || header > p->len) {
			esp_drop(esp, NULL, IPC_DROP_SHORT);
			return;
		}
		p->data += header;
		p->len -= header;
	}
	take_esp(esp, p, false);
}

static void take(struct esp *esp, struct pkt *p)
{
	switch (p->sock) {
	case IPC_SOCK_UDP500_V4:
	case IPC_SOCK_UDP500_V6:
		p->dst.port = 500;
		relay_ike(esp, p);
		break;
	case IPC_SOCK_UDP4500_V4:
	case IPC_SOCK_UDP4500_V6:
	case IPC_SOCK_EXPRESS_V4:
	case IPC_SOCK_EXPRESS_V6:
		p->dst.port = 4500;
		take_udp4500(esp, p);
		break;
	case IPC_SOCK_ESP_V4:
	case IPC_SOCK_ESP_V6:
		p->dst.port = p->src.port = 0;
		take_raw(esp, p);
		break;
	case IPC_SOCK_COUNT:
		break;
	}
}

static void prepare(struct inbox *in, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		in->iov[i] = (struct iovec){ in->data[i], sizeof(in->data[i]) };
		in->msg[i].msg_hdr = (struct msghdr){ .msg_name = &in->from[i],
						      .msg_namelen = sizeof(in->from[i]),
						      .msg_iov = &in->iov[i],
						      .msg_iovlen = 1,
						      .msg_control = in->control[i],
						      .msg_controllen = sizeof(in->control[i]) };
	}
}

static void take_message(struct esp *esp, enum ipc_socket kind, unsigned i)
{
	struct inbox *in = &esp->in;
	struct joined j;
	struct pkt p;

	if (!joined_init(&j, kind, &in->msg[i].msg_hdr, in->data[i], in->msg[i].msg_len)) {
		esp_drop(esp, NULL, IPC_DROP_SHORT);
		return;
	}
	while (joined_next(&j, &p))
		take(esp, &p);
}

void inbound_read(struct watch *w)
{
	struct esp_sock *s = container_of(w, struct esp_sock, watch);
	struct esp *esp = s->esp;
	struct inbox *in = &esp->in;
	unsigned most = s->usual_len > RX_BIG ? RX_BATCH_BIG : RX_BATCH;
	size_t bytes = 0;
	int n;

	esp->now = clock_now();
	prepare(in, most);
	n = recvmmsg(s->fd, in->msg, most, MSG_DONTWAIT, NULL);
	if (n <= 0) {
		/* Readable, and nothing to read: it is the error queue that woke us. */
		outbox_drain_errors(esp, s->fd);
		return;
	}
	for (unsigned i = 0; i < (unsigned)n; i++) {
		take_message(esp, s->kind, i);
		bytes += in->msg[i].msg_len;
	}
	esp_count_reads(esp, (unsigned)n, most);
	s->usual_len = bytes / (unsigned)n;
	write_gathered(esp);
	outbox_flush(esp);
	if (esp->expire_due)
		relay_report(esp, false);
}
