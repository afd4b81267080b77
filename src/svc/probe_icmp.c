/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP echo out of one device, and replies in with the device they came by. */
#include "svc/agree.h"
#include "svc/health.h"

#include "base/list.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/rawsock.h"
#include "svc/probe.h"
#include "wire/icmp_pkt.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define PAYLOAD 56 /* what ping sends; the path MTU is not asked by these */
#define BATCH 256 /* replies taken in one turn */
#define BIG (UINT32_C(1) << 31) /* marks the check's number in large probes */
#define ICMP_HDR 8u

struct icmp {
	struct probe_kind kind;
	const struct env *env;
	probe_fn *fn;
	void *ctx;
	struct watch in[2]; /* ICMP, ICMPv6; fd -1: this kernel has none */
	uint64_t cookie; /* who does not know it cannot answer for a peer */
};

static size_t ip_header(enum addr_family family)
{
	return family == ADDR_V6 ? 40 : 20;
}

static enum probe_verdict verdict_of(enum icmp_kind kind)
{
	switch (kind) {
	case ICMP_KIND_REPLY:
		return PROBE_REPLY;
	case ICMP_KIND_UNREACHABLE:
		return PROBE_UNREACHABLE;
	case ICMP_KIND_TOO_BIG:
		return PROBE_TOO_BIG;
	}
	return PROBE_UNREACHABLE;
}

static uint16_t bytes_of(const struct icmp_answer *a, enum addr_family family)
{
	size_t n = a->kind == ICMP_KIND_TOO_BIG ? a->mtu : a->size + ip_header(family);

	return n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

static void take(struct icmp *p, enum addr_family family, struct view msg,
		 const struct rawsock_from *from)
{
	struct icmp_answer a;
	struct probe_answer r;

	/* Other programs' pings come here too: only ours know the cookie. */
	if (icmp_parse(family, msg, &a) || !a.has_probe || a.probe.cookie != p->cookie)
		return;
	r = (struct probe_answer){
		.verdict = verdict_of(a.kind),
		.index = a.probe.check & ~BIG,
		.big = a.probe.check & BIG,
		.bytes = bytes_of(&a, family),
		.seq = a.probe.sequence,
		.src = from->src,
		.device = from->index,
		.sent = a.probe.sent,
		.at = from->at,
	};
	p->fn(p->ctx, &r);
}

static void drain(struct icmp *p, enum addr_family family, int fd)
{
	static uint8_t buf[ICMP_PAYLOAD_MAX + 256];

	for (unsigned i = 0; fd >= 0 && i < BATCH; i++) {
		struct rawsock_from from;
		ssize_t n = rawsock_recv(fd, family, buf, sizeof(buf), &from);

		if (n < 0)
			return;
		take(p, family, (struct view){ buf, (size_t)n }, &from);
	}
}

static void icmp_drain(struct probe_kind *k)
{
	struct icmp *p = container_of(k, struct icmp, kind);

	drain(p, ADDR_V4, p->in[0].fd);
	drain(p, ADDR_V6, p->in[1].fd);
}

static void readable_v4(struct watch *w)
{
	drain(container_of(w, struct icmp, in[0]), ADDR_V4, w->fd);
}

static void readable_v6(struct watch *w)
{
	drain(container_of(w, struct icmp, in[1]), ADDR_V6, w->fd);
}

static int open_all(struct icmp *p, struct loop *loop)
{
	struct err err;
	int v4 = rawsock_icmp_open(ADDR_V4, &err), v6;

	watch_init(&p->in[0], loop, readable_v4);
	watch_init(&p->in[1], loop, readable_v6);
	p->in[0].fd = p->in[1].fd = -1;
	if (v4 < 0) {
		log_event(LOGL_ERROR, "health.sockets", "error=\"%s\"", err.text);
		return -EPERM;
	}
	watch_start(&p->in[0], v4, false);
	v6 = rawsock_icmp_open(ADDR_V6, &err);
	if (v6 >= 0)
		watch_start(&p->in[1], v6, false);
	return 0;
}

static void icmp_free(struct probe_kind *k)
{
	struct icmp *p = container_of(k, struct icmp, kind);

	for (size_t i = 0; i < ARRAY_LEN(p->in); i++)
		if (p->in[i].fd >= 0) {
			int fd = p->in[i].fd;

			watch_stop(&p->in[i]);
			close(fd);
		}
	free(p);
}

static int icmp_send(struct probe_kind *k, struct check *c)
{
	const struct icmp *p = container_of(k, struct icmp, kind);
	const struct icmp_probe probe = {
		.cookie = p->cookie, .check = c->index, .sequence = c->seq, .sent = clock_now()
	};
	uint8_t buf[256], word[AGREE_WORD_LEN];
	size_t len = agrees_say(p->env->agrees, c->path, word);
	ssize_t n = icmp_build_request(&c->conf->health.source, &c->conf->health.target,
				       (uint16_t)((p->cookie >> 48) ^ c->index), &probe,
				       (struct view){ word, len }, PAYLOAD, buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	return path_express(c->path, (struct view){ buf, (size_t)n });
}

int probe_icmp_send_big(struct probe_kind *k, struct check *c, uint32_t seq, uint16_t bytes)
{
	const struct icmp *p = container_of(k, struct icmp, kind);
	const struct icmp_probe probe = {
		.cookie = p->cookie, .check = c->index | BIG, .sequence = seq, .sent = clock_now()
	};
	static uint8_t buf[ICMP_PAYLOAD_MAX];
	size_t headers = ip_header(c->conf->health.target.family) + ICMP_HDR;
	ssize_t n;

	if (bytes < headers)
		return -EMSGSIZE;
	n = icmp_build_request(&c->conf->health.source, &c->conf->health.target,
			       (uint16_t)((p->cookie >> 48) ^ c->index), &probe,
			       (struct view){ NULL, 0 }, bytes - headers, buf, sizeof(buf));
	if (n < 0)
		return (int)n;
	return path_express(c->path, (struct view){ buf, (size_t)n });
}

static const struct probe_ops icmp_ops = {
	.repeats = true,
	.free = icmp_free,
	.send = icmp_send,
	.drain = icmp_drain,
};

struct probe_kind *probe_icmp_new(const struct env *env, probe_fn *fn, void *ctx)
{
	struct icmp *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->kind.ops = &icmp_ops;
	p->env = env;
	p->fn = fn;
	p->ctx = ctx;
	if (getrandom(&p->cookie, sizeof(p->cookie), 0) != sizeof(p->cookie) ||
	    open_all(p, env->loop)) {
		free(p);
		return NULL;
	}
	return &p->kind;
}
