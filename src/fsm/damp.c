/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/damp.h"

/* How much of 1,024 parts of `whole` is `part`, without overflow for any pair part <= whole. */
static uint32_t parts_of(usec_t part, usec_t whole)
{
	if (whole >> 50)
		return (uint32_t)(part / (whole >> 10));
	return (uint32_t)(part * 1024 / whole);
}

/*
 * Exact at whole half-lives and straight in between, which is at most 6 % above the true
 * curve: good enough for a penalty, and free of floating point.
 */
uint32_t damp_penalty(const struct damp_cfg *cfg, const struct damp *d, usec_t now)
{
	if (cfg->half_life == 0)
		return 0;

	usec_t age = usec_since(d->at, now);
	usec_t halvings = age / cfg->half_life;

	if (halvings >= 32)
		return 0;

	uint32_t whole = d->penalty >> halvings;
	uint64_t fraction = parts_of(age % cfg->half_life, cfg->half_life);

	return whole - (uint32_t)(whole * fraction / 2048);
}

struct damp damp_fail(const struct damp_cfg *cfg, struct damp d, usec_t now)
{
	uint32_t left = damp_penalty(cfg, &d, now);

	if (left > DAMP_CEILING - DAMP_PER_FAILURE)
		left = DAMP_CEILING - DAMP_PER_FAILURE;
	return (struct damp){ left + DAMP_PER_FAILURE, now };
}

usec_t damp_extra(const struct damp_cfg *cfg, const struct damp *d, usec_t base, usec_t now)
{
	uint32_t penalty = damp_penalty(cfg, d, now);

	if (penalty > DAMP_CEILING)
		penalty = DAMP_CEILING;
	if (penalty <= DAMP_PER_FAILURE)
		return 0;

	/* 2 to the power of the failures beyond the first, in thousandths, straight in between. */
	uint32_t over = penalty - DAMP_PER_FAILURE;
	uint64_t factor = (uint64_t)(1000 + over % DAMP_PER_FAILURE) << (over / DAMP_PER_FAILURE);
	usec_t bounded = usec_min(base, UINT64_C(1) << 40); /* 12 days; the product stays small */

	return usec_min(bounded * (factor - 1000) / 1000, cfg->max_extra);
}
