/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tunnels of a route as the choice sees them: their paths, and what tracks and then the other
 * ends make of their weights.
 */
#ifndef SVC_ROUTE_MEMBER_H
#define SVC_ROUTE_MEMBER_H

#include "svc/route.h"

/* One for each of r->members.  true: another end leads, and carries by some that we can use. */
bool route_members(const struct env *env, const struct route *r,
		   struct route_member out[static ROUTE_MEMBERS_MAX]);
/* Whether a tunnel of the route depends on the track of that name. */
bool route_member_tracks(const struct route *r, const char *track);
/* "track db is lost: unusable here" for each that is; empty when none is. */
const char *route_member_lost(const struct env *env, const struct route *r, size_t i, char *out,
			      size_t size);

#endif
