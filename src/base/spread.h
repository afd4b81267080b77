/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How spans of time are spread: counted by size, in steps of at most a quarter of their value, so
 * that percentiles can be told without keeping the spans.
 */
#ifndef BASE_SPREAD_H
#define BASE_SPREAD_H

#include "base/clock.h"

#include <stddef.h>
#include <stdint.h>

#define SPREAD_BUCKETS 104 /* up to 2^27 usec, 134 s; longer ones count as that */

struct spread {
	uint64_t count[SPREAD_BUCKETS];
};

void spread_add(struct spread *s, usec_t span);
/* Spans of this bucket are shorter than that; not true of the last. */
usec_t spread_below(size_t bucket);

#endif
