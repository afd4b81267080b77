/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When a script of a track runs, and what its results in a row say.  Never two runs at once: a
 * turn that comes while one is still out is counted and passed over.
 */
#ifndef FSM_SCRIPT_FSM_H
#define FSM_SCRIPT_FSM_H

#include "base/clock.h"

#include <stdbool.h>

#define SCRIPT_GRACE (3 * USEC_PER_SEC) /* after the time-out, for who watches it to say so */

enum script_phase { SCRIPT_IDLE, SCRIPT_WAITING, SCRIPT_RUNNING };
enum script_event { SCRIPT_EV_TIMER, SCRIPT_EV_STARTED, SCRIPT_EV_GOOD, SCRIPT_EV_BAD };
enum script_action {
	SCRIPT_WANTS_RUN = 1 << 0,
	SCRIPT_TELL = 1 << 1, /* `good` was made up, or changed */
	SCRIPT_NO_WORD = 1 << 2, /* who should watch it said nothing; counts as bad */
};

struct script_cfg {
	usec_t interval, timeout;
	unsigned rise, fall;
};

struct script {
	enum script_phase phase;
	bool known, good; /* the first result decides at once */
	unsigned streak; /* results in a row that say the other */
	unsigned overlaps;
	usec_t next; /* turn to run */
	usec_t give_up; /* while running */
	usec_t deadline; /* when to feed SCRIPT_EV_TIMER */
};

struct script_step {
	struct script next;
	unsigned actions;
};

struct script script_start(usec_t now);
struct script_step script_step(const struct script_cfg *cfg, struct script s, enum script_event ev,
			       usec_t now);

#endif
