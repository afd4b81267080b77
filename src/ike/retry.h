/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether and when to dial: pure.  A connection that is to be up is dialled for ever, with a
 * growing pause after failures, and never while somebody's attempt is under way.
 */
#ifndef IKE_RETRY_H
#define IKE_RETRY_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

#define RETRY_FIRST (1 * USEC_PER_SEC)
#define RETRY_MOST (60 * USEC_PER_SEC)
/* Whoever set up an IKE_SA also sets up its CHILD_SAs: leave it this long to do so. */
#define RETRY_SETTLE (3 * USEC_PER_SEC)

/* The pause after the n-th failure in a row (1 ...): 1 s, 2 s, ... 60 s, each less up to a quarter,
 * so that many tunnels that failed together do not come back together. */
usec_t retry_pause(uint32_t failures, uint32_t random);

struct retry_view {
	bool initiate;
	bool ike_up, ike_connecting;
	unsigned missing; /* CHILD_SAs wanted and not there */
	usec_t not_before;
};

enum retry_do { RETRY_NOTHING, RETRY_WAIT, RETRY_IKE, RETRY_CHILDREN };

/* RETRY_WAIT: ask again at view->not_before.  RETRY_NOTHING: ask again when something changed. */
enum retry_do retry_decide(const struct retry_view *v, usec_t now);

#endif
