/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a health check will do: how long it takes to notice a fault, and how often it sees one
 * where there is none.  Follows doc/detection.md line by line, and that page follows
 * health_fsm.c; tests/sim/sim_model.c holds all three together.
 */
#ifndef FSM_HEALTH_MODEL_H
#define FSM_HEALTH_MODEL_H

#include "fsm/gilbert.h"
#include "fsm/health_fsm.h"

struct health_path {
	struct gilbert chain; /* of a probe's round trip */
	usec_t rtt, rttvar; /* smoothed, as in struct health */
	/* Mean gap between packets of the peer's that are no replies to us; USEC_NEVER: none. */
	usec_t life;
	usec_t late; /* how late our own loop has been, at worst */
};

struct health_expectation {
	usec_t detect, detect_max; /* from the fault to the decision: average, worst */
	double false_per_year; /* failovers without a fault, in a year of being in use */
};

struct health_expectation health_model(const struct health_cfg *cfg, const struct health_path *p);
/* A run of lost probes that is at least so long was an outage and not chance. */
uint32_t health_outage_probes(const struct health_cfg *cfg);

#endif
