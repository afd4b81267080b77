/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/vrrp_group.h"

enum vrrp_member vrrp_group_member(const struct vrrp_fsm *v, bool fit)
{
	if (!fit)
		return VRRP_MEMBER_UNFIT;
	switch (v->state) {
	case VRRP_INIT:
	case VRRP_STOPPED:
	case VRRP_FAULT:
		return VRRP_MEMBER_IDLE;
	case VRRP_BACKUP:
		break;
	case VRRP_MASTER:
		return VRRP_MEMBER_MASTER;
	}
	if (v->candidate)
		return v->expect == VRRP_CAUSE_FAREWELL ? VRRP_MEMBER_CALLED : VRRP_MEMBER_READY;
	return v->follows ? VRRP_MEMBER_FOLLOWS : VRRP_MEMBER_UNDECIDED;
}

enum vrrp_group_order vrrp_group_decide(const enum vrrp_member *members, size_t count)
{
	size_t of[VRRP_MEMBER_MASTER + 1] = { 0 };

	for (size_t i = 0; i < count; i++)
		of[members[i]]++;
	if (of[VRRP_MEMBER_UNFIT])
		return of[VRRP_MEMBER_UNFIT] + of[VRRP_MEMBER_IDLE] < count ? VRRP_GROUP_HALT
									    : VRRP_GROUP_KEEP;
	if (of[VRRP_MEMBER_IDLE])
		return VRRP_GROUP_START;
	if (of[VRRP_MEMBER_MASTER] && of[VRRP_MEMBER_FOLLOWS])
		return VRRP_GROUP_YIELD;
	if (of[VRRP_MEMBER_CALLED])
		return VRRP_GROUP_TAKE_ALL;
	if (of[VRRP_MEMBER_READY] && (of[VRRP_MEMBER_MASTER] || of[VRRP_MEMBER_READY] == count))
		return VRRP_GROUP_TAKE;
	return VRRP_GROUP_KEEP;
}

bool vrrp_group_event(enum vrrp_group_order order, enum vrrp_member member, struct vrrp_event *ev)
{
	bool runs = member > VRRP_MEMBER_IDLE;

	*ev = (struct vrrp_event){ .cause = VRRP_CAUSE_GROUP };
	switch (order) {
	case VRRP_GROUP_KEEP:
		return false;
	case VRRP_GROUP_HALT:
		ev->kind = VRRP_EV_STOP;
		return runs;
	case VRRP_GROUP_START:
		ev->kind = VRRP_EV_START;
		return member == VRRP_MEMBER_IDLE;
	case VRRP_GROUP_YIELD:
		ev->kind = VRRP_EV_YIELD;
		return member == VRRP_MEMBER_MASTER;
	case VRRP_GROUP_TAKE:
		ev->kind = VRRP_EV_TAKE;
		return member == VRRP_MEMBER_READY || member == VRRP_MEMBER_CALLED;
	case VRRP_GROUP_TAKE_ALL:
		ev->kind = VRRP_EV_TAKE;
		return runs && member != VRRP_MEMBER_MASTER;
	}
	return false;
}
