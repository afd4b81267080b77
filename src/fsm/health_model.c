/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names in here are those of doc/detection.md: T, S, n, D, A. */
#include "fsm/health_model.h"

#include "fsm/health_seen.h"

#include <math.h>

#define YEAR_USEC (365.25 * 86400 * 1e6)
#define PHASES 6u /* of one clock against another, to average over */
/* This runs where packets wait.  Of longer silences less is looked at, and that makes the figure
 * higher, never lower. */
#define STEPS_MAX 512u /* packets in one silence */
#define ENDS_MAX 64u /* signs of life that may have been the last */
#define NEGLIGIBLE 1e-3
#define OUTAGE_MIN 32u

struct plan {
	const struct health_cfg *cfg;
	const struct health_path *path;
	usec_t t, s, d, a; /* interval, silence, grace of a reply, and when the n-th is missing */
	unsigned n;
	usec_t life; /* between two signs of it */
	usec_t copies; /* no copy of a probe can be answered before that */
};

static struct plan plan_of(const struct health_cfg *cfg, const struct health_path *p)
{
	struct plan pl = { .cfg = cfg, .path = p, .s = cfg->silence, .life = usec_max(p->life, 1) };

	pl.t = usec_max(usec_min(cfg->interval, USEC_NEVER / 4), 1);
	pl.n = health_misses_needed(cfg);
	pl.d = usec_max(usec_min(4 * usec_min(p->rttvar, USEC_NEVER / 8), pl.s / 2), pl.t / 2);
	pl.a = usec_max(usec_add(usec_min(pl.t, USEC_NEVER / 2 / pl.n) * pl.n, pl.d), pl.s);
	if (cfg->by_time) { /* silence alone decides */
		pl.n = (unsigned)usec_max(1, usec_min(pl.s / pl.t, UINT32_MAX));
		pl.d = 0;
		pl.a = pl.s;
	}
	pl.copies = usec_add(usec_add(pl.t, pl.d), p->rtt);
	return pl;
}

/* When, since the last reply, replies to the next probes and their copies would come. */
struct replies {
	const struct plan *plan;
	usec_t regular, next;
	unsigned copy;
};

static usec_t next_reply(struct replies *r)
{
	const struct plan *pl = r->plan;
	usec_t quick = health_quick_usec(pl->cfg), at = r->next;

	do {
		if (quick && r->copy + 1 < HEALTH_COPIES && (r->copy + 1) * quick < pl->t) {
			r->copy++;
		} else {
			r->copy = 0;
			r->regular = usec_add(r->regular, pl->t);
		}
		r->next = usec_add(r->regular, r->copy * quick);
	} while (r->copy > 0 && r->next < pl->copies);
	return at;
}

static struct replies replies_of(const struct plan *pl)
{
	return (struct replies){ .plan = pl, .regular = pl->t, .next = pl->t };
}

/* A path in the eyes of one packet after the other; `p` that all fared as asked. */
struct walk {
	const struct gilbert *g;
	usec_t last;
	bool lost;
	double p;
};

static void meet(struct walk *w, usec_t at, bool lost)
{
	double bad = w->lost ? gilbert_stay(w->g, at - w->last) : gilbert_start(w->g, at - w->last);

	w->p *= lost ? bad : 1 - bad;
	w->last = at;
	w->lost = lost;
}

/*
 * After a reply at 0, that none comes before `until`, and of signs of life at `phase` and each
 * `life` from there, the one at `good` (USEC_NEVER: none) does and those after `after` do not.
 */
static double nothing_comes(const struct plan *pl, usec_t until, usec_t phase, usec_t good,
			    usec_t after)
{
	struct walk w = { .g = &pl->path->chain, .p = 1 };
	struct replies r = replies_of(pl);
	usec_t reply = next_reply(&r), life = phase;

	for (unsigned i = 0; i < STEPS_MAX && w.p > 1e-30; i++) {
		usec_t at = usec_min(reply, life);

		if (at >= until)
			break;
		if (at == reply) {
			meet(&w, at, true);
			reply = next_reply(&r);
			continue;
		}
		if (life == good)
			meet(&w, at, false);
		else if (life > after)
			meet(&w, at, true);
		life = usec_add(life, pl->life);
	}
	return w.p;
}

/* No reply for A, no sign of life for S, whichever is complete last. */
static double silence(const struct plan *pl, usec_t phase)
{
	usec_t gap = pl->life, before = pl->a - pl->s, end = health_patience_usec(pl->cfg);
	double sum = nothing_comes(pl, pl->a, phase, USEC_NEVER, before);
	usec_t last = phase;

	if (last <= before)
		last = usec_add(last, ((before - last) / gap + 1) * gap);
	for (unsigned i = 0; usec_add(last, pl->s) < end; i++) {
		if (i == ENDS_MAX)
			return nothing_comes(pl, pl->a, USEC_NEVER, USEC_NEVER, USEC_NEVER);

		double p = nothing_comes(pl, usec_add(last, pl->s), phase, last, last);

		sum += p;
		if (p <= sum * NEGLIGIBLE)
			break;
		last = usec_add(last, gap);
	}
	return sum;
}

static double false_per_usec(const struct plan *pl)
{
	double replies = (1 - pl->path->chain.loss) / (double)pl->t, sum = 0;
	usec_t gap = pl->life, patience = health_patience_usec(pl->cfg);

	if (gap == USEC_NEVER)
		return replies * nothing_comes(pl, pl->a, USEC_NEVER, USEC_NEVER, USEC_NEVER);
	for (unsigned i = 0; i < PHASES; i++)
		sum += silence(pl, gap / PHASES * i + gap / PHASES / 2);
	/* Where only questions are lost, life goes on and the patience decides.  Where they are
	 * lost is not known: the worse of the two. */
	return replies * fmax(sum / PHASES, nothing_comes(pl, usec_max(patience, pl->a), USEC_NEVER,
							  USEC_NEVER, USEC_NEVER));
}

/* Of the phases u of our probes and v of signs of life, after k probes lost by chance already. */
static double decision(const struct plan *pl, double u, double v, unsigned k)
{
	double gone = k * (double)pl->t, gap = (double)pl->life;
	double reply = (double)pl->a - u * (double)pl->t - gone;

	if (pl->life == USEC_NEVER)
		return fmax(reply, 0);
	return fmax(fmax(reply, (double)pl->s - v * gap - floor(gone / gap) * gap), 0);
}

static double average_decision(const struct plan *pl, unsigned k)
{
	unsigned vs = pl->life == USEC_NEVER ? 1 : PHASES;
	double sum = 0;

	for (unsigned u = 0; u < PHASES; u++)
		for (unsigned v = 0; v < vs; v++)
			sum += decision(pl, (u + .5) / PHASES, (v + .5) / PHASES, k);
	return sum / (PHASES * vs);
}

static double detection(const struct plan *pl)
{
	const struct gilbert *g = &pl->path->chain;
	double stay = gilbert_stay(g, pl->t), sum = 0, all = 0, p = 1 - g->loss;

	for (unsigned k = 0; k < pl->n && k < STEPS_MAX; k++) {
		sum += p * average_decision(pl, k);
		all += p;
		p = k == 0 ? g->loss * (1 - stay) : p * stay;
		if (p <= all * NEGLIGIBLE)
			break;
	}
	return sum / all;
}

struct health_expectation health_model(const struct health_cfg *cfg, const struct health_path *p)
{
	struct plan pl = plan_of(cfg, p);
	double mean = detection(&pl);
	struct health_expectation e = { .detect_max = usec_add(pl.a, p->late) };

	e.detect = mean < (double)(USEC_NEVER / 4) ? (usec_t)(mean + .5) : USEC_NEVER / 4;
	if (p->chain.loss > 0 && p->chain.loss < 1)
		e.false_per_year = YEAR_USEC * false_per_usec(&pl);
	return e;
}

uint32_t health_outage_probes(const struct health_cfg *cfg)
{
	unsigned n = health_misses_needed(cfg);

	return n < UINT32_MAX / HEALTH_PATIENCE
		       ? (uint32_t)usec_max(OUTAGE_MIN, (usec_t)n * HEALTH_PATIENCE)
		       : UINT32_MAX;
}
