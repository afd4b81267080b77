/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/health_auto.h"

#include "base/list.h"
#include "fsm/loss.h"

#include <stdio.h>

#define MS USEC_PER_MSEC
/* A silence is at least so many times as long as our own loop was late, for what we sleep through
 * is not seen of the peer either. */
#define LATE_SILENCES 4u
/* It is not worth a change above that, and the figures change by themselves. */
#define WORTH 0.8 /* of the detection time, or of the false failovers */
#define RESERVE 0.5 /* of the budget, for being faster */

static const usec_t intervals[] = { 5 * MS,   10 * MS,  20 * MS,   50 * MS,  100 * MS,
				    200 * MS, 500 * MS, 1000 * MS, 2000 * MS };
static const unsigned misses[] = { 5, 6, 8, 10, 12, 16, 24 };

struct health_auto health_auto_start(const struct health_auto_cfg *cfg, usec_t now)
{
	usec_t silence = usec_min(usec_max(500 * MS, cfg->fastest), cfg->slowest);
	usec_t interval = intervals[0];

	for (size_t i = 1; i < ARRAY_LEN(intervals); i++)
		if (intervals[i] * misses[0] <= silence)
			interval = intervals[i];
	/* What is not even five of the shortest is three of its own. */
	if (interval * misses[0] > silence)
		interval = usec_max(silence / HEALTH_STREAK, 1);
	return (struct health_auto){ .interval = interval,
				     .silence = silence,
				     .why = HEALTH_AUTO_START,
				     .changed = now,
				     .judged = now };
}

struct search {
	const struct health_auto_cfg *cfg;
	const struct health_cfg *now_cfg;
	const struct health_path *path;
	usec_t shortest; /* interval and */
	usec_t least; /* silence that may be chosen */
};

struct choice {
	usec_t interval, silence; /* 0: none */
	struct health_expectation e;
};

static struct health_expectation expect(const struct search *s, usec_t interval, usec_t silence)
{
	struct health_cfg cfg = *s->now_cfg;

	cfg.interval = interval;
	cfg.silence = silence;
	return health_model(&cfg, s->path);
}

/* Of two that are about as fast, the one that asks less often; of those too bad, the better. */
static bool is_better(const struct choice *a, const struct choice *b, double budget)
{
	bool good = a->e.false_per_year <= budget;

	if (b->interval == 0)
		return true;
	if (good != (b->e.false_per_year <= budget))
		return good;
	if (!good)
		return a->e.false_per_year < b->e.false_per_year;
	if (a->interval > b->interval)
		return (double)a->e.detect <= 1.1 * (double)b->e.detect;
	return (double)a->e.detect * 1.1 < (double)b->e.detect;
}

static struct choice search(const struct search *s, double budget)
{
	struct choice best = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(intervals); i++)
		for (size_t m = 0; intervals[i] >= s->shortest && m < ARRAY_LEN(misses); m++) {
			struct choice c = { .interval = intervals[i] };

			c.silence = usec_max(intervals[i] * misses[m], s->least);
			c.silence = usec_min(c.silence, s->cfg->slowest);
			if (c.silence < intervals[i] * misses[0])
				break;
			c.e = expect(s, c.interval, c.silence);
			if (is_better(&c, &best, budget))
				best = c;
			/* More misses only take longer. */
			if (c.e.false_per_year <= budget)
				break;
		}
	return best;
}

static struct health_auto change(struct health_auto a, const struct choice *c,
				 enum health_auto_why why, const struct health_path *path,
				 usec_t now)
{
	a.loss = path->chain.loss;
	a.burst = gilbert_burst(&path->chain, a.interval);
	a.late = path->late;
	a.interval = c->interval;
	a.silence = c->silence;
	a.false_per_year = c->e.false_per_year;
	a.why = why;
	a.changed = now;
	return a;
}

struct health_auto health_auto_step(const struct health_auto_cfg *cfg, struct health_auto a,
				    const struct health_cfg *now_cfg,
				    const struct health_path *path, double probes, bool calm,
				    usec_t now)
{
	struct search s = { .cfg = cfg, .now_cfg = now_cfg, .path = path };
	bool late = a.silence < usec_min(LATE_SILENCES * path->late, cfg->slowest);
	struct health_expectation e;
	struct choice c;

	if (!calm || usec_since(a.judged, now) < HEALTH_AUTO_PAUSE_USEC)
		return a;
	a.judged = now;
	if (probes < LOSS_ENOUGH && !late)
		return a;
	s.least = usec_min(usec_max(cfg->fastest, LATE_SILENCES * path->late), cfg->slowest);
	e = expect(&s, a.interval, a.silence);
	if (late || e.false_per_year > cfg->budget) {
		c = search(&s, cfg->budget * RESERVE);
		if (c.interval && (late || c.e.false_per_year < WORTH * e.false_per_year))
			return change(a, &c, late ? HEALTH_AUTO_LATE : HEALTH_AUTO_BUDGET, path,
				      now);
		return a;
	}
	/* One step at a time: what happens between two probes shows only when they are closer. */
	s.shortest = a.interval * 2 / 5;
	c = search(&s, cfg->budget * RESERVE);
	if (c.interval && c.e.false_per_year <= cfg->budget * RESERVE &&
	    (double)c.e.detect <= WORTH * (double)e.detect)
		return change(a, &c, HEALTH_AUTO_FASTER, path, now);
	return a;
}

/* Of what is so rare, or so frequent, nobody wants the digits. */
static const char *rate_text(double per_year, char *out, size_t size)
{
	if (per_year < 1e-6)
		(void)snprintf(out, size, "hardly any");
	else
		(void)snprintf(out, size, per_year < 99.5 ? "%.2g" : "%.0f", per_year);
	return out;
}

const char *health_auto_text(const struct health_auto *a, char *out, size_t size)
{
	double interval = (double)a->interval / 1e3, silence = (double)a->silence / 1e3;
	char rate[40];

	(void)rate_text(a->false_per_year, rate, sizeof(rate));
	if (a->why == HEALTH_AUTO_START)
		(void)snprintf(out, size, "auto uses %gms/%gms until enough is known of the path",
			       interval, silence);
	else if (a->why == HEALTH_AUTO_LATE)
		(void)snprintf(out, size,
			       "auto chose %gms/%gms, for this node was late by %.0f ms itself: "
			       "%s false failovers a year",
			       interval, silence, (double)a->late / 1e3, rate);
	else
		(void)snprintf(out, size,
			       "auto chose %gms/%gms%s: measured loss %.2g %% in bursts of %.1f: "
			       "%s false failovers a year",
			       interval, silence,
			       a->why == HEALTH_AUTO_BUDGET ? " to keep to the budget" : "",
			       a->loss * 100, a->burst, rate);
	return out;
}
