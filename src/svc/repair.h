/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Repairs tunnels whose SAs are there while nothing comes through (fsm/repair_fsm): asks
 * futae-ike for new keys, and then for a new connection.  Routes have long moved by then.
 */
#ifndef SVC_REPAIR_H
#define SVC_REPAIR_H

#include "base/clock.h"
#include "fsm/repair_fsm.h"

struct healths;
struct path;
struct repairs;
struct tunnels;

struct repairs *repairs_new(struct tunnels *tunnels, struct healths *healths);
void repairs_free(struct repairs *rs);
/* Once a second. */
void repairs_tick(struct repairs *rs, usec_t now);
/* What was done for this tunnel; NULL when it was never in need. */
const struct repair *repairs_of(const struct repairs *rs, const struct path *p);

#endif
