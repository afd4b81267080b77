/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a health check learns of its path over minutes and hours: loss and bursts, how often the
 * peer shows signs of life besides its replies, how late we have been ourselves.
 */
#ifndef FSM_MEASURE_H
#define FSM_MEASURE_H

#include "fsm/health_model.h"
#include "fsm/loss.h"

/* Starts as zeros. */
struct measure {
	struct loss loss;
	/* Intervals, and those of them in which life came; weighted by age. */
	double turns, life_turns;
	uint64_t packets, replies; /* counters as of the last turn */
	int64_t surplus; /* packets that were no replies, carried over while negative */
	bool counting; /* the counters above are known */
	usec_t late[2]; /* the worst of these minutes and of those before */
	usec_t late_turn; /* when the former began */
};

/* Another probe leaves at `now`.  packets, replies: cumulative, authenticated packets of any kind
 * and replies among them.  What is learnt belongs to h as it was until now. */
void measure_turn(struct measure *m, const struct health_cfg *cfg, const struct health *h,
		  uint64_t packets, uint64_t replies, usec_t now);
void measure_late(struct measure *m, usec_t late, usec_t now);
/* The worst of the last minutes. */
usec_t measure_worst_late(const struct measure *m);
/* Mean gap between signs of life besides replies, no finer than the interval; USEC_NEVER: none. */
usec_t measure_life(const struct measure *m, const struct health_cfg *cfg);
/* All of it as the model takes it; what is not known yet is the prior's. */
struct health_path measure_path(const struct measure *m, const struct health_cfg *cfg,
				const struct health *h);

#endif
