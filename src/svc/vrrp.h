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

struct ifaces;
struct vrrps;

struct vrrp_counters {
	uint64_t sent, received, announced, ignored_peer, bad_interval, other_addresses;
	uint64_t bad[VRRP_PKT_ERROR_COUNT];
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
};

struct vrrps *vrrps_new(const struct env *env, struct ifaces *ifaces);
void vrrps_free(struct vrrps *vs);
int vrrps_apply(struct vrrps *vs, const struct conf *conf);
void vrrps_prune(struct vrrps *vs);
void vrrps_audit(struct vrrps *vs);
void vrrps_stop(struct vrrps *vs); /* farewell: priority 0, addresses off */

size_t vrrps_count(const struct vrrps *vs);
const struct vrrp *vrrps_get(const struct vrrps *vs, size_t i);

/* "master", "backup", "stopped" (by tracking), "fault" (no interface) */
const char *vrrp_state_word(const struct vrrp *v);
int vrrp_priority(const struct vrrp *v); /* effective */
bool vrrp_is_running(const struct vrrp *v);
/* The i-th tracked condition: whether it is good, and its name in `what`. */
bool vrrp_track_state(const struct vrrp *v, size_t i, char *what, size_t size);

#endif
