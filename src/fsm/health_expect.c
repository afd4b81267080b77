/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Figures about a health check: what was lost, and what a setting is expected to give. */
#include "fsm/health_fsm.h"

#include "fsm/health_seen.h"

#define WINDOW 64u /* bits of health.answered */
#define YEAR_USEC (365.25 * 86400 * 1e6)

unsigned health_loss_permille(const struct health_cfg *cfg, const struct health *h, usec_t now)
{
	unsigned in_flight = h->unanswered - health_missing(cfg, h, now);
	unsigned lost = 0;

	if (in_flight >= h->window)
		return 0;
	for (unsigned i = in_flight; i < h->window; i++)
		lost += !(h->answered >> i & 1);
	return lost * 1000 / (h->window - in_flight);
}

/*
 * Probes from before the tunnel came up were lost for other reasons than chance, and so may be
 * those that are missing while it is suspect.
 */
bool health_loss_is_known(const struct health_cfg *cfg, const struct health *h, usec_t now)
{
	usec_t interval = usec_min(cfg->interval, USEC_NEVER / 2 / WINDOW);

	return h->state == HEALTH_UP && h->window >= WINDOW &&
	       usec_since(h->usable_since, now) > WINDOW * interval;
}

/* By squaring: no libm for one function, and no long loop for a long silence. */
static double power(double base, unsigned n)
{
	double result = 1;

	while (n > 0) {
		if (n & 1)
			result *= base;
		base *= base;
		n >>= 1;
	}
	return result;
}

/*
 * With n = health_misses_needed() probes per silence, interval T and loss p of a probe's round
 * trip:
 *
 * Detection: the n-th probe after the last reply is given up (n + 1/2) T after that reply, or
 * the silence is over, whichever is later.  The fault comes between 0 and T after the last
 * reply, T/2 on average.  (Jitter adds to it up to half a silence; a fault on the way out adds
 * the rest of the round trip of what had already passed.)
 *
 * False alarms: a run of n losses begins at a given probe with (1 - p) p^n, and a year has
 * year / T probes.  Signs of life besides replies make it rarer still: this is the upper bound.
 */
struct health_expectation health_expect(const struct health_cfg *cfg, double loss)
{
	usec_t interval = usec_max(cfg->interval, 1);
	unsigned n = health_misses_needed(cfg);
	usec_t given_up = usec_min(interval, USEC_NEVER / 2 / n) * n + interval / 2;
	struct health_expectation e = { .detect_max = cfg->by_time
							      ? cfg->silence
							      : usec_max(cfg->silence, given_up) };

	e.detect = e.detect_max - interval / 2;
	if (loss > 0 && loss < 1)
		e.false_per_year = YEAR_USEC / (double)interval * (1 - loss) * power(loss, n);
	return e;
}
