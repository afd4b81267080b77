/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames in flight on a line, ordered by the time they leave it.  Bounded: full is full. */
#ifndef LAB_FRAMEQ_H
#define LAB_FRAMEQ_H

#include "base/buf.h"
#include "base/clock.h"

#include <stdbool.h>

#define FRAME_MAX 2048 /* offloads are off, so no frame is longer than the MTU allows */

struct frameq;

struct frameq *frameq_new(size_t capacity); /* NULL: no memory */
void frameq_free(struct frameq *q);
bool frameq_push(struct frameq *q, struct view frame, unsigned port, usec_t due);
/* When the next frame leaves, or USEC_NEVER. */
usec_t frameq_due(const struct frameq *q);
/* That frame, and the port it leaves by; valid until the next push. */
struct view frameq_pop(struct frameq *q, unsigned *port);

#endif
