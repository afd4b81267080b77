/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reload has to do: the changes that lead from one configuration to another, in an
 * order that never leaves a hole.  First everything is added or changed, from the ground
 * up (tunnels, routes, tracks, vrrp), then removed from the top down.  Only what stands in
 * the way of an addition (the same device under another tunnel's name, the same VRRP id on
 * one interface) is removed before it.
 */
#ifndef CONF_DIFF_H
#define CONF_DIFF_H

#include "conf/model.h"

enum conf_op { CONF_ADD, CONF_CHANGE, CONF_REMOVE };
enum conf_kind {
	CONF_KIND_NODE,
	CONF_KIND_TUNNEL,
	CONF_KIND_ROUTE,
	CONF_KIND_TRACK,
	CONF_KIND_VRRP
};

/* What differs, for CONF_CHANGE.  One enum per kind. */
enum conf_node_bits {
	CONF_NODE_NAME = 1 << 0,
	CONF_NODE_KERNEL = 1 << 1, /* tables and metrics: every kernel object of ours moves */
	CONF_NODE_DATAPLANE = 1 << 2, /* takes effect at the next start */
	CONF_NODE_AGREE = 1 << 3,
};

enum conf_tunnel_bits {
	CONF_TUNNEL_DEVICE = 1 << 0, /* its name */
	CONF_TUNNEL_IKE = 1 << 1, /* what futae-ike is told, secrets excepted */
	CONF_TUNNEL_SECRET = 1 << 2,
	CONF_TUNNEL_MTU = 1 << 3, /* mtu, mss, copy_dscp: what futae-esp is told */
	CONF_TUNNEL_HEALTH = 1 << 4,
};

enum conf_route_bits {
	CONF_ROUTE_PREFIXES = 1 << 0,
	CONF_ROUTE_VIA = 1 << 1,
	CONF_ROUTE_PUBLISH = 1 << 2,
	CONF_ROUTE_SOURCE = 1 << 3, /* preferred source address */
	CONF_ROUTE_NAME = 1 << 4, /* the same prefixes under another name */
	CONF_ROUTE_DAMPING = 1 << 5, /* hold-off, revert */
};

enum conf_track_bits {
	CONF_TRACK_CONDITIONS = 1 << 0,
	CONF_TRACK_DELAYS = 1 << 1,
	CONF_TRACK_SCRIPT_BIT = 1 << 2, /* its command, times or counts */
};

enum conf_vrrp_bits {
	CONF_VRRP_IDENTITY = 1 << 0, /* interface, id, version, family, virtual MAC: start anew */
	CONF_VRRP_ADDRESSES = 1 << 1,
	CONF_VRRP_PRIORITY = 1 << 2, /* priority, preempt, accept, preempt_delay, group */
	CONF_VRRP_INTERVAL = 1 << 3,
	CONF_VRRP_PEERS = 1 << 4, /* who they are, and what is said to and taken from them */
	CONF_VRRP_TRACK = 1 << 5,
};

struct conf_change {
	enum conf_op op;
	enum conf_kind kind;
	size_t old_index; /* into the old configuration's array; for CHANGE and REMOVE */
	size_t new_index; /* into the new one's; for ADD and CHANGE */
	unsigned what; /* bits above, for CHANGE */
};

struct conf_diff {
	size_t count;
	struct conf_change *changes; /* owned; conf_diff_done() */
};

/*
 * Tells what leads from `from` (NULL: nothing yet) to `to`, and gives the tunnels of `to`
 * their if_ids: those of `from` by name, new ones the smallest free numbers from 1.  A
 * tunnel keeps its id over any change.  0 or -ENOMEM.
 *
 * Objects are matched by name; a route also by source and first prefix.  A prefix may move
 * from one route to another: when a route gives one up, ask whether the new configuration
 * has it elsewhere before it goes.
 */
int conf_diff(const struct conf *from, struct conf *to, struct conf_diff *out);
void conf_diff_done(struct conf_diff *diff);

const char *conf_op_name(enum conf_op op); /* "add" */
const char *conf_kind_name(enum conf_kind kind); /* "tunnel" */

/* Same meaning: nothing to do between them.  if_ids and paths of secrets do not count. */
bool conf_equal(const struct conf *a, const struct conf *b);

#endif
