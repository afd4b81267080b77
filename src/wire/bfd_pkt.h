/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD control packets (RFC 5880, 4), as plain bytes behind UDP and as the whole IP packets that
 * leave by a tunnel (RFC 5881, 5883).  S-BFD (RFC 7880) has the same format.
 */
#ifndef WIRE_BFD_PKT_H
#define WIRE_BFD_PKT_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define BFD_PORT 3784 /* one hop, RFC 5881 */
#define BFD_PORT_MULTIHOP 4784 /* RFC 5883 */
#define BFD_PORT_SEAMLESS 7784 /* S-BFD, RFC 7881 */
#define BFD_SOURCE_PORTS 49152 /* the first of those that RFC 5881, 4 allows */
#define BFD_TTL 255

#define BFD_DIGEST 20 /* of SHA-1, and the longest key for it */
#define BFD_DIGEST_AT 32 /* where it lies in a packet */
#define BFD_PASSWORD 16 /* at most */
#define BFD_PKT_MAX (BFD_DIGEST_AT + BFD_DIGEST)
#define BFD_WRAPPED_MAX (40 + 8 + BFD_PKT_MAX)

enum bfd_state { BFD_ADMIN_DOWN, BFD_DOWN, BFD_INIT, BFD_UP };

/* Why the sender's session last changed state; 9 to 31 are reserved. */
enum bfd_diag {
	BFD_DIAG_NONE,
	BFD_DIAG_EXPIRED, /* control detection time expired */
	BFD_DIAG_ECHO,
	BFD_DIAG_NEIGHBOR, /* neighbor signaled session down */
	BFD_DIAG_RESET, /* forwarding plane reset */
	BFD_DIAG_PATH, /* path down */
	BFD_DIAG_CONCATENATED, /* concatenated path down */
	BFD_DIAG_ADMIN, /* administratively down */
	BFD_DIAG_REVERSE, /* reverse concatenated path down */
};

enum bfd_auth_type {
	BFD_AUTH_NONE,
	BFD_AUTH_PASSWORD,
	BFD_AUTH_MD5,
	BFD_AUTH_METICULOUS_MD5,
	BFD_AUTH_SHA1,
	BFD_AUTH_METICULOUS_SHA1,
};

struct bfd_auth {
	enum bfd_auth_type type;
	uint8_t key_id;
	uint32_t seq; /* not of passwords */
	uint8_t len; /* of the bytes in use: password or digest */
	uint8_t digest[BFD_DIGEST]; /* or the password */
};

struct bfd_pkt {
	uint8_t diag; /* enum bfd_diag, or a reserved number */
	enum bfd_state state;
	bool poll, final, independent, demand;
	uint8_t mult; /* 1 ... */
	uint32_t my_discr, your_discr; /* my_discr is never 0 */
	uint32_t tx, rx, echo_rx; /* desired min TX, required min RX, required min echo RX; usec */
	struct bfd_auth auth;
};

/* Why bytes are no control packet, for counters: name. */
#define BFD_PKT_ERRORS(X)                                                                          \
	X(NONE, "none")                                                                            \
	X(SHORT, "short")                                                                          \
	X(VERSION, "version")                                                                      \
	X(LENGTH, "length")                                                                        \
	X(MULT, "detect-mult")                                                                     \
	X(MULTIPOINT, "multipoint")                                                                \
	X(MY_DISCR, "my-discriminator")                                                            \
	X(STATE, "state")                                                                          \
	X(AUTH, "auth-section")

enum bfd_pkt_error {
#define X(id, text) BFD_PKT_##id,
	BFD_PKT_ERRORS(X)
#undef X
		BFD_PKT_ERROR_COUNT
};

const char *bfd_pkt_error_name(enum bfd_pkt_error e); /* "length" */
const char *bfd_state_name(enum bfd_state state); /* "admin-down", "up" */
const char *bfd_diag_text(uint8_t diag); /* "control detection time expired"; static */

/*
 * All that RFC 5880, 6.8.6 asks of a packet before a session is looked for.  BFD_PKT_NONE and
 * *out, or what is wrong.  A digest is only copied out: who has the key compares it.
 */
enum bfd_pkt_error bfd_pkt_decode(struct view packet, struct bfd_pkt *out);
/* The length, -EMSGSIZE, or -EINVAL for what no packet can say.  auth.digest goes in as it is. */
ssize_t bfd_pkt_encode(const struct bfd_pkt *pkt, void *buf, size_t cap);

/*
 * The packet in UDP in IP: TTL 255 as GTSM wants it (RFC 5881, 5) and CS6, so that it is carried
 * first as health checks are.  The length or -EMSGSIZE.
 */
ssize_t bfd_pkt_wrap(const struct endpoint *src, const struct endpoint *dst, struct view packet,
		     void *buf, size_t cap);

#endif
