/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/stamp_stats.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW 256u
#define RESTART_GAP 64 /* numbers that go back by more than reordering does are a new count */
#define BEST_HALF (30 * USEC_PER_SEC)
/* What no queue adds one way and takes off the other.  Less than this, NTP slews anyway. */
#define STEP_NS (100 * INT64_C(1000000))

/* 12 significant bits and 4 of exponent.  0: nothing was measured. */
static uint16_t pack(usec_t v)
{
	unsigned exponent = 0;

	v = usec_min(v, (UINT64_C(0xffe) << 15) - 1) + 1;
	while (v > 0xfff) {
		v = (v + 1) >> 1;
		exponent++;
	}
	return (uint16_t)(exponent << 12 | v);
}

static usec_t unpack(uint16_t packed)
{
	usec_t v = (usec_t)(packed & 0xfff) << (packed >> 12);

	return v ? v - 1 : 0;
}

static uint16_t pack_mean(const struct stamp_mean *m)
{
	return m->count ? pack(m->sum / m->count) : 0;
}

static void mean_add(struct stamp_mean *m, usec_t v)
{
	m->sum += v;
	m->count++;
}

enum window_verdict { WINDOW_NEW, WINDOW_LATE, WINDOW_SEEN, WINDOW_OLD };

static void window_mark(struct stamp_window *w, uint32_t seq, bool on)
{
	uint64_t bit = UINT64_C(1) << (seq % 64);

	if (on)
		w->bits[seq % WINDOW / 64] |= bit;
	else
		w->bits[seq % WINDOW / 64] &= ~bit;
}

static bool window_has(const struct stamp_window *w, uint32_t seq)
{
	return w->bits[seq % WINDOW / 64] >> (seq % 64) & 1;
}

static enum window_verdict window_look(const struct stamp_window *w, uint32_t seq)
{
	int32_t ahead = (int32_t)(seq - w->newest);

	if (!w->any || ahead > 0)
		return WINDOW_NEW;
	if (ahead <= -(int32_t)WINDOW)
		return WINDOW_OLD;
	return window_has(w, seq) ? WINDOW_SEEN : WINDOW_LATE;
}

static enum window_verdict window_take(struct stamp_window *w, uint32_t seq)
{
	enum window_verdict v = window_look(w, seq);

	if (v == WINDOW_OLD)
		return v;
	if (v == WINDOW_NEW) {
		if (!w->any || seq - w->newest >= WINDOW)
			memset(w->bits, 0, sizeof(w->bits));
		else
			for (uint32_t i = w->newest + 1; i != seq; i++)
				window_mark(w, i, false);
		w->newest = seq;
		w->any = true;
	}
	window_mark(w, seq, true);
	return v;
}

static void clear_second(struct stamp_stats *s, uint64_t second)
{
	s->rings->round[second % STAMP_SECONDS] = (struct stamp_round_second){ 0 };
	if (s->has_ways)
		s->rings->ways[second % STAMP_SECONDS] = (struct stamp_ways_second){ 0 };
}

/* What was summed up belongs to the second that is over. */
static void flush(struct stamp_stats *s)
{
	struct stamp_round_second *r = &s->rings->round[s->second % STAMP_SECONDS];
	struct stamp_ways_second *w;

	r->rtt = pack_mean(&s->rtt);
	r->jitter = pack_mean(&s->jitter);
	r->rtt_worst = s->rtt.count ? pack(s->rtt_worst) : 0;
	s->rtt = s->jitter = (struct stamp_mean){ 0 };
	s->rtt_worst = 0;
	if (!s->has_ways)
		return;
	w = &s->rings->ways[s->second % STAMP_SECONDS];
	for (unsigned i = 0; i < STAMP_WAYS; i++) {
		w->delay[i] = pack_mean(&s->delay[i]);
		w->jitter[i] = pack_mean(&s->way_jitter[i]);
		s->delay[i] = s->way_jitter[i] = (struct stamp_mean){ 0 };
	}
	w->absolute = s->absolute;
}

static void roll(struct stamp_stats *s, usec_t now)
{
	uint64_t to = now / USEC_PER_SEC, from = s->second + 1;

	if (to <= s->second)
		return;
	flush(s);
	if (to - from >= STAMP_SECONDS)
		from = to - STAMP_SECONDS + 1;
	for (uint64_t second = from; second <= to; second++)
		clear_second(s, second);
	s->second = to;
}

void stamp_stats_init(struct stamp_stats *s, struct stamp_rings *rings, bool ways, usec_t now)
{
	uint64_t second = now / USEC_PER_SEC;

	memset(rings, 0, ways ? STAMP_WAYS_BYTES : STAMP_ROUND_BYTES);
	*s = (struct stamp_stats){
		.rings = rings, .has_ways = ways, .second = second, .first = second
	};
}

/* NULL: so long ago that it is not kept. */
static struct stamp_round_second *second_of(struct stamp_stats *s, usec_t at)
{
	uint64_t second = at / USEC_PER_SEC;

	if (second < s->first || second > s->second || s->second - second >= STAMP_SECONDS)
		return NULL;
	return &s->rings->round[second % STAMP_SECONDS];
}

void stamp_stats_sent(struct stamp_stats *s, usec_t now)
{
	struct stamp_round_second *r;

	roll(s, now);
	r = second_of(s, now);
	if (r && r->sent < UINT16_MAX)
		r->sent++;
}

void stamp_stats_answered(struct stamp_stats *s, uint32_t seq, usec_t sent, usec_t at)
{
	enum window_verdict v = window_take(&s->answered, seq);
	struct stamp_round_second *r;
	usec_t rtt;

	roll(s, at);
	if (v == WINDOW_SEEN)
		s->duplicates++;
	if (v == WINDOW_SEEN || v == WINDOW_OLD)
		return;
	r = second_of(s, sent ? sent : at);
	if (r && r->answered < r->sent)
		r->answered++;
	if (!sent)
		return;
	rtt = usec_since(sent, at);
	mean_add(&s->rtt, rtt);
	s->rtt_worst = usec_max(s->rtt_worst, rtt);
	if (s->has_rtt)
		mean_add(&s->jitter, rtt > s->rtt_last ? rtt - s->rtt_last : s->rtt_last - rtt);
	s->rtt_last = rtt;
	s->has_rtt = true;
}

static void forget_clocks(struct stamp_stats *s)
{
	s->has_delay = false;
	for (unsigned i = 0; i < STAMP_WAYS; i++)
		s->best[i] = (struct stamp_best){ 0 };
}

void stamp_stats_session(struct stamp_stats *s, usec_t now)
{
	roll(s, now);
	s->in_session = s->stateful = false;
	s->sender = s->reflector = (struct stamp_window){ 0 };
	forget_clocks(s);
}

/* How many were sent before it: one number was left out. */
static uint32_t place(uint32_t seq)
{
	return seq > STAMP_SKIP ? seq - 1 : seq;
}

/* Takes n losses of one way back: what seemed lost was late. */
static void take_back(struct stamp_stats *s, enum stamp_way way, uint64_t n)
{
	for (uint64_t back = 0; n > 0 && back < 60 && s->second - back >= s->first; back++) {
		struct stamp_ways_second *w = &s->rings->ways[(s->second - back) % STAMP_SECONDS];
		uint16_t some = w->lost[way] < n ? w->lost[way] : (uint16_t)n;

		w->lost[way] = (uint16_t)(w->lost[way] - some);
		n -= some;
	}
}

static uint64_t without_way(const struct stamp_stats *s, uint64_t second)
{
	const struct stamp_round_second *r = &s->rings->round[second % STAMP_SECONDS];
	const struct stamp_ways_second *w = &s->rings->ways[second % STAMP_SECONDS];
	unsigned known = (unsigned)r->answered + w->lost[STAMP_THERE] + w->lost[STAMP_BACK];

	return r->sent > known ? r->sent - known : 0;
}

/* Deals losses out to the seconds whose probes are missing, each way in its proportion. */
static void deal_out(struct stamp_stats *s, uint64_t there, uint64_t back, uint64_t to)
{
	uint64_t from = s->split_from;

	if (s->second - from >= STAMP_SECONDS)
		from = s->second - STAMP_SECONDS + 1;
	for (uint64_t second = from; second <= to && there + back > 0; second++) {
		struct stamp_ways_second *w = &s->rings->ways[second % STAMP_SECONDS];
		uint64_t some = without_way(s, second), one;

		if (some > there + back)
			some = there + back;
		one = (some * there + (there + back) / 2) / (there + back);
		w->lost[STAMP_THERE] = (uint16_t)(w->lost[STAMP_THERE] + one);
		w->lost[STAMP_BACK] = (uint16_t)(w->lost[STAMP_BACK] + some - one);
		there -= one;
		back -= some - one;
	}
}

static void begin(struct stamp_stats *s, const struct stamp_sample *x)
{
	s->in_session = true;
	s->sender = s->reflector = (struct stamp_window){ 0 };
	(void)window_take(&s->sender, x->sender_seq);
	(void)window_take(&s->reflector, x->reflector_seq);
	s->sender_base = place(x->sender_seq);
	s->reflector_base = x->reflector_seq;
	s->lost_there = 0;
	s->split_from = x->sent / USEC_PER_SEC;
}

/* A new count: the number came before with another question, or is far from where it should be. */
static bool has_restarted(const struct stamp_stats *s, const struct stamp_sample *x)
{
	int32_t moved = (int32_t)(x->reflector_seq - s->reflector.newest);
	int32_t asked = (int32_t)(x->sender_seq - s->sender.newest);
	enum window_verdict v = window_look(&s->reflector, x->reflector_seq);

	if (moved < -RESTART_GAP || moved > (asked > 0 ? asked : 0) + RESTART_GAP)
		return true;
	return v == WINDOW_SEEN && window_look(&s->sender, x->sender_seq) == WINDOW_NEW;
}

/* What the numbers of one more reply say of losses in between. */
static void count_losses(struct stamp_stats *s, const struct stamp_sample *x)
{
	uint32_t before = s->reflector.newest;
	enum window_verdict sender = window_take(&s->sender, x->sender_seq);
	enum window_verdict reflector = window_take(&s->reflector, x->reflector_seq);
	uint64_t to = x->sent / USEC_PER_SEC;
	int64_t lost, there, back = 0;

	if (reflector == WINDOW_SEEN || reflector == WINDOW_OLD)
		return;
	if (reflector == WINDOW_NEW)
		back = (int64_t)(x->reflector_seq - before) - 1;
	else
		back = -1;
	if (sender == WINDOW_LATE || reflector == WINDOW_LATE)
		s->reordered++;
	/* One question that arrived there twice has two answers. */
	if (sender == WINDOW_SEEN)
		s->reflector_base++;
	lost = (int64_t)(place(s->sender.newest) - s->sender_base) -
	       (int64_t)(s->reflector.newest - s->reflector_base);
	if (lost < 0) {
		s->reflector_base += (uint32_t)-lost;
		lost = 0;
	}
	there = lost - s->lost_there;
	s->lost_there = lost;
	if (there < 0)
		take_back(s, STAMP_THERE, (uint64_t)-there);
	if (back < 0)
		take_back(s, STAMP_BACK, (uint64_t)-back);
	deal_out(s, there > 0 ? (uint64_t)there : 0, back > 0 ? (uint64_t)back : 0, to);
	if (to > s->split_from)
		s->split_from = to;
}

static int64_t best_take(struct stamp_best *b, int64_t v, usec_t now)
{
	if (usec_since(b->since, now) >= BEST_HALF) {
		b->before = b->now;
		b->has_before = b->has_now && usec_since(b->since, now) < 2 * BEST_HALF;
		b->has_now = false;
		b->since = now;
	}
	if (!b->has_now || v < b->now)
		b->now = v;
	b->has_now = true;
	return b->has_before && b->before < b->now ? b->before : b->now;
}

/* One way longer and the other shorter by as much: that was a clock. */
static bool is_clock_step(int64_t there, int64_t back)
{
	int64_t sum = llabs(there + back), least = llabs(there);

	if (llabs(back) < least)
		least = llabs(back);
	return (there < 0) != (back < 0) && least > STEP_NS && sum < least / 4;
}

/* A reflector may say what it likes: no sum of these overflows. */
static int64_t bounded(int64_t ns)
{
	const int64_t most = INT64_MAX / 8;

	return ns > most ? most : ns < -most ? -most : ns;
}

static void measure(struct stamp_stats *s, const struct stamp_sample *x)
{
	const int64_t ns[STAMP_WAYS] = { bounded(x->there_ns), bounded(x->back_ns) };

	if (x->synced != s->absolute) {
		s->absolute = x->synced;
		for (unsigned i = 0; i < STAMP_WAYS; i++)
			s->delay[i] = (struct stamp_mean){ 0 };
	}
	if (s->has_delay && is_clock_step(ns[STAMP_THERE] - s->delay_last[STAMP_THERE],
					  ns[STAMP_BACK] - s->delay_last[STAMP_BACK])) {
		s->clock_steps++;
		forget_clocks(s);
	}
	for (unsigned i = 0; i < STAMP_WAYS; i++) {
		int64_t best = best_take(&s->best[i], ns[i], x->at);
		int64_t delay = s->absolute ? ns[i] : ns[i] - best;

		mean_add(&s->delay[i], delay > 0 ? (usec_t)delay / 1000 : 0);
		if (s->has_delay)
			mean_add(&s->way_jitter[i], (usec_t)llabs(ns[i] - s->delay_last[i]) / 1000);
		s->delay_last[i] = ns[i];
	}
	s->has_delay = true;
}

void stamp_stats_sample(struct stamp_stats *s, const struct stamp_sample *x)
{
	bool repeated = s->in_session && window_look(&s->sender, x->sender_seq) == WINDOW_SEEN;

	if (!s->has_ways)
		return;
	roll(s, x->at);
	if (x->sender_seq > STAMP_SKIP && x->sender_seq != x->reflector_seq)
		s->stateful = true;
	if (!s->in_session) {
		begin(s, x);
	} else if (s->stateful && has_restarted(s, x)) {
		s->restarts++;
		begin(s, x);
	} else if (s->stateful) {
		count_losses(s, x);
	}
	if (!repeated)
		measure(s, x);
}

/* Sums of what each second's mean is worth: as many as were answered in it. */
struct weighted {
	uint64_t sum, weight;
};

static void weigh(struct weighted *w, uint16_t packed, uint64_t weight)
{
	if (!packed)
		return;
	w->sum += unpack(packed) * weight;
	w->weight += weight;
}

static usec_t weighted_mean(const struct weighted *w)
{
	return w->weight ? w->sum / w->weight : 0;
}

struct totals {
	struct weighted rtt, jitter, delay[STAMP_WAYS], way_jitter[STAMP_WAYS];
};

static void add_second(const struct stamp_stats *s, uint64_t second, struct stamp_sum *sum,
		       struct totals *t)
{
	const struct stamp_round_second *r = &s->rings->round[second % STAMP_SECONDS];
	const struct stamp_ways_second *w;
	uint64_t weight = r->answered ? r->answered : 1;

	sum->seconds++;
	sum->sent += r->sent;
	sum->answered += r->answered;
	sum->lost += (uint64_t)(r->sent - r->answered);
	sum->rtt_worst = usec_max(sum->rtt_worst, unpack(r->rtt_worst));
	weigh(&t->rtt, r->rtt, weight);
	weigh(&t->jitter, r->jitter, weight);
	if (!s->has_ways)
		return;
	w = &s->rings->ways[second % STAMP_SECONDS];
	sum->absolute = sum->absolute && (w->absolute || !w->delay[STAMP_THERE]);
	for (unsigned i = 0; i < STAMP_WAYS; i++) {
		sum->lost_way[i] += w->lost[i];
		weigh(&t->delay[i], w->delay[i], weight);
		weigh(&t->way_jitter[i], w->jitter[i], weight);
	}
}

struct stamp_sum stamp_stats_sum(struct stamp_stats *s, unsigned skip, unsigned count, usec_t now)
{
	struct stamp_sum sum = { .absolute = true };
	struct totals t = { 0 };
	uint64_t last;

	roll(s, now);
	last = s->second > STAMP_SETTLE + skip + 1 ? s->second - STAMP_SETTLE - skip - 1 : 0;
	for (unsigned i = 0; i < count && last >= i && last - i >= s->first &&
			     s->second - (last - i) < STAMP_SECONDS;
	     i++)
		add_second(s, last - i, &sum, &t);
	sum.has_rtt = t.rtt.weight > 0;
	sum.rtt = weighted_mean(&t.rtt);
	sum.jitter = weighted_mean(&t.jitter);
	sum.has_ways = t.delay[STAMP_THERE].weight > 0;
	for (unsigned i = 0; i < STAMP_WAYS; i++) {
		sum.delay[i] = weighted_mean(&t.delay[i]);
		sum.way_jitter[i] = weighted_mean(&t.way_jitter[i]);
	}
	sum.absolute = sum.absolute && sum.has_ways;
	return sum;
}
