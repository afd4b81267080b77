/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets on their way out.  Those of one length to one place lie one behind the other, in a
 * run, which leaves as one message that the kernel cuts up (UDP_SEGMENT): its way through the
 * network stack is gone once for up to 64 packets.  Bare ESP has no such message, and leaves
 * packet by packet, still many in one system call.
 */
#ifndef ESP_OUTBOX_H
#define ESP_OUTBOX_H

#include "base/addr.h"
#include "wire/esp_pkt.h"
#include "wire/ip_pkt.h"
#include "wire/ipc_msg.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define OUTBOX_RUNS 32
#define RUN_SEGMENTS 64 /* the kernel's limit (UDP_MAX_SEGMENTS) */
#define RUN_BYTES 65536
#define RUN_FULL 65507 /* one message's limit over IPv4, also with all its segments */
#define RUN_QUOTE 128 /* of an inner packet, to say that it was too big */

struct esp;
struct tunnel;

/* Where packets go and how: equal for all packets of a run. */
struct leave {
	struct tunnel *tunnel; /* NULL: IKE or a keepalive */
	struct endpoint src, dst;
	enum ipc_socket sock;
	uint8_t tos;
	bool may_fragment; /* the outer packet may be cut on its way */
};

struct run {
	struct leave how;
	size_t segment; /* every packet's length; the last one may be shorter */
	unsigned count;
	size_t len, inner_bytes;
	bool closed; /* its last packet was shorter: nothing may follow */
	/* The beginning of the first inner packet, where it is so big that a path may refuse it. */
	struct ip_pkt ip;
	struct esp_pkt_shape shape;
	size_t quote_len;
	uint8_t quote[RUN_QUOTE];
};

struct outbox {
	unsigned count;
	size_t placed; /* of the packet that is being made */
	struct mmsghdr msg[RUN_SEGMENTS];
	struct iovec iov[RUN_SEGMENTS];
	struct sockaddr_storage to[RUN_SEGMENTS];
	_Alignas(struct cmsghdr) uint8_t control[RUN_SEGMENTS][128];
	struct run run[OUTBOX_RUNS];
	_Alignas(64) uint8_t data[OUTBOX_RUNS][RUN_BYTES];
};

/* Where to make a packet of exactly len bytes (1 ... RUN_BYTES); sends first what is in the way. */
uint8_t *outbox_place(struct esp *esp, const struct leave *how, size_t len);
/* It is made, of so many bytes of somebody's.  Without this, the place is given out again. */
void outbox_commit(struct esp *esp, size_t inner_len);
/* Remembers the inner packet that was just committed, if it began its run. */
void outbox_quote(struct esp *esp, struct view inner, const struct ip_pkt *ip,
		  const struct esp_pkt_shape *shape);
void outbox_flush(struct esp *esp);
/* Reads what the network said about our packets to this socket: path MTU, or nothing of use. */
void outbox_drain_errors(struct esp *esp, int fd);

#endif
