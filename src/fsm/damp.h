/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flap penalty: who fails often waits longer before he is trusted again (the idea of RFC
 * 2439).  Each failure adds DAMP_PER_FAILURE; the sum halves every half-life.  The first
 * failure costs nothing extra; each further one that comes soon doubles the wait.
 */
#ifndef FSM_DAMP_H
#define FSM_DAMP_H

#include "base/clock.h"

#include <stdint.h>

#define DAMP_PER_FAILURE 1000u
#define DAMP_CEILING (12 * DAMP_PER_FAILURE) /* so that a bad day is forgotten in minutes */

struct damp_cfg {
	usec_t half_life; /* 0: no penalty at all */
	usec_t max_extra; /* the most that is added to the base wait */
};

#define DAMP_CFG_DEFAULT ((struct damp_cfg){ 60 * USEC_PER_SEC, 600 * USEC_PER_SEC })

struct damp {
	uint32_t penalty; /* as it was at `at`; damp_penalty() tells what is left of it */
	usec_t at;
};

#define DAMP_START ((struct damp){ 0, 0 })

struct damp damp_fail(const struct damp_cfg *cfg, struct damp d, usec_t now);
uint32_t damp_penalty(const struct damp_cfg *cfg, const struct damp *d, usec_t now);
/* What comes on top of a wait of `base`: 0 up to one failure, base at two, 3 base at three ... */
usec_t damp_extra(const struct damp_cfg *cfg, const struct damp *d, usec_t base, usec_t now);

#endif
