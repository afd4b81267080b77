/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What waits in front of a line of a given rate, as in an access router: urgent frames first, the
 * others in their order, each for no longer than the queue is allowed to be.
 */
#ifndef LAB_ACCESSQ_H
#define LAB_ACCESSQ_H

#include "base/buf.h"
#include "base/clock.h"

#include <stdbool.h>

struct accessq;

struct accessq_cfg {
	double rate; /* bytes per usec; 0: as fast as they come, and nothing waits */
	usec_t limit; /* how long the last frame in the queue may have to wait */
};

struct accessq *accessq_new(void); /* NULL: no memory */
void accessq_free(struct accessq *q);

/* False: the queue is as long as it may be, and the frame is dropped.  Urgent ones have a queue of
 * their own, which only their number bounds. */
bool accessq_push(struct accessq *q, const struct accessq_cfg *cfg, struct view frame, bool urgent,
		  usec_t now);
/*
 * The next frame that starts before `until`, and when its last bit has left; false: none.  The
 * frame is valid until the next push.
 */
bool accessq_next(struct accessq *q, const struct accessq_cfg *cfg, usec_t until,
		  struct view *frame, usec_t *leaves);
/* When the next frame may start; USEC_NEVER when none waits. */
usec_t accessq_due(const struct accessq *q);

#endif
