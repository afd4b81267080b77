/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VRRP advertisements, version 2 (RFC 3768) and 3 (RFC 5798, RFC 9568): what stands behind
 * the IP header.
 */
#ifndef WIRE_VRRP_PKT_H
#define WIRE_VRRP_PKT_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"

#include <sys/types.h>

#define VRRP_ADDRS_MAX 255
#define VRRP_PKT_MAX (8 + 16 * VRRP_ADDRS_MAX)
#define VRRP_TTL 255

/*
 * RFC 5798 could be read both ways about version 3 over IPv4.  keepalived and FRR include
 * the pseudo header unless told otherwise, RFC 9568 and Cisco do not.  We take both, and can
 * answer a peer in its own way.
 */
enum vrrp_checksum { VRRP_CHECKSUM_PSEUDO, VRRP_CHECKSUM_PLAIN };

struct vrrp_adv {
	uint8_t version; /* 2 or 3 */
	uint8_t vrid, priority;
	enum vrrp_checksum checksum; /* means something with version 3 over IPv4 only */
	usec_t interval; /* v2: 1-255 whole seconds; v3: 10 ms - 40.95 s in hundredths */
	unsigned count; /* 1-255 */
	struct addr addresses[VRRP_ADDRS_MAX]; /* all of the family that carries the packet */
};

/* Why a packet is not an advertisement, for counters: name. */
#define VRRP_PKT_ERRORS(X)                                                                         \
	X(NONE, "none")                                                                            \
	X(TTL, "ttl")                                                                              \
	X(SHORT, "short")                                                                          \
	X(VERSION, "version")                                                                      \
	X(TYPE, "type")                                                                            \
	X(VRID, "vrid")                                                                            \
	X(COUNT, "address-count")                                                                  \
	X(LENGTH, "length")                                                                        \
	X(CHECKSUM, "checksum")                                                                    \
	X(AUTH, "authentication-type")                                                             \
	X(INTERVAL, "interval")

enum vrrp_pkt_error {
#define X(id, text) VRRP_PKT_##id,
	VRRP_PKT_ERRORS(X)
#undef X
		VRRP_PKT_ERROR_COUNT
};

const char *vrrp_pkt_error_name(enum vrrp_pkt_error e); /* "checksum" */

/* The length, -EMSGSIZE, or -EINVAL for what no advertisement can say. */
ssize_t vrrp_pkt_encode(const struct vrrp_adv *adv, const struct addr *src, const struct addr *dst,
			void *buf, size_t cap);
/*
 * VRRP_PKT_NONE and *out, or what is wrong.  src, dst and ttl are those of the IP packet; a
 * ttl below 255 was routed here by somebody not on this link.  Version 2 passwords (type 1)
 * protect nothing and are not accepted.
 */
enum vrrp_pkt_error vrrp_pkt_decode(struct view packet, const struct addr *src,
				    const struct addr *dst, uint8_t ttl, struct vrrp_adv *out);

#endif
