/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/span.h"

#include <inttypes.h>
#include <stdio.h>

#define MIN_USEC (60 * USEC_PER_SEC)

const char *span_format(usec_t span, char out[static SPAN_TEXT])
{
	if (span == USEC_NEVER)
		snprintf(out, SPAN_TEXT, "never");
	else if (span < 10 * USEC_PER_MSEC)
		snprintf(out, SPAN_TEXT, "%" PRIu64 ".%" PRIu64 " ms", span / USEC_PER_MSEC,
			 span % USEC_PER_MSEC / 100);
	else if (span < USEC_PER_SEC)
		snprintf(out, SPAN_TEXT, "%" PRIu64 " ms", span / USEC_PER_MSEC);
	else if (span < 10 * USEC_PER_SEC)
		snprintf(out, SPAN_TEXT, "%" PRIu64 ".%02" PRIu64 " s", span / USEC_PER_SEC,
			 span % USEC_PER_SEC / 10000);
	else if (span < 2 * MIN_USEC)
		snprintf(out, SPAN_TEXT, "%" PRIu64 ".%" PRIu64 " s", span / USEC_PER_SEC,
			 span % USEC_PER_SEC / 100000);
	else if (span < 120 * MIN_USEC)
		snprintf(out, SPAN_TEXT, "%" PRIu64 " min", span / MIN_USEC);
	else
		snprintf(out, SPAN_TEXT, "%" PRIu64 " h", span / (60 * MIN_USEC));
	return out;
}
