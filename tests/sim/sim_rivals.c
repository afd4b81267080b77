/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How often is a detector wrong that is as fast as another?  `fast` against BFD (RFC 5880: nothing
 * for `mult` intervals, intervals jittered by up to a quarter) and against N failed pings in a row
 * (keepalived's fall, IP SLA), all set to the same mean detection time, over the same kinds of
 * line.  Prints the table; futae must never be worse than the best of them, and far better where
 * more packets can tell a burst from a fault.
 */
#include "base/list.h"
#include "line.h"

#ifdef SIM_QUICK
#define HOURS 0.1 /* of futae; rivals are cheap and get more */
#else
#define HOURS 1.0
#endif
#define RIVAL_HOURS (10 * HOURS)
#define HOUR (3600 * S)
#define FAULTS 400u

static const struct health_cfg fast = {
	.interval = 5 * MS, .silence = 30 * MS, .patience = HEALTH_PATIENCE, .repeats = true
};

enum rival_kind { RIVAL_BFD, RIVAL_PING };

static const struct rival {
	const char *name;
	enum rival_kind kind;
	unsigned n;
} rivals[] = {
	{ "BFD x3", RIVAL_BFD, 3 },
	{ "BFD x5", RIVAL_BFD, 5 },
	{ "ping x3", RIVAL_PING, 3 },
	{ "ping x5", RIVAL_PING, 5 },
};

static const struct course {
	const char *name;
	enum line_kind kind;
	double loss, burst; /* usec, or packets */
	double factor; /* how many times better futae must be, with signs of life */
} courses[] = {
	{ "5 %, each packet by itself", LINE_CHANCE, 0.05, 1, 10 },
	{ "10 %, each packet by itself", LINE_CHANCE, 0.1, 1, 10 },
	{ "5 %, bursts of 3 packets", LINE_PACKETS, 0.05, 3, 10 },
	{ "1 %, bursts of 3 packets", LINE_PACKETS, 0.01, 3, 10 },
	{ "5 %, bursts of 5 ms", LINE_TIME, 0.05, 5e3, 1 },
	{ "5 %, bursts of 15 ms", LINE_TIME, 0.05, 15e3, 1 },
	{ "5 %, bursts of 30 ms", LINE_TIME, 0.05, 30e3, 1 },
};

struct result {
	double false_alarms, hours; /* counted, and of how long */
	double detect_usec; /* mean */
};

static double per_hour(const struct result *r)
{
	return r->false_alarms / r->hours;
}

/* The interval at which the mean detection is `detect`. */
static usec_t rival_interval(const struct rival *r, double detect)
{
	/* BFD's last packet is 7/16 of an interval old, on average; a ping is given up after one
	 * interval, and its last reply was for one that left half an interval before. */
	return (usec_t)(detect / (r->kind == RIVAL_BFD ? r->n - 7.0 / 16 : r->n + 0.5));
}

static usec_t gap(const struct rival *r, usec_t interval, struct line *l)
{
	double part = r->kind == RIVAL_BFD ? 0.75 + 0.25 * line_draw(l) : 1;

	return (usec_t)((double)interval * part);
}

static double rival_false_alarms(const struct rival *r, usec_t interval, struct line *l,
				 usec_t span)
{
	usec_t last = S, end = S + span;
	unsigned failed = 0;
	double alarms = 0;

	for (usec_t at = S; at < end; at += gap(r, interval, l)) {
		if (line_loses(l, at)) {
			alarms += r->kind == RIVAL_PING && ++failed == r->n;
			continue;
		}
		alarms += r->kind == RIVAL_BFD && at - last > r->n * interval;
		last = at;
		failed = 0;
	}
	return alarms;
}

static double rival_detection(const struct rival *r, usec_t interval, struct line *l)
{
	double sum = 0;

	for (unsigned i = 0; i < FAULTS; i++) {
		usec_t cut = 1000 * interval + (usec_t)(line_draw(l) * 1000 * (double)interval);
		usec_t last = 0;

		for (usec_t at = 0; at < cut; at += gap(r, interval, l))
			last = at;
		sum += (double)(last + (r->kind == RIVAL_BFD ? r->n : r->n + 1) * interval) -
		       (double)cut;
	}
	return sum / FAULTS;
}

static struct result run_rival(const struct rival *r, const struct course *c, double detect)
{
	struct line l = line_of(c->kind, c->loss, c->burst, r->n + 7);
	usec_t interval = rival_interval(r, detect);
	struct result res = { .hours = RIVAL_HOURS };

	res.false_alarms =
		rival_false_alarms(r, interval, &l, (usec_t)(RIVAL_HOURS * (double)HOUR));
	res.detect_usec = rival_detection(r, interval, &l);
	return res;
}

static struct result run_futae(const struct course *c, bool life)
{
	struct loss learnt = { 0 };
	struct sim_check s = sim_check_of(&fast, line_of(c->kind, c->loss, c->burst, 99), &learnt);
	struct result res = { .hours = HOURS };

	s.rtt = 2 * MS + 137;
	if (life) /* the peer's own probes, and nothing else */
		sim_set_life(&s, fast.interval);
	sim_run(&s, HOUR, true);
	s.downs = 0;
	sim_run(&s, (usec_t)(HOURS * (double)HOUR), -1);
	res.false_alarms = (double)s.downs;
	s.line.loss = 0;
	for (unsigned i = 0; i < FAULTS; i++) {
		sim_run(&s, HOUR, true);
		sim_run(&s, S + (usec_t)(line_draw(&s.line) * (double)fast.interval), -1);
		s.cut = true;
		res.detect_usec += (double)sim_run(&s, HOUR, false) / FAULTS;
		s.cut = false;
	}
	return res;
}

static void print_row(const char *name, const struct result *r)
{
	printf("  %-22s %5.1f ms  %10.1f\n", name, r->detect_usec / 1e3, per_hour(r));
}

static bool run_course(const struct course *c)
{
	struct result alone = run_futae(c, false), life = run_futae(c, true);
	double best = INFINITY;
	double slack;
	bool good;

	printf("%s: detection, false failovers per hour\n", c->name);
	for (size_t i = 0; i < ARRAY_LEN(rivals); i++) {
		struct result r = run_rival(&rivals[i], c, alone.detect_usec);

		print_row(rivals[i].name, &r);
		best = fmin(best, per_hour(&r));
		if (fabs(r.detect_usec / alone.detect_usec - 1) > 0.03) {
			printf("%s is not as fast as it should be\n", rivals[i].name);
			return false;
		}
	}
	print_row("futae fast, alone", &alone);
	print_row("futae fast, with life", &life);
	/* Counts are what they are by chance, too: three standard deviations. */
	slack = 3 * sqrt(best / HOURS) + 3 * sqrt(best / RIVAL_HOURS);
	good = per_hour(&alone) <= best + slack && per_hour(&life) <= best / c->factor + slack / 10;
	if (c->factor <= 1)
		good = per_hour(&alone) <= best + slack && per_hour(&life) <= best + slack;
	if (!good)
		printf("worse than it must be: the best rival has %.1f\n", best);
	return good;
}

int main(void)
{
	bool good = true;

	for (size_t i = 0; i < ARRAY_LEN(courses); i++)
		good = run_course(&courses[i]) && good;
	return good ? 0 : 1;
}
