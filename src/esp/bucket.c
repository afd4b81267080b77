/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/bucket.h"

bool bucket_take(const struct bucket_cfg *cfg, struct bucket *b, usec_t now)
{
	usec_t cost = USEC_PER_SEC / cfg->per_sec, full = usec_since(cost * cfg->burst, now);
	usec_t from = usec_max(b->empty_at, full);

	if (from + cost > now)
		return false;
	b->empty_at = from + cost;
	return true;
}

struct bucket *bucket_of(struct bucket_table *t, const struct addr *source)
{
	size_t len = source->family == ADDR_V6 ? 7 : 3;

	return &t->net[hash_bytes(&t->key, source->bytes, len) % BUCKET_NETS];
}
