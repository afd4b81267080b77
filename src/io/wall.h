/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTC, for what is compared with other machines' clocks.  Nothing of ours is timed by it. */
#ifndef IO_WALL_H
#define IO_WALL_H

#include <stdbool.h>
#include <stdint.h>

int64_t wall_now_ns(void); /* since 1970 */
/* Whether something (NTP, PTP) holds the kernel's clock to UTC, and how wrong it may be at most. */
bool wall_is_synced(uint64_t *error_ns);

#endif
