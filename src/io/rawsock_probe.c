/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP sockets for probes: what came is told with its TTL and device, nothing is sent by them. */
#include "io/rawsock.h"

#include "base/list.h"
#include "io/sockopt.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECV_BYTES (1 << 20)

static int set_up(int fd, enum addr_family family, uint16_t port)
{
	static const struct sockopt v4[] = { { IPPROTO_IP, IP_PKTINFO, 1 },
					     { IPPROTO_IP, IP_RECVTTL, 1 },
					     { SOL_SOCKET, SO_TIMESTAMPNS, 1 } };
	static const struct sockopt v6[] = { { IPPROTO_IPV6, IPV6_V6ONLY, 1 },
					     { IPPROTO_IPV6, IPV6_RECVPKTINFO, 1 },
					     { IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1 },
					     { SOL_SOCKET, SO_TIMESTAMPNS, 1 } };
	static const uint8_t any[16];
	const struct endpoint local = { addr_from_bytes(family, any), port };
	struct sockaddr_storage ss;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(&local, &ss);
	int rc = family == ADDR_V4 ? sockopt_set(fd, v4, ARRAY_LEN(v4))
				   : sockopt_set(fd, v6, ARRAY_LEN(v6));

	if (rc < 0)
		return rc;
	sockopt_raise_buffers(fd, RECV_BYTES);
	return bind(fd, (const struct sockaddr *)&ss, len) < 0 ? -errno : 0;
}

int rawsock_probe_open(enum addr_family family, uint16_t port, struct err *err)
{
	int fd = socket(addr_to_af(family), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = fd < 0 ? -errno : set_up(fd, family, port);

	if (rc == 0)
		return fd;
	if (fd >= 0)
		(void)close(fd);
	if (rc == -EADDRINUSE)
		return err_set(err, rc, "UDP port %u is in use by another program; stop it", port);
	return err_set(err, rc, "no UDP socket for port %u: %s", port, strerror(-rc));
}
