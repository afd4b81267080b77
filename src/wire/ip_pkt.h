/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IPv4 and IPv6 packets as a tunnel sees them: where they go, what they carry, and the few
 * changes a tunnel may make: traffic class, fragments, and word that one was too big.
 */
#ifndef WIRE_IP_PKT_H
#define WIRE_IP_PKT_H

#include "base/addr.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IP_PKT_V6_MIN_MTU 1280
#define IP_PKT_PROTO_UNKNOWN 255 /* IPv6 extension headers that lead nowhere */

struct ip_pkt {
	enum addr_family family;
	struct addr src, dst;
	size_t len; /* of the whole packet, by its own word; never more than there are bytes */
	size_t header_len; /* up to what `protocol` names: options and extension headers included */
	uint8_t protocol;
	uint8_t tos; /* traffic class: DSCP and ECN */
	uint8_t ttl;
	bool dont_fragment; /* IPv6: always */
	bool fragment; /* a part of a packet */
	uint16_t fragment_offset; /* bytes; 0 for the first part */
};

/* 0, or -EBADMSG: version, lengths.  Bytes behind the packet are tolerated (RFC 4303, 2.7). */
int ip_pkt_decode(struct view packet, struct ip_pkt *out);

/* Sets DSCP and ECN; the header checksum of IPv4 follows.  The packet was decoded before. */
void ip_pkt_set_tos(uint8_t *packet, uint8_t tos);
/* A checksum field in which the 16-bit word `old` became `now` (RFC 1624, equation 3). */
void ip_pkt_fix_csum(uint8_t csum[static 2], uint16_t old, uint16_t now);

/* Cuts an IPv4 packet (or a fragment) into fragments of at most `mtu` bytes. */
struct ip_frag {
	struct view packet;
	size_t header_len, mtu, pos; /* pos: bytes of payload already given out */
};

/* 0, or -EMSGSIZE when not even 8 bytes of payload fit into mtu. */
int ip_frag_init(struct ip_frag *f, struct view packet, const struct ip_pkt *ip, size_t mtu);
/* The next one's length, at most mtu, in `out`; 0 when all were given. */
size_t ip_frag_next(struct ip_frag *f, uint8_t *out);

#define IP_TOO_BIG_MAX IP_PKT_V6_MIN_MTU

/*
 * "Fragmentation needed" or "packet too big" to the sender of `packet`, in the name of its
 * destination: that address is routed into the tunnel, so the kernel's reverse path filter
 * takes it.  Length, or 0 where RFC 1122, 3.2.2 or RFC 4443, 2.4 want silence.
 */
size_t ip_too_big_build(struct view packet, const struct ip_pkt *ip, uint16_t mtu,
			uint8_t out[static IP_TOO_BIG_MAX]);

#endif
