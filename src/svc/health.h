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

struct check {
	struct healths *owner;
	struct path *path;
	const struct conf_tunnel *conf; /* in the running configuration */
	struct health_cfg cfg;
	struct health fsm;
	struct probe_kind *kind; /* how it asks */
	void *probe; /* the kind's own, for this check */
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

/* Tells those at the other end, where a kind of probe has words for it, that we end. */
void healths_farewell(struct healths *hs);

/* For kinds of probe: what was agreed on with the peer, in place of what is configured. */
void check_set_pace(struct check *c, usec_t interval, usec_t silence);
/* For kinds with timers of their own, before what one decides: the lateness of it and of
 * futae-esp is taken note of. */
void check_note_late(struct check *c, usec_t due);

/* NULL: this machine has none of that kind. */
struct probe_kind *healths_kind(const struct healths *hs, enum conf_probe kind);
size_t healths_count(const struct healths *hs);
const struct check *healths_get(const struct healths *hs, size_t i);
const struct check *healths_by_name(const struct healths *hs, const char *tunnel);

#endif
