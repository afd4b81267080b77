/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A BFD session as a kind of probe: what there is to see of it. */
#ifndef SVC_PROBE_BFD_H
#define SVC_PROBE_BFD_H

#include "conf/model.h"
#include "fsm/bfd_fsm.h"
#include "io/loop.h"
#include "svc/probe.h"
#include "wire/bfd_pkt.h"

struct bfd_probe;

/* Why a packet was not taken: what bfd_pkt_decode() says, what bfd_step() says, and these. */
enum bfd_reason {
	BFD_REASON_PKT,
	BFD_REASON_STEP = BFD_REASON_PKT + BFD_PKT_ERROR_COUNT,
	BFD_REASON_TTL = BFD_REASON_STEP + BFD_DROP_COUNT,
	BFD_REASON_DEVICE, /* another than the session's tunnel */
	BFD_REASON_ADDRESS, /* not from the target to the source */
	BFD_REASON_HOPS, /* to the port of the other kind of session */
	BFD_REASON_SESSION, /* there is none */
	BFD_REASON_COUNT
};

const char *bfd_reason_name(enum bfd_reason reason); /* "ttl" */

struct bfd_session {
	struct bfd_probe *owner;
	struct check *check;
	struct bfd_cfg cfg;
	struct bfd fsm;
	struct timer timer;
	struct addr source, target; /* of the running session */
	bool multihop;
	uint64_t sent, received, downs; /* downs: it left Up */
	uint64_t drops[BFD_REASON_COUNT];
};

/* Of a check whose kind is BFD, or NULL. */
const struct bfd_session *probe_bfd_session(const struct check *c);
/* What was dropped for want of a session, by reason. */
uint64_t probe_bfd_strays(struct probe_kind *k, enum bfd_reason reason);

#endif
