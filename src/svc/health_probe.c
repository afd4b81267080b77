/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/health_probe.h"

#include "base/hash.h"
#include "base/list.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/rawsock.h"
#include "svc/health.h"
#include "wire/icmp_pkt.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <unistd.h>

#define PAYLOAD 56 /* what ping sends; the path MTU is not asked by these */
#define BATCH 256 /* replies taken in one turn */

struct prober {
	prober_fn *fn;
	void *ctx;
	struct watch in[2]; /* ICMP, ICMPv6; fd -1: this kernel has none */
	uint64_t cookie; /* who does not know it cannot answer for a peer */
	uint64_t random;
};

static void take(struct prober *p, enum addr_family family, struct view msg,
		 const struct rawsock_from *from)
{
	struct icmp_answer a;
	struct prober_reply r;

	/* Other programs' pings come here too: only ours know the cookie. */
	if (icmp_parse(family, msg, &a) || !a.has_probe || a.probe.cookie != p->cookie)
		return;
	r = (struct prober_reply){
		.kind = a.kind == ICMP_KIND_REPLY ? PROBER_REPLY : PROBER_UNREACHABLE,
		.index = a.probe.check,
		.seq = a.probe.sequence,
		.src = from->src,
		.device = from->index,
		.sent = a.probe.sent,
		.at = from->at,
	};
	p->fn(p->ctx, &r);
}

static void drain(struct prober *p, enum addr_family family, int fd)
{
	uint8_t buf[2048];

	for (unsigned i = 0; fd >= 0 && i < BATCH; i++) {
		struct rawsock_from from;
		ssize_t n = rawsock_recv(fd, family, buf, sizeof(buf), &from);

		if (n < 0)
			return;
		take(p, family, (struct view){ buf, (size_t)n }, &from);
	}
}

void prober_drain(struct prober *p)
{
	drain(p, ADDR_V4, p->in[0].fd);
	drain(p, ADDR_V6, p->in[1].fd);
}

static void readable_v4(struct watch *w)
{
	drain(container_of(w, struct prober, in[0]), ADDR_V4, w->fd);
}

static void readable_v6(struct watch *w)
{
	drain(container_of(w, struct prober, in[1]), ADDR_V6, w->fd);
}

static int open_all(struct prober *p, struct loop *loop)
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

struct prober *prober_new(struct loop *loop, prober_fn *fn, void *ctx)
{
	struct prober *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->fn = fn;
	p->ctx = ctx;
	if (getrandom(&p->cookie, sizeof(p->cookie), 0) != sizeof(p->cookie) || open_all(p, loop)) {
		free(p);
		return NULL;
	}
	return p;
}

void prober_free(struct prober *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < ARRAY_LEN(p->in); i++)
		if (p->in[i].fd >= 0) {
			int fd = p->in[i].fd;

			watch_stop(&p->in[i]);
			close(fd);
		}
	free(p);
}

int prober_send(struct prober *p, const struct check *c)
{
	const struct icmp_probe probe = {
		.cookie = p->cookie, .check = c->index, .sequence = c->seq, .sent = clock_now()
	};
	uint8_t buf[256];
	ssize_t n = icmp_build_request(&c->conf->health.source, &c->conf->health.target,
				       (uint16_t)((p->cookie >> 48) ^ c->index), &probe, PAYLOAD,
				       buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	return path_express(c->path, (struct view){ buf, (size_t)n });
}

uint64_t prober_random(struct prober *p)
{
	const struct hash_key key = { p->cookie, p->random++ };

	return hash_bytes(&key, "phase", 5);
}
