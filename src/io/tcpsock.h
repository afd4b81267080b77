/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP connections out of one device, whatever routes say. */
#ifndef IO_TCPSOCK_H
#define IO_TCPSOCK_H

#include "base/addr.h"

#include <sys/types.h>

/*
 * Begins to connect from `source` by `device`, with class of service CS6; what comes back counts by
 * that device alone.  The fd, which is writable when it is done (tcpsock_error()), or -errno.
 */
int tcpsock_connect(const char *device, const struct addr *source, const struct endpoint *to);
int tcpsock_error(int fd); /* 0: connected; -errno; -EINPROGRESS */
/* Bytes, 0 at the end, -EAGAIN, or -errno. */
ssize_t tcpsock_send(int fd, const void *data, size_t len);
ssize_t tcpsock_recv(int fd, void *data, size_t cap);
void tcpsock_close(int fd);
/* By a reset: nothing of it is left over, on either side. */
void tcpsock_abort(int fd);

#endif
