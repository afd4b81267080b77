/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `detection: auto` with everything that is behind it, over hours: the path is measured by its own
 * probes, the setting is chosen from that, and the state machine runs with it.  False failovers
 * stay near the budget, the setting comes to rest, and follows a path that changes.
 */
#include "base/list.h"
#include "fsm/health_auto.h"
#include "line.h"

#define HOUR (3600 * S)
#ifdef SIM_QUICK
#define SEEDS 1u
#define LATER 1u /* hours, after the four in which it settles */
#else
#define SEEDS 2u
#define LATER 4u
#endif

static const struct scene {
	const char *name;
	double loss, burst_usec;
	double budget_per_hour; /* large, so that hours show whether it is kept */
	usec_t least, most; /* silence that is right for it */
} scenes[] = {
	{ "short bursts", 0.01, 2e3, 1, 30 * MS, 50 * MS },
	{ "10 ms", 0.01, 10e3, 1, 60 * MS, 140 * MS },
	{ "50 ms", 0.02, 50e3, 1, 300 * MS, 1000 * MS },
	{ "200 ms", 0.02, 200e3, 1, 1000 * MS, 5000 * MS },
	{ "no loss", 0, 1, 1, 30 * MS, 100 * MS },
};

struct run {
	struct health_auto_cfg auto_cfg;
	struct health_auto a;
	struct health_cfg cfg;
	struct loss learnt;
	struct sim_check check;
	unsigned changes;
};

static void judge(struct run *r)
{
	struct sim_check *s = &r->check;
	const struct health_path path = { .chain = loss_estimate(&r->learnt, r->cfg.interval).path,
					  .rtt = s->rtt,
					  .life = USEC_NEVER };
	struct health_auto next =
		health_auto_step(&r->auto_cfg, r->a, &r->cfg, &path, r->learnt.probes,
				 s->h.state == HEALTH_UP, s->now);
	char text[160];

	if (next.changed != r->a.changed) {
		r->changes++;
		if (getenv("SIM_VERBOSE"))
			printf("  %5.2f h: %s\n", (double)(s->now - 1000 * S) / (double)HOUR,
			       health_auto_text(&next, text, sizeof(text)));
		loss_rescale(&r->learnt, r->cfg.interval, next.interval);
		r->cfg.interval = next.interval;
		r->cfg.silence = next.silence;
	}
	r->a = next;
}

static void run_hours(struct run *r, unsigned hours)
{
	usec_t end = r->check.now + hours * HOUR;

	while (r->check.now < end) {
		sim_run(&r->check, 10 * S, -1);
		judge(r);
	}
}

static bool check(bool good, const struct scene *sc, const struct run *r, const char *what)
{
	if (!good)
		printf("%s: %s: %g/%g ms after %u changes, %" PRIu64 " false failovers\n", sc->name,
		       what, (double)r->a.interval / 1e3, (double)r->a.silence / 1e3, r->changes,
		       r->check.downs);
	return good;
}

static bool run_scene(const struct scene *sc, uint64_t seed)
{
	static struct run r;
	bool good;

	r = (struct run){ .auto_cfg = { sc->budget_per_hour * YEAR / (double)HOUR, 30 * MS,
					5 * S } };
	r.a = health_auto_start(&r.auto_cfg, 1000 * S);
	r.cfg = (struct health_cfg){ .interval = r.a.interval,
				     .silence = r.a.silence,
				     .patience = HEALTH_PATIENCE,
				     .repeats = true };
	r.check =
		sim_check_of(&r.cfg, line_of(LINE_TIME, sc->loss, sc->burst_usec, seed), &r.learnt);
	r.check.rtt = 5 * MS + 37;
	run_hours(&r, 4);
	good = check(r.changes <= 8, sc, &r, "did not come to rest");
	good = check(r.a.silence >= sc->least && r.a.silence <= sc->most, sc, &r,
		     "not what is right for it") &&
	       good;
	r.check.downs = 0;
	r.changes = 0;
	run_hours(&r, LATER);
	good = check(r.changes <= 2, sc, &r, "does not keep still") && good;
	return check((double)r.check.downs <= 2 * LATER * sc->budget_per_hour + 3, sc, &r,
		     "over its budget") &&
	       good;
}

int main(void)
{
	bool good = true;

	for (size_t i = 0; i < ARRAY_LEN(scenes); i++)
		for (uint64_t seed = 0; seed < SEEDS; seed++) {
			if (getenv("SIM_VERBOSE"))
				printf("%s, seed %" PRIu64 "\n", scenes[i].name, seed);
			good = run_scene(&scenes[i], seed) && good;
		}
	return good ? 0 : 1;
}
