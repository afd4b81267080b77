/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/pace.h"

/* Much work in small batches; once so, until there is little. */
static bool wants_to_gather(const struct pace *p, usec_t window)
{
	return p->packets < p->turns * PACE_BATCH &&
	       p->busy >= window / 100 * (p->gather ? PACE_CALM : PACE_BUSY);
}

usec_t pace_step(struct pace *p, usec_t from, usec_t to, unsigned packets)
{
	usec_t window = usec_since(p->window, to), rest = 0;

	p->busy += usec_since(from, to);
	p->packets += packets;
	p->turns++;
	if (window < PACE_WINDOW)
		return p->gather && packets < PACE_BATCH ? PACE_GATHER : 0;
	/* Against the time that really went by: one turn may be longer than a window. */
	if (p->busy >= window / 10 * 9)
		rest = usec_min(window / (PACE_WINDOW / PACE_REST), USEC_PER_MSEC);
	p->gather = wants_to_gather(p, window);
	p->window = to;
	p->busy = 0;
	p->turns = p->packets = 0;
	return rest;
}
