/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a health check has seen: the bookkeeping of probes, replies, signs of life and
 * traffic below the decisions of health_fsm.c, and the questions those ask.
 */
#ifndef FSM_HEALTH_SEEN_H
#define FSM_HEALTH_SEEN_H

#include "fsm/health_fsm.h"

/* Forgets what was seen of the path, for it is another one now (new SA, switched on). */
void health_seen_reset(struct health *h, usec_t now);
void health_seen_sent(struct health *h, uint32_t seq, usec_t now);
/* False for duplicates and for answers to what was never asked. */
bool health_seen_reply(struct health *h, const struct health_event *ev, usec_t now);
void health_seen_life(const struct health_cfg *cfg, struct health *h, const struct health_event *ev,
		      usec_t now);
void health_seen_late(const struct health_cfg *cfg, struct health *h, const struct health_event *ev,
		      usec_t now);
/* How much of a silence a guess may excuse. */
usec_t health_guess_usec(const struct health_cfg *cfg);
void health_seen_wrong(struct health *h, const struct health_event *ev, usec_t now);
/* Whether this is about one of the last probes, and newly said. */
bool health_seen_unreachable(struct health *h, const struct health_event *ev, usec_t now);

/* Probes that should have been answered by now, since the last that was. */
unsigned health_missing(const struct health_cfg *cfg, const struct health *h, usec_t now);
/* When there will be n of them if nothing more is sent or received; USEC_NEVER: not. */
usec_t health_missing_at(const struct health_cfg *cfg, const struct health *h, unsigned n);
/* How many must be missing for silence to be believed. */
unsigned health_misses_needed(const struct health_cfg *cfg);
/* The limit while signs of life arrive. */
usec_t health_patience_usec(const struct health_cfg *cfg);
/* Traffic since the last reply, and what would be usual in that time. */
uint64_t health_packets(const struct health *h);
uint64_t health_packets_usual(const struct health_cfg *cfg, const struct health *h);
bool health_has_collapsed(const struct health_cfg *cfg, const struct health *h, usec_t now);
/* Without replies for so long, a trickle of what is usual is as bad as nothing. */
usec_t health_trickle_usec(const struct health_cfg *cfg);

#endif
