/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VRRP instances: each feeds its state machine with advertisements, its interface and what it
 * tracks, and carries out what that decides.
 */
#ifndef SVC_VRRP_H
#define SVC_VRRP_H

#include "conf/model.h"
#include "fsm/vrrp_fsm.h"
#include "io/loop.h"
#include "svc/env.h"
#include "svc/vrrp_net.h"

struct err;
struct ifaces;
struct vrrps;

/* Why an advertisement was not heeded, besides what vrrp_pkt_decode() finds: name. */
#define VRRP_REFUSALS(X)                                                                           \
	X(NOT_PEER, "not_a_peer")                                                                  \
	X(INTERVAL, "bad_interval_v2")                                                             \
	X(ADDRESSES, "other_addresses")                                                            \
	X(ECHO, "our_own_address")                                                                 \
	X(OWNER, "other_owner")

enum vrrp_refusal {
	VRRP_REFUSED_FIRST = VRRP_PKT_ERROR_COUNT - 1,
#define X(id, text) VRRP_REFUSED_##id,
	VRRP_REFUSALS(X)
#undef X
		VRRP_REFUSAL_COUNT
};

struct vrrp_counters {
	uint64_t sent, send_failed, received, announced;
	uint64_t other_router; /* of another id on this link, which is none of our business */
	uint64_t refused[VRRP_REFUSAL_COUNT]; /* enum vrrp_pkt_error and vrrp_refusal */
};

/* What was logged of late, so that the same is not logged again within a minute. */
struct vrrp_said {
	unsigned reason;
	struct addr src;
	usec_t at; /* 0: free */
};
#define VRRP_SAID_MAX 16

/* By hand: `futae vrrp NAME give-up`. */
enum vrrp_manual {
	VRRP_MANUAL_AUTO,
	VRRP_MANUAL_GIVE_UP, /* master only when nobody else is */
	VRRP_MANUAL_TAKE /* before all but an owner */
};

struct vrrp {
	struct vrrps *owner;
	char name[CONF_NAME];
	const struct conf_vrrp *conf; /* in the running configuration */
	struct vrrp_fsm_cfg cfg;
	struct vrrp_fsm fsm;
	struct vrrp_net net;
	/*
	 * Advertisements; fd -1: not open.  Those of a rival come from the same virtual MAC as
	 * ours, and while our macvlan is up the kernel hands them to it instead of the interface.
	 */
	struct watch in, in_macvlan;
	struct timer timer;
	struct vrrp_counters counters;
	char why[256]; /* of the last change, with what was tracked */
	usec_t since;
	bool wanted, complained;
	bool fit; /* nothing but its group may stop it */
	enum vrrp_manual manual;
	struct vrrp_said said[VRRP_SAID_MAX];
};

struct vrrps *vrrps_new(const struct env *env, struct ifaces *ifaces);
void vrrps_free(struct vrrps *vs);
int vrrps_apply(struct vrrps *vs, const struct conf *conf);
void vrrps_prune(struct vrrps *vs);
void vrrps_audit(struct vrrps *vs);
void vrrps_stop(struct vrrps *vs); /* farewell: priority 0, addresses off */

/* Does what `word` (give-up, take, auto) says with that instance and its group.  0; -ENOENT,
 * -EINVAL, -EBUSY and *err. */
int vrrps_manual(struct vrrps *vs, const char *name, const char *word, struct err *err);
const char *vrrp_manual_name(enum vrrp_manual manual);

size_t vrrps_count(const struct vrrps *vs);
const struct vrrp *vrrps_get(const struct vrrps *vs, size_t i);

/* "master", "backup", "stopped" (by tracking), "fault" (no interface) */
const char *vrrp_state_word(const struct vrrp *v);
int vrrp_priority(const struct vrrp *v); /* effective */
bool vrrp_is_running(const struct vrrp *v);
/* Until it may push aside the master that it hears, or 0: nothing to wait for. */
usec_t vrrp_preempt_wait(const struct vrrp *v, usec_t now);
/* "checksum", "not_a_peer" */
const char *vrrp_refusal_name(unsigned reason);
/* The i-th tracked condition: whether it is good, and its name in `what`. */
bool vrrp_track_state(const struct vrrp *v, size_t i, char *what, size_t size);

#endif
