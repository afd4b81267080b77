/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STAMP test packets: RFC 8762 (base, authenticated or not), RFC 8972 (session identifier and
 * TLVs).  What stands behind the UDP header.
 *
 * A packet is written into a struct wbuf that starts with it: first the request or reply, then
 * TLVs, last the HMAC TLV where there is to be one.  The MAC itself is the caller's, so that this
 * layer needs no cryptography.
 */
#ifndef WIRE_STAMP_PKT_H
#define WIRE_STAMP_PKT_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define STAMP_PORT 862
#define STAMP_PLAIN_SIZE 44 /* of a base packet, in both directions */
#define STAMP_AUTH_SIZE 112
#define STAMP_TWAMP_REQUEST 14 /* TWAMP-Light senders may be as short as this (RFC 8762, 4.6) */
#define STAMP_TWAMP_REPLY 41
#define STAMP_MAC_SIZE 16
#define STAMP_PKT_MAX 1232 /* with all TLVs; fits an IPv6 packet of 1,280 bytes */

/* HMAC-SHA-256 over the parts one after the other, cut to its first 16 bytes. */
struct stamp_key {
	void (*mac)(void *ctx, const struct view *parts, size_t count, uint8_t out[STAMP_MAC_SIZE]);
	void *ctx;
};

/* Timestamps, 64 bits as on the wire: NTP (RFC 5905) or PTPv2 truncated (RFC 8186). */
enum stamp_format { STAMP_NTP, STAMP_PTP };

/* ns: nanoseconds of UTC since 1970.  PTP counts TAI, which is 37 s ahead since 2017. */
uint64_t stamp_time_encode(enum stamp_format format, int64_t ns);
/* NTP's 32 bits of seconds are taken for 1968 to 2104. */
int64_t stamp_time_decode(enum stamp_format format, uint64_t raw);

/* RFC 4656, 4.1.2, and RFC 8186: how far a timestamp can be trusted. */
struct stamp_estimate {
	bool synced; /* S: by an external source of UTC */
	enum stamp_format format; /* Z */
	uint64_t error_ns;
};

uint16_t
stamp_estimate_encode(const struct stamp_estimate *e); /* error rounded up, at least 1 ns */
struct stamp_estimate stamp_estimate_decode(uint16_t raw);

struct stamp_request { /* Session-Sender to Session-Reflector */
	uint32_t seq;
	uint64_t sent; /* T1, raw */
	uint16_t estimate;
	uint16_t ssid; /* RFC 8972, 3; 0: none */
	struct view tlvs; /* parsing: what follows; in place */
};

struct stamp_reply { /* back */
	uint32_t seq; /* the reflector's own count when it keeps state */
	uint64_t sent; /* T3 */
	uint16_t estimate;
	uint16_t ssid;
	uint64_t received; /* T2 */
	uint32_t sender_seq; /* the request's, as are the next two */
	uint64_t sender_sent;
	uint16_t sender_estimate;
	uint8_t sender_ttl; /* with which the request arrived */
	struct view tlvs;
};

enum stamp_pkt_error { STAMP_PKT_NONE, STAMP_PKT_SHORT, STAMP_PKT_LONG, STAMP_PKT_MAC };

const char *stamp_pkt_error_name(enum stamp_pkt_error e); /* "short" */

/* With a key the packet is of the authenticated mode.  What does not fit sets w->failed. */
void stamp_request_put(struct wbuf *w, const struct stamp_request *r, const struct stamp_key *key);
void stamp_reply_put(struct wbuf *w, const struct stamp_reply *r, const struct stamp_key *key);
/* With a key nothing but its authenticated mode is taken.  *out is left alone on failure. */
enum stamp_pkt_error stamp_request_parse(struct view packet, const struct stamp_key *key,
					 struct stamp_request *out);
enum stamp_pkt_error stamp_reply_parse(struct view packet, const struct stamp_key *key,
				       struct stamp_reply *out);

/* TLVs (RFC 8972, 4) */
#define STAMP_TLV_HDR 4
#define STAMP_TLV_UNRECOGNIZED 0x80
#define STAMP_TLV_MALFORMED 0x40
#define STAMP_TLV_INTEGRITY 0x20 /* its HMAC was wrong */

enum stamp_tlv_type {
	STAMP_TLV_PADDING = 1,
	STAMP_TLV_HMAC = 8,
	STAMP_TLV_FUTAE = 240, /* experimental use: what two futae tell each other */
};

struct stamp_tlv {
	uint8_t flags, type;
	struct view value; /* in place; of a malformed one as much as is there */
	bool malformed; /* longer than the packet, or of a wrong length: nothing can follow */
	size_t at; /* where it starts in what is walked */
};

struct stamp_tlv_walk {
	struct view tlvs;
	size_t pos;
};

/*
 * for (struct stamp_tlv_walk walk = stamp_tlvs(r.tlvs); stamp_tlv_next(&walk, &tlv);)
 * Fewer bytes than a header are no TLV.  A malformed one is the last.
 */
struct stamp_tlv_walk stamp_tlvs(struct view tlvs);
bool stamp_tlv_next(struct stamp_tlv_walk *walk, struct stamp_tlv *out);
/* The value of the first well-formed one that its receiver understood, or was asked to. */
bool stamp_tlv_find(struct view tlvs, uint8_t type, struct view *value);

/* As a sender writes one: U set, so that who knows no TLVs and sends all back has not said yes. */
void stamp_tlv_add(struct wbuf *w, uint8_t type, struct view value);
/* With flags of one's own, as a reflector does. */
void stamp_tlv_put(struct wbuf *w, uint8_t flags, uint8_t type, struct view value);
/* The HMAC TLV over the sequence number and the TLVs so far (RFC 8972, 4.8). */
void stamp_tlv_add_mac(struct wbuf *w, uint8_t flags, bool authenticated,
		       const struct stamp_key *key);

enum stamp_integrity { STAMP_UNPROTECTED, STAMP_INTACT, STAMP_FORGED };

/* What the HMAC TLV says of a packet.  Behind it there may be padding only. */
enum stamp_integrity stamp_tlv_check(struct view packet, struct view tlvs,
				     const struct stamp_key *key);

#endif
