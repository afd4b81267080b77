/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/wall.h"

#include <sys/timex.h>
#include <time.h>

int64_t wall_now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

bool wall_is_synced(uint64_t *error_ns)
{
	struct timex t = { 0 };
	int r = adjtimex(&t); /* only asks: no mode is set */

	*error_ns = t.maxerror > 0 ? (uint64_t)t.maxerror * 1000 : 0;
	return r >= 0 && r != TIME_ERROR && !(t.status & STA_UNSYNC);
}
