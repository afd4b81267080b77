/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The outer side of the tunnels: UDP 500 and 4500, and protocol 50. */
#include "io/rawsock.h"

#include "base/list.h"
#include "io/sockopt.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_BYTES (4 << 20)

/*
 * PKTINFO and TOS: which of our addresses was meant, and the ECN bits to carry inward.  FREEBIND:
 * a tunnel's local address may come and go.  MTU_DISCOVER and RECVERR: nothing is fragmented
 * behind our back, and the path's MTU is told on the error queue.
 */
static const struct sockopt options_v4[] = {
	{ IPPROTO_IP, IP_PKTINFO, 1 },  { IPPROTO_IP, IP_RECVTOS, 1 },
	{ IPPROTO_IP, IP_FREEBIND, 1 }, { IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO },
	{ IPPROTO_IP, IP_RECVERR, 1 },
};
static const struct sockopt options_v6[] = {
	{ IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
	{ IPPROTO_IPV6, IPV6_RECVTCLASS, 1 },
	{ IPPROTO_IPV6, IPV6_FREEBIND, 1 },
	{ IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO },
	{ IPPROTO_IPV6, IPV6_RECVERR, 1 },
};

/* Asked of UDP only: a raw socket has one family anyway, and the kernel refuses the question. */
static const struct sockopt only_v6[] = { { IPPROTO_IPV6, IPV6_V6ONLY, 1 } };

static int open_outer(enum addr_family family, int type, int protocol)
{
	int fd = socket(addr_to_af(family), type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	int rc;

	if (fd < 0)
		return -errno;
	sockopt_raise_buffers(fd, BUFFER_BYTES);
	rc = family == ADDR_V4 ? sockopt_set(fd, options_v4, ARRAY_LEN(options_v4))
			       : sockopt_set(fd, options_v6, ARRAY_LEN(options_v6));
	if (rc == 0 && family == ADDR_V6 && type == SOCK_DGRAM)
		rc = sockopt_set(fd, only_v6, ARRAY_LEN(only_v6));
	if (rc < 0) {
		(void)close(fd);
		return rc;
	}
	return fd;
}

static int bind_any(int fd, enum addr_family family, uint16_t port)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(port) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(port) };
	int rc = family == ADDR_V4 ? bind(fd, (struct sockaddr *)&v4, sizeof(v4))
				   : bind(fd, (struct sockaddr *)&v6, sizeof(v6));

	return rc < 0 ? -errno : 0;
}

int rawsock_udp_open(enum addr_family family, uint16_t port, struct err *err)
{
	int fd = open_outer(family, SOCK_DGRAM, 0);
	int rc = fd < 0 ? fd : bind_any(fd, family, port);

	if (rc == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	if (rc == -EADDRINUSE)
		return err_set(err, rc,
			       "UDP port %u is in use: another IKE daemon (charon, pluto, iked) is "
			       "running; stop it",
			       port);
	if (rc == -EACCES)
		return err_set(err, rc,
			       "UDP port %u may not be used; start as root (needs "
			       "CAP_NET_BIND_SERVICE)",
			       port);
	return err_set(err, rc, "UDP port %u cannot be used: %s", port, strerror(-rc));
}

int rawsock_esp_open(enum addr_family family, struct err *err)
{
	int fd = open_outer(family, SOCK_RAW, IPPROTO_ESP);

	if (fd < 0)
		return err_set(err, fd, "no ESP socket: %s%s", strerror(-fd),
			       fd == -EPERM ? "; start as root (needs CAP_NET_RAW)" : "");
	return fd;
}
