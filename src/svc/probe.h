/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a path can be asked whether it works.  svc/health says when, a kind of probe says how:
 * it sends the question out of the tunnel's own device and tells which answer came, when, and
 * by which device.  What an answer means is for fsm/health_fsm to say.
 *
 * A kind embeds struct probe_kind as its first member and hides the rest.  It may keep what it
 * needs for one check in check->probe.
 */
#ifndef SVC_PROBE_H
#define SVC_PROBE_H

#include "base/addr.h"
#include "base/clock.h"
#include "svc/env.h"

#include <stdbool.h>
#include <stdint.h>

struct check;
struct probe_kind;
struct rawsock_from;
struct udp_quote;

enum probe_verdict {
	PROBE_REPLY,
	PROBE_UNREACHABLE, /* somebody says that the target cannot be reached */
	PROBE_REFUSED, /* the target itself says that it is not fit to carry */
	PROBE_TOO_BIG, /* of a large one: somebody says how large it may be */
	PROBE_NOTHING, /* there will be no answer: decides nothing, but check->detail says why */
};

struct probe_answer {
	enum probe_verdict verdict;
	uint32_t index,
		seq; /* of the check and its probe; the kind has proven that they are ours */
	struct addr src; /* who says so */
	int device; /* ifindex it came by */
	usec_t sent, at; /* sent 0: the round trip is not known */
	bool big; /* it is about what probe_icmp_send_big() sent */
	uint16_t bytes; /* big: of the whole answer; PROBE_TOO_BIG: of what would pass */
	const char
		*said; /* of PROBE_REFUSED: the target's words, static; NULL: no more than that */
};

typedef void probe_fn(void *ctx, const struct probe_answer *answer);

struct probe_ops {
	/* A second question while the first is unanswered may be answered sooner: the path is asked
	 * again and again while it is suspect. */
	bool repeats;
	void (*free)(struct probe_kind *k);
	/* The check's configuration is new or has changed: take it up.  NULL: nothing to do. */
	int (*start)(struct probe_kind *k, struct check *c);
	void (*stop)(struct probe_kind *k, struct check *c);
	/*
	 * Sends probe number c->seq: 0 or -errno.  With own_pace it sends nothing: 0 when
	 * something leaves by itself within an interval, or -EAGAIN.
	 */
	int (*send)(struct probe_kind *k, struct check *c);
	/* The loop, or futae-esp, was late: what the check made of it.  NULL: of no interest. */
	void (*late)(struct probe_kind *k, struct check *c, usec_t late);
	/* We are about to end: tells the peers.  NULL: nothing to tell. */
	void (*farewell)(struct probe_kind *k);
	/* Hands over, now, what has arrived: before any decision that missing replies could lead
	 * to.
	 */
	void (*drain)(struct probe_kind *k);
	/* Both ends speak by themselves: each answer stands for itself, and its seq is of no
	 * meaning.  Only silence is a failure. */
	bool own_pace;
};

struct probe_kind {
	const struct probe_ops *ops;
};

/* Each returns NULL when this machine cannot do it (it is logged), or memory ran out. */
struct probe_kind *probe_icmp_new(const struct env *env, probe_fn *fn, void *ctx);
/* An echo request that makes an IP packet of so many bytes, with a number of its own. */
int probe_icmp_send_big(struct probe_kind *k, struct check *c, uint32_t seq, uint16_t bytes);
struct probe_kind *probe_bfd_new(const struct env *env, probe_fn *fn, void *ctx);
struct probe_kind *probe_stamp_new(const struct env *env, probe_fn *fn, void *ctx);
struct probe_kind *probe_tcp_new(const struct env *env, probe_fn *fn, void *ctx);
struct probe_kind *probe_udp_new(const struct env *env, probe_fn *fn, void *ctx);
struct probe_kind *probe_http_new(const struct env *env, probe_fn *fn, void *ctx);
struct probe_kind *probe_https_new(const struct env *env, probe_fn *fn, void *ctx);

/* Puts an ICMP error into words, as check->detail. */
void probe_unreachable_text(struct check *c, const struct udp_quote *quote,
			    const struct rawsock_from *from);

#endif
