/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a health check learns of its path, and the setting that `detection: auto` makes of it. */
#ifndef SVC_ADAPT_H
#define SVC_ADAPT_H

#include "base/clock.h"

struct check;

/* The configuration is new: sets the check's interval and silence.  before: its interval until now;
 * 0: it had none. */
void adapt_start(struct check *c, usec_t before);
/* Another probe is about to leave: learns from what became of the earlier ones, and now and then
 * changes interval and silence. */
void adapt_turn(struct check *c);

#endif
