/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/udpsock.h"

#include "base/list.h"
#include "io/loop.h"
#include "io/sockopt.h"
#include "io/wall.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define RECV_BYTES (1 << 20)
#define NSEC_PER_SEC INT64_C(1000000000)
/* A stamp older than this is a step of the wall clock, not a wait in the queue. */
#define OLDEST (10 * NSEC_PER_SEC)

static const struct sockopt options_v4[] = {
	{ IPPROTO_IP, IP_PKTINFO, 1 },
	{ IPPROTO_IP, IP_RECVTTL, 1 },
	{ SOL_SOCKET, SO_TIMESTAMPNS, 1 },
};
static const struct sockopt options_v6[] = {
	{ IPPROTO_IPV6, IPV6_V6ONLY, 1 },
	{ IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
	{ IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1 },
	{ SOL_SOCKET, SO_TIMESTAMPNS, 1 },
};

static int open_bound(enum addr_family family, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	bool is_v4 = family == ADDR_V4;
	int fd = socket(addr_to_af(family), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), rc;

	if (fd < 0)
		return -errno;
	sockopt_raise_buffers(fd, RECV_BYTES);
	rc = is_v4 ? sockopt_set(fd, options_v4, ARRAY_LEN(options_v4))
		   : sockopt_set(fd, options_v6, ARRAY_LEN(options_v6));
	if (rc == 0 &&
	    bind(fd, is_v4 ? (void *)&v4 : (void *)&v6, is_v4 ? sizeof(v4) : sizeof(v6)) < 0)
		rc = -errno;
	if (rc == 0)
		return fd;
	(void)close(fd);
	return rc;
}

int udpsock_open(enum addr_family family, uint16_t port, struct err *err)
{
	int fd = open_bound(family, port);

	if (fd == -EADDRINUSE)
		return err_set(err, fd, "UDP port %u is in use by another program; write another",
			       port);
	if (fd < 0)
		return err_set(err, fd, "UDP port %u cannot be used: %s", port, strerror(-fd));
	return fd;
}

uint16_t udpsock_port(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct endpoint e;

	if (getsockname(fd, (struct sockaddr *)&ss, &len) < 0 ||
	    !endpoint_from_sockaddr((struct sockaddr *)&ss, len, &e))
		return 0;
	return e.port;
}

static bool is_kind(const struct cmsghdr *c, int level, int type, size_t size)
{
	return c->cmsg_level == level && c->cmsg_type == type && c->cmsg_len >= CMSG_LEN(size);
}

static void take_control(const struct cmsghdr *c, struct udpsock_from *from)
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
		from->wall_ns = (int64_t)stamp.tv_sec * NSEC_PER_SEC + stamp.tv_nsec;
	}
}

/* How long ago the wall clock's stamp was holds for our clock, too. */
static void set_arrival(struct udpsock_from *from)
{
	usec_t now = clock_now();
	int64_t wall = wall_now_ns(), age = wall - from->wall_ns;

	if (age < 0 || age > OLDEST || (usec_t)age / 1000 > now) {
		from->wall_ns = wall;
		age = 0;
	}
	from->at = now - (usec_t)age / 1000;
}

ssize_t udpsock_recv(int fd, void *buf, size_t cap, struct udpsock_from *from)
{
	union {
		struct cmsghdr align;
		char bytes[256];
	} control;
	struct sockaddr_storage peer;
	struct iovec iov = { buf, cap };
	struct msghdr msg = { .msg_name = &peer,
			      .msg_namelen = sizeof(peer),
			      .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct udpsock_from got = { 0 };
	ssize_t n;

	do
		n = recvmsg(fd, &msg, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	if (msg.msg_flags & MSG_TRUNC)
		return -EMSGSIZE;
	if (!endpoint_from_sockaddr((struct sockaddr *)&peer, msg.msg_namelen, &got.src))
		return -EBADMSG;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		take_control(c, &got);
	set_arrival(&got);
	*from = got;
	return n;
}
