/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grade of a path, by the real health check, on lines that lose packets by chance: below
 * half of the limit never degraded, well above it soon, and around it not back and forth.
 */
#include "fsm/grade_fsm.h"
#include "fsm/health_fsm.h"

#include <stdbool.h>
#include <stdio.h>

#define S USEC_PER_SEC
#define MS USEC_PER_MSEC
#ifdef SIM_QUICK
#define SEEDS 10
#else
#define SEEDS 50
#endif
#define RTT (10 * MS)
#define HOUR (3600 * S)

static const struct health_cfg health_cfg = { .interval = 100 * MS,
					      .silence = 500 * MS,
					      .patience = 4,
					      .restore = 30 * S,
					      .damp = { 60 * S, 600 * S } };
static const struct grade_cfg grade_cfg = {
	.loss_permille = 200, .interval = 100 * MS, .restore = 30 * S, .damp = { 60 * S, 600 * S }
};

/* Gilbert-Elliott: chances to enter and leave a state that loses all, and of loss outside of it. */
struct line {
	double enter, leave, loss;
};

struct sim {
	struct health h;
	struct grade g;
	struct line line;
	usec_t now;
	uint64_t rng;
	uint32_t seq;
	bool in_burst;
	unsigned degraded, failed; /* how often */
	usec_t first; /* when it was first degraded; 0: never */
};

static double dice(struct sim *s)
{
	s->rng ^= s->rng << 13;
	s->rng ^= s->rng >> 7;
	s->rng ^= s->rng << 17;
	return (double)(s->rng >> 11) / 9007199254740992.0;
}

static bool is_lost(struct sim *s)
{
	s->in_burst = s->in_burst ? dice(s) >= s->line.leave : dice(s) < s->line.enter;
	return s->in_burst || dice(s) < s->line.loss;
}

static void feed(struct sim *s, struct health_event ev)
{
	struct health_step r = health_step(&health_cfg, s->h, &ev, s->now);

	s->h = r.next;
	s->failed += (r.actions & HEALTH_TELL_UNUSABLE) != 0;
}

static void timers_until(struct sim *s, usec_t until)
{
	while (s->h.deadline <= until) {
		s->now = s->h.deadline;
		feed(s, (struct health_event){ .kind = HEALTH_EV_TIMER });
	}
	s->now = until;
}

static void grade(struct sim *s)
{
	bool held = s->h.state == HEALTH_HELD;
	const struct grade_seen seen = {
		.answers = health_is_usable(&s->h) || (held && s->h.proven),
		.window_full = s->h.window >= 64,
		.loss_permille = health_loss_permille(&health_cfg, &s->h, s->now),
		.rtt = s->h.srtt,
	};
	struct grade_step r = grade_step(&grade_cfg, s->g, &seen, s->now);

	if (r.changed && r.next.cause != GRADE_GOOD) {
		s->degraded++;
		s->first = s->first ? s->first : s->now;
	}
	s->g = r.next;
}

/* The peer's own probes arrive all the time, or silence would decide at such a loss. */
static void run(struct sim *s, usec_t span)
{
	usec_t end = s->now + span;

	while (s->now < end) {
		usec_t tick = s->now + health_cfg.interval;

		feed(s, (struct health_event){
				.kind = HEALTH_EV_LIFE, .rx_last = s->now, .rx_packets = s->seq });
		feed(s, (struct health_event){ .kind = HEALTH_EV_PROBE_SENT, .seq = ++s->seq });
		grade(s);
		if (!is_lost(s)) {
			timers_until(s, s->now + RTT);
			feed(s, (struct health_event){
					.kind = HEALTH_EV_REPLY, .seq = s->seq, .rtt = RTT });
		}
		timers_until(s, tick);
	}
}

static struct sim begin(unsigned seed)
{
	struct sim s = { .h = health_start(S),
			 .g = grade_start(S),
			 .now = S,
			 .rng = UINT64_C(0x9e3779b97f4a7c15) * (seed + 1) };

	feed(&s, (struct health_event){ .kind = HEALTH_EV_SA_UP });
	run(&s, 20 * S);
	return s;
}

static const struct row {
	const char *what;
	struct line line;
	unsigned most; /* of all seeds together, an hour each: how often degraded */
	usec_t within; /* 0: need not come */
} rows[] = {
	{ "1 % loss", { 0, 1, 0.01 }, 0, 0 },
	{ "5 % loss", { 0, 1, 0.05 }, 0, 0 },
	{ "5 % in bursts of 3", { 0.0175, 0.333, 0 }, SEEDS / 5, 0 },
	{ "10 % loss", { 0, 1, 0.1 }, SEEDS / 10, 0 },
	/* around the limit: the penalty keeps it from going back and forth */
	{ "20 % loss", { 0, 1, 0.2 }, 6 * SEEDS, 300 * S },
	{ "30 % loss", { 0, 1, 0.3 }, 2 * SEEDS, 60 * S },
	{ "50 % loss", { 0, 1, 0.5 }, 2 * SEEDS, 30 * S },
};

static bool check(const struct row *r)
{
	unsigned degraded = 0, failed = 0;
	usec_t slowest = 0;
	bool good = true;

	for (unsigned seed = 0; seed < SEEDS; seed++) {
		struct sim s = begin(seed);
		usec_t from = s.now;

		s.line = r->line;
		run(&s, HOUR);
		degraded += s.degraded;
		failed += s.failed;
		if (r->within && (!s.first || s.first - from > r->within))
			good = false;
		if (s.first && s.first - from > slowest)
			slowest = s.first - from;
	}
	good = good && degraded <= r->most;
	printf("%s %-20s degraded %u times in %d hours (at most %u), slowest first after %.1f s, "
	       "failed %u times\n",
	       good ? "ok    " : "FAILED", r->what, degraded, SEEDS, r->most,
	       (double)slowest / (double)S, failed);
	return good;
}

int main(void)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		good = check(&rows[i]) && good;
	return good ? 0 : 1;
}
