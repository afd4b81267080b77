/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How many futae-esp there are, and what the kernel may do for them.  Decisions only. */
#ifndef SVC_WORKERS_H
#define SVC_WORKERS_H

#include "conf/model.h"

#include <stdbool.h>

/*
 * As configured; 0: one on up to two processors, where a second gains nothing (its wake-ups cost
 * what the overlap brings), else half of them, and at most four.
 */
unsigned workers_count(unsigned configured, unsigned processors);
/*
 * May the kernel join UDP packets of one sender?  Not when two workers have tunnels between the
 * same two addresses: it would take all for the first one's.  The lanes of one tunnel are told
 * apart by their senders (esp/control.c).  With one worker always; without memory to tell, no.
 */
bool workers_may_join(const struct conf *conf, unsigned workers);

#endif
