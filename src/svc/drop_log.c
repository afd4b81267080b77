/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/drop_log.h"

#include "base/log.h"

#include <inttypes.h>

#define EVERY (60 * USEC_PER_SEC)

void drop_log_count(struct drop_log *d, size_t reason, const struct addr *src, int device,
		    usec_t now)
{
	char text[ADDR_TEXT];

	d->drops[reason]++;
	if (d->logged[reason] && usec_since(d->logged[reason], now) < EVERY)
		return;
	d->logged[reason] = now ? now : 1;
	log_event(LOGL_WARN, d->event, "reason=%s from=%s ifindex=%d total=%" PRIu64,
		  d->names[reason], addr_format(src, text), device, d->drops[reason]);
}
