/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which tunnels' devices have something to send, and who of them is read next.  They queue, and in
 * each turn of the loop as many as fit are read together, in one call; one that had more than its
 * share goes to the end.  So a flooded tunnel costs the others a share each, and no more.
 */
#ifndef ESP_DEVICES_H
#define ESP_DEVICES_H

#include "io/batch.h"
#include "wire/vnet_hdr.h"

#include <stddef.h>
#include <stdint.h>

struct esp;
struct tunnel;
struct watch;

#define DEVICES_BATCH 64 /* packets of one turn ... */
#define DEVICES_BATCH_BIG 8 /* ... and where they are big, so that they stay in the cache */
#define DEVICES_BIG 8192 /* bytes */
#define DEVICES_SHARE 4 /* packets at the least: of a device, in a turn */
#define DEVICES_DATA 65536

struct devices {
	struct tunnel *first, **end; /* in line; not owned */
	unsigned waiting;
	size_t usual_len; /* of what was read last */
	unsigned usual; /* packets of a device in a turn, lately */
	struct share {
		struct tunnel *tunnel;
		unsigned packets;
	} share[DEVICES_BATCH];
	struct batch_op op[DEVICES_BATCH];
	struct iovec iov[DEVICES_BATCH];
	_Alignas(64) uint8_t data[DEVICES_BATCH][VNET_HDR_LEN + DEVICES_DATA];
};

void devices_init(struct devices *d);
/* The watch of a struct tunnel: its device can be read. */
void devices_ready(struct watch *w);
/* Its descriptor goes, or is another from now on. */
void devices_forget(struct devices *d, struct tunnel *t);
/* Reads, seals, and puts into the outbox what this turn has room for. */
void devices_turn(struct esp *esp);

#endif
