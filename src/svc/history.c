/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/history.h"

#include <stdlib.h>

struct stamp_stats *history_new(bool ways, usec_t now)
{
	struct stamp_stats *s = malloc(sizeof(*s));
	struct stamp_rings *rings = malloc(ways ? STAMP_WAYS_BYTES : STAMP_ROUND_BYTES);

	if (!s || !rings) {
		free(s);
		free(rings);
		return NULL;
	}
	stamp_stats_init(s, rings, ways, now);
	return s;
}

void history_free(struct stamp_stats *s)
{
	if (s)
		free(s->rings);
	free(s);
}
