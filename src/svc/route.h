/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Routes: each entry of the configuration is a route set whose prefixes all hang on one
 * kernel nexthop group (one per address family), so that a failover is one netlink message
 * per family, whatever the number of prefixes.
 *
 *     table 200 (asked before main)  PREFIX nhid GROUP        the data
 *     main, metric 4000              blackhole PREFIX         "usable": what BGP publishes
 *     main, metric 5000              blackhole PREFIX         the leak guard, always there
 *     own table per tunnel           default nhid TUNNEL      pinned replies to health checks
 */
#ifndef SVC_ROUTE_H
#define SVC_ROUTE_H

#include "base/err.h"
#include "conf/model.h"
#include "fsm/route_damp.h"
#include "io/loop.h"
#include "svc/env.h"
#include "svc/path.h"

struct route {
	char name[64];
	const struct conf_route *conf; /* in the running configuration */
	uint32_t slot; /* stable while it lives: group ids and tables derive from it */
	size_t member_count;
	struct path
		*members[ROUTE_MEMBERS_MAX]; /* by conf->via; NULL while its tunnel is not there */
	char lock_name[32]; /* of the tunnel that a person locked it to; empty: none */
	int lock; /* which member that is now, or ROUTE_NO_LOCK */
	usec_t lock_since;
	struct route_choice choice;
	struct route_damp damp;
	struct routes *owner;
	struct timer timer; /* of a hold-off that runs */
	usec_t since; /* of the choice */
	unsigned switches;
	bool published, wanted, v4, v6; /* families its prefixes have */
	bool carried; /* by a usable tunnel, once: what comes before is no failover */
	/* A configuration that is being applied moved it; told when the kernel has it. */
	bool moved;
	struct route_choice old; /* what carried before, by the members' new places */
	char old_names[64];
};

struct routes;

struct routes *routes_new(const struct env *env);
void routes_free(struct routes *rs);
int routes_apply(struct routes *rs, const struct conf *conf);
void routes_prune(struct routes *rs);
/* Compares the kernel with what is intended, and repairs. */
void routes_audit(struct routes *rs);
/* A clean stop: nothing is published any more; traffic and guards stay. */
void routes_withdraw(struct routes *rs);
/* Locks a route to a tunnel by hand, or frees it (tunnel NULL).  -ENOENT, -EINVAL. */
int routes_lock(struct routes *rs, const char *name, const char *tunnel, struct err *err);

/* Whether a person has locked a route that has this path among its own, to whichever. */
bool routes_locked(const struct routes *rs, const struct path *p);
bool routes_use(const struct routes *rs, const struct path *p); /* any of them, now */
/* Whether one carries by it though it is not usable: hold-off, and not as a last resort. */
bool routes_hold(const struct routes *rs, const struct path *p);
size_t routes_count(const struct routes *rs);
const struct route *routes_get(const struct routes *rs, size_t i);
uint32_t route_group_id(const struct route *r, enum addr_family family);

#endif
