/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * BFD sessions as health checks.  Packets leave by the tunnel itself, past every route, and
 * what comes is taken only by the session's own device and from its own peer.
 */
#include "svc/probe_bfd.h"

#include "base/list.h"
#include "base/log.h"
#include "svc/bfd_auth.h"
#include "svc/bfd_in.h"
#include "svc/health.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* For jitter only. */
static uint32_t draw(struct bfd_probe *p)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;
	return (uint32_t)(p->random >> 16);
}

struct view bfd_session_key(const struct bfd_session *s)
{
	const struct conf_blob *b = &s->check->conf->health.bfd.key.psk;

	return (struct view){ b->data, b->len };
}

static void transmit(struct bfd_session *s, bool final)
{
	const uint16_t port = s->multihop ? BFD_PORT_MULTIHOP : BFD_PORT;
	/* RFC 5881, 4: the session's own, and always the same. */
	const struct endpoint src = { s->source, (uint16_t)(BFD_SOURCE_PORTS + s->check->index) };
	const struct endpoint dst = { s->target, port };
	const struct bfd_pkt packet = bfd_packet(&s->cfg, &s->fsm, final);
	uint8_t bytes[BFD_PKT_MAX], whole[BFD_WRAPPED_MAX];
	ssize_t n = bfd_pkt_encode(&packet, bytes, sizeof(bytes));

	if (n > 0 && packet.auth.type != BFD_AUTH_NONE &&
	    !bfd_auth_sign(bfd_session_key(s), bytes, (size_t)n))
		n = -EINVAL;
	if (n > 0)
		n = bfd_pkt_wrap(&src, &dst, (struct view){ bytes, (size_t)n }, whole,
				 sizeof(whole));
	if (n > 0 && path_express(s->check->path, (struct view){ whole, (size_t)n }) == 0) {
		s->sent++;
		s->check->sent++;
	} else {
		s->check->send_errors++;
	}
}

/* What the check counts by follows what was agreed on; while the session is down, what was agreed
 * on last, or the reason for that would look like another. */
static void set_pace(struct bfd_session *s)
{
	usec_t interval = bfd_rx_interval(&s->cfg, &s->fsm);
	usec_t silence = bfd_detection_time(&s->cfg, &s->fsm);

	if (s->fsm.state != BFD_UP)
		return;
	/* From the last answer, where the session counts from the poll after it. */
	if (bfd_demand_is_active(&s->cfg, &s->fsm))
		silence += interval;
	if (s->check->cfg.interval != interval || s->check->cfg.silence != silence)
		check_set_pace(s->check, interval, silence);
}

static void log_state(const struct bfd_session *s, enum bfd_state from)
{
	log_event(LOGL_NOTICE, "bfd.state",
		  "tunnel=%s from=%s to=%s diag=\"%s\" peer=%s peer_diag=\"%s\"",
		  s->check->path->name, bfd_state_name(from), bfd_state_name(s->fsm.state),
		  bfd_diag_text(s->fsm.diag), bfd_state_name(s->fsm.remote_state),
		  bfd_diag_text(s->fsm.remote_diag));
}

enum bfd_drop bfd_session_feed(struct bfd_session *s, struct bfd_event *ev)
{
	enum bfd_state was = s->fsm.state;
	struct bfd_step r;

	ev->random = draw(s->owner);
	r = bfd_step(&s->cfg, s->fsm, ev, clock_now());
	s->fsm = r.next;
	timer_at(&s->timer, r.next.deadline);
	if (r.actions & (BFD_SEND | BFD_SEND_FINAL))
		transmit(s, r.actions & BFD_SEND_FINAL);
	set_pace(s);
	if (r.actions & BFD_TELL_STATE) {
		s->downs += was == BFD_UP;
		log_state(s, was);
	}
	return r.drop;
}

static void bfd_drain(struct probe_kind *k)
{
	bfd_net_drain(&container_of(k, struct bfd_probe, kind)->net);
}

static struct bfd_sock *socket_of(const struct bfd_session *s)
{
	return bfd_net_sock(&s->owner->net, s->source.family, s->multihop);
}

static void close_unused(struct bfd_probe *p)
{
	for (size_t i = 0; i < BFD_NET_SOCKS; i++)
		p->net.sock[i].wanted = false;
	for (size_t i = 0; i < p->count; i++)
		if (p->sessions[i])
			socket_of(p->sessions[i])->wanted = true;
	bfd_net_close_unwanted(&p->net);
}

static void on_timer(struct timer *t)
{
	struct bfd_session *s = container_of(t, struct bfd_session, timer);
	struct bfd_event ev = { .kind = BFD_EV_TIMER };
	usec_t due = t->due;

	bfd_sock_open(socket_of(s));
	/* What waits came before anything that is decided now. */
	bfd_sock_drain(socket_of(s));
	if (s->fsm.detect_at <= clock_now())
		check_note_late(s->check, due);
	bfd_session_feed(s, &ev);
}

static void set_concatenated(struct bfd_session *s)
{
	const struct conf_bfd *c = &s->check->conf->health.bfd;
	const struct board *board = s->owner->env->board;
	struct bfd_event ev = { .kind = BFD_EV_CONCATENATED };

	ev.on = (*c->tell_vrrp && !board_is_good(board, BOARD_MASTER, c->tell_vrrp)) ||
		(*c->tell_track && !board_is_good(board, BOARD_TRACK, c->tell_track));
	if (ev.on != s->fsm.concatenated)
		bfd_session_feed(s, &ev);
}

static void on_board(struct board_watch *w, enum board_kind kind, const char *name)
{
	struct bfd_probe *p = container_of(w, struct bfd_probe, board_watch);

	(void)name;
	if (kind != BOARD_MASTER && kind != BOARD_TRACK)
		return;
	for (size_t i = 0; i < p->count; i++)
		if (p->sessions[i])
			set_concatenated(p->sessions[i]);
}

/* The configured times as BFD says them; the checker has made sure that it can. */
static struct bfd_cfg cfg_of(const struct conf_health *h, uint32_t discr)
{
	usec_t mult = h->detection.silence / h->detection.interval;

	return (struct bfd_cfg){ .discr = discr,
				 .tx = (uint32_t)h->detection.interval,
				 .rx = (uint32_t)h->detection.interval,
				 .mult = mult < UINT8_MAX ? (uint8_t)mult : UINT8_MAX,
				 .demand = h->bfd.demand,
				 .auth = (enum bfd_auth_type)h->bfd.auth,
				 .key_id = h->bfd.key_id };
}

/* Random but for the index, so that what was heard of an earlier session fits no later one. */
static uint32_t new_discr(uint32_t index)
{
	uint32_t discr = 0;

	if (getrandom(&discr, sizeof(discr), 0) != sizeof(discr) || !(discr >> BFD_INDEX_BITS))
		discr = 1u << BFD_INDEX_BITS;
	return (discr & ~(BFD_SESSIONS_MAX - 1)) | index;
}

static bool is_another(const struct bfd_session *s, const struct conf_health *h)
{
	return !addr_equal(&s->source, &h->source) || !addr_equal(&s->target, &h->target) ||
	       s->multihop != h->bfd.multihop;
}

static void begin(struct bfd_session *s, const struct conf_health *h)
{
	uint32_t seq = 0;

	(void)!getrandom(&seq, sizeof(seq), 0);
	s->source = h->source;
	s->target = h->target;
	s->multihop = h->bfd.multihop;
	s->cfg = cfg_of(h, new_discr(s->check->index));
	s->fsm = bfd_start(&s->cfg, seq, clock_now());
	timer_at(&s->timer, s->fsm.deadline);
}

static void bfd_stop(struct probe_kind *k, struct check *c)
{
	struct bfd_probe *p = container_of(k, struct bfd_probe, kind);
	struct bfd_session *s = c->probe;
	struct bfd_event ev = { .kind = BFD_EV_ADMIN, .on = true };

	if (!s)
		return;
	bfd_session_feed(s, &ev);
	timer_stop(&s->timer);
	p->sessions[c->index] = NULL;
	c->probe = NULL;
	free(s);
	close_unused(p);
}

static int bfd_begin(struct probe_kind *k, struct check *c)
{
	struct bfd_probe *p = container_of(k, struct bfd_probe, kind);
	const struct conf_health *h = &c->conf->health;
	struct bfd_event ev = { .kind = BFD_EV_CONFIG };
	struct bfd_session *s = c->probe;

	if (!s)
		s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->owner = p;
	s->check = c;
	if (!c->probe) {
		c->probe = p->sessions[c->index] = s;
		p->count = p->count > c->index ? p->count : c->index + 1u;
		timer_init(&s->timer, p->env->loop, on_timer);
		begin(s, h);
	} else if (is_another(s, h)) {
		struct bfd_event end = { .kind = BFD_EV_ADMIN, .on = true };

		bfd_session_feed(s, &end);
		begin(s, h);
		close_unused(p);
	}
	s->cfg = cfg_of(h, s->cfg.discr);
	bfd_sock_open(socket_of(s));
	bfd_session_feed(s, &ev);
	set_concatenated(s);
	return 0;
}

/* Packets leave by the session's own timer. */
static int bfd_send(struct probe_kind *k, struct check *c)
{
	const struct bfd_session *s = c->probe;

	(void)k;
	return s && bfd_tx_interval(&s->fsm) <= c->cfg.interval ? 0 : -EAGAIN;
}

static void bfd_late(struct probe_kind *k, struct check *c, usec_t late)
{
	struct bfd_event ev = { .kind = BFD_EV_LATE, .late = late };

	(void)k;
	if (c->probe)
		bfd_session_feed(c->probe, &ev);
}

static void bfd_farewell(struct probe_kind *k)
{
	const struct bfd_probe *p = container_of(k, struct bfd_probe, kind);

	for (size_t i = 0; i < p->count; i++) {
		struct bfd_event ev = { .kind = BFD_EV_ADMIN, .on = true };

		if (p->sessions[i])
			bfd_session_feed(p->sessions[i], &ev);
	}
}

static void bfd_free(struct probe_kind *k)
{
	struct bfd_probe *p = container_of(k, struct bfd_probe, kind);

	board_watch_remove(p->env->board, &p->board_watch);
	bfd_net_done(&p->net);
	free(p);
}

static const struct probe_ops bfd_ops = {
	.free = bfd_free,
	.start = bfd_begin,
	.stop = bfd_stop,
	.send = bfd_send,
	.late = bfd_late,
	.farewell = bfd_farewell,
	.drain = bfd_drain,
	.own_pace = true,
};

struct probe_kind *probe_bfd_new(const struct env *env, probe_fn *fn, void *ctx)
{
	struct bfd_probe *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->kind.ops = &bfd_ops;
	p->env = env;
	p->fn = fn;
	p->ctx = ctx;
	bfd_net_init(&p->net, env->loop);
	p->net.fn = bfd_in_take;
	p->net.ctx = p;
	if (getrandom(&p->random, sizeof(p->random), 0) != sizeof(p->random)) {
		free(p);
		return NULL;
	}
	p->random |= 1;
	p->board_watch.fn = on_board;
	board_watch_add(env->board, &p->board_watch);
	return &p->kind;
}

const struct bfd_session *probe_bfd_session(const struct check *c)
{
	return c->kind && c->kind->ops == &bfd_ops ? c->probe : NULL;
}

uint64_t probe_bfd_strays(struct probe_kind *k, enum bfd_reason reason)
{
	const struct bfd_probe *p = container_of(k, struct bfd_probe, kind);
	bool length = reason == BFD_REASON_PKT + (enum bfd_reason)BFD_PKT_LENGTH;

	return p->strays[reason] + (length ? p->net.too_long : 0);
}
