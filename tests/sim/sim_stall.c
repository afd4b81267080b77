/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Machines that do not run when they should, at 1 % loss: what we sleep through ourselves is not
 * blamed on the peer, and a peer that stands still for a moment is not taken for dead.  Prints what
 * settings make of longer ones, beside BFD x3 of the speed of `fast`.
 */
#include "base/list.h"
#include "line.h"

#ifdef SIM_QUICK
#define HOURS 0.1
#else
#define HOURS 1.0
#endif
#define HOUR (3600 * S)
#define SPAN ((usec_t)(HOURS * (double)HOUR))
#define LOSS 0.01
#define BFD_INTERVAL 11700 /* x3, and jitter: decides in 30 ms on average */

static const struct setting {
	const char *name;
	usec_t interval, silence;
} settings[] = {
	{ "5ms/30ms", 5 * MS, 30 * MS },
	{ "5ms/35ms", 5 * MS, 35 * MS },
	{ "10ms/30ms", 10 * MS, 30 * MS },
	{ "10ms/50ms", 10 * MS, 50 * MS },
};

static const struct row {
	const char *name;
	struct sim_stalls own, peer;
	bool none; /* `fast` must not fail once */
} rows[] = {
	{ "we are late by up to 10 ms", { 50 * MS, 10 * MS }, { 0, 0 }, true },
	{ "we are late by up to 60 ms", { 500 * MS, 60 * MS }, { 0, 0 }, true },
	{ "the peer is late by up to 10 ms", { 0, 0 }, { 50 * MS, 10 * MS }, true },
	{ "both are late by up to 10 ms", { 70 * MS, 10 * MS }, { 50 * MS, 10 * MS }, true },
	{ "the peer is late by up to 20 ms", { 0, 0 }, { S, 20 * MS }, false },
	{ "the peer is late by up to 40 ms", { 0, 0 }, { S, 40 * MS }, false },
};

static double futae(const struct setting *st, const struct row *r)
{
	const struct health_cfg cfg = { .interval = st->interval,
					.silence = st->silence,
					.patience = HEALTH_PATIENCE,
					.repeats = true };
	struct loss learnt = { 0 };
	struct sim_check s = sim_check_of(&cfg, line_of(LINE_CHANCE, LOSS, 1, 5), &learnt);

	s.rtt = 2 * MS + 137;
	s.own = r->own;
	s.peer = r->peer;
	sim_run(&s, HOUR, true);
	sim_require(&s, health_is_usable(&s.h), "it never came up");
	s.downs = 0;
	sim_run(&s, SPAN, -1);
	return (double)s.downs / HOURS;
}

/* Its packets leave late when the peer is, and are looked at late when we are: it knows no excuse,
 * but what waits in its socket it reads first. */
static double bfd(const struct row *r)
{
	struct line l = line_of(LINE_CHANCE, LOSS, 1, 6);
	usec_t last = 1000 * S, end = last + SPAN;
	double alarms = 0;

	for (usec_t at = last; at < end;) {
		usec_t sent = sim_awake(&r->peer, at);

		if (!line_loses(&l, sent)) {
			/* The timer had its chance before this packet came. */
			alarms += sim_awake(&r->own, last + 3 * (usec_t)BFD_INTERVAL) < sent;
			last = sent;
		}
		at = sent + (usec_t)(BFD_INTERVAL * (0.75 + 0.25 * line_draw(&l)));
	}
	return alarms / HOURS;
}

int main(void)
{
	bool good = true;

	printf("false failovers per hour at 1 %% loss:%*s", 4, "");
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		printf("%11s", settings[i].name);
	printf("%11s\n", "BFD x3");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double rival = bfd(&rows[i]), fast = futae(&settings[0], &rows[i]);

		printf("  %-38s%11.0f", rows[i].name, fast);
		for (size_t j = 1; j < ARRAY_LEN(settings); j++)
			printf("%11.0f", futae(&settings[j], &rows[i]));
		printf("%11.0f\n", rival);
		if ((rows[i].none && fast > 0) || fast > rival) {
			printf("that is too many\n");
			good = false;
		}
	}
	return good ? 0 : 1;
}
