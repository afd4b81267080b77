/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP datagrams (RFC 768) inside IP packets that we make ourselves, and what ICMP errors quote of
 * them. */
#ifndef WIRE_UDP_PKT_H
#define WIRE_UDP_PKT_H

#include "base/addr.h"
#include "base/buf.h"

#include <sys/types.h>

#define UDP_HDR 8
#define UDP_PKT_ROOM 48 /* of all headers before the payload, IPv6 */

/*
 * A whole IP packet with class of service CS6, which futae-esp reads first.  Both ends are of one
 * family.  Its length, -EINVAL, or -EMSGSIZE.
 */
ssize_t udp_pkt_build(const struct endpoint *src, const struct endpoint *dst, struct view payload,
		      void *buf, size_t cap);

struct udp_quote {
	struct endpoint src, dst; /* of the datagram that did not arrive */
	struct view payload; /* as much of it as was quoted, in place */
	uint8_t code; /* ICMP's or ICMPv6's */
};

/*
 * An ICMP or ICMPv6 message, as a raw socket gives it, that says that a UDP datagram could not be
 * delivered.  0, or -EBADMSG for any other.
 */
int udp_pkt_parse_unreachable(enum addr_family family, struct view message, struct udp_quote *out);

/*
 * "Host unreachable" (IPv4: 3/1, IPv6: 1/3) in the name of dst, to whoever sent this datagram from
 * src; as long as the rules for errors allow.  Its length, -EINVAL, or -EMSGSIZE.
 */
ssize_t udp_pkt_build_unreachable(const struct endpoint *src, const struct endpoint *dst,
				  struct view payload, void *buf, size_t cap);

#endif
