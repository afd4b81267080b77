/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A route over three lines that come and go, decided by their health checks: traffic never rests
 * on a line that is dead while another one works, for longer than it takes to see both; and
 * other routers are not told of each coming and going.  All seeds are repeatable.
 */
#include "base/list.h"
#include "fsm/health_fsm.h"
#include "fsm/route_damp.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MS USEC_PER_MSEC
#define S USEC_PER_SEC
#ifdef SIM_QUICK
#define SEEDS 20
#else
#define SEEDS 150
#endif
#define SPAN (1200 * S)
#define LINES 3
#define FLIGHT 16

struct line {
	struct health h;
	bool works;
	usec_t since; /* of works */
	usec_t turn; /* when that changes */
	usec_t tick, rtt;
	uint32_t seq;
	struct flight {
		usec_t at; /* USEC_NEVER: free */
		uint32_t seq;
	} flight[FLIGHT];
};

struct sim {
	const struct health_cfg *cfg;
	uint64_t seed, random;
	usec_t now;
	struct line line[LINES];
	struct route_choice choice;
	bool published;
	unsigned tries; /* published as last resort since something was usable */
	unsigned moves, last_resorts, tried; /* so that the test tests something */
};

static uint64_t draw(struct sim *s, uint64_t below)
{
	s->random ^= s->random << 13;
	s->random ^= s->random >> 7;
	s->random ^= s->random << 17;
	return (s->random >> 11) % below;
}

static void require(const struct sim *s, bool truth, const char *what)
{
	if (truth)
		return;
	printf("seed %" PRIu64 " at %" PRIu64 " ms: %s; mode %s by %u\n", s->seed, s->now / MS,
	       what, route_mode_name(s->choice.mode), s->choice.use[0].member);
	for (size_t i = 0; i < LINES; i++)
		printf("  line %zu %s for %" PRIu64 " ms, %s%s\n", i,
		       s->line[i].works ? "works" : "is cut", (s->now - s->line[i].since) / MS,
		       health_state_name(s->line[i].h.state),
		       s->line[i].h.answer == HEALTH_ANSWERS ? ", answers" : "");
	exit(1);
}

static bool any_answers(const struct sim *s)
{
	for (size_t i = 0; i < LINES; i++)
		if (s->line[i].h.answer == HEALTH_ANSWERS)
			return true;
	return false;
}

static void note_publishing(struct sim *s)
{
	bool now = s->choice.publish || s->choice.publish_last;

	if (s->choice.publish)
		s->tries = 0;
	else if (now && !s->published) {
		s->tries++;
		s->tried++;
	}
	s->published = now;
	require(s, s->tries <= 1, "published again and again without being usable");
	require(s,
		!s->choice.publish_last ||
			s->line[s->choice.use[0].member].h.answer != HEALTH_SILENT,
		"a black hole is published");
}

static void choose(struct sim *s)
{
	struct route_member m[LINES];
	struct route_choice old = s->choice;

	for (unsigned i = 0; i < LINES; i++)
		m[i] = (struct route_member){ .weight = i == 0 ? 100 : 0,
					      .usable = health_is_usable(&s->line[i].h),
					      .answers = s->line[i].h.answer == HEALTH_ANSWERS,
					      .doubtful = s->line[i].h.answer == HEALTH_DOUBTFUL,
					      .has_sa = true,
					      .rank = i,
					      .down_since = s->line[i].h.usable_since };
	s->choice = route_set_choose(m, LINES, ROUTE_NO_LOCK, &old);
	for (unsigned i = 0; i < s->choice.count; i++)
		require(s,
			s->line[s->choice.use[i].member].h.answer != HEALTH_SILENT ||
				!any_answers(s),
			"carried by one that does not answer while another does");
	if (s->choice.mode == ROUTE_LAST_RESORT && old.mode == ROUTE_LAST_RESORT)
		require(s, route_choice_same_use(&s->choice, &old) || !m[old.use[0].member].answers,
			"moved away from one that answers");
	s->moves += !route_choice_same_use(&s->choice, &old);
	s->last_resorts += s->choice.mode == ROUTE_LAST_RESORT && s->choice.answers;
	note_publishing(s);
}

static void feed(struct sim *s, struct line *l, struct health_event ev)
{
	struct health_step step = health_step(s->cfg, l->h, &ev, s->now);

	l->h = step.next;
	if (step.actions & (HEALTH_TELL_USABLE | HEALTH_TELL_UNUSABLE | HEALTH_TELL_ANSWERS))
		choose(s);
}

static void turn(struct sim *s, struct line *l)
{
	l->works = !l->works;
	l->since = s->now;
	/* From a blink to minutes: restore times are met, cut short and never begun. */
	l->turn = s->now + 10 * MS + draw(s, draw(s, 3) ? 3 * S : 60 * S);
}

static void probe(struct sim *s, struct line *l)
{
	feed(s, l, (struct health_event){ .kind = HEALTH_EV_PROBE_SENT, .seq = ++l->seq });
	l->tick += s->cfg->interval;
	if (!l->works || draw(s, 100) < 2)
		return;
	for (size_t i = 0; i < FLIGHT; i++)
		if (l->flight[i].at == USEC_NEVER) {
			l->flight[i] = (struct flight){ s->now + l->rtt, l->seq };
			return;
		}
	require(s, false, "more in flight than the test has room for");
}

static struct flight *first_flight(struct line *l)
{
	struct flight *first = &l->flight[0];

	for (size_t i = 1; i < FLIGHT; i++)
		if (l->flight[i].at < first->at)
			first = &l->flight[i];
	return first;
}

static usec_t next_of(struct line *l)
{
	return usec_min(usec_min(l->tick, l->turn), usec_min(first_flight(l)->at, l->h.deadline));
}

static void act(struct sim *s, struct line *l)
{
	struct flight *f = first_flight(l);

	if (l->turn == s->now) {
		turn(s, l);
	} else if (f->at == s->now) {
		f->at = USEC_NEVER;
		if (l->works)
			feed(s, l,
			     (struct health_event){
				     .kind = HEALTH_EV_REPLY, .seq = f->seq, .rtt = l->rtt });
	} else if (l->tick == s->now) {
		probe(s, l);
	} else {
		feed(s, l, (struct health_event){ .kind = HEALTH_EV_TIMER });
	}
}

/* Against the truth, not against what the health checks believe. */
static void check_truth(const struct sim *s)
{
	usec_t worst_rtt = s->cfg->silence / 5 + 1 * MS;
	usec_t seen_dead = s->cfg->silence + 2 * s->cfg->interval + worst_rtt;
	usec_t seen_good = 16 * s->cfg->interval + worst_rtt; /* three in a row, with some lost */
	bool other = false, dead = false;

	for (unsigned i = 0; i < LINES; i++) {
		const struct line *l = &s->line[i];

		if (route_choice_uses(&s->choice, i))
			dead |= !l->works && s->now - l->since > seen_dead;
		else
			other |= l->works && s->now - l->since > seen_good;
	}
	require(s, !(dead && other), "rests on a dead line while another one works");
}

static void one_seed(const struct health_cfg *cfg, uint64_t seed, struct sim *total)
{
	struct sim s = { .cfg = cfg,
			 .seed = seed,
			 .random = (seed + 1) * UINT64_C(0x9e3779b97f4a7c15),
			 .now = 1000 * S };
	usec_t end = s.now + SPAN / (100 * MS) * cfg->interval;

	for (size_t i = 0; i < LINES; i++) {
		struct line *l = &s.line[i];

		l->h = health_start(s.now);
		l->works = true;
		l->since = s.now;
		l->turn = s.now + 5 * S;
		l->tick = s.now + draw(&s, cfg->interval);
		l->rtt = 1 * MS + draw(&s, cfg->silence / 5);
		for (size_t k = 0; k < FLIGHT; k++)
			l->flight[k].at = USEC_NEVER;
	}
	for (size_t i = 0; i < LINES; i++)
		feed(&s, &s.line[i], (struct health_event){ .kind = HEALTH_EV_SA_UP });
	choose(&s);
	while (s.now < end) {
		struct line *l = &s.line[0];

		for (size_t i = 1; i < LINES; i++)
			l = next_of(&s.line[i]) < next_of(l) ? &s.line[i] : l;
		s.now = next_of(l);
		check_truth(&s);
		act(&s, l);
	}
	total->moves += s.moves;
	total->last_resorts += s.last_resorts;
	total->tried += s.tried;
}

/*
 * What carries is cut and mended at one period, for an hour.  The penalty bounds how often the
 * route comes back, whatever the period: without it each mending that lasts for the restore time
 * would.
 */
struct flap {
	struct route_damp damp;
	struct route_choice choice;
	unsigned moves;
	usec_t dead; /* carried by what was cut, in all */
};

static void flap_choose(struct flap *f, const struct route_damp_cfg *cfg, const struct health *h,
			usec_t now)
{
	const struct route_member m[] = {
		{ .weight = 100,
		  .usable = health_is_usable(h),
		  .answers = h->answer == HEALTH_ANSWERS,
		  .doubtful = h->answer == HEALTH_DOUBTFUL,
		  .has_sa = true },
		{ .usable = true, .answers = true, .has_sa = true, .rank = 1 },
	};
	struct route_choice old = f->choice;

	f->choice = route_damp_choose(cfg, &f->damp, m, 2, ROUTE_NO_LOCK, &old, now);
	f->moves += old.count && !route_choice_same_use(&old, &f->choice);
}

/* Replies come at once while it works; nothing else does. */
static struct flap one_flap(const struct health_cfg *cfg, const struct route_damp_cfg *damp,
			    usec_t period, usec_t cut)
{
	struct flap f = { .damp = ROUTE_DAMP_START };
	usec_t begin = 1000 * S, now = begin;
	struct health h = health_start(now);
	uint32_t seq = 0;
	struct health_event ev = { .kind = HEALTH_EV_SA_UP };

	h = health_step(cfg, h, &ev, now).next;
	for (; now < begin + 3600 * S; now += cfg->interval) {
		bool works = (now - begin) % period >= cut || now - begin < 10 * S;

		seq++;
		ev = (struct health_event){ .kind = HEALTH_EV_PROBE_SENT, .seq = seq };
		h = health_step(cfg, h, &ev, now).next;
		ev = (struct health_event){ .kind = HEALTH_EV_REPLY, .seq = seq, .rtt = MS };
		if (works)
			h = health_step(cfg, h, &ev, now).next;
		ev = (struct health_event){ .kind = HEALTH_EV_TIMER };
		h = health_step(cfg, h, &ev, now).next;
		flap_choose(&f, damp, &h, now);
		if (now - begin < 10 * S)
			f.moves = 0; /* on its feet first */
		f.dead += !works && route_choice_uses(&f.choice, 0) ? cfg->interval : 0;
	}
	return f;
}

static void demand(bool truth, usec_t period, const char *what, unsigned got, unsigned bound)
{
	if (truth)
		return;
	printf("flapping each %" PRIu64 " ms: %s: %u, bound %u\n", period / MS, what, got, bound);
	exit(1);
}

static void flap_at_all_periods(struct health_cfg cfg)
{
	const struct route_damp_cfg plain = { .revert = true }, stays = { .revert = false },
				    waits = { .hold_off = 3 * S, .revert = true };
	struct health_cfg undamped = cfg;
	/* There and back once per half-life: what fails less often is forgiven. */
	const unsigned bound = (unsigned)(2 * (3600 * S) / cfg.damp.half_life);
	unsigned worst = 0, worst_undamped = 0;

	undamped.damp.half_life = 0;
	for (usec_t period = 2 * S; period <= 1200 * S; period += period / 8) {
		usec_t cut = usec_max(1500 * MS, period / 10);
		struct flap f = one_flap(&cfg, &plain, period, cut);
		struct flap u = one_flap(&undamped, &plain, period, cut);
		struct flap s = one_flap(&cfg, &stays, period, cut);
		struct flap w = one_flap(&cfg, &waits, period, 1500 * MS);

		worst = f.moves > worst ? f.moves : worst;
		worst_undamped = u.moves > worst_undamped ? u.moves : worst_undamped;
		/* Never more often than the line fails, and never more than the penalty lets it. */
		demand(f.moves <= 2 * (3600 * S / period + 1), period, "moves", f.moves,
		       (unsigned)(2 * (3600 * S / period + 1)));
		demand(f.moves <= bound, period, "moves in an hour", f.moves, bound);
		demand(s.moves == 1, period, "moves without revert", s.moves, 1);
		demand(w.moves == 0, period, "moves though each cut is shorter than hold-off",
		       w.moves, 0);
		demand(w.dead > 0, period, "nothing was cut", 0, 1);
	}
	printf("flapping: at most %u moves in an hour, %u without the penalty\n", worst,
	       worst_undamped);
	demand(2 * worst_undamped > 3 * worst, 0, "the penalty changes little", worst,
	       worst_undamped);
}

int main(void)
{
	static const struct health_cfg profiles[] = {
		{ .interval = 100 * MS, .silence = 500 * MS },
		{ .interval = 10 * MS, .silence = 50 * MS },
	};

	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		struct health_cfg cfg = profiles[i];
		struct sim total = { .cfg = &cfg };

		cfg.patience = HEALTH_PATIENCE;
		cfg.restore = 30 * S;
		cfg.damp = DAMP_CFG_DEFAULT;
		for (uint64_t seed = 0; seed < SEEDS; seed++)
			one_seed(&cfg, seed, &total);
		printf("%u moves, %u decisions by an answering last resort, published %u times\n",
		       total.moves, total.last_resorts, total.tried);
		require(&total,
			total.moves > SEEDS && total.last_resorts > SEEDS &&
				total.tried > SEEDS / 10,
			"the faults do not test this");
	}
	flap_at_all_periods((struct health_cfg){ .interval = 100 * MS,
						 .silence = 500 * MS,
						 .patience = HEALTH_PATIENCE,
						 .restore = 30 * S,
						 .damp = DAMP_CFG_DEFAULT });
	return 0;
}
