/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Do packets as large as the tunnel's MTU arrive?  A line whose MTU is smaller than thought,
 * with nobody who says so (RFC 2923, 2.1: a black hole), passes every ping and stalls every
 * download.  So an echo request of full size is sent now and then, and one that is lost is
 * followed at once by more, until chance is ruled out.  Then the largest size that passes is
 * searched for by halving, in bounded steps.
 *
 * A peer that never answered one of full size may just not answer such: not known, and no
 * verdict.  What a router or futae-esp itself calls too big is no black hole: hosts are told.
 */
#ifndef FSM_SIZE_FSM_H
#define FSM_SIZE_FSM_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum size_state {
	SIZE_UNKNOWN, /* never answered: where everything starts */
	SIZE_GOOD,
	SIZE_BROKEN, /* it was answered once, and now it is not, while small ones are */
};

struct size_cfg {
	uint16_t small, full; /* bytes of the whole inner packet */
	usec_t every; /* 0: never asked */
	usec_t wait; /* for one reply */
};

enum size_event_kind {
	SIZE_EV_TIMER, /* at next.deadline */
	SIZE_EV_REPLY, /* seq */
	SIZE_EV_TOO_BIG, /* seq; somebody said so: mtu */
	SIZE_EV_HURRY, /* the path may be another one now: ask at once */
};

struct size_event {
	enum size_event_kind kind;
	uint32_t seq;
	uint16_t mtu; /* of the inner packet, that would pass */
	/* SIZE_EV_TIMER: of the small probes */
	unsigned loss_permille;
	usec_t small_reply; /* when the last one was answered; 0: never */
};

struct size_probe {
	enum size_state state;
	usec_t since, deadline;
	uint32_t seq; /* of the last one sent */
	usec_t sent_at;
	uint16_t sent; /* its size */
	bool waiting; /* for its reply */
	unsigned lost, answered; /* of full size, in a row */
	/* The search: the largest size that arrived, the smallest that did not. */
	bool searching;
	uint16_t passes, fails; /* passes 0: nothing was searched yet */
	unsigned search_lost; /* of this size, in a row */
	usec_t searched; /* when it last began; 0: never */
	/* Told to be the most: asked no larger until it is forgotten. */
	uint16_t told;
	usec_t told_until;
};

struct size_step {
	struct size_probe next;
	uint16_t send; /* bytes; with number next.seq; 0: nothing */
	bool changed; /* the state, or what the search found */
};

#define SIZE_LOST_LEAST 3u /* in a row, to be believed */
#define SIZE_LOST_MOST 10u /* on the worst of lines */
#define SIZE_PRECISION 8u /* bytes that the search leaves open */

struct size_probe size_start(usec_t now);
struct size_step size_step(const struct size_cfg *cfg, struct size_probe p,
			   const struct size_event *ev, usec_t now);
/* How many must be lost in a row at this loss of small packets: by chance once in a million. */
unsigned size_losses_needed(unsigned loss_permille);
/* What is asked for now: the MTU, or less where somebody has said that it is too much. */
uint16_t size_full(const struct size_cfg *cfg, const struct size_probe *p, usec_t now);
const char *size_state_name(enum size_state state); /* "not-known", "pass", "die" */
/* A sentence with the evidence.  Returns out. */
const char *size_text(const struct size_cfg *cfg, const struct size_probe *p, usec_t now, char *out,
		      size_t size);

#endif
