/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/outbox.h"

#include "esp/esp.h"
#include "esp/outbound.h"
#include "wire/esp_pkt.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <string.h>

static bool is_v6(enum ipc_socket s)
{
	return s >= IPC_SOCK_UDP500_V6;
}

static bool is_raw(enum ipc_socket s)
{
	return s == IPC_SOCK_ESP_V4 || s == IPC_SOCK_ESP_V6;
}

static struct cmsghdr *put_cmsg(struct msghdr *m, struct cmsghdr *c, int level, int type,
				const void *data, size_t len)
{
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	m->msg_controllen += CMSG_SPACE(len);
	return (struct cmsghdr *)(void *)((uint8_t *)c + CMSG_SPACE(len));
}

/* The source address, where it is known, and the traffic class. */
static void put_control(struct msghdr *m, const struct pkt *p)
{
	struct cmsghdr *c = m->msg_control;
	int tos = p->tos;

	m->msg_controllen = 0;
	if (is_v6(p->sock)) {
		struct in6_pktinfo info = { 0 };

		memcpy(&info.ipi6_addr, p->src.addr.bytes, 16);
		if (!addr_is_unspecified(&p->src.addr))
			c = put_cmsg(m, c, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
		(void)put_cmsg(m, c, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	} else {
		struct in_pktinfo info = { 0 };

		memcpy(&info.ipi_spec_dst, p->src.addr.bytes, 4);
		if (!addr_is_unspecified(&p->src.addr))
			c = put_cmsg(m, c, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
		(void)put_cmsg(m, c, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	}
}

struct pkt *outbox_next(struct esp *esp)
{
	struct outbox *box = &esp->out;
	struct pkt *p;

	if (box->count == PKT_BATCH)
		outbox_flush(esp);
	p = &box->pkt[box->count];
	p->data = pkt_inner(p);
	p->len = 0;
	p->may_fragment = false;
	p->tunnel = NULL;
	p->quote_len = 0;
	return p;
}

void outbox_commit(struct esp *esp)
{
	struct outbox *box = &esp->out;
	unsigned i = box->count++;
	struct pkt *p = &box->pkt[i];
	struct msghdr *m = &box->msg[i].msg_hdr;
	struct endpoint to = p->dst;

	if (is_raw(p->sock))
		to.port = 0;
	box->iov[i] = (struct iovec){ p->data, p->len };
	memset(box->control[i], 0, sizeof(box->control[i]));
	*m = (struct msghdr){ .msg_name = &box->to[i],
			      .msg_namelen = (socklen_t)endpoint_to_sockaddr(&to, &box->to[i]),
			      .msg_iov = &box->iov[i],
			      .msg_iovlen = 1,
			      .msg_control = box->control[i] };
	put_control(m, p);
}

static void bump(_Atomic uint64_t *counter, uint64_t by)
{
	uint64_t value = atomic_load_explicit(counter, memory_order_relaxed) + by;

	atomic_store_explicit(counter, value, memory_order_relaxed);
}

static void account(struct esp *esp, const struct pkt *p)
{
	struct tunnel *t = p->tunnel;

	if (!t)
		return;
	t->stats.out_packets++;
	t->stats.out_bytes += p->inner_len;
	if (p->sock == IPC_SOCK_UDP4500_V4 || p->sock == IPC_SOCK_UDP4500_V6)
		t->encap_sent = esp->now;
	if (t->live) {
		bump(&t->live->tx_packets, 1);
		bump(&t->live->tx_bytes, p->inner_len);
	}
}

/* The path is narrower than we knew: by now the error queue has told how narrow. */
static void refuse_too_big(struct esp *esp, const struct pkt *p)
{
	uint32_t mtu = pmtu_get(&esp->pmtu, &p->dst.addr, esp->now);

	esp_drop(esp, p->tunnel, IPC_DROP_TOO_BIG);
	if (p->quote_len && mtu != PMTU_UNKNOWN)
		outbound_say_too_big(esp, p->tunnel, (struct view){ p->quote, p->quote_len },
				     &p->ip, esp_pkt_room(&p->shape, mtu));
}

static void note_mtu(struct esp *esp, struct msghdr *m)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		struct sock_extended_err e;
		struct endpoint peer;

		if (!(c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RECVERR) &&
		    !(c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_RECVERR))
			continue;
		if (c->cmsg_len < CMSG_LEN(sizeof(e)))
			continue;
		memcpy(&e, CMSG_DATA(c), sizeof(e));
		if (e.ee_errno == EMSGSIZE && e.ee_info &&
		    endpoint_from_sockaddr(m->msg_name, m->msg_namelen, &peer))
			pmtu_note(&esp->pmtu, &peer.addr, e.ee_info, esp->now);
	}
}

void outbox_drain_errors(struct esp *esp, enum ipc_socket sock)
{
	for (unsigned i = 0; i < PKT_BATCH; i++) {
		struct sockaddr_storage from;
		_Alignas(struct cmsghdr) uint8_t control[512];
		uint8_t payload[64];
		struct iovec iov = { payload, sizeof(payload) };
		struct msghdr m = { .msg_name = &from,
				    .msg_namelen = sizeof(from),
				    .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };

		if (recvmsg(esp->sock[sock].fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		note_mtu(esp, &m);
	}
}

/* Lets the kernel cut outer packets: for IKE, and where IPv6's least MTU does not fit a path. */
static void allow_fragments(struct esp *esp, enum ipc_socket sock, bool allow)
{
	int v4 = allow ? IP_PMTUDISC_DONT : IP_PMTUDISC_DO;
	int v6 = allow ? IPV6_PMTUDISC_DONT : IPV6_PMTUDISC_DO;
	int fd = esp->sock[sock].fd;

	if (is_v6(sock))
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof(v6));
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof(v4));
}

static void drop_run(struct esp *esp, unsigned first, unsigned last, enum ipc_drop why)
{
	for (; first < last; first++)
		esp_drop(esp, esp->out.pkt[first].tunnel, why);
}

/*
 * The first packet of first..last was refused with `error`.  How many are done with: 0 means
 * try again, since the error may have been an older one that the socket had kept for somebody.
 */
static unsigned refused(struct esp *esp, unsigned first, unsigned last, int error, bool again)
{
	const struct pkt *p = &esp->out.pkt[first];

	if (error == EINTR)
		return 0;
	outbox_drain_errors(esp, p->sock);
	if (error == EMSGSIZE) {
		refuse_too_big(esp, p);
		return 1;
	}
	if (error == EAGAIN || error == ENOBUFS || error == ENOMEM) {
		drop_run(esp, first, last, IPC_DROP_QUEUE);
		return last - first;
	}
	if (!again)
		return 0;
	esp_drop(esp, p->tunnel, IPC_DROP_SEND);
	return 1;
}

/* Sends what goes by one socket. */
static void send_run(struct esp *esp, unsigned first, unsigned last)
{
	enum ipc_socket sock = esp->out.pkt[first].sock;
	bool again = false;

	if (esp->sock[sock].fd < 0) {
		drop_run(esp, first, last, IPC_DROP_SEND);
		return;
	}
	while (first < last) {
		int n = sendmmsg(esp->sock[sock].fd, &esp->out.msg[first], last - first,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			for (; n > 0; n--)
				account(esp, &esp->out.pkt[first++]);
			again = false;
			continue;
		}
		n = (int)refused(esp, first, last, n < 0 ? errno : EAGAIN, again);
		first += (unsigned)n;
		again = n == 0 && !again;
	}
}

void outbox_flush(struct esp *esp)
{
	struct outbox *box = &esp->out;
	unsigned first = 0, last;

	while (first < box->count) {
		const struct pkt *p = &box->pkt[first];

		for (last = first + 1; last < box->count; last++)
			if (box->pkt[last].sock != p->sock ||
			    box->pkt[last].may_fragment != p->may_fragment)
				break;
		if (p->may_fragment)
			allow_fragments(esp, p->sock, true);
		send_run(esp, first, last);
		if (p->may_fragment)
			allow_fragments(esp, p->sock, false);
		first = last;
	}
	box->count = 0;
}
