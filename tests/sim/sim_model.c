/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doc/detection.md against the state machine: over a grid of loss, bursts, settings, round trips
 * and signs of life, the line is measured by fsm/loss as it is in earnest, fsm/health_model says
 * from that what to expect, and the state machine is run to see what happens.
 */
#include "base/list.h"
#include "line.h"

#include <string.h>

#define SEEDS 4u /* of each cell; 1,024 in all */
#ifdef SIM_QUICK
#define PROBES 8000u /* of each seed */
#define COMPARED 3u /* cells with enough events, at least */
#else
#define PROBES 24000u
#define COMPARED 40u
#endif
#define FAULTS 12u /* of each seed */
#define ENOUGH 200 /* events that make a rate worth comparing */
#define MANY 500 /* bursts that make a measured loss worth comparing */
#define TOLERANCE 0.20

static const struct setting {
	const char *name;
	usec_t interval, silence;
} settings[] = {
	{ "three", 10 * MS, 30 * MS }, /* the least there is */
	{ "fast", 5 * MS, 30 * MS },
	{ "normal", 100 * MS, 500 * MS },
	{ "ten", 20 * MS, 200 * MS },
};

static const double losses[] = { 0.001, 0.01, 0.03, 0.1 };
static const double bursts[] = { 1, 2, 4, 8 };

static const struct variant {
	const char *name;
	double life; /* intervals between signs of life; 0: none */
	bool far; /* round trips of most of a silence: copies come too late to help */
	bool out_only;
} variants[] = {
	{ "near", 0, false, false },
	{ "far", 0, true, false },
	{ "life", 0.7, false, false },
	{ "out", 0.7, false, true },
};

struct cell {
	const struct setting *setting;
	const struct variant *variant;
	double loss, burst;
	struct health_cfg cfg;
	struct loss learnt;
	double usec, false_alarms; /* of all seeds */
	double detect_usec;
	unsigned faults;
};

struct total {
	unsigned cells, compared, bounded;
	double worst_rate, worst_detect, worst_loss;
};

/* No multiple of anything else: nothing real happens in the same microsecond. */
static usec_t round_trip(const struct cell *c)
{
	return c->variant->far ? c->cfg.silence * 6 / 10 + 137 : MS + 37;
}

static void wait_usable(struct sim_check *s)
{
	sim_run(s, 3600 * S, true);
	sim_require(s, health_is_usable(&s->h), "an hour without three replies in a row");
}

static void one_fault(struct cell *c, struct sim_check *s)
{
	usec_t from;

	sim_run(s, (usec_t)((40 + 10 * line_draw(&s->line)) * (double)c->cfg.interval), -1);
	wait_usable(s);
	from = s->now;
	s->cut = true; /* near us: what is on the way is gone as well */
	sim_run(s, 600 * S, false);
	sim_require(s, !health_is_usable(&s->h), "a cut was not noticed");
	c->detect_usec += (double)(s->now - from);
	c->faults++;
	s->cut = false;
	wait_usable(s);
}

static void run_seed(struct cell *c, uint64_t seed)
{
	double bad = line_bad_usec(c->loss, c->burst, c->cfg.interval);
	struct line line = line_of(bad > 0 ? LINE_TIME : LINE_CHANCE, c->loss, bad, seed);
	struct sim_check s = sim_check_of(&c->cfg, line, &c->learnt);
	struct loss unused = { 0 };
	usec_t from;

	s.rtt = round_trip(c);
	s.out_only = c->variant->out_only;
	if (c->variant->life > 0)
		sim_set_life(&s, (usec_t)(c->variant->life * (double)c->cfg.interval));
	wait_usable(&s);
	s.downs = 0;
	from = s.now;
	sim_run(&s, PROBES * c->cfg.interval, -1);
	c->usec += (double)(s.now - from);
	c->false_alarms += (double)s.downs;
	s.loss = &unused; /* faults are none of what it is to learn */
	for (unsigned i = 0; i < FAULTS; i++)
		one_fault(c, &s);
}

static struct health_path path_of(const struct cell *c)
{
	const struct loss_estimate e = loss_estimate(&c->learnt, c->cfg.interval);

	return (struct health_path){
		.chain = e.path,
		.rtt = round_trip(c),
		.life = c->variant->life > 0 ? (usec_t)(c->variant->life * (double)c->cfg.interval)
					     : USEC_NEVER,
	};
}

static void require(const struct cell *c, bool truth, const char *what, double predicted,
		    double seen)
{
	if (truth)
		return;
	printf("%s %s, loss %.3f, burst %.0f: %s: predicted %g, simulated %g\n", c->setting->name,
	       c->variant->name, c->loss, c->burst, what, predicted, seen);
	exit(1);
}

static double off(double predicted, double seen)
{
	return fabs(predicted / seen - 1);
}

/* What is left of the loss when runs that count as outages are left out of it. */
static double chance_loss(const struct cell *c)
{
	double k = health_outage_probes(&c->cfg), b = 1 / fmax(c->burst, 1 / (1 - c->loss));

	return c->loss * (1 - pow(1 - b, k - 1) * (k * b + 1 - b));
}

static void check_loss(const struct cell *c, struct total *t)
{
	const struct loss_estimate e = loss_estimate(&c->learnt, c->cfg.interval);
	double truth = chance_loss(c);

	require(c, e.known, "the estimate should be known", e.probes, e.probes);
	if (c->learnt.bursts < MANY)
		return;
	require(c, off(e.path.loss, truth) <= TOLERANCE, "loss", e.path.loss, truth);
	require(c, off(e.burst, fmax(c->burst, 1 / (1 - c->loss))) <= TOLERANCE, "burst", e.burst,
		c->burst);
	t->worst_loss = fmax(t->worst_loss, off(e.path.loss, truth));
}

static void check_rate(const struct cell *c, const struct health_expectation *e, struct total *t)
{
	double expected = e->false_per_year * c->usec / YEAR, seen = c->false_alarms;

	/* Where only questions are lost the model gives the worse case, as it must. */
	if (seen < ENOUGH || c->variant->out_only) {
		require(c, seen <= 1.2 * expected + 3 * sqrt(expected) + 3,
			"more false alarms than the bound", expected, seen);
		t->bounded++;
		return;
	}
	require(c, off(expected, seen) <= TOLERANCE, "false alarms", expected, seen);
	t->worst_rate = fmax(t->worst_rate, off(expected, seen));
	t->compared++;
}

static void check_detection(const struct cell *c, const struct health_expectation *e,
			    struct total *t)
{
	double seen = c->detect_usec / c->faults;

	require(c, off((double)e->detect, seen) <= TOLERANCE, "detection, usec", (double)e->detect,
		seen);
	t->worst_detect = fmax(t->worst_detect, off((double)e->detect, seen));
}

static void run_cell(struct cell *c, struct total *t)
{
	struct health_path path;
	struct health_expectation e;

	c->cfg = (struct health_cfg){ .interval = c->setting->interval,
				      .silence = c->setting->silence,
				      .patience = HEALTH_PATIENCE,
				      .repeats = true };
	for (unsigned i = 0; i < SEEDS; i++)
		run_seed(c, (uint64_t)t->cells * SEEDS + i);
	path = path_of(c);
	e = health_model(&c->cfg, &path);
	t->cells++;
	if (getenv("SIM_VERBOSE"))
		printf("%-6s %-4s loss %.3f burst %.0f: measured %.4f %.2f; false %.1f of %.0f; "
		       "detect %.1f of %.1f ms\n",
		       c->setting->name, c->variant->name, c->loss, c->burst, path.chain.loss,
		       loss_estimate(&c->learnt, c->cfg.interval).burst,
		       e.false_per_year * c->usec / YEAR, c->false_alarms, (double)e.detect / 1e3,
		       c->detect_usec / c->faults / 1e3);
	check_loss(c, t);
	check_rate(c, &e, t);
	check_detection(c, &e, t);
}

int main(void)
{
	struct total t = { 0 };

	for (size_t s = 0; s < ARRAY_LEN(settings); s++)
		for (size_t v = 0; v < ARRAY_LEN(variants); v++)
			for (size_t l = 0; l < ARRAY_LEN(losses); l++)
				for (size_t b = 0; b < ARRAY_LEN(bursts); b++) {
					struct cell c = { .setting = &settings[s],
							  .variant = &variants[v],
							  .loss = losses[l],
							  .burst = bursts[b] };

					run_cell(&c, &t);
				}
	printf("%u cells, %u seeds of %u probes: false failovers predicted within %.0f %% in %u "
	       "cells with %d events or more, below the bound in %u; detection within %.0f %%; "
	       "loss within %.0f %%\n",
	       t.cells, t.cells * SEEDS, PROBES, t.worst_rate * 100, t.compared, ENOUGH, t.bounded,
	       t.worst_detect * 100, t.worst_loss * 100);
	/* A grid that compares nothing would prove nothing. */
	return t.compared >= COMPARED ? 0 : 1;
}
