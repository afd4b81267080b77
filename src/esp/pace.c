/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/pace.h"

static bool is_stream(const struct pace *p)
{
	return p->turns >= PACE_TURNS && p->packets < p->turns * PACE_BATCH;
}

usec_t pace_step(struct pace *p, usec_t from, usec_t to, unsigned packets)
{
	usec_t rest = 0;

	p->busy += usec_since(from, to);
	p->packets += packets;
	p->turns++;
	if (usec_since(p->window, to) >= PACE_WINDOW) {
		/* Measured against the time that really went by: a turn may be longer than a
		 * window. */
		if (p->busy >= usec_since(p->window, to) / 10 * 9)
			rest = usec_since(p->window, to) / (PACE_WINDOW / PACE_REST);
		p->gather = is_stream(p) || (p->gather && p->turns >= PACE_TURNS / 2);
		p->window = to;
		p->busy = 0;
		p->turns = p->packets = 0;
		return usec_min(rest, USEC_PER_MSEC);
	}
	return p->gather && packets < PACE_BATCH ? PACE_GATHER : 0;
}
