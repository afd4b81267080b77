/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages and file descriptors between our processes: AF_UNIX, SOCK_SEQPACKET, made in
 * pairs by futaed, never named in the file system.
 */
#ifndef IO_SEQPKT_H
#define IO_SEQPKT_H

#include "base/buf.h"

#include <stddef.h>

#define SEQPKT_FDS 24 /* the most that one message carries */

/* Two ends, non-blocking and close-on-exec, with room for `bytes` in each direction. */
int seqpkt_pair(int out[static 2], size_t bytes);
/* 0, -EAGAIN when the peer does not keep up, -EPIPE when it is gone.  The fds stay the caller's. */
int seqpkt_send(int fd, const void *data, size_t len, const int *fds, size_t nfds);
struct seqpkt_msg {
	struct view data; /* in the caller's buffer */
	int fds[SEQPKT_FDS]; /* now the receiver's, close-on-exec; it closes those it does not want
			      */
	size_t nfds;
};
/* 1 and *out, 0 at the end of the stream, -EAGAIN, or -errno.  A message that does not fit is
 * -EMSGSIZE. */
int seqpkt_recv(int fd, void *buf, size_t cap, struct seqpkt_msg *out);
void seqpkt_close_fds(struct seqpkt_msg *msg); /* closes what is left in fds */

#endif
