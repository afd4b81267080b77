/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/track_fsm.h"

static unsigned input_count(const struct track_cfg *cfg)
{
	return cfg->inputs < TRACK_INPUTS_MAX ? cfg->inputs : TRACK_INPUTS_MAX;
}

unsigned track_good_inputs(const struct track_cfg *cfg, const struct track *t)
{
	unsigned n = input_count(cfg);
	uint64_t used = n == 64 ? UINT64_MAX : (UINT64_C(1) << n) - 1;

	return (unsigned)__builtin_popcountll(t->inputs & used);
}

unsigned track_good_weight(const struct track_cfg *cfg, const struct track *t)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < input_count(cfg); i++)
		if (t->inputs >> i & 1)
			sum += cfg->weight[i] ? cfg->weight[i] : 1;
	return sum;
}

/* What the inputs say now, whatever was told. */
static bool is_met(const struct track_cfg *cfg, const struct track *t)
{
	unsigned good = track_good_inputs(cfg, t);

	switch (cfg->mode) {
	case TRACK_ALL:
		return good == input_count(cfg);
	case TRACK_ANY:
		return good > 0;
	case TRACK_AT_LEAST:
		return track_good_weight(cfg, t) >= cfg->at_least;
	}
	return false;
}

struct track track_start(const struct track_cfg *cfg, uint64_t inputs, usec_t now)
{
	struct track t = { .inputs = inputs, .since = now, .deadline = USEC_NEVER };

	t.good = is_met(cfg, &t);
	return t;
}

struct track_step track_step(const struct track_cfg *cfg, struct track t,
			     const struct track_event *ev, usec_t now)
{
	if (ev->kind == TRACK_EV_INPUT && ev->input < input_count(cfg)) {
		uint64_t bit = UINT64_C(1) << ev->input;

		t.inputs = ev->good ? t.inputs | bit : t.inputs & ~bit;
	}

	bool good = is_met(cfg, &t);

	/* Back before the delay was over: nobody heard of it. */
	if (good == t.good) {
		t.deadline = USEC_NEVER;
		return (struct track_step){ .next = t };
	}
	if (t.deadline == USEC_NEVER)
		t.deadline = usec_add(now, good ? cfg->up_delay : cfg->down_delay);
	if (now < t.deadline)
		return (struct track_step){ .next = t };
	t.good = good;
	t.since = now;
	t.deadline = USEC_NEVER;
	return (struct track_step){ t, good ? TRACK_TELL_GOOD : TRACK_TELL_BAD };
}
