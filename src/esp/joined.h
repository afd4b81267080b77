/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a socket gave in one message: a packet, or many of one sender, one behind the other, that
 * the kernel joined (UDP_GRO).  All but the last are of one length.
 */
#ifndef ESP_JOINED_H
#define ESP_JOINED_H

#include "esp/pkt.h"

#include <stdbool.h>
#include <sys/socket.h>

struct joined {
	struct pkt next; /* what the next one will be, but for its place and length */
	uint8_t *data;
	size_t len, segment, at;
	bool done;
};

/*
 * As recvmsg() filled m, with len bytes at data, which stay the caller's and are lent to the
 * packets.  False: it names no sender, or does not tell all that it should about itself.
 */
bool joined_init(struct joined *j, enum ipc_socket kind, struct msghdr *m, uint8_t *data,
		 size_t len);
/* The next packet (an empty message is one of no bytes); false when there is none. */
bool joined_next(struct joined *j, struct pkt *p);

#endif
