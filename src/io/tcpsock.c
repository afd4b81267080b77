/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/tcpsock.h"

#include "base/list.h"
#include "io/sockopt.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CS6 0xc0

/* RECVERR: what routers say ends the attempt, not only its patience. */
static const struct sockopt options[] = {
	{ IPPROTO_TCP, TCP_NODELAY, 1 },
};
static const struct sockopt options_v4[] = {
	{ IPPROTO_IP, IP_TOS, CS6 },
	{ IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1 },
	{ IPPROTO_IP, IP_RECVERR, 1 },
};
static const struct sockopt options_v6[] = {
	{ IPPROTO_IPV6, IPV6_TCLASS, CS6 },
	{ IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1 },
	{ IPPROTO_IPV6, IPV6_RECVERR, 1 },
};

static int prepare(int fd, const char *device, const struct addr *source)
{
	struct sockaddr_storage ss;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(&(struct endpoint){ *source, 0 }, &ss);
	int rc = sockopt_set(fd, options, ARRAY_LEN(options));

	if (rc == 0)
		rc = source->family == ADDR_V4 ? sockopt_set(fd, options_v4, ARRAY_LEN(options_v4))
					       : sockopt_set(fd, options_v6, ARRAY_LEN(options_v6));
	if (rc == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device) + 1) < 0)
		rc = -errno;
	if (rc == 0 && bind(fd, (struct sockaddr *)&ss, len) < 0)
		rc = -errno;
	return rc;
}

int tcpsock_connect(const char *device, const struct addr *source, const struct endpoint *to)
{
	int fd = socket(addr_to_af(to->addr.family), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_storage ss;
	socklen_t len = (socklen_t)endpoint_to_sockaddr(to, &ss);
	int rc;

	if (fd < 0)
		return -errno;
	rc = prepare(fd, device, source);
	if (rc == 0 && connect(fd, (struct sockaddr *)&ss, len) < 0 && errno != EINPROGRESS)
		rc = -errno;
	if (rc == 0)
		return fd;
	(void)close(fd);
	return rc;
}

int tcpsock_error(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&p, 1, 0) == 0)
		return -EINPROGRESS;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		return -errno;
	return -error;
}

ssize_t tcpsock_send(int fd, const void *data, size_t len)
{
	ssize_t n;

	do
		n = send(fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? (errno == EWOULDBLOCK ? -EAGAIN : -errno) : n;
}

ssize_t tcpsock_recv(int fd, void *data, size_t cap)
{
	ssize_t n;

	do
		n = recv(fd, data, cap, MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? (errno == EWOULDBLOCK ? -EAGAIN : -errno) : n;
}

void tcpsock_close(int fd)
{
	(void)close(fd);
}

void tcpsock_abort(int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	(void)close(fd);
}
