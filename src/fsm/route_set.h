/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which members of a weighted route carry traffic now?
 *
 * Usable members with a positive weight share in proportion.  Without one, the first usable
 * standby (weight 0) carries alone.  A degraded member is usable, but takes part only while
 * no other is better; when all that is usable is degraded, what carries stays.
 * With nothing usable, one member that still has an SA
 * is kept as last resort: it cannot leak, and the health check may be wrong.  One that
 * answers is better than one that does not, and of two that both do, or both do not, the one
 * that carries stays: a change would gain nothing.  Where it is in doubt, it stays, too, and
 * is not gone to: what all paths suffer together must not move traffic between them.
 */
#ifndef FSM_ROUTE_SET_H
#define FSM_ROUTE_SET_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROUTE_MEMBERS_MAX 64
#define ROUTE_NO_LOCK (-1)

enum route_mode { ROUTE_BLACKHOLE, ROUTE_LAST_RESORT, ROUTE_STANDBY, ROUTE_NORMAL };

struct route_member {
	uint8_t weight; /* 0 stands by */
	bool usable, has_sa; /* usable without an SA counts as not usable */
	bool degraded; /* usable, but only if nothing better is */
	bool answers; /* its path works now, though it may have to wait for its restore time */
	bool doubtful; /* not that, but some replies come */
	unsigned rank; /* lower first where weights do not decide; the order as written */
	usec_t down_since; /* ties of the last resort: who failed last is best */
};

struct route_use {
	unsigned member; /* index into the members */
	unsigned weight; /* 1-255 */
};

struct route_choice {
	enum route_mode mode;
	bool publish; /* some member is usable */
	/*
	 * None is, but the last resort answers: better published than a black hole.  Only once
	 * until a member is usable again: a path that comes and goes must not be told to other
	 * routers each time.
	 */
	bool publish_last;
	bool answers; /* what carries is the last resort, and it answers */
	bool lapsed; /* such a one stopped answering, and nothing has been usable since */
	bool locked; /* the lock decided */
	bool lock_ignored; /* there is a lock, but its member cannot carry and another can */
	unsigned count; /* 0 for ROUTE_BLACKHOLE */
	struct route_use use[ROUTE_MEMBERS_MAX]; /* by member, ascending */
};

/*
 * `lock` is a member's index or ROUTE_NO_LOCK; `current` is the choice in force, NULL at the
 * start.  At most ROUTE_MEMBERS_MAX members are looked at.
 */
struct route_choice route_set_choose(const struct route_member *members, size_t n, int lock,
				     const struct route_choice *current);
bool route_choice_uses(const struct route_choice *c, unsigned member);
/* Whether both send traffic the same way: members and weights (mode and flags may differ). */
bool route_choice_same_use(const struct route_choice *a, const struct route_choice *b);
const char *route_mode_name(enum route_mode mode); /* "last-resort" */

#endif
