/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How good a tunnel was, second by second, for an hour: loss, delay and jitter, round trip for
 * every kind of probe, and of each direction for STAMP.
 *
 * Loss of a direction follows from two counts (RFC 8762, 4.3): the reflector numbers what it sends
 * back, so between two replies the requests that are missing were lost on their way there as far as
 * its numbers did not move on, and on their way back as far as they did.  A reflector without state
 * copies our numbers and tells nothing; to see which it is, the sender leaves out its second number
 * once (STAMP_SKIP).
 *
 * Delay of a direction: absolute when both ends say that their clocks follow UTC, else above the
 * best of the last 30 to 60 seconds, which needs no common clock and bears some drift (50 ppm are
 * 3 ms in that time).  Jitter is the mean of |IPDV| (RFC 3393), the difference in delay of two
 * replies that arrived one after the other; clocks cancel out.
 *
 * Memory: 36,000 bytes for the round trip, 50,400 more for directions, allocated by the caller.
 */
#ifndef FSM_STAMP_STATS_H
#define FSM_STAMP_STATS_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

#define STAMP_SECONDS 3600u
#define STAMP_SKIP 1u /* the number that a sender leaves out once, at the start of a session */

enum stamp_way { STAMP_THERE, STAMP_BACK, STAMP_WAYS };

/* Times in a ring are kept in 16 bits, 12 of them significant: 1 us to 134 s, exact to 0.05 %. */
struct stamp_round_second {
	uint16_t sent, answered; /* by when the probe was sent */
	uint16_t rtt, rtt_worst, jitter; /* by when the reply came */
};

struct stamp_ways_second {
	uint16_t lost[STAMP_WAYS];
	uint16_t delay[STAMP_WAYS], jitter[STAMP_WAYS];
	uint16_t absolute; /* the delays are, not above the best */
};

struct stamp_rings {
	struct stamp_round_second round[STAMP_SECONDS];
	struct stamp_ways_second ways[]; /* STAMP_SECONDS of them, or none */
};

#define STAMP_ROUND_BYTES sizeof(struct stamp_rings)
#define STAMP_WAYS_BYTES                                                                           \
	(sizeof(struct stamp_rings) + STAMP_SECONDS * sizeof(struct stamp_ways_second))

struct stamp_mean { /* of one second, while it lasts */
	uint64_t sum;
	uint32_t count;
};

struct stamp_best { /* the least of the last 30 to 60 seconds */
	int64_t now, before;
	bool has_now, has_before;
	usec_t since;
};

struct stamp_window { /* which of the last 256 numbers were seen */
	uint64_t bits[4];
	uint32_t newest;
	bool any;
};

struct stamp_stats {
	struct stamp_rings *rings; /* the caller's */
	bool has_ways; /* the rings have room for directions */
	uint64_t second; /* the one that lasts, in seconds of CLOCK_MONOTONIC */
	uint64_t first; /* the earliest of which anything is known */
	struct stamp_window answered; /* so that duplicates do not count as answers */

	usec_t rtt_last, rtt_worst;
	bool has_rtt;
	struct stamp_mean rtt, jitter, delay[STAMP_WAYS], way_jitter[STAMP_WAYS];

	/* The session with the reflector */
	bool in_session, stateful;
	struct stamp_window sender, reflector; /* numbers in replies */
	uint32_t sender_base, reflector_base; /* of the first reply, moved on by duplicates */
	int64_t lost_there; /* counted since */
	uint64_t split_from; /* the second from which losses may have no direction yet */
	int64_t delay_last[STAMP_WAYS];
	bool has_delay, absolute;
	struct stamp_best best[STAMP_WAYS];

	uint64_t duplicates, reordered, restarts, clock_steps;
};

/* ways: rings has STAMP_WAYS_BYTES, not STAMP_ROUND_BYTES.  Clears what it uses of them. */
void stamp_stats_init(struct stamp_stats *s, struct stamp_rings *rings, bool ways, usec_t now);
void stamp_stats_sent(struct stamp_stats *s, usec_t now);
/*
 * A reply to probe number seq, which left at `sent` (0: not known, it counts for the second in
 * which the reply came and has no round trip) and came back at `at`.
 */
void stamp_stats_answered(struct stamp_stats *s, uint32_t seq, usec_t sent, usec_t at);

struct stamp_sample { /* of one reply, for directions */
	uint32_t sender_seq, reflector_seq; /* of this session */
	usec_t sent, at; /* our CLOCK_MONOTONIC */
	int64_t there_ns, back_ns; /* T2 - T1 and T4 - T3, by two clocks that may not agree */
	bool synced; /* both ends say that they follow UTC */
};

/* A new session: its numbers start at 0, as do the reflector's. */
void stamp_stats_session(struct stamp_stats *s, usec_t now);
/* After stamp_stats_answered() of the same reply; only with ways. */
void stamp_stats_sample(struct stamp_stats *s, const struct stamp_sample *x);

/* What is known of some seconds together. */
struct stamp_sum {
	unsigned seconds; /* how many of them are known */
	uint64_t sent, answered, lost; /* lost: sent and not answered */
	uint64_t lost_way[STAMP_WAYS]; /* of them known; the rest has no direction */
	bool has_rtt, has_ways; /* replies came; the reflector told directions apart */
	usec_t rtt, rtt_worst, jitter; /* means by reply; the worst */
	usec_t delay[STAMP_WAYS], way_jitter[STAMP_WAYS];
	bool absolute; /* all delays are */
};

/* A second is settled one second after its end: a reply that is later counts, but late. */
#define STAMP_SETTLE 1u

#define STAMP_SPAN_MAX (STAMP_SECONDS - 4u)

/* Of `count` settled seconds, the newest `skip` left out; together STAMP_SPAN_MAX at most. */
struct stamp_sum stamp_stats_sum(struct stamp_stats *s, unsigned skip, unsigned count, usec_t now);

#endif
