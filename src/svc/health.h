/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Health checks: one for each tunnel.  Probes leave through the tunnel's own device, past
 * every route, and a reply counts only when it comes back by that device.
 */
#ifndef SVC_HEALTH_H
#define SVC_HEALTH_H

#include "conf/model.h"
#include "fsm/health_fsm.h"
#include "io/loop.h"
#include "svc/env.h"
#include "svc/path.h"

struct healths;
struct probe_kind;
struct stamp_stats;

struct check {
	struct healths *owner;
	struct path *path;
	const struct conf_tunnel *conf; /* in the running configuration */
	struct health_cfg cfg;
	struct health fsm;
	struct probe_kind *kind; /* how it asks */
	void *probe; /* the kind's own, for this check */
	char detail[96]; /* what the kind knows of why there is no good answer; "" after one */
	struct stamp_stats *stats; /* its hour of history; owned; NULL: no memory for it */
	struct timer tick, deadline;
	uint32_t index, seq; /* of the next probe */
	uint64_t sent, received, wrong, unreachable, send_errors;
	usec_t rtt; /* of the last reply */
	usec_t late_worst; /* of our own loop, since the start */
	/* The oldest probe of which nothing shows yet that futae-esp took it up; 0: none. */
	usec_t handed_at;
	uint64_t handed_tx; /* what had left by the tunnel before */
	int wrong_device; /* ifindex the last wrong reply came by */
	usec_t wrong_last;
	bool wanted;
};

struct healths *healths_new(const struct env *env);
void healths_free(struct healths *hs);
int healths_apply(struct healths *hs, const struct conf *conf);
void healths_prune(struct healths *hs);

size_t healths_count(const struct healths *hs);
const struct check *healths_get(const struct healths *hs, size_t i);
const struct check *healths_by_name(const struct healths *hs, const char *tunnel);
/* NULL: this machine has none, or no check asked for it yet. */
struct probe_kind *healths_kind(const struct healths *hs, enum conf_probe kind);

#endif
