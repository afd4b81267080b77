/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One packet in, with all that the kernel knows about it. */
#include "io/rawsock.h"

#include "io/loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* A stamp older than this is a step of the wall clock, not a wait in the queue. */
#define OLDEST (10 * USEC_PER_SEC)

/* The kernel stamps with CLOCK_REALTIME: how long ago that was holds for our clock, too. */
static usec_t arrival(const struct timespec *stamp)
{
	struct timespec real;
	usec_t now = clock_now();
	int64_t age;

	(void)clock_gettime(CLOCK_REALTIME, &real);
	age = (int64_t)(real.tv_sec - stamp->tv_sec) * (int64_t)USEC_PER_SEC +
	      (real.tv_nsec - stamp->tv_nsec) / 1000;
	if (age <= 0 || age > (int64_t)OLDEST || (usec_t)age > now)
		return now;
	return now - (usec_t)age;
}

static bool is_kind(const struct cmsghdr *c, int level, int type, size_t size)
{
	return c->cmsg_level == level && c->cmsg_type == type && c->cmsg_len >= CMSG_LEN(size);
}

static void take_control(const struct cmsghdr *c, struct rawsock_from *from)
{
	const void *data = CMSG_DATA(c);
	struct in_pktinfo v4;
	struct in6_pktinfo v6;
	struct timespec stamp;
	int hops;

	if (is_kind(c, IPPROTO_IP, IP_PKTINFO, sizeof(v4))) {
		memcpy(&v4, data, sizeof(v4));
		from->index = v4.ipi_ifindex;
		from->dst = addr_from_bytes(ADDR_V4, (const uint8_t *)&v4.ipi_addr);
	} else if (is_kind(c, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(v6))) {
		memcpy(&v6, data, sizeof(v6));
		from->index = (int)v6.ipi6_ifindex;
		from->dst = addr_from_bytes(ADDR_V6, v6.ipi6_addr.s6_addr);
	} else if (is_kind(c, IPPROTO_IP, IP_TTL, sizeof(hops)) ||
		   is_kind(c, IPPROTO_IPV6, IPV6_HOPLIMIT, sizeof(hops))) {
		memcpy(&hops, data, sizeof(hops));
		from->ttl = (uint8_t)hops;
	} else if (is_kind(c, SOL_SOCKET, SCM_TIMESTAMPNS, sizeof(stamp))) {
		memcpy(&stamp, data, sizeof(stamp));
		from->at = arrival(&stamp);
	}
}

/* IPv4 comes with its header, in `head` and where it has options also at the start of buf. */
static ssize_t strip_header(const struct ip *head, void *buf, size_t len, struct rawsock_from *from)
{
	size_t size = (size_t)head->ip_hl * 4;
	size_t options;

	if (len < sizeof(*head) || size < sizeof(*head) || size > len)
		return -EBADMSG;
	from->src = addr_from_bytes(ADDR_V4, (const uint8_t *)&head->ip_src);
	from->dst = addr_from_bytes(ADDR_V4, (const uint8_t *)&head->ip_dst);
	from->ttl = head->ip_ttl;
	options = size - sizeof(*head);
	memmove(buf, (uint8_t *)buf + options, len - size);
	return (ssize_t)(len - size);
}

/* With `header`, IPv4 comes with its own, as raw sockets have it. */
static ssize_t receive(int fd, bool header, void *buf, size_t cap, struct rawsock_from *from)
{
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	struct ip head = { 0 };
	struct sockaddr_storage peer = { 0 };
	struct iovec iov[2] = { { &head, sizeof(head) }, { buf, cap } };
	struct msghdr msg = { .msg_name = &peer,
			      .msg_namelen = sizeof(peer),
			      .msg_iov = header ? iov : iov + 1,
			      .msg_iovlen = header ? 2 : 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct rawsock_from got = { .at = USEC_NEVER };
	struct endpoint sender;
	ssize_t n;

	do
		n = recvmsg(fd, &msg, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		take_control(c, &got);
	if (got.at == USEC_NEVER)
		got.at = clock_now();
	if (header)
		n = strip_header(&head, buf, (size_t)n, &got);
	else if (endpoint_from_sockaddr((const struct sockaddr *)&peer, msg.msg_namelen, &sender))
		got.src = sender.addr;
	if (n >= 0)
		*from = got;
	return n;
}

ssize_t rawsock_recv(int fd, enum addr_family family, void *buf, size_t cap,
		     struct rawsock_from *from)
{
	return receive(fd, family == ADDR_V4, buf, cap, from);
}

ssize_t rawsock_probe_recv(int fd, void *buf, size_t cap, struct rawsock_from *from)
{
	return receive(fd, false, buf, cap, from);
}
