/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lanes of a tunnel: as many futae-esp as its CHILD_SAs of equal selectors are to use, each
 * with a queue of the device and its own SAs.  Nearly all tunnels have one.
 */
#ifndef SVC_TUNNEL_LANE_H
#define SVC_TUNNEL_LANE_H

#include "svc/tunnel.h"

/* Lane n is the worker's that follows the tunnel's first one by n.  -ENOMEM.  The device is closed.
 */
int tunnel_lanes_init(struct tunnel *t, struct sibling *esp, unsigned workers, unsigned lanes);
void tunnel_lanes_done(struct tunnel *t);
unsigned tunnel_lanes_wanted(const struct conf_tunnel *c, unsigned workers);
struct tunnel_lane *tunnel_lane_of(const struct tunnel *t, const struct sibling *esp); /* or NULL */

/* What the lane's worker told: sums are brought up to date, and the lane opened or closed. */
void tunnel_lane_set_sas(struct tunnel *t, struct tunnel_lane *lane, unsigned in, unsigned out);
void tunnel_lane_set_stats(struct tunnel *t, struct tunnel_lane *lane, const struct ipc_stats *s);
/* The device was opened: only lanes with SAs get packets. */
void tunnel_lanes_settle(struct tunnel *t);
/* The lane to send by now. */
const struct tunnel_lane *tunnel_lane_best(const struct tunnel *t);

#endif
