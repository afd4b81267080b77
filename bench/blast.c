/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sending at an even pace with sendmmsg, counting with recvmmsg. */
#include "bench/blast.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

#define BATCH 64
#define TICK_NSEC 100000ull /* the sender sleeps that long between batches */
#define QUIET_NSEC 60000000ull /* nothing for so long: every queue has run dry */
#define DRAIN_NSEC 5000000000ull /* a peer that queues for longer than that is not waited for */
#define QUEUE_BYTES (64 << 20)

static void set_int(int fd, int level, int name, int value, const char *what)
{
	if (setsockopt(fd, level, name, &value, sizeof(value)) < 0 && what)
		place_fail(what);
}

static int udp_socket(const struct sockaddr_in *bound)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		place_fail("socket");
	set_int(fd, SOL_SOCKET, SO_RCVBUF, QUEUE_BYTES, NULL);
	set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, QUEUE_BYTES, NULL);
	if (bind(fd, (const struct sockaddr *)bound, sizeof(*bound)) < 0)
		place_fail("bind");
	return fd;
}

/* The length of one packet of those that UDP_GRO has put together, or all of it. */
static unsigned segment_size(struct msghdr *m, unsigned len)
{
	int size;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			memcpy(&size, CMSG_DATA(c), sizeof(size));
			return size > 0 ? (unsigned)size : len;
		}
	return len;
}

struct inbox {
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	uint32_t head[BATCH];
	_Alignas(struct cmsghdr) char control[BATCH][CMSG_SPACE(sizeof(int))];
};

/* Only the number of the trial is copied out of each packet; MSG_TRUNC still tells its length. */
static void inbox_prepare(struct inbox *in, bool gro)
{
	for (unsigned i = 0; i < BATCH; i++) {
		in->iov[i] = (struct iovec){ &in->head[i], sizeof(in->head[i]) };
		in->msgs[i].msg_hdr = (struct msghdr){
			.msg_iov = &in->iov[i],
			.msg_iovlen = 1,
			.msg_control = gro ? in->control[i] : NULL,
			.msg_controllen = gro ? sizeof(in->control[i]) : 0,
		};
	}
}

static void count(struct blast *b, struct inbox *in, unsigned n)
{
	uint32_t trial = atomic_load_explicit(&b->trial, memory_order_relaxed);
	uint64_t seen = 0, mine = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned len = in->msgs[i].msg_len;
		unsigned segment = b->gro ? segment_size(&in->msgs[i].msg_hdr, len) : len;
		uint64_t packets = segment ? (len + segment - 1) / segment : 0;

		seen += packets;
		mine += in->head[i] == trial ? packets : 0;
	}
	atomic_fetch_add_explicit(&b->seen, seen, memory_order_relaxed);
	atomic_fetch_add_explicit(&b->received, mine, memory_order_relaxed);
}

static void *receive(void *arg)
{
	static struct inbox in;
	struct blast *b = arg;
	struct sockaddr_in any = b->to.addr;

	place_enter(&b->to);
	any.sin_addr.s_addr = htonl(INADDR_ANY);
	int fd = udp_socket(&any);
	if (b->gro)
		set_int(fd, SOL_UDP, UDP_GRO, 1, "UDP_GRO");
	atomic_store(&b->rx, fd);
	for (;;) {
		inbox_prepare(&in, b->gro);
		int n = recvmmsg(fd, in.msgs, BATCH, MSG_WAITFORONE | MSG_TRUNC, NULL);

		if (n > 0)
			count(b, &in, (unsigned)n);
		else if (errno != EINTR)
			place_fail("recvmmsg");
	}
}

void blast_open(struct blast *b)
{
	struct sockaddr_in from = b->from.addr;

	atomic_store(&b->rx, -1);
	errno = pthread_create(&b->receiver, NULL, receive, b);
	if (errno)
		place_fail("pthread_create");
	place_enter(&b->from);
	(void)prctl(PR_SET_TIMERSLACK, 1);
	from.sin_port = 0;
	b->tx = udp_socket(&from);
	set_int(b->tx, SOL_SOCKET, SO_SNDBUF, QUEUE_BYTES, NULL);
	set_int(b->tx, SOL_SOCKET, SO_SNDBUFFORCE, QUEUE_BYTES, NULL);
	/* One destination: the kernel need not look for the way each time. */
	if (b->spread == 1 &&
	    connect(b->tx, (struct sockaddr *)&b->to.addr, sizeof(b->to.addr)) < 0)
		place_fail("connect");
	if (b->segments > 1)
		set_int(b->tx, SOL_UDP, UDP_SEGMENT, (int)b->size, "UDP_SEGMENT");
	while (atomic_load(&b->rx) < 0)
		place_sleep_until(place_now() + TICK_NSEC);
}

struct outbox {
	struct mmsghdr msgs[BATCH];
	struct iovec iov[BATCH];
	struct sockaddr_in to[BATCH];
	uint32_t head[BLAST_SIZE_MAX / 4 + 1];
};

/* How many packets are in the messages that were made ready for at most `due` packets. */
static unsigned outbox_fill(struct blast *b, struct outbox *out, uint64_t due, unsigned *packets)
{
	unsigned each = b->segments > 1 ? b->segments : 1, n = 0;

	*packets = 0;
	while (n < BATCH && *packets < due) {
		unsigned turn = (unsigned)(b->next / b->burst % b->spread);

		out->to[n] = place_nth(&b->to, turn);
		out->iov[n] = (struct iovec){ out->head, (size_t)b->size * each };
		out->msgs[n].msg_hdr =
			(struct msghdr){ .msg_name = b->spread > 1 ? &out->to[n] : NULL,
					 .msg_namelen = b->spread > 1 ? sizeof(out->to[n]) : 0,
					 .msg_iov = &out->iov[n],
					 .msg_iovlen = 1 };
		b->next += each;
		*packets += each;
		n++;
	}
	return n;
}

/* Packets that the kernel had no room for count as sent: they are lost like any other. */
static void send_all(struct blast *b, struct outbox *out, unsigned n)
{
	for (unsigned done = 0; done < n;) {
		int r = sendmmsg(b->tx, out->msgs + done, n - done, 0);

		if (r > 0)
			done += (unsigned)r;
		else if (errno == ENOBUFS || errno == EAGAIN || errno == ECONNREFUSED)
			done++;
		else if (errno != EINTR)
			place_fail("sendmmsg");
	}
}

/* Sends what is due each tick; who falls behind catches up, but a batch at a time. */
static uint64_t send_at(struct blast *b, double pps, uint64_t start, uint64_t end)
{
	static struct outbox out;
	uint64_t sent = 0, now;

	memset(out.head, 0, sizeof(out.head));
	for (unsigned i = 0; i < BLAST_SIZE_MAX / 4 + 1; i++)
		out.head[i] = atomic_load(&b->trial);
	while ((now = place_now()) < end) {
		uint64_t due = (uint64_t)((double)(now - start) * pps / 1e9) + 1 - sent;
		unsigned packets = 0;

		if ((int64_t)due > 0) {
			unsigned n = outbox_fill(b, &out, due, &packets);

			send_all(b, &out, n);
			sent += packets;
		}
		if (due <= packets || (int64_t)due <= 0)
			place_sleep_until(now + TICK_NSEC);
	}
	return sent;
}

static void drain(struct blast *b)
{
	uint64_t start = place_now(), quiet = start, seen = atomic_load(&b->seen), now;

	while ((now = place_now()) - quiet < QUIET_NSEC && now - start < DRAIN_NSEC) {
		uint64_t s = atomic_load(&b->seen);

		quiet = s != seen ? now : quiet;
		seen = s;
		place_sleep_until(now + QUIET_NSEC / 10);
	}
}

struct trial blast_trial(struct blast *b, double pps, double seconds)
{
	uint64_t start, end;
	struct trial t;

	atomic_fetch_add(&b->trial, 1);
	atomic_store(&b->received, 0);
	start = place_now();
	t.sent = send_at(b, pps, start, start + (uint64_t)(seconds * 1e9));
	end = place_now();
	drain(b);
	t.received = atomic_load(&b->received);
	if (t.received > t.sent) /* doubled on the way */
		t.received = t.sent;
	t.sent_pps = (double)t.sent * 1e9 / (double)(end - start);
	t.received_pps = (double)t.received * 1e9 / (double)(end - start);
	return t;
}
