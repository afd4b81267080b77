/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What to try with a tunnel whose SAs are there while nothing comes through: the peer may have
 * lost them, or a middlebox the flow they make.  First new keys for the traffic (a new SPI,
 * and a question that IKE has to answer), and where IKE did answer and still nothing comes,
 * the whole connection anew.
 *
 * It never hurries: whoever can carry in its place does so long before.  It never repeats
 * without end: each round waits twice as long as the one before, and REPAIR_MOST within
 * REPAIR_WINDOW is all.
 */
#ifndef FSM_REPAIR_FSM_H
#define FSM_REPAIR_FSM_H

#include "base/clock.h"

#include <stdbool.h>

#define REPAIR_AFTER (10 * USEC_PER_SEC) /* of silence, and between the two steps of a round */
#define REPAIR_PAUSE (60 * USEC_PER_SEC) /* after the first round; then 2, 4, 8 min */
#define REPAIR_PAUSE_MAX (600 * USEC_PER_SEC)
#define REPAIR_WINDOW (600 * USEC_PER_SEC)
#define REPAIR_MOST 4u

enum repair_action { REPAIR_NOTHING, REPAIR_REKEY, REPAIR_REDIAL };

struct repair_cfg {
	usec_t head_start; /* more before the first step: so that both ends do not do it at once */
	bool may_redial; /* this end dials: the other may not do it for us */
};

struct repair_seen {
	bool silent; /* SAs of both directions, IKE up, probes unanswered, nothing authenticated */
	usec_t ike_answered; /* when a rekey of a CHILD_SA last succeeded; 0: never */
};

struct repair {
	usec_t silent_since; /* USEC_NEVER: it is not */
	usec_t due; /* of the next step */
	bool rekeyed; /* the round's first step is done */
	usec_t rekeyed_at;
	usec_t done[REPAIR_MOST]; /* when the last ones were; 0: never */
	unsigned next; /* place in it, the oldest */
	unsigned rounds; /* since it last worked */
};

struct repair_step {
	struct repair next;
	enum repair_action action;
};

struct repair repair_start(void);
/* Call once a second or so. */
struct repair_step repair_step(const struct repair_cfg *cfg, struct repair r,
			       const struct repair_seen *seen, usec_t now);
const char *repair_action_name(enum repair_action action); /* "rekey" */

#endif
