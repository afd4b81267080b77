/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/spread.h"

/* 0 to 3 have a bucket each; from there on every power of two has four. */
static size_t bucket_of(usec_t span)
{
	unsigned log;
	size_t i;

	if (span < 4)
		return (size_t)span;
	log = 63 - (unsigned)__builtin_clzll(span);
	i = 4 * (size_t)(log - 1) + ((span >> (log - 2)) & 3);
	return i < SPREAD_BUCKETS ? i : SPREAD_BUCKETS - 1;
}

void spread_add(struct spread *s, usec_t span)
{
	s->count[bucket_of(span)]++;
}

usec_t spread_below(size_t bucket)
{
	if (bucket < 4)
		return bucket + 1;
	return (usec_t)(5 + bucket % 4) << (bucket / 4 - 1);
}
