/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Something has changed.  Nothing is read out of the messages: they may be lost, and some
 * changes (a nexthop deleted by its device) are not told at all.
 */
#include "io/netlink.h"

#include "base/list.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RECV_BYTES (1 << 20)
#define DRAIN_MAX 4096 /* messages to a turn: a flood must not keep the loop */

struct nl_monitor {
	struct mnl_socket *sock;
	struct watch watch;
	struct timer soon;
	struct loop *loop;
	void (*fn)(void *ctx);
	void *ctx;
};

static void on_soon(struct timer *t)
{
	struct nl_monitor *m = container_of(t, struct nl_monitor, soon);

	m->fn(m->ctx);
}

/* One byte of each is enough: the rest of a message goes away with it. */
static void on_message(struct watch *w)
{
	struct nl_monitor *m = container_of(w, struct nl_monitor, watch);
	bool heard = false;

	for (int i = 0; i < DRAIN_MAX; i++) {
		char byte;
		ssize_t n = recv(w->fd, &byte, sizeof(byte), MSG_DONTWAIT);

		/* ENOBUFS: there were more than fit, so certainly something. */
		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			break;
		heard = true;
	}
	if (heard && m->soon.at == USEC_NEVER)
		timer_at(&m->soon, loop_now(m->loop));
}

static int join(const struct nl_monitor *m)
{
	static const int groups[] = { RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
				      RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_IPV4_RULE,
				      RTNLGRP_IPV6_RULE,  RTNLGRP_NEXTHOP };
	int fd = mnl_socket_get_fd(m->sock), room = RECV_BYTES;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (mnl_socket_bind(m->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) < 0)
			return -errno;
	return 0;
}

struct nl_monitor *nl_monitor_new(struct loop *loop, void (*fn)(void *ctx), void *ctx,
				  struct err *err)
{
	struct nl_monitor *m = calloc(1, sizeof(*m));
	int rc = -ENOMEM;

	if (!m)
		goto out;
	m->loop = loop;
	m->fn = fn;
	m->ctx = ctx;
	watch_init(&m->watch, loop, on_message);
	timer_init(&m->soon, loop, on_soon);
	m->sock = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	rc = m->sock ? join(m) : -errno;
	if (rc == 0) {
		watch_start(&m->watch, mnl_socket_get_fd(m->sock), false);
		return m;
	}
out:
	nl_monitor_free(m);
	err_set(err, rc, "cannot watch the kernel's network settings: %s", strerror(-rc));
	return NULL;
}

void nl_monitor_free(struct nl_monitor *m)
{
	if (!m)
		return;
	watch_stop(&m->watch);
	timer_stop(&m->soon);
	if (m->sock)
		(void)mnl_socket_close(m->sock);
	free(m);
}
