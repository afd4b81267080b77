/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/inbound.h"

#include "base/be.h"
#include "base/list.h"
#include "esp/answer.h"
#include "esp/esp.h"
#include "esp/mss.h"
#include "esp/outbound.h"
#include "esp/relay.h"
#include "esp/seal.h"
#include "wire/bfd_pkt.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#define ICMP_ECHO_REPLY 0
#define ICMP_DEST_UNREACH 3
#define ICMP6_ECHO_REPLY 129
#define ICMP6_DST_UNREACH 1

static void bump(_Atomic uint64_t *counter, uint64_t by)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed) + by;

	atomic_store_explicit(counter, value, memory_order_relaxed);
}

static void sign_of_life(struct esp *esp, struct tunnel *t, size_t bytes)
{
	struct liveness_slot *s = t->live;

	if (!s)
		return;
	bump(&s->rx_packets, 1);
	bump(&s->rx_bytes, bytes);
	atomic_store_explicit(&s->tx_at_rx,
			      atomic_load_explicit(&s->tx_packets, memory_order_relaxed),
			      memory_order_relaxed);
	atomic_store_explicit(&s->rx_last, esp->now, memory_order_relaxed);
}

/* Somebody's traffic, rather than a health check of ours or theirs. */
static void sign_of_use(struct esp *esp, struct tunnel *t)
{
	if (!t->live)
		return;
	bump(&t->live->rx_data_packets, 1);
	atomic_store_explicit(&t->live->rx_data_last, esp->now, memory_order_relaxed);
}

static bool is_icmp(const struct pkt *p)
{
	return p->ip.protocol == (p->ip.family == ADDR_V6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
}

/* What answers something, and would not have come by itself: replies, and "unreachable". */
static bool is_answer(const struct pkt *p)
{
	const uint8_t *type = p->data + p->ip.header_len;
	bool v6 = p->ip.family == ADDR_V6;

	if (!is_icmp(p) || p->ip.fragment_offset || p->ip.len <= p->ip.header_len)
		return false;
	return *type == (v6 ? ICMP6_ECHO_REPLY : ICMP_ECHO_REPLY) ||
	       *type == (v6 ? ICMP6_DST_UNREACH : ICMP_DEST_UNREACH);
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
	if (!is_answer(p) && !is_bfd(p))
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

/* Where it went to, its traffic class, and how long each packet is of those that are joined. */
static size_t read_control(struct msghdr *m, struct pkt *p)
{
	size_t segment = p->len;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		const uint8_t *data = CMSG_DATA(c);
		int value;

		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO)
			p->dst.addr = addr_from_bytes(ADDR_V4,
						      data + offsetof(struct in_pktinfo, ipi_addr));
		else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS)
			p->tos = *data;
		else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO)
			p->dst.addr = addr_from_bytes(ADDR_V6, data + offsetof(struct in6_pktinfo,
									       ipi6_addr));
		if (c->cmsg_len < CMSG_LEN(sizeof(value)))
			continue;
		memcpy(&value, data, sizeof(value));
		if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS)
			p->tos = (uint8_t)value;
		else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO && value > 0)
			segment = (size_t)value;
	}
	return segment;
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

/* A message may be many packets of one sender, one behind the other (UDP_GRO). */
static void take_message(struct esp *esp, enum ipc_socket kind, unsigned i)
{
	struct msghdr *m = &esp->in.msg[i].msg_hdr;
	size_t len = esp->in.msg[i].msg_len, segment, at = 0;
	struct pkt p = { .sock = kind, .len = len };

	if (!endpoint_from_sockaddr(m->msg_name, m->msg_namelen, &p.src))
		return;
	segment = read_control(m, &p);
	do {
		p.data = esp->in.data[i] + at;
		p.len = len - at < segment ? len - at : segment;
		take(esp, &p);
		at += segment;
	} while (at < len);
}

void inbound_read(struct watch *w)
{
	struct esp_sock *s = container_of(w, struct esp_sock, watch);
	struct esp *esp = s->esp;
	struct inbox *in = &esp->in;
	unsigned most = in->usual_len > RX_BIG ? RX_BATCH_BIG : RX_BATCH;
	size_t bytes = 0;
	int n;

	esp->now = clock_now();
	prepare(in, most);
	n = recvmmsg(s->fd, in->msg, in->usual_len > RX_BIG ? RX_BATCH_BIG : RX_BATCH, MSG_DONTWAIT,
		     NULL);
	if (n <= 0) {
		/* Readable, and nothing to read: it is the error queue that woke us. */
		outbox_drain_errors(esp, s->kind);
		return;
	}
	for (unsigned i = 0; i < (unsigned)n; i++) {
		take_message(esp, s->kind, i);
		bytes += in->msg[i].msg_len;
	}
	esp_count_reads(esp, (unsigned)n, most);
	in->usual_len = bytes / (unsigned)n;
	write_gathered(esp);
	outbox_flush(esp);
	if (esp->expire_due)
		relay_report(esp, false);
}
