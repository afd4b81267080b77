/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet as the kernel gives it, up to 64 KiB long and without a checksum, becomes the packets
 * that its sender would have sent: copied, cut and checksummed in one go.
 */
#ifndef ESP_SEGMENT_H
#define ESP_SEGMENT_H

#include "base/buf.h"
#include "wire/ip_pkt.h"
#include "wire/vnet_hdr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum segment_kind {
	SEGMENT_COPY, /* as it is */
	SEGMENT_CSUM, /* whole, its checksum completed */
	SEGMENT_TCP,
	SEGMENT_UDP,
};

/* Over bytes that somebody else owns, and which stay as they are. */
struct segment {
	enum segment_kind kind;
	bool v4;
	const uint8_t *packet;
	size_t len; /* of the packet */
	size_t l4; /* where TCP or UDP starts, or what SEGMENT_CSUM sums up */
	size_t csum_at; /* the checksum field of that */
	size_t header_len; /* what each segment begins with */
	size_t size; /* payload of each segment but the last */
	size_t pos; /* payload given out */
	unsigned count, index; /* segments in all; given out */
	uint32_t ip_sum, l4_sum; /* of the headers, without what differs between segments */
	uint32_t seq;
	uint16_t id;
};

/*
 * 0, or -EBADMSG when the header and the packet disagree: the kernel is trusted no more than a
 * stranger.  `ip` is what ip_pkt_decode() says of the packet.
 */
int segment_init(struct segment *s, struct view packet, const struct ip_pkt *ip,
		 const struct vnet_hdr *v);
/* The longest segment's length, before the first is taken. */
size_t segment_max(const struct segment *s);
/* How many are still to come. */
unsigned segment_left(const struct segment *s);
/* The next one's length; 0 after the last. */
size_t segment_len(const struct segment *s);
/* The next whole packet, at most segment_max() bytes, in `out`: its length, 0 after the last. */
size_t segment_next(struct segment *s, uint8_t *out);

#endif
