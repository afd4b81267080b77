/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/measure.h"

#include <math.h>

#define LIFE_MEMORY_USEC (1800 * USEC_PER_SEC)
#define LIFE_LEAST 0.05 /* of all intervals: a peer that speaks less often does not help */
#define LATE_USEC (300 * USEC_PER_SEC)
#define SURPLUS_MIN (-64)

/*
 * A reply is counted by futae-esp a little before it gets here, so it may look like life for a
 * moment.  The debt that this leaves behind cancels the next one.
 */
static bool life_came(struct measure *m, uint64_t packets, uint64_t replies)
{
	uint64_t more = packets - m->packets, answered = replies - m->replies;
	bool anew = !m->counting || packets < m->packets;
	bool came;

	m->packets = packets;
	m->replies = replies;
	m->counting = true;
	if (anew)
		return false;
	more = more < 1000000 ? more : 1000000;
	answered = answered < 1000000 ? answered : 1000000;
	m->surplus += (int64_t)more - (int64_t)answered;
	came = m->surplus > 0;
	if (came)
		m->surplus = 0;
	m->surplus = m->surplus > SURPLUS_MIN ? m->surplus : SURPLUS_MIN;
	return came;
}

void measure_turn(struct measure *m, const struct health_cfg *cfg, const struct health *h,
		  uint64_t packets, uint64_t replies, usec_t now)
{
	double keep = 1 - fmin((double)cfg->interval / (double)LIFE_MEMORY_USEC, 1);
	bool came = life_came(m, packets, replies);

	measure_late(m, 0, now);
	if (!h->has_sa || h->state == HEALTH_ADMIN) {
		loss_gap(&m->loss);
		return;
	}
	loss_sent(&m->loss, cfg->interval, health_outage_probes(cfg));
	/* A dead path shows how it dies, not how it lives. */
	if (!health_is_usable(h))
		return;
	m->turns = m->turns * keep + 1;
	m->life_turns = m->life_turns * keep + came;
}

void measure_late(struct measure *m, usec_t late, usec_t now)
{
	if (usec_since(m->late_turn, now) >= LATE_USEC) {
		m->late[1] = usec_since(m->late_turn, now) < 2 * LATE_USEC ? m->late[0] : 0;
		m->late[0] = 0;
		m->late_turn = now;
	}
	m->late[0] = usec_max(m->late[0], late);
}

usec_t measure_worst_late(const struct measure *m)
{
	return usec_max(m->late[0], m->late[1]);
}

usec_t measure_life(const struct measure *m, const struct health_cfg *cfg)
{
	if (m->turns < 1 || m->life_turns < m->turns * LIFE_LEAST)
		return USEC_NEVER;
	return (usec_t)((double)cfg->interval * m->turns / m->life_turns);
}

struct health_path measure_path(const struct measure *m, const struct health_cfg *cfg,
				const struct health *h)
{
	return (struct health_path){ .chain = loss_estimate(&m->loss, cfg->interval).path,
				     .rtt = h->srtt,
				     .rttvar = h->rttvar,
				     .life = measure_life(m, cfg),
				     .late = measure_worst_late(m) };
}
