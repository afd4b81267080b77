/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What keeps a route from moving as soon as it could: hold-off before it leaves a tunnel, and
 * no way back by itself where revert is off.  Around fsm/route_set, which knows neither.
 *
 * Hold-off waits for a fault of what carries to last.  When the path answers again before that, it
 * goes on to carry, though it is held: nobody left it.  An SA that is gone is not waited for:
 * without one there is nothing to carry by.
 *
 * Without revert, a failover (something that carried had to be left) is remembered until all
 * that should carry does again; until then the route stays with what carries, as long as that
 * is usable, and not degraded while something better is.  What comes up late at the start is no
 * failover, and is gone to at once.
 */
#ifndef FSM_ROUTE_DAMP_H
#define FSM_ROUTE_DAMP_H

#include "fsm/route_set.h"

struct route_damp_cfg {
	usec_t hold_off; /* 0: none */
	bool revert;
	bool led; /* another end says where to go, and so, too, whether back */
};

struct route_damp {
	usec_t fault[ROUTE_MEMBERS_MAX]; /* since when one that carries is not usable; 0: it is */
	usec_t deadline; /* when to choose again, or USEC_NEVER */
	bool failed_over; /* without revert: a failover led here */
	bool stays; /* and something better is usable */
};

#define ROUTE_DAMP_START ((struct route_damp){ .deadline = USEC_NEVER })

/* As route_set_choose(), with *d as the state before and after. */
struct route_choice route_damp_choose(const struct route_damp_cfg *cfg, struct route_damp *d,
				      const struct route_member *members, size_t n, int lock,
				      const struct route_choice *current, usec_t now);

#endif
