/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP echo (RFC 862): a datagram with a secret, a check and a number, which must come back. */
#include "svc/probe.h"

#include "base/list.h"
#include "base/log.h"
#include "svc/drop_log.h"
#include "svc/health.h"
#include "svc/udp_door.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define PAYLOAD 56 /* as ping's */

struct udp {
	struct probe_kind kind;
	const struct env *env;
	probe_fn *fn;
	void *ctx;
	struct udp_door door;
	uint64_t cookie; /* who does not know it cannot answer for a peer */
	struct check *checks[CONF_TUNNELS_MAX];
	struct drop_log drops;
};

static const char *const drop_names[] = { "stray" };

struct ours {
	struct check *check;
	uint32_t seq;
	usec_t sent;
};

/* Is this what we sent, or the beginning of it? */
static bool read_ours(const struct udp *p, struct view payload, struct ours *out)
{
	struct rbuf r = rbuf_of(payload.data, payload.len);
	uint64_t cookie = rbuf_u64(&r);
	uint32_t index = rbuf_u32(&r);

	out->seq = rbuf_u32(&r);
	out->sent = rbuf_u64(&r);
	if (r.failed || cookie != p->cookie || index >= CONF_TUNNELS_MAX || !p->checks[index])
		return false;
	out->check = p->checks[index];
	return true;
}

static void tell(const struct udp *p, enum probe_verdict verdict, const struct ours *o,
		 const struct addr *src, int device, usec_t at)
{
	p->fn(p->ctx, &(struct probe_answer){ .verdict = verdict,
					      .index = o->check->index,
					      .seq = o->seq,
					      .src = *src,
					      .device = device,
					      .sent = o->sent,
					      .at = at });
}

static void on_datagram(struct udp_door *d, struct view payload, const struct udpsock_from *from)
{
	struct udp *p = container_of(d, struct udp, door);
	struct ours o;

	if (read_ours(p, payload, &o) && from->src.port == o.check->conf->health.port)
		tell(p, PROBE_REPLY, &o, &from->src.addr, from->index, from->at);
	else
		drop_log_count(&p->drops, 0, &from->src.addr, from->index, from->at);
}

static void on_unreachable(struct udp_door *d, const struct udp_quote *quote,
			   const struct rawsock_from *from)
{
	struct udp *p = container_of(d, struct udp, door);
	struct ours o;

	if (!read_ours(p, quote->payload, &o)) {
		drop_log_count(&p->drops, 0, &from->src, from->index, from->at);
		return;
	}
	probe_unreachable_text(o.check, quote, from);
	tell(p, PROBE_UNREACHABLE, &o, &from->src, from->index, from->at);
}

static int udp_start(struct probe_kind *k, struct check *c)
{
	container_of(k, struct udp, kind)->checks[c->index] = c;
	return 0;
}

static void udp_stop(struct probe_kind *k, struct check *c)
{
	container_of(k, struct udp, kind)->checks[c->index] = NULL;
}

static int udp_send(struct probe_kind *k, struct check *c)
{
	const struct udp *p = container_of(k, struct udp, kind);
	const struct conf_health *h = &c->conf->health;
	const struct endpoint to = { h->target, h->port };
	uint8_t payload[PAYLOAD] = { 0 };
	struct wbuf w = wbuf_of(payload, sizeof(payload));

	wbuf_u64(&w, p->cookie);
	wbuf_u32(&w, c->index);
	wbuf_u32(&w, c->seq);
	wbuf_u64(&w, clock_now());
	return udp_door_send(&p->door, c->path, &h->source, &to,
			     (struct view){ payload, sizeof(payload) });
}

static void udp_drain(struct probe_kind *k)
{
	udp_door_drain(&container_of(k, struct udp, kind)->door);
}

static void udp_free(struct probe_kind *k)
{
	struct udp *p = container_of(k, struct udp, kind);

	udp_door_close(&p->door);
	free(p);
}

static const struct probe_ops udp_ops = {
	.free = udp_free,
	.start = udp_start,
	.stop = udp_stop,
	.send = udp_send,
	.drain = udp_drain,
};

struct probe_kind *probe_udp_new(const struct env *env, probe_fn *fn, void *ctx)
{
	struct udp *p = calloc(1, sizeof(*p));
	struct err err = { "no random numbers" };

	if (!p)
		return NULL;
	p->kind.ops = &udp_ops;
	p->env = env;
	p->fn = fn;
	p->ctx = ctx;
	p->door.on_datagram = on_datagram;
	p->door.on_unreachable = on_unreachable;
	p->drops =
		(struct drop_log){ .event = "udp-echo.dropped", .names = drop_names, .count = 1 };
	if (getrandom(&p->cookie, sizeof(p->cookie), 0) != sizeof(p->cookie) ||
	    udp_door_open(&p->door, env->loop, &err)) {
		log_event(LOGL_ERROR, "health.sockets", "error=\"%s\"", err.text);
		free(p);
		return NULL;
	}
	return &p->kind;
}
