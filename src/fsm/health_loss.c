/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was lost of the last few probes; fsm/loss knows about the last hours. */
#include "fsm/health_fsm.h"

#include "fsm/health_seen.h"

#define WINDOW 64u /* bits of health.answered */

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
