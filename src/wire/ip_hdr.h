/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 and IPv6 headers alike, for the small packets that we make and answer ourselves. */
#ifndef WIRE_IP_HDR_H
#define WIRE_IP_HDR_H

#include "base/addr.h"
#include "base/buf.h"

#define IP_HDR_MAX 40 /* of those we build */
#define IP_PROTO_ICMP 1
#define IP_PROTO_ICMP6 58
#define IP_PROTO_VRRP 112

struct ip_hdr {
	struct addr src, dst; /* both of one family */
	uint8_t protocol; /* IPv6: the next header, whatever it is */
	uint8_t ttl, tos;
};

/* The header for a payload of so many bytes, unfragmentable and without options. */
void ip_hdr_put(struct wbuf *w, const struct ip_hdr *h, size_t payload);
/*
 * Takes a packet apart; bytes past its length field are padding.  False for what is
 * malformed, truncated, a fragment, or (IPv4) wrongly checksummed.
 */
bool ip_hdr_parse(struct view packet, struct ip_hdr *out, struct view *payload);
/*
 * The same for the beginning of a packet that an ICMP error quotes: the payload may be
 * shorter than the header says, and routers may have changed the header.
 */
bool ip_hdr_parse_quoted(struct view quote, struct ip_hdr *out, struct view *payload);

#endif
