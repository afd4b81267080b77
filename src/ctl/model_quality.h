/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How good each tunnel was, in figures: loss, delay and jitter, of each direction where known. */
#ifndef CTL_MODEL_QUALITY_H
#define CTL_MODEL_QUALITY_H

#include "base/err.h"

#include <jansson.h>

struct daemon;

#define QUALITY_TUNNELS 64u /* in one answer */
#define QUALITY_POINTS 600u

/*
 * args: tunnel (all when not given, from number `from` on, as many as `limit`; `next` says where to
 * go on); last: one span of so many seconds in place of the last second, minute and hour.
 */
json_t *model_quality(struct daemon *d, const json_t *args, struct err *err);
/*
 * One tunnel's history for a chart.  args: tunnel; step: seconds per point; skip: points to leave
 * out, the newest first (`next` says what to skip for what is older); count.  The newest is last.
 */
json_t *model_quality_series(struct daemon *d, const json_t *args, struct err *err);

#endif
