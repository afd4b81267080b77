/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where probes by UDP get their answers: one socket for each family, at a port that the kernel
 * chooses, and what routers and hosts say of datagrams that they could not deliver.
 *
 * Datagrams leave by path_express() and not by these sockets.
 */
#ifndef SVC_UDP_DOOR_H
#define SVC_UDP_DOOR_H

#include "io/loop.h"
#include "io/rawsock.h"
#include "io/udpsock.h"
#include "svc/path.h"
#include "wire/udp_pkt.h"

struct udp_door {
	struct watch in[2], unreachable[2]; /* IPv4, IPv6; fd -1: this kernel has none */
	uint16_t port[2];
	void (*on_datagram)(struct udp_door *d, struct view payload,
			    const struct udpsock_from *from);
	/* Of a datagram that left from our port. */
	void (*on_unreachable)(struct udp_door *d, const struct udp_quote *quote,
			       const struct rawsock_from *from);
};

/* 0, or -errno and *err when there is not even IPv4.  The two functions are set by the caller. */
int udp_door_open(struct udp_door *d, struct loop *loop, struct err *err);
void udp_door_close(struct udp_door *d);
/* Hands over what has arrived, now. */
void udp_door_drain(struct udp_door *d);
/* From source and our port to dst, by this tunnel.  0 or -errno. */
int udp_door_send(const struct udp_door *d, struct path *p, const struct addr *source,
		  const struct endpoint *dst, struct view payload);

#endif
