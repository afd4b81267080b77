/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much does a path lose, and in how long bursts?  Learnt from which probes were answered, over
 * some hours, newer ones counting more.  An outage teaches nothing about chance and is left out;
 * as long as little is known, a prior that is written down in doc/detection.md fills in.
 */
#ifndef FSM_LOSS_H
#define FSM_LOSS_H

#include "base/clock.h"
#include "fsm/gilbert.h"

#include <stdbool.h>
#include <stdint.h>

#define LOSS_WINDOW 64u /* probes that may still be answered; older ones are final */
#define LOSS_MEMORY_USEC (10800 * USEC_PER_SEC) /* what is older counts 1/e and less */
#define LOSS_ENOUGH 3000.0 /* probes that say something without a prior */

/* Starts as zeros. */
struct loss {
	uint64_t answered; /* bit n: the probe n before the newest was, in its first copy */
	unsigned pending; /* bits of it in use */
	uint32_t run; /* final and lost since the last answered one; not counted yet */
	double probes, lost, bursts; /* weighted by age */
	double outages; /* the same: runs that were left out */
	double hidden_usec; /* gilbert.hidden, learnt at a shorter interval; 0: the prior */
};

struct loss_estimate {
	struct gilbert path;
	double burst; /* in probes */
	double probes; /* that it rests on, weighted */
	bool known; /* enough of them: the prior hardly counts any more */
};

/* Another probe leaves, `interval` after the last.  A run of lost ones that is at least `outage`
 * long is one, and not chance. */
void loss_sent(struct loss *l, usec_t interval, uint32_t outage);
/* The probe `age` before the newest was answered. */
void loss_answered(struct loss *l, uint32_t age);
/* There is nothing to probe (no SA, switched off): what is under way and the run in progress are
 * forgotten, what was learnt is not. */
void loss_gap(struct loss *l);
/* The interval changes: bursts are counted in probes and get longer or shorter.  What only the
 * shorter interval could see is remembered, and fades as the rest does. */
void loss_rescale(struct loss *l, usec_t from, usec_t to);
struct loss_estimate loss_estimate(const struct loss *l, usec_t interval);

#endif
