/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/grade_fsm.h"

#include "fsm/span.h"

#include <stdio.h>

struct grade grade_start(usec_t now)
{
	return (struct grade){ .since = now,
			       .answers_since = USEC_NEVER,
			       .loss_since = USEC_NEVER,
			       .delay_since = USEC_NEVER,
			       .good_since = USEC_NEVER,
			       .damp = DAMP_START };
}

/* The probes that went missing while it did not work are no loss of a path that does. */
static bool loss_is_known(const struct grade_cfg *cfg, const struct grade *g,
			  const struct grade_seen *seen, usec_t now)
{
	usec_t interval = usec_min(usec_max(cfg->interval, 1), USEC_NEVER / 128);

	return seen->window_full && usec_since(g->answers_since, now) > 64 * interval;
}

static void mark(usec_t *since, bool bad, usec_t now)
{
	if (!bad)
		*since = USEC_NEVER;
	else if (*since == USEC_NEVER)
		*since = now;
}

static bool is_confirmed(const struct grade_cfg *cfg, usec_t since, unsigned intervals, usec_t now)
{
	usec_t interval = usec_min(cfg->interval, USEC_NEVER / GRADE_CONFIRM_LOSS);

	return since != USEC_NEVER &&
	       usec_since(since, now) >= usec_max(GRADE_CONFIRM, intervals * interval);
}

/* Once above the limit, chance alone takes it a little below now and then. */
static bool is_lossy(const struct grade_cfg *cfg, const struct grade *g,
		     const struct grade_seen *seen)
{
	unsigned limit =
		g->loss_since == USEC_NEVER ? cfg->loss_permille : cfg->loss_permille / 4 * 3;

	return cfg->loss_permille && seen->loss_permille >= limit;
}

static enum grade_cause find_cause(const struct grade_cfg *cfg, struct grade *g,
				   const struct grade_seen *seen, usec_t now)
{
	if (loss_is_known(cfg, g, seen, now))
		mark(&g->loss_since, is_lossy(cfg, g, seen), now);
	if (seen->rtt)
		mark(&g->delay_since, cfg->delay && seen->rtt >= cfg->delay, now);
	if (seen->big_broken) /* three losses in a row have confirmed that already */
		return GRADE_BIG_PACKETS;
	if (is_confirmed(cfg, g->loss_since, GRADE_CONFIRM_LOSS, now))
		return GRADE_LOSS;
	if (is_confirmed(cfg, g->delay_since, GRADE_CONFIRM_DELAY, now))
		return GRADE_DELAY;
	return GRADE_GOOD;
}

/* Half of the loss, three quarters of the delay: who is just below the limit will be above it soon.
 */
static bool is_well(const struct grade_cfg *cfg, const struct grade *g,
		    const struct grade_seen *seen, usec_t now)
{
	if (seen->big_broken)
		return false;
	if (cfg->loss_permille &&
	    (!loss_is_known(cfg, g, seen, now) || seen->loss_permille > cfg->loss_permille / 2))
		return false;
	return !cfg->delay || seen->rtt <= cfg->delay / 4 * 3;
}

static bool enter(struct grade *g, enum grade_cause cause, const struct grade_seen *seen,
		  usec_t now)
{
	if (g->cause == cause)
		return false;
	g->cause = cause;
	g->since = now;
	g->why = *seen;
	return true;
}

static bool recover(const struct grade_cfg *cfg, struct grade *g, const struct grade_seen *seen,
		    usec_t now)
{
	bool was = g->good_since != USEC_NEVER;

	mark(&g->good_since, is_well(cfg, g, seen, now), now);
	if (g->good_since == USEC_NEVER)
		return false;
	if (!was) {
		g->penalty = damp_extra(&cfg->damp, &g->damp, cfg->restore, now);
		g->hold = usec_add(cfg->restore, g->penalty);
	}
	return usec_since(g->good_since, now) >= g->hold && enter(g, GRADE_GOOD, seen, now);
}

struct grade_step grade_step(const struct grade_cfg *cfg, struct grade g,
			     const struct grade_seen *seen, usec_t now)
{
	enum grade_cause cause;
	bool changed = false;

	/* A path that does not work keeps the grade it had: coming back is no improvement. */
	if (!seen->answers) {
		g.answers_since = g.loss_since = g.delay_since = g.good_since = USEC_NEVER;
		return (struct grade_step){ g, false };
	}
	mark(&g.answers_since, true, now);
	cause = find_cause(cfg, &g, seen, now);
	if (cause != GRADE_GOOD && g.cause == GRADE_GOOD)
		g.damp = damp_fail(&cfg->damp, g.damp, now);
	if (cause != GRADE_GOOD) {
		changed = enter(&g, cause, seen, now);
		g.good_since = USEC_NEVER;
	} else if (g.cause != GRADE_GOOD) {
		changed = recover(cfg, &g, seen, now);
	}
	if (g.cause == GRADE_GOOD)
		g.good_since = USEC_NEVER;
	return (struct grade_step){ g, changed };
}

usec_t grade_good_at(const struct grade *g)
{
	return g->good_since == USEC_NEVER ? USEC_NEVER : usec_add(g->good_since, g->hold);
}

const char *grade_cause_name(enum grade_cause cause)
{
	switch (cause) {
	case GRADE_GOOD:
		return "good";
	case GRADE_LOSS:
		return "loss";
	case GRADE_DELAY:
		return "delay";
	case GRADE_BIG_PACKETS:
		return "big-packets";
	}
	return "?";
}

const char *grade_text(const struct grade_cfg *cfg, const struct grade *g, char *out, size_t size)
{
	char is[SPAN_TEXT], limit[SPAN_TEXT];

	switch (g->cause) {
	case GRADE_GOOD:
		snprintf(out, size, "neither loss nor delay is above its limit");
		break;
	case GRADE_LOSS:
		snprintf(out, size,
			 "%u %% of the probes or their replies are lost, the limit is %u %%",
			 g->why.loss_permille / 10, cfg->loss_permille / 10);
		break;
	case GRADE_DELAY:
		snprintf(out, size, "the round trip takes %s, the limit is %s",
			 span_format(g->why.rtt, is), span_format(cfg->delay, limit));
		break;
	case GRADE_BIG_PACKETS:
		snprintf(out, size, "large packets do not arrive, small ones do");
		break;
	}
	return out;
}
