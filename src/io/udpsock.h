/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP on every address, that tells of each datagram all that the kernel knows. */
#ifndef IO_UDPSOCK_H
#define IO_UDPSOCK_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/err.h"

#include <sys/types.h>

struct udpsock_from {
	struct endpoint src;
	struct addr dst;
	int index; /* of the device it came by */
	uint8_t ttl;
	usec_t at; /* when the kernel took it in, CLOCK_MONOTONIC */
	int64_t wall_ns; /* the same as UTC, since 1970 */
};

/* port 0: any free one.  The fd, or -errno. */
int udpsock_open(enum addr_family family, uint16_t port, struct err *err);
uint16_t udpsock_port(int fd);
/* Its length; -EAGAIN, or -errno.  -EMSGSIZE: longer than cap, and gone. */
ssize_t udpsock_recv(int fd, void *buf, size_t cap, struct udpsock_from *from);

#endif
