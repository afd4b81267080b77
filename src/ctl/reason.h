/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a tunnel's path is as it is, with devices by name. */
#ifndef CTL_REASON_H
#define CTL_REASON_H

#include <stdbool.h>
#include <stddef.h>

struct check;
struct daemon;
struct tunnel;

#define REASON_DEVICE 48
#define REASON_TEXT 512

/* "line1" or "wan0"; where it is gone, its number.  True when it is one of our tunnels'. */
bool reason_device(const struct daemon *d, int index, char out[static REASON_DEVICE]);
/* The reason of the health check (NULL: none), or what is before it: no device. */
const char *reason_of(const struct daemon *d, const struct tunnel *t, const struct check *c,
		      char out[static REASON_TEXT]);

#endif
