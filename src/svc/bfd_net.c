/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/bfd_net.h"

#include "base/list.h"
#include "base/log.h"
#include "io/rawsock.h"
#include "wire/bfd_pkt.h"

#include <errno.h>
#include <unistd.h>

#define BATCH 256 /* packets taken in one turn */

void bfd_sock_drain(struct bfd_sock *s)
{
	uint8_t buf[512];

	for (unsigned i = 0; s->in.fd >= 0 && i < BATCH; i++) {
		struct rawsock_from from;
		ssize_t n = rawsock_probe_recv(s->in.fd, buf, sizeof(buf), &from);

		if (n == -EMSGSIZE)
			s->net->too_long++;
		else if (n < 0)
			return;
		else
			s->net->fn(s->net->ctx, s->multihop, (struct view){ buf, (size_t)n },
				   &from);
	}
}

void bfd_net_drain(struct bfd_net *net)
{
	for (size_t i = 0; i < BFD_NET_SOCKS; i++)
		bfd_sock_drain(&net->sock[i]);
}

static void on_readable(struct watch *w)
{
	bfd_sock_drain(container_of(w, struct bfd_sock, in));
}

void bfd_net_init(struct bfd_net *net, struct loop *loop)
{
	for (size_t i = 0; i < BFD_NET_SOCKS; i++) {
		struct bfd_sock *s = &net->sock[i];

		*s = (struct bfd_sock){ .net = net,
					.family = i & 1 ? ADDR_V6 : ADDR_V4,
					.multihop = i & 2 };
		watch_init(&s->in, loop, on_readable);
		s->in.fd = -1;
	}
}

struct bfd_sock *bfd_net_sock(struct bfd_net *net, enum addr_family family, bool multihop)
{
	return &net->sock[(family == ADDR_V6 ? 1u : 0u) | (multihop ? 2u : 0u)];
}

void bfd_sock_open(struct bfd_sock *s)
{
	struct err err;
	int fd;

	if (s->in.fd >= 0)
		return;
	fd = rawsock_probe_open(s->family, s->multihop ? BFD_PORT_MULTIHOP : BFD_PORT, &err);
	if (fd >= 0)
		watch_start(&s->in, fd, false);
	else if (!s->complained)
		log_event(LOGL_ERROR, "bfd.socket", "error=\"%s\"; tried again each second",
			  err.text);
	s->complained = fd < 0;
}

static void close_sock(struct bfd_sock *s)
{
	int fd = s->in.fd;

	if (fd < 0)
		return;
	watch_stop(&s->in);
	s->in.fd = -1;
	close(fd);
}

void bfd_net_close_unwanted(struct bfd_net *net)
{
	for (size_t i = 0; i < BFD_NET_SOCKS; i++)
		if (!net->sock[i].wanted)
			close_sock(&net->sock[i]);
}

void bfd_net_done(struct bfd_net *net)
{
	for (size_t i = 0; i < BFD_NET_SOCKS; i++)
		close_sock(&net->sock[i]);
}
