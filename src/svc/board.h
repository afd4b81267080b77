/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the features tell each other: named facts, good or not, with the reason in words.
 * Health says "tunnel line1 is not good", VRRP and tracks listen; none of them knows the other.
 */
#ifndef SVC_BOARD_H
#define SVC_BOARD_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>

enum board_kind {
	BOARD_TUNNEL,
	BOARD_INTERFACE,
	BOARD_TRACK,
	BOARD_ROUTE,
	BOARD_VRRP, /* it runs, as master or backup */
	BOARD_MASTER, /* the same, as master */
	BOARD_HEALTH, /* the tunnel's path answers, usable or not */
	BOARD_ADDRESS, /* the interface has carrier and an address */
	BOARD_OPER, /* the interface's operational state is up */
	BOARD_PREFIX, /* the kernel has this route */
	BOARD_SCRIPT, /* the script of the track of this name says so */
};

#define BOARD_NAME 96
#define BOARD_WHY 256

struct board_fact {
	enum board_kind kind;
	char name[BOARD_NAME];
	bool good;
	bool held; /* not good, but only because it must stay good for a while first */
	bool degraded; /* good, but used only if nothing better is */
	char why[BOARD_WHY];
	usec_t since; /* when good last changed */
};

/*
 * Embedded in a listener; called after a fact changed between good and not, or between held
 * and not, was made or forgotten.
 */
struct board_watch {
	void (*fn)(struct board_watch *w, enum board_kind kind, const char *name);
	struct board_watch *next;
};

struct board;

struct board *board_new(void);
void board_free(struct board *b);
void board_watch_add(struct board *b, struct board_watch *w);
void board_watch_remove(struct board *b, struct board_watch *w);
/* Tells the watchers only when `good` differs from before (or the fact is new). */
void board_set(struct board *b, enum board_kind kind, const char *name, bool good, const char *why,
	       usec_t now);
/* Watchers are told of a change of this too.  Has no meaning for what is good. */
void board_hold(struct board *b, enum board_kind kind, const char *name, bool held);
/* Watchers are told of a change of this too. */
void board_degrade(struct board *b, enum board_kind kind, const char *name, bool degraded);
void board_forget(struct board *b, enum board_kind kind, const char *name);
/* NULL: nobody has said anything about it, which listeners take as not good. */
const struct board_fact *board_get(const struct board *b, enum board_kind kind, const char *name);
bool board_is_held(const struct board *b, enum board_kind kind, const char *name);
bool board_is_degraded(const struct board *b, enum board_kind kind, const char *name);
bool board_is_good(const struct board *b, enum board_kind kind, const char *name);
const char *board_kind_name(enum board_kind kind); /* "tunnel" */

#endif
