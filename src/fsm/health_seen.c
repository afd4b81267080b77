/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/health_seen.h"

#define WINDOW 64u /* bits of health.answered */
#define COLLAPSE_MIN 10u /* packets per silence that make a rate worth comparing */
#define COLLAPSE_FACTOR 4u
#define GUESS_MAX (50 * USEC_PER_MSEC) /* a busy scheduler is hardly ever worse */
#define QUICK_MIN (2 * USEC_PER_MSEC) /* between two copies of a probe */
#define RTT_MAX (60 * USEC_PER_SEC)
/* Counters and times come from a sibling and from the configuration: these bounds keep every
 * product below within 64 bits. */
#define PACKETS_MAX (UINT64_C(1) << 24)
#define USUAL_MAX (UINT64_C(1) << 32)
#define SPAN_MAX (UINT64_C(1) << 31)

static usec_t interval(const struct health_cfg *cfg)
{
	return usec_max(cfg->interval, 1);
}

void health_seen_reset(struct health *h, usec_t now)
{
	h->answered = 0;
	h->window = h->unanswered = h->replies = 0;
	h->reply_ref = h->life_ref = h->rx_ref = now;
	h->excused = h->guessed = 0;
	h->unreachable = h->wrong = 0;
	h->rx_known = h->replied = false;
	h->usual = 0;
}

void health_seen_sent(struct health *h, uint32_t seq, usec_t now)
{
	uint32_t ahead = h->any_sent ? seq - h->seq : 1;

	/* Backwards: another prober took over, and nothing is known of its probes. */
	if (ahead == 0 || ahead > UINT32_MAX / 2) {
		h->answered = 0;
		h->window = h->unanswered = 0;
		ahead = 1;
	}
	h->answered = ahead < WINDOW ? h->answered << ahead : 0;
	h->window = ahead < WINDOW - h->window ? h->window + ahead : WINDOW;
	h->unanswered = ahead < UINT32_MAX - h->unanswered ? h->unanswered + ahead : UINT32_MAX;
	h->seq = seq;
	h->any_sent = true;
	h->sent_at = now;
}

/* RFC 6298, section 2. */
static void learn_rtt(struct health *h, usec_t rtt)
{
	rtt = usec_max(usec_min(rtt, RTT_MAX), 1);
	if (h->srtt == 0) {
		h->srtt = rtt;
		h->rttvar = rtt / 2;
		return;
	}

	usec_t off = h->srtt > rtt ? h->srtt - rtt : rtt - h->srtt;

	h->rttvar = (3 * h->rttvar + off) / 4;
	h->srtt = usec_max((7 * h->srtt + rtt) / 8, 1);
}

/* A packet of the peer's came at `at`; times from elsewhere may be ahead of ours. */
static void alive(struct health *h, usec_t at, usec_t now)
{
	at = usec_min(at, now);
	if (at > h->life_last)
		h->guessed = 0;
	h->life_last = usec_max(h->life_last, at);
	h->life_ref = usec_max(h->life_ref, at);
}

static usec_t event_time(const struct health_event *ev, usec_t now)
{
	return ev->at == 0 ? now : usec_min(ev->at, now);
}

bool health_seen_reply(struct health *h, const struct health_event *ev, usec_t now)
{
	uint32_t age = h->seq - ev->seq;

	/* Beyond the window no bit tells a duplicate, so only what is newer than all before
	 * counts: `unanswered` is the distance to that. */
	if (!h->any_sent || (age >= WINDOW && age >= h->unanswered))
		return false;
	if (age < WINDOW) {
		uint64_t bit = UINT64_C(1) << age;

		if (age >= h->window || (h->answered & bit))
			return false;
		h->answered |= bit;
	}
	if (age < h->unanswered)
		h->unanswered = age;
	if (h->replies < UINT32_MAX)
		h->replies++;
	h->unreachable = h->wrong = 0;
	h->excused = 0;
	h->replied = true;

	usec_t at = event_time(ev, now);

	h->reply_last = usec_max(h->reply_last, at);
	h->reply_ref = usec_max(h->reply_ref, at);
	alive(h, at, now);
	learn_rtt(h, ev->rtt);
	return true;
}

/* What is usual is learnt only while replies come: a dying path must not teach its own decay. */
static void learn_traffic(const struct health_cfg *cfg, struct health *h, uint64_t packets,
			  usec_t now)
{
	uint64_t delta = packets - h->rx_packets;
	usec_t took = now - h->rx_at;

	delta = delta < PACKETS_MAX ? delta : PACKETS_MAX;

	uint64_t sample = delta * 16 * usec_min(cfg->silence, SPAN_MAX) / took;

	h->usual = h->usual - h->usual / 16 + sample / 16;
	h->usual = h->usual < USUAL_MAX ? h->usual : USUAL_MAX;
	h->rx_base = packets;
	h->rx_base_at = now;
	h->replied = false;
}

void health_seen_life(const struct health_cfg *cfg, struct health *h, const struct health_event *ev,
		      usec_t now)
{
	if (ev->rx_last != 0)
		alive(h, ev->rx_last, now);
	/* The first time, or the counter's owner has started anew. */
	if (!h->rx_known || ev->rx_packets < h->rx_packets) {
		h->rx_known = true;
		h->rx_base = ev->rx_packets;
		h->rx_base_at = h->rx_ref = now;
	} else if (now <= h->rx_at) {
		return;
	} else {
		if (ev->rx_packets > h->rx_packets)
			h->rx_ref = now;
		if (h->replied)
			learn_traffic(cfg, h, ev->rx_packets, now);
	}
	h->rx_packets = ev->rx_packets;
	h->rx_at = now;
}

/*
 * While we slept, answers may have come that nobody has read yet: that time is taken out of
 * the silence.  A loop that is always late gets no more than the patience for weak evidence
 * (and the one stall that exceeds it), or nothing would ever be decided on a busy machine.
 *
 * A guess gets much less, for it may as well be the fault itself: a pulled cable, too, lets
 * nothing leave.  It buys the data plane one turn of a busy scheduler, and costs a node whose
 * lines all die at its own end as much.
 */
void health_seen_late(const struct health_cfg *cfg, struct health *h, const struct health_event *ev,
		      usec_t now)
{
	/* Several timers may tell of one and the same stall. */
	usec_t late = usec_min(ev->late, usec_since(h->blind_until, now));

	if (ev->guessed) {
		usec_t max = health_guess_usec(cfg);

		late = usec_min(late, max > h->guessed ? max - h->guessed : 0);
		h->guessed += late;
	}
	h->blind_until = now;
	if (h->excused >= health_patience_usec(cfg))
		return;
	h->excused = usec_add(h->excused, late);
	h->reply_ref = usec_min(usec_add(h->reply_ref, late), now);
	h->life_ref = usec_min(usec_add(h->life_ref, late), now);
	h->rx_ref = usec_min(usec_add(h->rx_ref, late), now);
	h->sent_at = usec_min(usec_add(h->sent_at, late), now);
}

usec_t health_guess_usec(const struct health_cfg *cfg)
{
	return usec_min(cfg->silence / 2, GUESS_MAX);
}

void health_seen_wrong(struct health *h, const struct health_event *ev, usec_t now)
{
	if (h->wrong < UINT32_MAX)
		h->wrong++;
	h->wrong_last = event_time(ev, now);
	h->wrong_device = ev->device;
}

bool health_seen_unreachable(struct health *h, const struct health_event *ev, usec_t now)
{
	if (!h->any_sent || h->seq - ev->seq >= h->window)
		return false;
	h->replies = 0;
	if (ev->first_party)
		alive(h, event_time(ev, now), now);
	else if (h->unreachable != 0 && ev->seq == h->unreachable_seq)
		return false;
	else if (h->unreachable < UINT32_MAX)
		h->unreachable++;
	h->unreachable_seq = ev->seq;
	return true;
}

/* How long a probe may take before its reply counts as missing: the usual round trip and some
 * room, half an interval at least so that one lost probe is noticed before the next is answered. */
static usec_t reply_due(const struct health_cfg *cfg, const struct health *h)
{
	usec_t room = usec_min(4 * h->rttvar, cfg->silence / 2);

	return usec_add(h->srtt, usec_max(room, interval(cfg) / 2));
}

unsigned health_missing(const struct health_cfg *cfg, const struct health *h, usec_t now)
{
	usec_t due = reply_due(cfg, h);
	usec_t age = usec_since(h->sent_at, now);
	usec_t in_flight = age < due ? (due - age - 1) / interval(cfg) + 1 : 0;

	return in_flight < h->unanswered ? h->unanswered - (unsigned)in_flight : 0;
}

usec_t health_missing_at(const struct health_cfg *cfg, const struct health *h, unsigned n)
{
	if (h->unanswered < n)
		return USEC_NEVER;

	usec_t newest = usec_add(h->sent_at, reply_due(cfg, h));
	unsigned later = h->unanswered - n;

	return newest / interval(cfg) > later ? newest - later * interval(cfg) : 0;
}

/* All the probes of one silence, so that the last of them has its chance to be answered: counting
 * one less saves half an interval and makes a false alarm a hundred times likelier at 1 % loss. */
unsigned health_misses_needed(const struct health_cfg *cfg)
{
	usec_t probes = cfg->silence / interval(cfg);

	if (probes < HEALTH_STREAK)
		return HEALTH_STREAK;
	return probes < UINT32_MAX ? (unsigned)probes : UINT32_MAX;
}

usec_t health_patience_usec(const struct health_cfg *cfg)
{
	usec_t factor = cfg->patience == 0 ? 1 : cfg->patience;

	return cfg->silence < USEC_NEVER / factor ? cfg->silence * factor : USEC_NEVER - 1;
}

uint64_t health_packets(const struct health *h)
{
	return h->rx_known ? h->rx_packets - h->rx_base : 0;
}

uint64_t health_packets_usual(const struct health_cfg *cfg, const struct health *h)
{
	if (!h->rx_known || cfg->silence == 0)
		return 0;
	return h->usual * usec_min(usec_since(h->rx_base_at, h->rx_at), SPAN_MAX) / 16 /
	       cfg->silence;
}

usec_t health_trickle_usec(const struct health_cfg *cfg)
{
	return usec_min(usec_add(cfg->silence, cfg->silence), health_patience_usec(cfg));
}

/*
 * Some traffic still arrives, but it broke off when the replies did: a path that works in one
 * direction only, where the peer's own probes go on and everything that waits for an answer
 * does not.
 *
 * A peer that is merely behind with its work looks alike for a moment: few packets, and the
 * replies wait behind them.  But it sends in order, so as long as anything leaves it, data
 * does.  Hence two limits.  Data that has ceased altogether for one silence, while the peer's
 * probes still arrive, is no backlog, and decides at once.  A trickle (senders that repeat
 * what was never acknowledged, or the first packets out of a queue) must last for two: what
 * is still queued then is lost to whoever waits for it anyway.
 */
bool health_has_collapsed(const struct health_cfg *cfg, const struct health *h, usec_t now)
{
	uint64_t usual = health_packets_usual(cfg, h);

	if (h->usual / 16 < COLLAPSE_MIN || usual == 0)
		return false;
	/* However much came before it ceased: the peer may have moved it only then, because it
	 * hears nothing of us. */
	if (usec_since(h->rx_ref, now) >= cfg->silence)
		return true;
	return health_packets(h) < (usual + COLLAPSE_FACTOR - 1) / COLLAPSE_FACTOR &&
	       usec_since(h->reply_ref, now) >= health_trickle_usec(cfg);
}

/* A quarter of the interval, but nothing that is finer than our timers. */
usec_t health_quick_usec(const struct health_cfg *cfg)
{
	usec_t quick = usec_max(cfg->interval / HEALTH_COPIES, QUICK_MIN);

	return cfg->repeats && quick < cfg->interval ? quick : 0;
}

usec_t health_copy_at(const struct health_cfg *cfg, const struct health *h, usec_t now)
{
	usec_t quick = health_quick_usec(cfg), age = usec_since(h->sent_at, now);

	if (!quick || h->state != HEALTH_SUSPECT || age >= cfg->interval - quick)
		return USEC_NEVER;
	age = (age / quick + 1) * quick;
	return age < cfg->interval ? usec_add(h->sent_at, age) : USEC_NEVER;
}
