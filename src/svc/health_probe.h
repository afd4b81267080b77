/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP echo out of one device, and replies in with the device they came by. */
#ifndef SVC_HEALTH_PROBE_H
#define SVC_HEALTH_PROBE_H

#include "base/addr.h"
#include "base/clock.h"

struct check;
struct loop;
struct prober;

enum prober_kind { PROBER_REPLY, PROBER_UNREACHABLE };

struct prober_reply {
	enum prober_kind kind;
	uint32_t index, seq; /* of the check and its probe: the cookie proves that they are ours */
	struct addr src;
	int device; /* ifindex it came by */
	usec_t sent, at;
};

typedef void prober_fn(void *ctx, const struct prober_reply *reply);

struct prober *prober_new(struct loop *loop, prober_fn *fn, void *ctx);
void prober_free(struct prober *p);
int prober_send(struct prober *p, const struct check *c);
/* Hands over, now, what has arrived: before any decision that missing replies could lead to. */
void prober_drain(struct prober *p);
uint64_t prober_random(struct prober *p);

#endif
