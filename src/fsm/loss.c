/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/loss.h"

#include <math.h>

/* The prior: one probe of a thousand lost, in bursts of GILBERT_PRIOR_USEC.  It weighs as much as
 * so many probes, and as so many lost ones for the length of bursts. */
#define PRIOR_LOSS 0.001
#define PRIOR_PROBES 1000.0
#define PRIOR_LOST 2.0
#define HIDDEN_LOST 20.0 /* probes that tell how long bursts are */

static void age(struct loss *l, usec_t interval)
{
	double keep = 1 - fmin((double)interval / (double)LOSS_MEMORY_USEC, 1);

	l->probes *= keep;
	l->lost *= keep;
	l->bursts *= keep;
	l->outages *= keep;
	if (l->hidden_usec > 0)
		l->hidden_usec += (1 - keep) * ((double)GILBERT_PRIOR_USEC - l->hidden_usec);
}

/* A run counts as a whole when it is over: only then is it known what it was. */
static void settle(struct loss *l, bool answered, uint32_t outage)
{
	if (!answered) {
		l->run += l->run < UINT32_MAX;
		return;
	}
	if (l->run > 0 && l->run < outage) {
		l->probes += l->run;
		l->lost += l->run;
		l->bursts++;
	} else if (l->run > 0) {
		l->outages++;
	}
	l->run = 0;
	l->probes++;
}

void loss_sent(struct loss *l, usec_t interval, uint32_t outage)
{
	age(l, interval);
	if (l->pending == LOSS_WINDOW)
		settle(l, l->answered >> (LOSS_WINDOW - 1) & 1, outage);
	else
		l->pending++;
	l->answered <<= 1;
}

void loss_answered(struct loss *l, uint32_t age_probes)
{
	if (age_probes < l->pending)
		l->answered |= UINT64_C(1) << age_probes;
}

void loss_gap(struct loss *l)
{
	l->answered = 0;
	l->pending = l->run = 0;
}

static usec_t hidden(const struct loss *l)
{
	return l->hidden_usec > 0 ? (usec_t)l->hidden_usec : GILBERT_PRIOR_USEC;
}

void loss_rescale(struct loss *l, usec_t from, usec_t to)
{
	if (l->lost > 0 && l->bursts > 0) {
		struct gilbert g = gilbert_of(l->lost / l->probes, l->lost / l->bursts, from);

		g.hidden = hidden(l);
		if (to > from && l->lost >= HIDDEN_LOST)
			l->hidden_usec = fmax((double)gilbert_memory_usec(&g), 1);
		l->bursts = l->lost / gilbert_burst(&g, to);
	}
	loss_gap(l);
}

struct loss_estimate loss_estimate(const struct loss *l, usec_t interval)
{
	const struct gilbert prior = { .loss = PRIOR_LOSS,
				       .memory =
					       exp(-(double)interval / (double)GILBERT_PRIOR_USEC),
				       .span = usec_max(interval, 1),
				       .hidden = GILBERT_PRIOR_USEC };
	double p = (l->lost + PRIOR_LOSS * PRIOR_PROBES) / (l->probes + PRIOR_PROBES);
	double ends = l->bursts + PRIOR_LOST * (1 - gilbert_stay(&prior, interval));
	double burst = (l->lost + PRIOR_LOST) / fmax(ends, 1e-9);

	struct loss_estimate e = { .path = gilbert_of(p, burst, interval),
				   .burst = burst,
				   .probes = l->probes,
				   .known = l->probes >= LOSS_ENOUGH };

	e.path.hidden = hidden(l);
	return e;
}
