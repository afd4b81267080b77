/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where BFD packets come in: a UDP socket for each port and family, open as long as a session
 * needs it, since another BFD program may have the port on nodes that use none of ours.
 */
#ifndef SVC_BFD_NET_H
#define SVC_BFD_NET_H

#include "base/addr.h"
#include "base/buf.h"
#include "io/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct bfd_net;
struct rawsock_from;

struct bfd_sock {
	struct bfd_net *net;
	struct watch in; /* fd -1: not open */
	enum addr_family family;
	bool multihop;
	bool wanted;
	bool complained; /* that it could not be opened */
};

#define BFD_NET_SOCKS 4

struct bfd_net {
	void (*fn)(void *ctx, bool multihop, struct view packet, const struct rawsock_from *from);
	void *ctx;
	uint64_t too_long; /* datagrams that no control packet can be */
	struct bfd_sock sock[BFD_NET_SOCKS];
};

/* Sets up; ->fn and ->ctx are the caller's to set. */
void bfd_net_init(struct bfd_net *net, struct loop *loop);
void bfd_net_done(struct bfd_net *net);
struct bfd_sock *bfd_net_sock(struct bfd_net *net, enum addr_family family, bool multihop);
/* Opens it unless it is open; a failure is logged, once, and may be tried again. */
void bfd_sock_open(struct bfd_sock *s);
/* Hands over what has come, at most a bounded number. */
void bfd_sock_drain(struct bfd_sock *s);
void bfd_net_drain(struct bfd_net *net);
void bfd_net_close_unwanted(struct bfd_net *net);

#endif
