/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/bfd_fsm.h"

#include "base/list.h"

#define SEQ_WINDOW 3u /* times Detect Mult (6.7.3, 6.7.4) */

const char *bfd_drop_name(enum bfd_drop drop)
{
	static const char *const names[] = {
#define X(id, text) text,
		BFD_DROPS(X)
#undef X
	};

	return drop < ARRAY_LEN(names) ? names[drop] : "unknown";
}

static uint32_t max32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static uint32_t tx_wanted(const struct bfd_cfg *cfg, const struct bfd *b)
{
	return b->state == BFD_UP ? cfg->tx : max32(cfg->tx, (uint32_t)BFD_SLOW_USEC);
}

/* 6.8.1 */
struct bfd bfd_start(const struct bfd_cfg *cfg, uint32_t seq, usec_t now)
{
	struct bfd b = {
		.state = BFD_DOWN,
		.remote_state = BFD_DOWN,
		.since = now,
		.rx_said = cfg->rx,
		.rx_used = cfg->rx,
		.remote_rx = 1,
		.remote_mult = cfg->mult,
		.seq_out = seq,
		.send_at = now,
		.detect_at = USEC_NEVER,
		.deadline = now,
	};

	b.tx_said = b.tx_used = tx_wanted(cfg, &b);
	return b;
}

static bool both_up(const struct bfd *b)
{
	return b->state == BFD_UP && b->remote_state == BFD_UP;
}

bool bfd_demand_is_active(const struct bfd_cfg *cfg, const struct bfd *b)
{
	return cfg->demand && both_up(b);
}

usec_t bfd_tx_interval(const struct bfd *b)
{
	return b->remote_rx == 0 ? USEC_NEVER : max32(b->tx_used, b->remote_rx);
}

usec_t bfd_rx_interval(const struct bfd_cfg *cfg, const struct bfd *b)
{
	if (bfd_demand_is_active(cfg, b))
		return max32(b->tx_used, b->remote_rx);
	return max32(b->rx_used, b->remote_tx);
}

/* 6.8.4: by the peer's multiplier, but in demand mode, where we do the asking, by ours. */
usec_t bfd_detection_time(const struct bfd_cfg *cfg, const struct bfd *b)
{
	uint8_t mult = bfd_demand_is_active(cfg, b) ? cfg->mult : b->remote_mult;

	return mult * bfd_rx_interval(cfg, b);
}

/* 6.8.7: who asked for demand mode, or for no packets, gets none but polls; and in demand mode
 * ourselves it is the polls that keep us informed. */
static bool sends_periodically(const struct bfd_cfg *cfg, const struct bfd *b)
{
	if (b->polling || bfd_demand_is_active(cfg, b))
		return true;
	return b->remote_rx != 0 && !(b->remote_demand && both_up(b));
}

/* 6.8.7: 75 to 100 % of the interval by chance, at most 90 % where one lost packet decides. */
static usec_t jittered(const struct bfd_cfg *cfg, usec_t interval, uint32_t random)
{
	uint32_t least = cfg->mult == 1 ? 10 : 0;
	usec_t permille = 10 * least + random % (10 * (25 - least) + 1);

	return usec_max(interval - interval * permille / 1000, 1);
}

static usec_t next_send(const struct bfd_cfg *cfg, const struct bfd *b, uint32_t random)
{
	usec_t interval = bfd_tx_interval(b);

	if (!sends_periodically(cfg, b))
		return USEC_NEVER;
	/* A poll to one that wants no packets still has to be answered; one a second is enough. */
	if (interval == USEC_NEVER)
		interval = max32(b->tx_used, (uint32_t)BFD_SLOW_USEC);
	return usec_add(b->sent_at, jittered(cfg, interval, random));
}

static void begin_poll(struct bfd *b)
{
	b->polling = true;
	b->poll_again = false;
	b->poll_at = 0;
}

/* The peer knows all that we say now: it holds. */
static void end_poll(struct bfd *b)
{
	b->polling = false;
	if (b->poll_again) {
		begin_poll(b);
		return;
	}
	b->tx_used = b->tx_said;
	b->rx_used = b->rx_said;
}

/*
 * 6.8.3: each change is told by a poll while the session is Up.  Until that is answered we go on
 * sending as often as the peer expects, and expecting as little as it may send.
 */
static void retime(const struct bfd_cfg *cfg, struct bfd *b)
{
	uint32_t tx = tx_wanted(cfg, b);

	if (tx == b->tx_said && cfg->rx == b->rx_said)
		return;
	b->tx_said = tx;
	b->rx_said = cfg->rx;
	if (b->state != BFD_UP || tx < b->tx_used)
		b->tx_used = tx;
	if (b->state != BFD_UP || cfg->rx > b->rx_used)
		b->rx_used = cfg->rx;
	if (b->state != BFD_UP)
		return;
	if (b->polling)
		b->poll_again = true;
	else
		begin_poll(b);
}

static unsigned enter(const struct bfd_cfg *cfg, struct bfd *b, enum bfd_state to, uint8_t diag,
		      usec_t now)
{
	b->state = to;
	b->diag = diag;
	b->since = now;
	if (to != BFD_UP) {
		/* What was not agreed on is moot: both are slow again. */
		b->polling = b->poll_again = false;
		b->tx_used = b->tx_said;
		b->rx_used = b->rx_said;
	}
	retime(cfg, b);
	/* 6.8.7: a packet that says something new need not wait for its turn. */
	return BFD_TELL_STATE | BFD_SEND;
}

static void arm_detection(const struct bfd_cfg *cfg, struct bfd *b)
{
	if (bfd_demand_is_active(cfg, b)) {
		/* 6.8.4: from the first packet of the poll. */
		b->detect_at = b->polling && b->poll_at
				       ? usec_add(b->poll_at, bfd_detection_time(cfg, b))
				       : USEC_NEVER;
	} else {
		/* 6.6: what the peer sends by itself it ceases when we go to demand mode, and
		 * begins anew when we leave. */
		b->detect_at =
			b->heard ? usec_add(b->heard_at, bfd_detection_time(cfg, b)) : USEC_NEVER;
	}
	if (b->detect_at != USEC_NEVER)
		b->detect_at = usec_add(b->detect_at, b->excused);
}

/* 6.7.3, 6.7.4.  Numbers live on a circle. */
static bool seq_fits(const struct bfd *b, const struct bfd_pkt *p)
{
	uint32_t ahead = p->auth.seq - b->seq_in;

	if (!b->seq_known)
		return true;
	return ahead <= SEQ_WINDOW * p->mult &&
	       (ahead > 0 || p->auth.type != BFD_AUTH_METICULOUS_SHA1);
}

static enum bfd_drop judge_auth(const struct bfd_cfg *cfg, struct bfd *b,
				const struct bfd_event *ev)
{
	const struct bfd_pkt *p = ev->packet;

	if (p->auth.type != cfg->auth)
		return p->auth.type == BFD_AUTH_NONE ? BFD_DROP_AUTH_MISSING : BFD_DROP_AUTH_TYPE;
	if (cfg->auth == BFD_AUTH_NONE)
		return BFD_DROP_NONE;
	if (p->auth.key_id != cfg->key_id)
		return BFD_DROP_KEY_ID;
	if (!seq_fits(b, p))
		return BFD_DROP_SEQUENCE;
	if (!ev->authentic)
		return BFD_DROP_DIGEST;
	b->seq_known = true;
	b->seq_in = p->auth.seq;
	return BFD_DROP_NONE;
}

/* The table of 6.8.6. */
static unsigned change_state(const struct bfd_cfg *cfg, struct bfd *b, enum bfd_state heard,
			     usec_t now)
{
	switch (b->state) {
	case BFD_ADMIN_DOWN:
		break;
	case BFD_DOWN:
		if (heard == BFD_DOWN)
			return enter(cfg, b, BFD_INIT, BFD_DIAG_NONE, now);
		if (heard == BFD_INIT)
			return enter(cfg, b, BFD_UP, BFD_DIAG_NONE, now);
		break;
	case BFD_INIT:
		if (heard == BFD_ADMIN_DOWN)
			return enter(cfg, b, BFD_DOWN, BFD_DIAG_NEIGHBOR, now);
		if (heard == BFD_INIT || heard == BFD_UP)
			return enter(cfg, b, BFD_UP, BFD_DIAG_NONE, now);
		break;
	case BFD_UP:
		if (heard == BFD_ADMIN_DOWN || heard == BFD_DOWN)
			return enter(cfg, b, BFD_DOWN, BFD_DIAG_NEIGHBOR, now);
		break;
	}
	return 0;
}

static void learn(struct bfd *b, const struct bfd_pkt *p)
{
	b->remote_discr = p->my_discr;
	b->remote_state = p->state;
	b->remote_diag = p->diag;
	b->remote_demand = p->demand;
	b->remote_rx = p->rx;
	b->remote_tx = p->tx;
	b->remote_mult = p->mult;
}

static unsigned take_packet(const struct bfd_cfg *cfg, struct bfd *b, const struct bfd_event *ev,
			    usec_t now, enum bfd_drop *drop)
{
	const struct bfd_pkt *p = ev->packet;
	usec_t at = ev->at ? usec_min(ev->at, now) : now;
	unsigned actions;

	/* 6.8.1: after two detection times without a packet its numbers may begin anew. */
	if (usec_since(b->heard_at, at) >= 2 * bfd_detection_time(cfg, b))
		b->seq_known = false;
	if (p->your_discr && p->your_discr != cfg->discr)
		*drop = BFD_DROP_DISCR;
	else if (b->state == BFD_ADMIN_DOWN)
		*drop = BFD_DROP_ADMIN;
	else
		*drop = judge_auth(cfg, b, ev);
	if (*drop != BFD_DROP_NONE)
		return 0;
	learn(b, p);
	if (p->final && b->polling)
		end_poll(b);
	b->heard = true;
	b->heard_at = usec_max(b->heard_at, at);
	b->excused = 0;
	actions = change_state(cfg, b, p->state, now);
	/* 6.8.7: answered at once, whatever the interval; the answer says what is new, too. */
	if (p->poll)
		actions = (actions & ~(unsigned)BFD_SEND) | BFD_SEND_FINAL;
	return actions;
}

static unsigned expire(const struct bfd_cfg *cfg, struct bfd *b, usec_t now)
{
	bool alive = b->state == BFD_INIT || b->state == BFD_UP;

	b->heard = false;
	b->remote_discr = 0;
	/* What it wanted was the wish of a peer that is gone: whoever comes next says so anew. */
	b->remote_demand = false;
	b->remote_rx = 1;
	b->remote_state = BFD_DOWN;
	return alive ? enter(cfg, b, BFD_DOWN, BFD_DIAG_EXPIRED, now) : 0;
}

/* 6.8.16 */
static unsigned set_admin(const struct bfd_cfg *cfg, struct bfd *b, bool on, usec_t now)
{
	if (on == (b->state == BFD_ADMIN_DOWN))
		return 0;
	return on ? enter(cfg, b, BFD_ADMIN_DOWN, BFD_DIAG_ADMIN, now)
		  : enter(cfg, b, BFD_DOWN, BFD_DIAG_NONE, now);
}

/* 6.8.17, RFC 5882 4.3.3: the session stays as it is, only the word changes. */
static unsigned set_concatenated(struct bfd *b, bool on)
{
	if (b->concatenated == on)
		return 0;
	b->concatenated = on;
	return b->state == BFD_UP ? BFD_SEND : 0;
}

/* What was not heard because we slept is no silence; more than one detection time is. */
static void excuse(const struct bfd_cfg *cfg, struct bfd *b, usec_t late, usec_t now)
{
	usec_t max = bfd_detection_time(cfg, b);

	late = usec_min(late, usec_since(b->blind_until, now));
	b->blind_until = now;
	b->excused = usec_min(usec_add(b->excused, late), max);
}

/* Accounts for the packet that the caller is about to send. */
static void note_sent(const struct bfd_cfg *cfg, struct bfd *b, bool final, uint32_t random,
		      usec_t now)
{
	/* Also without meticulous: a number is never used for two different packets (6.7.4). */
	b->seq_out++;
	if (final)
		return; /* out of turn: does not move our own pace */
	/* 6.6: in demand mode each of our packets asks whether the peer is still there. */
	if (bfd_demand_is_active(cfg, b) && !b->polling)
		begin_poll(b);
	if (b->polling && !b->poll_at)
		b->poll_at = now;
	b->sent_at = now;
	b->send_at = next_send(cfg, b, random);
}

/* The interval may have become shorter, or sending been taken up, since send_at was drawn. */
static void reschedule(const struct bfd_cfg *cfg, struct bfd *b, const struct bfd *old,
		       uint32_t random)
{
	if (!sends_periodically(cfg, b))
		b->send_at = USEC_NEVER;
	else if (b->send_at == USEC_NEVER || bfd_tx_interval(b) != bfd_tx_interval(old))
		b->send_at = next_send(cfg, b, random);
}

struct bfd_step bfd_step(const struct bfd_cfg *cfg, struct bfd b, const struct bfd_event *ev,
			 usec_t now)
{
	const struct bfd old = b;
	struct bfd_step s = { .drop = BFD_DROP_NONE };

	switch (ev->kind) {
	case BFD_EV_PACKET:
		s.actions = take_packet(cfg, &b, ev, now, &s.drop);
		break;
	case BFD_EV_TIMER:
		if (now >= b.detect_at)
			s.actions = expire(cfg, &b, now);
		break;
	case BFD_EV_CONFIG:
		retime(cfg, &b);
		break;
	case BFD_EV_ADMIN:
		s.actions = set_admin(cfg, &b, ev->on, now);
		break;
	case BFD_EV_CONCATENATED:
		s.actions = set_concatenated(&b, ev->on);
		break;
	case BFD_EV_LATE:
		excuse(cfg, &b, ev->late, now);
		break;
	}
	reschedule(cfg, &b, &old, ev->random);
	/* After that: what has expired may have changed our pace, too. */
	if (ev->kind == BFD_EV_TIMER && now >= b.send_at)
		s.actions |= BFD_SEND;
	if (s.actions & (BFD_SEND | BFD_SEND_FINAL))
		note_sent(cfg, &b, s.actions & BFD_SEND_FINAL, ev->random, now);
	arm_detection(cfg, &b);
	b.deadline = usec_min(b.send_at, b.detect_at);
	s.next = b;
	return s;
}

/* 6.8.7 */
struct bfd_pkt bfd_packet(const struct bfd_cfg *cfg, const struct bfd *b, bool final)
{
	struct bfd_pkt p = {
		.diag = b->diag,
		.state = b->state,
		.poll = b->polling && !final,
		.final = final,
		.demand = bfd_demand_is_active(cfg, b),
		.mult = cfg->mult,
		.my_discr = cfg->discr,
		.your_discr = b->remote_discr,
		.tx = b->tx_said,
		.rx = b->rx_said,
		.auth = { .type = cfg->auth },
	};

	if (b->state == BFD_UP && b->concatenated)
		p.diag = BFD_DIAG_CONCATENATED;
	if (cfg->auth != BFD_AUTH_NONE) {
		p.auth.key_id = cfg->key_id;
		p.auth.seq = b->seq_out;
		p.auth.len = BFD_DIGEST;
	}
	return p;
}
