/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/seqpkt.h"

#include "io/sockopt.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union fd_control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * SEQPKT_FDS)];
};

int seqpkt_pair(int out[static 2], size_t bytes)
{
	int fds[2];
	int room = bytes < INT_MAX / 2 ? (int)bytes : INT_MAX / 2; /* the kernel doubles it */

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		sockopt_raise_buffers(fds[i], room);
		out[i] = fds[i];
	}
	return 0;
}

static int send_error(int code)
{
	switch (code) {
	case EWOULDBLOCK:
		return -EAGAIN;
	case ECONNRESET:
	case ENOTCONN:
		return -EPIPE;
	default:
		return -code;
	}
}

int seqpkt_send(int fd, const void *data, size_t len, const int *fds, size_t nfds)
{
	union fd_control control = { 0 };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;

	/* An empty message would look like the end of the stream. */
	if (len == 0 || nfds > SEQPKT_FDS)
		return -EINVAL;
	if (nfds > 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(&control.align), fds, sizeof(int) * nfds);
	}
	do
		n = sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	return n < 0 ? send_error(errno) : 0;
}

static void take_fds(struct msghdr *msg, struct seqpkt_msg *out)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		/* msg_control has no room for more than SEQPKT_FDS. */
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(out->fds, CMSG_DATA(c), n * sizeof(int));
		out->nfds = n;
	}
}

int seqpkt_recv(int fd, void *buf, size_t cap, struct seqpkt_msg *out)
{
	union fd_control control;
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct seqpkt_msg got = { .nfds = 0 };
	ssize_t n;

	/* ECONNRESET says, once, that the peer left without reading all of ours.  What it had sent
	 * before is still in the queue, and the end of the stream behind it. */
	do {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	} while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	take_fds(&msg, &got);
	if (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
		seqpkt_close_fds(&got);
		/* CTRUNC: more than SEQPKT_FDS, or our table of descriptors is full. */
		return msg.msg_flags & MSG_TRUNC ? -EMSGSIZE : -EPROTO;
	}
	if (n == 0) {
		seqpkt_close_fds(&got);
		return 0;
	}
	got.data = (struct view){ buf, (size_t)n };
	*out = got;
	return 1;
}

void seqpkt_close_fds(struct seqpkt_msg *msg)
{
	for (size_t i = 0; i < msg->nfds; i++)
		(void)close(msg->fds[i]);
	msg->nfds = 0;
}
