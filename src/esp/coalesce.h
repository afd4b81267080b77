/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets that follow one another in a flow are written to the tunnel's device as one, which the
 * kernel could cut into the very same packets again.  They are not moved: what is written is a
 * list of where their parts lie.
 *
 * The order within a flow never changes.  A packet that cannot be merged ends what was gathered of
 * its flow, and one whose flow cannot be told (a fragment) what was gathered between its addresses.
 */
#ifndef ESP_COALESCE_H
#define ESP_COALESCE_H

#include "wire/ip_pkt.h"
#include "wire/vnet_hdr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define COALESCE_ITEMS 128
#define COALESCE_PACKETS 1024 /* of all items */
#define COALESCE_MERGED 64 /* packets of one item */
#define COALESCE_BUCKETS 256
#define COALESCE_NONE UINT16_MAX

/* One write to a device. */
struct coalesce_item {
	void *owner;
	struct iovec
		*iov; /* once finished: the vnet header, the first packet, payload after payload */
	unsigned iov_count;
	unsigned packets;
	size_t bytes; /* of all packets, as they came */
	size_t len; /* of what is written, without the vnet header */

	/* The rest is coalesce.c's. */
	uint8_t *packet; /* the first */
	uint32_t flow, pair; /* hashes */
	uint32_t next_seq; /* TCP */
	uint16_t last_id, id_step; /* IPv4 */
	uint16_t l4, header_len; /* where TCP or UDP starts; where the payload does */
	uint16_t size; /* payload of each packet but the last */
	uint16_t first_part, last_part;
	uint16_t chain; /* the next open item of its bucket */
	uint8_t protocol;
	bool v4;
	bool open; /* the next packet of its flow may be merged */
	bool verified; /* the first packet's checksum */
	bool push;
	uint8_t vnet[VNET_HDR_LEN];
};

struct coalesce_part {
	uint8_t *data;
	uint32_t len;
	uint16_t next; /* of the same item */
};

struct coalesce {
	bool uso; /* UDP may be merged, too: the devices take it */
	unsigned count; /* of items, in the order in which their first packets came */
	unsigned parts, open;
	struct coalesce_item item[COALESCE_ITEMS];
	uint16_t bucket[COALESCE_BUCKETS]; /* the first open item of each */
	struct coalesce_part part[COALESCE_PACKETS];
	struct iovec iov[COALESCE_ITEMS + COALESCE_PACKETS];
};

void coalesce_init(struct coalesce *c, bool uso);
/*
 * Adds the packet of ip->len bytes, which stays where it is, and ours to change, until
 * coalesce_reset().  Packets of different owners (tunnels) are never merged.  False: nothing was
 * added, there is no room; finish, write and reset first.
 */
bool coalesce_add(struct coalesce *c, void *owner, uint8_t *packet, const struct ip_pkt *ip);
/* Makes all items ready to be written.  Nothing can be added until coalesce_reset(). */
void coalesce_finish(struct coalesce *c);
void coalesce_reset(struct coalesce *c);

#endif
