/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is a path that works also worth using?  One that loses or delays too much, or on which
 * large packets die, is degraded: still usable, but only if nothing better is.  This says
 * nothing about whether the path works at all; fsm/health_fsm does.
 *
 * Both ways take time, so that no single probe moves anything: in after the limit was
 * exceeded for GRADE_CONFIRM at a stretch, out after the restore time (and the flap penalty)
 * well below it.  Feed grade_step() at each probe, whatever the path's state is.
 */
#ifndef FSM_GRADE_FSM_H
#define FSM_GRADE_FSM_H

#include "base/clock.h"
#include "fsm/damp.h"

#include <stdbool.h>
#include <stddef.h>

#define GRADE_CONFIRM (3 * USEC_PER_SEC)
/* At least as many intervals: the loss of one window may be chance, that of three is not
 * (tests/sim/sim_grade.c). */
#define GRADE_CONFIRM_LOSS 128u
#define GRADE_CONFIRM_DELAY 8u

enum grade_cause { GRADE_GOOD, GRADE_LOSS, GRADE_DELAY, GRADE_BIG_PACKETS };

struct grade_cfg {
	unsigned loss_permille; /* of probes, there and back; 0: not asked */
	usec_t delay; /* round trip; 0: not asked */
	usec_t interval; /* between two calls */
	usec_t restore;
	struct damp_cfg damp;
};

struct grade_seen {
	bool answers; /* the path works: what is seen of it means something */
	bool window_full; /* so many probes were sent that the loss means something */
	unsigned loss_permille;
	usec_t rtt; /* the lesser of the smoothed and the last one; 0: not known */
	bool big_broken; /* large packets die while small ones are answered */
};

struct grade {
	enum grade_cause cause; /* GRADE_GOOD: not degraded */
	usec_t since;
	struct grade_seen why; /* as it was when the cause came */
	usec_t answers_since; /* USEC_NEVER: it does not */
	usec_t loss_since, delay_since; /* above the limit; USEC_NEVER: not */
	usec_t good_since; /* degraded, but below all limits again; USEC_NEVER: not */
	usec_t hold, penalty; /* how long it must stay so, and what of it is for flapping */
	struct damp damp;
};

struct grade_step {
	struct grade next;
	bool changed; /* the cause */
};

struct grade grade_start(usec_t now);
struct grade_step grade_step(const struct grade_cfg *cfg, struct grade g,
			     const struct grade_seen *seen, usec_t now);
/* When it will be good again if it stays as it is; USEC_NEVER: it is not on the way. */
usec_t grade_good_at(const struct grade *g);
const char *grade_cause_name(enum grade_cause cause); /* "big-packets" */
/* "23 % of the probes are lost, the limit is 20 %"; for big packets the caller knows more. */
const char *grade_text(const struct grade_cfg *cfg, const struct grade *g, char *out, size_t size);

#endif
