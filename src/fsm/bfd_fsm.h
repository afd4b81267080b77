/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One BFD session (RFC 5880, 6): state, negotiation of intervals by poll sequences, detection
 * in asynchronous and in demand mode, and the sequence numbers of authentication.
 *
 * The caller feeds packets that bfd_pkt_decode() took and that were found to be of this
 * session, and BFD_EV_TIMER at next.deadline.  With BFD_SEND or BFD_SEND_FINAL it sends what
 * bfd_packet() says of the state after the step, at once.
 *
 * Echo (6.4) is not offered: Required Min Echo RX is 0, so no peer may send any, and we send
 * none.  An echo would have to come back through the peer's end of the tunnel, whose selectors
 * take nothing out again that came in by it.
 */
#ifndef FSM_BFD_FSM_H
#define FSM_BFD_FSM_H

#include "base/clock.h"
#include "wire/bfd_pkt.h"

#include <stdbool.h>
#include <stdint.h>

#define BFD_SLOW_USEC USEC_PER_SEC /* 6.8.3: no faster while not Up */

struct bfd_cfg {
	uint32_t discr; /* bfd.LocalDiscr: unique here, never 0 */
	uint32_t tx, rx; /* desired min TX, required min RX once Up; usec, at least 1 */
	uint8_t mult; /* bfd.DetectMult, 1 ... */
	bool demand; /* bfd.DemandMode: the peer falls silent, we poll it at each interval */
	enum bfd_auth_type auth; /* NONE, SHA1 or METICULOUS_SHA1 */
	uint8_t key_id;
};

enum bfd_event_kind {
	BFD_EV_PACKET, /* packet, authentic, at, random */
	BFD_EV_TIMER, /* random */
	BFD_EV_CONFIG, /* cfg may be another than before, but for discr; random */
	BFD_EV_ADMIN, /* on: administratively down, or not any more */
	BFD_EV_CONCATENATED, /* on: what lies behind us is down (6.8.17) */
	BFD_EV_LATE, /* late: how long we were blind before now */
};

struct bfd_event {
	enum bfd_event_kind kind;
	const struct bfd_pkt *packet;
	bool authentic; /* its digest is right, or it has none */
	bool on;
	usec_t at, late; /* at: when the kernel took the packet in, 0: now */
	uint32_t random; /* for jitter (6.8.7) */
};

enum bfd_action {
	BFD_SEND = 1 << 0,
	BFD_SEND_FINAL = 1 << 1, /* the answer to a poll; never together with BFD_SEND */
	BFD_TELL_STATE = 1 << 2,
};

/* Why a packet was not taken, for counters: name. */
#define BFD_DROPS(X)                                                                               \
	X(NONE, "none")                                                                            \
	X(ADMIN, "session-is-admin-down")                                                          \
	X(DISCR, "your-discriminator")                                                             \
	X(AUTH_MISSING, "unauthenticated")                                                         \
	X(AUTH_TYPE, "auth-type")                                                                  \
	X(KEY_ID, "key-id")                                                                        \
	X(SEQUENCE, "sequence")                                                                    \
	X(DIGEST, "digest")

enum bfd_drop {
#define X(id, text) BFD_DROP_##id,
	BFD_DROPS(X)
#undef X
		BFD_DROP_COUNT
};

struct bfd {
	enum bfd_state state, remote_state;
	uint8_t diag, remote_diag;
	uint32_t remote_discr;
	usec_t since; /* of the state */
	bool admin, concatenated;

	/* What we say, and what still holds until the peer has answered a poll about it (6.8.3). */
	uint32_t tx_said, rx_said;
	uint32_t tx_used, rx_used;
	uint32_t remote_tx, remote_rx;
	uint8_t remote_mult;
	bool remote_demand;

	bool polling, poll_again; /* again: something changed while a poll was under way */
	usec_t poll_at; /* when its first packet left; 0: not yet */

	uint32_t seq_out, seq_in; /* bfd.XmitAuthSeq of the last packet, bfd.RcvAuthSeq */
	bool seq_known;

	bool heard; /* within the last detection time */
	usec_t heard_at, sent_at; /* 0: never */
	usec_t send_at, detect_at; /* USEC_NEVER: not */
	usec_t blind_until, excused; /* excused: since heard_at */
	usec_t deadline; /* when to feed BFD_EV_TIMER, or USEC_NEVER */
};

struct bfd_step {
	struct bfd next;
	unsigned actions;
	enum bfd_drop drop; /* of BFD_EV_PACKET */
};

/* seq: where authentication begins to count; random, so that nothing old fits (4.4). */
struct bfd bfd_start(const struct bfd_cfg *cfg, uint32_t seq, usec_t now);
struct bfd_step bfd_step(const struct bfd_cfg *cfg, struct bfd b, const struct bfd_event *ev,
			 usec_t now);
/* The packet to send now (6.8.7); its digest is the caller's to fill in. */
struct bfd_pkt bfd_packet(const struct bfd_cfg *cfg, const struct bfd *b, bool final);

/* Between two of our packets, before jitter; USEC_NEVER: the peer wants none. */
usec_t bfd_tx_interval(const struct bfd *b);
/* Between two of the peer's packets, and without any for how long it is down (6.8.4).  Before
 * anything was heard: by our own configuration. */
usec_t bfd_rx_interval(const struct bfd_cfg *cfg, const struct bfd *b);
usec_t bfd_detection_time(const struct bfd_cfg *cfg, const struct bfd *b);
/* Demand mode is active here: no packets are expected but answers to our polls (6.6). */
bool bfd_demand_is_active(const struct bfd_cfg *cfg, const struct bfd *b);
const char *bfd_drop_name(enum bfd_drop drop);

#endif
