/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time as a plain number, so that whoever holds one decides what "now" is.
 *
 * All times in this program are microseconds of CLOCK_MONOTONIC.  Only io/ reads
 * that clock; everybody else is handed `now`.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

typedef uint64_t usec_t;

#define USEC_NEVER UINT64_MAX
#define USEC_PER_MSEC UINT64_C(1000)
#define USEC_PER_SEC UINT64_C(1000000)

/* a + b, stopping at the last finite time: a deadline never wraps into the past. */
static inline usec_t usec_add(usec_t a, usec_t b)
{
	return b < USEC_NEVER - 1 - a ? a + b : USEC_NEVER - 1;
}

/* now - then, or 0 when then lies ahead (another CPU's clock may be a little early). */
static inline usec_t usec_since(usec_t then, usec_t now)
{
	return now > then ? now - then : 0;
}

static inline usec_t usec_min(usec_t a, usec_t b)
{
	return a < b ? a : b;
}

static inline usec_t usec_max(usec_t a, usec_t b)
{
	return a > b ? a : b;
}

#endif
