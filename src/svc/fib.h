/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's forwarding state as we intend it, and the one way to make it so: starting,
 * reloading and repairing are all "compare the plan with the kernel, mend the difference".
 * (A failover itself does not pass here: it is one nl_nexthop_set() in svc/route.)
 *
 * The kernel deletes nexthops, and every route on them, without a word when a device loses
 * carrier; so what events said is never trusted, only what a dump shows.
 */
#ifndef SVC_FIB_H
#define SVC_FIB_H

#include "io/netlink.h"

/* Ours are the objects of this range, and rules and routes of our protocol number. */
#define FIB_ID_FIRST UINT32_C(0xf0000000) /* FRR leaves what is above 250,000,000 alone */
#define FIB_ID_LAST UINT32_C(0xf0ffffff)

struct fib_plan {
	struct nl_nexthop *nexthops; /* ids ascend from devices and blackholes to groups */
	struct nl_rule *rules;
	struct nl_route *routes;
	size_t nexthop_count, rule_count, route_count;
	size_t nexthop_room, rule_room, route_room;
	bool failed; /* out of memory while it was made: must not be applied */
};

struct fib_report {
	unsigned added, changed, removed;
	unsigned errors;
	struct err first; /* the first error */
};

void fib_plan_free(struct fib_plan *plan);
void fib_plan_nexthop(struct fib_plan *plan, const struct nl_nexthop *nh);
void fib_plan_rule(struct fib_plan *plan, const struct nl_rule *r);
void fib_plan_route(struct fib_plan *plan, const struct nl_route *r);

/*
 * Adds and changes what differs, then removes what is ours but not in the plan (unless
 * !prune), in an order that leaves no hole.  0, or -errno when the kernel could not be read.
 */
int fib_sync(struct nl *nl, struct fib_plan *plan, uint8_t protocol, bool prune,
	     struct fib_report *report);

#endif
