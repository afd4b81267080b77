/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Token buckets: so many at once, so many a second; and one of them for each network of strangers.
 */
#ifndef ESP_BUCKET_H
#define ESP_BUCKET_H

#include "base/addr.h"
#include "base/clock.h"
#include "base/hash.h"

#include <stdbool.h>
#include <stdint.h>

struct bucket_cfg {
	uint32_t burst, per_sec;
};

/* Zeroed is full. */
struct bucket {
	usec_t empty_at; /* when it would have been empty, had it filled from then on */
};

bool bucket_take(const struct bucket_cfg *cfg, struct bucket *b, usec_t now);

#define BUCKET_NETS 1024

/*
 * Strangers share a bucket by /24 or /56, and by the hash of that: whoever floods shuts out
 * the few who happen to fall into the same one, and nobody can choose whom.
 */
struct bucket_table {
	struct hash_key key;
	struct bucket net[BUCKET_NETS];
};

struct bucket *bucket_of(struct bucket_table *t, const struct addr *source);

#endif
