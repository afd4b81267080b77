/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What moves virtual routers other than their own state machines: the others of their group, and
 * the user.  Only svc/vrrp.c and this use it.
 */
#ifndef SVC_VRRP_SYNC_H
#define SVC_VRRP_SYNC_H

#include "base/clock.h"
#include "base/err.h"
#include "conf/model.h"
#include "svc/board.h"
#include "svc/iface.h"
#include "svc/path.h"

struct vrrp;
struct vrrp_event;

struct vrrps {
	const struct env *env;
	struct ifaces *ifaces;
	struct vrrp *list[CONF_VRRP_MAX]; /* owned */
	size_t count;
	int frame_fd;
	bool stopping; /* farewell was said: nothing starts any more */
	bool syncing; /* groups are being moved, or will be when this is over */
	usec_t asleep; /* of clock_asleep(), as last seen */
	struct board_watch board_watch;
	struct iface_watch iface_watch;
	struct path_watch path_watch;
};

/* In vrrp.c: one event into one instance; and all that holds of it told anew. */
void vrrp_feed(struct vrrp *v, const struct vrrp_event *ev, usec_t now);
void vrrp_update(struct vrrp *v);

/* Moves the group as its members' states want it; "" is no group. */
void vrrp_sync(struct vrrps *vs, const char *group);
/* The member that keeps the group from running, or NULL. */
const struct vrrp *vrrp_sync_unfit(const struct vrrps *vs, const char *group);
/* Tells all of time that the machine slept through, if it did. */
void vrrp_sync_sleep(struct vrrps *vs);

#endif
