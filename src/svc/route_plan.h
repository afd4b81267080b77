/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From routes and paths to the kernel objects that they ask for. */
#ifndef SVC_ROUTE_PLAN_H
#define SVC_ROUTE_PLAN_H

#include "svc/fib.h"
#include "svc/route.h"

/* The group of one family as the route's choice wants it. */
struct nl_nexthop route_plan_group(const struct route *r, enum addr_family family,
				   uint8_t protocol);
/* Everything that all routes and pins together ask for. */
void route_plan_fill(struct fib_plan *plan, const struct conf *conf, const struct paths *paths,
		     struct route *const *routes, size_t count);

#endif
