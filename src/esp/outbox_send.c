/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/outbox_send.h"

#include "esp/esp.h"
#include "esp/outbound.h"

#include <errno.h>
#include <linux/errqueue.h>
#include <netinet/udp.h>
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

/* The source address, where it is known, the traffic class, and where to cut. */
static void put_control(struct msghdr *m, const struct leave *how, uint16_t segment)
{
	struct cmsghdr *c = m->msg_control;
	int tos = how->tos;

	if (is_v6(how->sock)) {
		struct in6_pktinfo info = { 0 };

		memcpy(&info.ipi6_addr, how->src.addr.bytes, 16);
		if (!addr_is_unspecified(&how->src.addr))
			c = put_cmsg(m, c, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
		c = put_cmsg(m, c, IPPROTO_IPV6, IPV6_TCLASS, &tos, sizeof(tos));
	} else {
		struct in_pktinfo info = { 0 };

		memcpy(&info.ipi_spec_dst, how->src.addr.bytes, 4);
		if (!addr_is_unspecified(&how->src.addr))
			c = put_cmsg(m, c, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
		c = put_cmsg(m, c, IPPROTO_IP, IP_TOS, &tos, sizeof(tos));
	}
	if (segment)
		(void)put_cmsg(m, c, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment));
}

/* Message i of the next call: len bytes at data, to be cut every `segment` bytes unless 0. */
static void put_message(struct outbox *box, unsigned i, const struct leave *how, uint8_t *data,
			size_t len, uint16_t segment)
{
	struct msghdr *m = &box->msg[i].msg_hdr;
	struct endpoint to = how->dst;

	if (is_raw(how->sock))
		to.port = 0;
	box->iov[i] = (struct iovec){ data, len };
	memset(box->control[i], 0, sizeof(box->control[i]));
	*m = (struct msghdr){ .msg_name = &box->to[i],
			      .msg_namelen = (socklen_t)endpoint_to_sockaddr(&to, &box->to[i]),
			      .msg_iov = &box->iov[i],
			      .msg_iovlen = 1,
			      .msg_control = box->control[i] };
	put_control(m, how, segment);
}

static void account(struct esp *esp, const struct run *r, unsigned packets, size_t bytes)
{
	struct tunnel *t = r->how.tunnel;

	if (!t)
		return;
	t->stats.out_packets += packets;
	t->stats.out_bytes += bytes;
	if (!is_raw(r->how.sock))
		t->encap_sent = esp->now;
	if (t->live) {
		liveness_add(&t->live->tx_packets, packets, t->cfg.shared);
		liveness_add(&t->live->tx_bytes, bytes, t->cfg.shared);
	}
}

static void drop(struct esp *esp, const struct run *r, unsigned packets, enum ipc_drop why)
{
	esp_stats(esp, r->how.tunnel)->drops[why] += packets;
}

/* The path is narrower than we knew: by now the error queue has told how narrow. */
static void refuse_too_big(struct esp *esp, const struct run *r, unsigned packets)
{
	uint32_t mtu = pmtu_get(&esp->pmtu, &r->how.dst.addr, esp->now);

	drop(esp, r, packets, IPC_DROP_TOO_BIG);
	if (r->quote_len && mtu != PMTU_UNKNOWN)
		outbound_say_too_big(esp, r->how.tunnel, (struct view){ r->quote, r->quote_len },
				     &r->ip, esp_pkt_room(&r->shape, mtu));
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

void outbox_drain_errors(struct esp *esp, int fd)
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

		if (recvmsg(fd, &m, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
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

/* Why a message did not go, and whether it may be tried once more. */
enum refusal { REFUSED_AGAIN, REFUSED_TOO_BIG, REFUSED_FULL, REFUSED };

/* An error may be an older one, that the socket had kept for somebody: then trying again helps. */
static enum refusal why_refused(struct esp *esp, const struct run *r, int error, bool again)
{
	if (error == EINTR)
		return REFUSED_AGAIN;
	outbox_drain_errors(esp, esp->sock[r->how.sock].fd);
	if (error == EMSGSIZE)
		return again ? REFUSED_AGAIN : REFUSED_TOO_BIG;
	if (error == EAGAIN || error == ENOBUFS || error == ENOMEM)
		return REFUSED_FULL;
	return again ? REFUSED_AGAIN : REFUSED;
}

static size_t part_len(const struct run *r, unsigned i)
{
	return i + 1 < r->count ? r->segment : r->len - r->segment * (r->count - 1);
}

/* A message for each packet; where they go and how is said once. */
static void put_parts(struct outbox *box, const struct run *r, uint8_t *data)
{
	put_message(box, 0, &r->how, data, part_len(r, 0), 0);
	for (unsigned i = 1; i < r->count; i++) {
		box->iov[i] = (struct iovec){ data + r->segment * i, part_len(r, i) };
		box->msg[i] = box->msg[0];
		box->msg[i].msg_hdr.msg_iov = &box->iov[i];
	}
}

/* Parts from..to of a run, in bytes of somebody's: what is left goes to the last. */
static void account_parts(struct esp *esp, const struct run *r, unsigned from, unsigned to)
{
	size_t each = r->inner_bytes / r->count;

	account(esp, r, to - from,
		to == r->count ? r->inner_bytes - each * from : each * (to - from));
}

/* Of `left` packets that a path refused as too big, the last one may still pass: whether to try. */
static bool refuse_alike(struct esp *esp, const struct run *r, unsigned *sent)
{
	bool shorter = *sent + 1 < r->count && part_len(r, r->count - 1) < r->segment;

	refuse_too_big(esp, r, r->count - *sent - shorter);
	*sent = r->count - shorter;
	return shorter;
}

/* Packet by packet, many in one call. */
static void send_parts(struct esp *esp, struct run *r, uint8_t *data)
{
	unsigned sent = 0;
	bool again = true;

	put_parts(&esp->out, r, data);
	while (sent < r->count) {
		int n = sendmmsg(esp->sock[r->how.sock].fd, &esp->out.msg[sent], r->count - sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			account_parts(esp, r, sent, sent + (unsigned)n);
			sent += (unsigned)n;
			again = true;
			continue;
		}
		switch (why_refused(esp, r, n < 0 ? errno : EAGAIN, again)) {
		case REFUSED_AGAIN:
			again = false;
			continue;
		case REFUSED_TOO_BIG:
			again = refuse_alike(esp, r, &sent);
			continue;
		case REFUSED_FULL:
			drop(esp, r, r->count - sent, IPC_DROP_QUEUE);
			return;
		case REFUSED:
			drop(esp, r, r->count - sent, IPC_DROP_SEND);
			return;
		}
	}
}

/* More than one packet in a run are always a tunnel's. */
static bool is_whole(const struct run *r)
{
	return r->count == 1 || (!is_raw(r->how.sock) && !r->how.tunnel->no_segment);
}

/* Runs first..last, each as one message; how many of them are done with. */
static unsigned send_whole(struct esp *esp, unsigned first, unsigned last)
{
	struct outbox *box = &esp->out;
	int fd = esp->sock[box->run[first].how.sock].fd;
	unsigned sent = 0, n = last - first;
	struct run *r;

	for (unsigned i = 0; i < n; i++) {
		r = &box->run[first + i];
		put_message(box, i, &r->how, box->data[first + i], r->len,
			    r->count > 1 ? (uint16_t)r->segment : 0);
	}
	while (sent < n) {
		int done = sendmmsg(fd, &box->msg[sent], n - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (done <= 0)
			break;
		for (; done > 0; done--, sent++)
			account(esp, &box->run[first + sent], box->run[first + sent].count,
				box->run[first + sent].inner_bytes);
	}
	if (sent == n)
		return n;
	/* Refused as a whole: in parts we learn of which packet it is true, and why.  EIO is a
	 * route on which the kernel cannot cut; it will not be asked again for this tunnel. */
	r = &box->run[first + sent];
	if (errno == EIO && r->count > 1)
		r->how.tunnel->no_segment = true;
	send_parts(esp, r, box->data[first + sent]);
	return sent + 1;
}

/* Runs of one socket that leave in the same way. */
static void send_group(struct esp *esp, unsigned first, unsigned last)
{
	while (first < last) {
		struct run *r = &esp->out.run[first];
		unsigned to = first;

		while (to < last && is_whole(&esp->out.run[to]))
			to++;
		if (to > first) {
			first += send_whole(esp, first, to);
		} else {
			send_parts(esp, r, esp->out.data[first]);
			first++;
		}
	}
}

void outbox_send(struct esp *esp)
{
	struct outbox *box = &esp->out;
	unsigned first = 0, last;

	/* A place that was given out and not used. */
	if (box->count && box->run[box->count - 1].count == 0)
		box->count--;
	while (first < box->count) {
		const struct leave *how = &box->run[first].how;

		for (last = first + 1; last < box->count; last++)
			if (box->run[last].how.sock != how->sock ||
			    box->run[last].how.may_fragment != how->may_fragment)
				break;
		if (esp->sock[how->sock].fd < 0) {
			for (; first < last; first++)
				drop(esp, &box->run[first], box->run[first].count, IPC_DROP_SEND);
			continue;
		}
		if (how->may_fragment)
			allow_fragments(esp, how->sock, true);
		send_group(esp, first, last);
		if (how->may_fragment)
			allow_fragments(esp, how->sock, false);
		first = last;
	}
}
