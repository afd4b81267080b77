/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual routers that move together: all of a group are master, or none is.
 *
 * - One that cannot run (its interface is down, what it tracks is lost) stops all.
 * - One that gives in to a better master takes the others along.
 * - All become master when each of them would.  One that hears a living master holds back the
 *   others, or a LAN that is cut in two would move the whole group to and fro.  The exception is a
 *   farewell, which goes for the sender's group: then nobody waits for the others' silence.
 */
#ifndef FSM_VRRP_GROUP_H
#define FSM_VRRP_GROUP_H

#include "fsm/vrrp_fsm.h"

#include <stddef.h>

enum vrrp_member {
	VRRP_MEMBER_UNFIT, /* cannot run, for a reason of its own */
	VRRP_MEMBER_IDLE, /* fit, and stopped because another is not */
	VRRP_MEMBER_UNDECIDED, /* backup that has not listened long enough yet */
	VRRP_MEMBER_FOLLOWS, /* backup of a master that is alive */
	VRRP_MEMBER_READY, /* would be master */
	VRRP_MEMBER_CALLED, /* would be master, and the one before said that it goes */
	VRRP_MEMBER_MASTER
};

enum vrrp_group_order {
	VRRP_GROUP_KEEP,
	VRRP_GROUP_HALT, /* stop who runs */
	VRRP_GROUP_START, /* start who is idle */
	VRRP_GROUP_YIELD, /* masters become backups */
	VRRP_GROUP_TAKE, /* who is ready becomes master */
	VRRP_GROUP_TAKE_ALL /* all become master */
};

/* fit: nothing but the group may stop it. */
enum vrrp_member vrrp_group_member(const struct vrrp_fsm *v, bool fit);
enum vrrp_group_order vrrp_group_decide(const enum vrrp_member *members, size_t count);
/* What one member is to be told by that; false: nothing. */
bool vrrp_group_event(enum vrrp_group_order order, enum vrrp_member member, struct vrrp_event *ev);

#endif
