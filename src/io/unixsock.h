/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local stream sockets with a name: futaed's control socket, both ends. */
#ifndef IO_UNIXSOCK_H
#define IO_UNIXSOCK_H

#include "base/err.h"

#include <stdbool.h>

/*
 * Listens at `path`, mode 0660, owned by us and, where there is such a group, by `group`.  A
 * socket that nobody listens at any more is replaced; -EADDRINUSE when somebody does.
 * The fd is non-blocking, or -errno.
 */
int unixsock_listen(const char *path, const char *group, struct err *err);
/* The next client, non-blocking; or -EAGAIN, -errno. */
int unixsock_accept(int listener);
/* True when the peer is root, our own user, or in `group`. */
bool unixsock_peer_is_trusted(int fd, const char *group);
/* A blocking connection, or -errno. */
int unixsock_connect(const char *path, struct err *err);

#endif
