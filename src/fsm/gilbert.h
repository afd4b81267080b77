/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Loss in bursts: a path that is good or bad for a while and loses all that meets it while it is
 * bad (Gilbert's model of 1960, in time instead of packets).  Two numbers say all of it: how much
 * of the time it is bad, and how soon it forgets what it was.  doc/detection.md, "Loss", has the
 * formulae.
 */
#ifndef FSM_GILBERT_H
#define FSM_GILBERT_H

#include "base/clock.h"

/* What is believed of bursts that nobody has measured: they last about so long. */
#define GILBERT_PRIOR_USEC (5 * USEC_PER_MSEC)

struct gilbert {
	double loss; /* share of the time, 0 to 1 */
	double memory; /* correlation of what happens to two packets `span` apart, 0 to 1 */
	usec_t span; /* the interval of the probes that measured it, at least 1 */
	usec_t hidden; /* how long a memory is assumed that is too short to show in such probes */
};

/* A path of which probes `span` apart lose the share `loss` in bursts of `burst` probes. */
struct gilbert gilbert_of(double loss, double burst, usec_t span);
/* That a packet is lost when the one `gap` before or after it was. */
double gilbert_stay(const struct gilbert *g, usec_t gap);
/* That a packet is lost when the one `gap` before or after it was not. */
double gilbert_start(const struct gilbert *g, usec_t gap);
/* After how long little of what was is left (1/e). */
usec_t gilbert_memory_usec(const struct gilbert *g);
/* Mean length of a burst, in probes that are `gap` apart. */
double gilbert_burst(const struct gilbert *g, usec_t gap);

#endif
