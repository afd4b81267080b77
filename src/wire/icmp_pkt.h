/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ICMP and ICMPv6 as far as health checks need it: our echo requests and what comes back
 * for them, and the answers that futae-esp gives to the other end's requests.
 */
#ifndef WIRE_ICMP_PKT_H
#define WIRE_ICMP_PKT_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"

#include <sys/types.h>

#define ICMP_PAYLOAD_MAX 9000 /* of our own requests: the largest MTU a tunnel may have */
#define ICMP_PROBE_SIZE 24 /* the least payload of a request that carries a struct icmp_probe */
#define ICMP_EXTRA_MAX 64u /* bytes for whoever answers, behind that */

/* What our echo requests carry, so that an answer tells by itself what it answers. */
struct icmp_probe {
	uint64_t cookie; /* secret of this process: who does not know it cannot answer for others */
	uint32_t check; /* index of the health check */
	uint32_t sequence;
	usec_t sent;
};

enum icmp_kind {
	ICMP_KIND_REPLY,
	ICMP_KIND_UNREACHABLE,
	ICMP_KIND_TOO_BIG, /* fragmentation needed (RFC 1191), packet too big (RFC 4443, 3.2) */
};

struct icmp_answer {
	enum icmp_kind kind;
	uint8_t code; /* of unreachable: ICMP's or ICMPv6's, as the packet says */
	uint16_t id, sequence; /* of the echo header, quoted or not */
	bool has_probe; /* false also when a router quoted too little of the request */
	struct icmp_probe probe; /* the caller compares the cookie */
	struct addr asked; /* unreachable: where the quoted request went; else ADDR_NONE */
	uint32_t mtu; /* of ICMP_KIND_TOO_BIG, as it says */
	size_t size; /* of the message, without the IP header */
};

/*
 * A whole IP packet with an echo request of `payload` bytes (at least ICMP_PROBE_SIZE and
 * `extra`, which follows the probe); its length, or -EMSGSIZE.
 */
ssize_t icmp_build_request(const struct addr *src, const struct addr *dst, uint16_t id,
			   const struct icmp_probe *probe, struct view extra, size_t payload,
			   void *buf, size_t cap);
/* What a correct request (icmp_is_echo_request) carries behind the place of a probe; may be
 * empty, and anything. */
struct view icmp_extra(struct view request);
/* What to send back for a whole IP packet with an echo request; -EBADMSG for any other. */
ssize_t icmp_build_reply(struct view request, void *buf, size_t cap);
/*
 * Host unreachable (IPv4: 3/1, IPv6: 1/3) in answer to an echo request, in the name of its
 * destination; -EBADMSG for any other packet.
 */
ssize_t icmp_build_unreachable(struct view request, void *buf, size_t cap);
/*
 * Is this whole, unfragmented IP packet a correct echo request from one host to one other?
 * IPv4 options are skipped; behind IPv6 extension headers nothing is looked for.
 */
bool icmp_is_echo_request(struct view packet, struct addr *src, struct addr *dst);
/*
 * What a raw socket gives: the ICMP message alone.  The kernel has verified ICMPv6
 * checksums, which need the addresses; ICMP's are verified here.  0 or -EBADMSG.
 */
int icmp_parse(enum addr_family family, struct view message, struct icmp_answer *out);

#endif
