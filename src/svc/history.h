/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The memory for a check's hour of history: 36 KB, with directions 85 KB. */
#ifndef SVC_HISTORY_H
#define SVC_HISTORY_H

#include "fsm/stamp_stats.h"

/* NULL without memory. */
struct stamp_stats *history_new(bool ways, usec_t now);
void history_free(struct stamp_stats *s); /* NULL is fine */

#endif
