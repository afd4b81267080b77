/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Health checks: one for each tunnel.  Probes leave through the tunnel's own device, past
 * every route, and a reply counts only when it comes back by that device.
 */
#ifndef SVC_HEALTH_H
#define SVC_HEALTH_H

#include "base/spread.h"
#include "conf/model.h"
#include "fsm/health_auto.h"
#include "fsm/health_fsm.h"
#include "fsm/measure.h"
#include "io/loop.h"
#include "svc/env.h"
#include "svc/grade.h"
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
	struct stamp_stats *stats; /* its hour of history; owned; NULL: no memory for it, or BFD */
	usec_t sent_last; /* when the last probe went */
	usec_t planned; /* when the next turn would have been, had it not been hurried; 0: it was
			   not */
	struct timer tick, deadline, copy;
	uint32_t index;
	uint32_t number; /* of the newest probe, as the fsm counts */
	uint32_t seq; /* of the next packet: probes' numbers times HEALTH_COPIES, plus the copy */
	struct measure measure; /* what the path has shown over hours */
	struct health_auto automatic; /* where conf says so: what it chose */
	uint64_t sent, repeated /* of these */, received, wrong, unreachable, send_errors;
	usec_t rtt; /* of the last reply */
	usec_t late_worst; /* of our own loop, since the start */
	/* The oldest probe of which nothing shows yet that futae-esp took it up; 0: none. */
	usec_t handed_at;
	uint64_t handed_tx; /* what had left by the tunnel before */
	int wrong_device; /* ifindex the last wrong reply came by */
	usec_t wrong_last;
	struct grading grading; /* whether it is worth using, when it works */
	bool wanted;
};

struct healths *healths_new(const struct env *env);
void healths_free(struct healths *hs);
int healths_apply(struct healths *hs, const struct conf *conf);
void healths_prune(struct healths *hs);
/* The next probe of this path goes now, not when its turn comes. */
void healths_hurry(struct healths *hs, const struct path *p);
/* The peer says that it hears nothing of us; or that what is behind it cannot be reached. */
void healths_unheard(struct healths *hs, const struct path *p);
void healths_unfit(struct healths *hs, const struct path *p);

/* How late probes have left after they were due, of all checks, since the start. */
const struct spread *healths_lateness(const struct healths *hs);
/* Tells those at the other end, where a kind of probe has words for it, that we end. */
void healths_farewell(struct healths *hs);

/* For kinds of probe: what was agreed on with the peer, in place of what is configured. */
void check_set_pace(struct check *c, usec_t interval, usec_t silence);
/* For kinds with timers of their own, before what one decides: the lateness of it and of
 * futae-esp is taken note of. */
void check_note_late(struct check *c, usec_t due);

size_t healths_count(const struct healths *hs);
const struct check *healths_get(const struct healths *hs, size_t i);
const struct check *healths_by_path(const struct healths *hs, const struct path *p);
const struct check *healths_by_name(const struct healths *hs, const char *tunnel);
/* NULL: this machine has none, or no check asked for it yet. */
struct probe_kind *healths_kind(const struct healths *hs, enum conf_probe kind);

/* What people call the state: "degraded" where it works and is not worth using. */
const char *check_state_word(const struct check *c);
usec_t check_since(const struct check *c); /* it has been in that */
/* Writes into the path why it is in this state. */
void check_say_why(struct check *c);
/* Our own interface below this tunnel is down: a few words on why; NULL: it is back. */
void healths_link(struct healths *hs, const char *tunnel, const char *why);

#endif
