/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One record for each switch: what happened, why, how long it took, what it cost.  It is
 * opened when a switch is decided and filled as facts come in; the ring forgets the oldest.
 */
#ifndef FSM_FAILOVER_H
#define FSM_FAILOVER_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAILOVER_RING 256
#define FAILOVER_NAME 64
#define FAILOVER_CAUSE 256

enum failover_kind { FAILOVER_ROUTE, FAILOVER_VRRP };

struct failover {
	uint64_t id; /* 1 ... ; 0: empty */
	enum failover_kind kind;
	char object[FAILOVER_NAME]; /* the route or VRRP instance */
	char from[FAILOVER_NAME], to[FAILOVER_NAME]; /* "line1" "line2"; "backup" "master" */
	char cause[FAILOVER_CAUSE]; /* in words */
	/* Monotonic; 0: not known (yet). */
	usec_t last_good; /* last packet that spoke for the old path */
	usec_t detected; /* its state machine said so */
	usec_t decided; /* the new choice was made */
	usec_t written; /* the kernel had it */
	usec_t first_packet; /* first one in by the new path */
	bool sent_known;
	uint64_t sent_into_dead_path; /* packets, by us, after last_good: the most that we lost */
};

struct failover_ring {
	struct failover record[FAILOVER_RING];
	uint64_t next_id; /* 0 is as good as 1: a zeroed ring is an empty one */
};

/* Since last_good, or since the earliest known time where that is not known; USEC_NEVER: unknown.
 */
struct failover_times {
	usec_t detected, decided, written, first_packet;
};

/*
 * The new record, with id, kind and texts (cut where they are too long) and all else 0.  It stays
 * the ring's; keep the id, not the pointer: FAILOVER_RING records later it is another's.
 */
struct failover *failover_add(struct failover_ring *ring, enum failover_kind kind,
			      const char *object, const char *from, const char *to,
			      const char *cause);
struct failover *failover_find(struct failover_ring *ring, uint64_t id); /* NULL: not any more */
/* The newest for back = 0, the one before it for 1 ...; NULL when there are not so many. */
const struct failover *failover_last(const struct failover_ring *ring, size_t back);
size_t failover_count(const struct failover_ring *ring);

struct failover_times failover_times(const struct failover *f);
const char *failover_kind_name(enum failover_kind kind); /* "route" */
/* One line: what, why, and the times.  Returns out. */
const char *failover_text(const struct failover *f, char *out, size_t size);

#endif
