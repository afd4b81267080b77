/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One tunnel of a route as the choice sees it: its path, and what tracks make of its weight. */
#ifndef SVC_ROUTE_MEMBER_H
#define SVC_ROUTE_MEMBER_H

#include "svc/route.h"

struct route_member route_member(const struct env *env, const struct route *r, size_t i);
/* Whether a tunnel of the route depends on the track of that name. */
bool route_member_tracks(const struct route *r, const char *track);
/* "track db is lost: unusable here" for each that is; empty when none is. */
const char *route_member_lost(const struct env *env, const struct route *r, size_t i, char *out,
			      size_t size);

#endif
