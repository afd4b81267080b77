/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/gilbert.h"

#include <math.h>

/* Probes tell nothing of bursts shorter than a fifth of their interval: e^-5 is lost in noise. */
#define BLIND 5.0

static double bounded(double x, double low, double high)
{
	return x > low ? x < high ? x : high : low;
}

struct gilbert gilbert_of(double loss, double burst, usec_t span)
{
	double p = bounded(loss, 0, 1), stay = 1 - 1 / bounded(burst, 1, 1e9);

	return (struct gilbert){ .loss = p,
				 .memory = p < 1 ? bounded((stay - p) / (1 - p), 0, 1) : 0,
				 .span = usec_max(span, 1),
				 .hidden = GILBERT_PRIOR_USEC };
}

/* For gaps below the span that measured it, a memory that does not show there is assumed. */
static double memory(const struct gilbert *g, usec_t gap)
{
	double span = (double)g->span, at = (double)gap;

	if (gap >= g->span || g->memory > exp(-BLIND))
		return g->memory > 0 ? pow(g->memory, at / span) : 0;
	return exp(-at / fmax(fmin(span / BLIND, (double)g->hidden), 1e-3));
}

usec_t gilbert_memory_usec(const struct gilbert *g)
{
	double span = (double)g->span;

	if (g->memory >= 1)
		return USEC_NEVER;
	if (g->memory > exp(-BLIND))
		return (usec_t)fmin(-span / log(g->memory), (double)(USEC_NEVER / 2));
	return usec_min((usec_t)(span / BLIND), g->hidden);
}

double gilbert_stay(const struct gilbert *g, usec_t gap)
{
	return g->loss + (1 - g->loss) * memory(g, gap);
}

double gilbert_start(const struct gilbert *g, usec_t gap)
{
	return g->loss * (1 - memory(g, gap));
}

double gilbert_burst(const struct gilbert *g, usec_t gap)
{
	return 1 / fmax(1 - gilbert_stay(g, gap), 1e-9);
}
