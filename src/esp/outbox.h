/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets on their way out: gathered until the batch is full or the turn ends, then sent. */
#ifndef ESP_OUTBOX_H
#define ESP_OUTBOX_H

#include "esp/pkt.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

struct esp;

struct outbox {
	unsigned count;
	struct mmsghdr msg[PKT_BATCH];
	struct iovec iov[PKT_BATCH];
	struct sockaddr_storage to[PKT_BATCH];
	_Alignas(struct cmsghdr) uint8_t control[PKT_BATCH][128];
	struct pkt pkt[PKT_BATCH];
};

/* A free packet, empty, its data at pkt_inner(); sends what is there when all are taken. */
struct pkt *outbox_next(struct esp *esp);
/* That packet is to be sent: data, len, src, dst, tos, sock are set. */
void outbox_commit(struct esp *esp);
void outbox_flush(struct esp *esp);
/* Reads what the network said about packets sent by this socket: path MTU, or nothing of use. */
void outbox_drain_errors(struct esp *esp, enum ipc_socket sock);

#endif
