/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A named condition over up to 64 inputs, that may take its time before it changes its mind. */
#ifndef FSM_TRACK_FSM_H
#define FSM_TRACK_FSM_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

#define TRACK_INPUTS_MAX 64

enum track_mode { TRACK_ALL, TRACK_ANY, TRACK_AT_LEAST };
enum track_event_kind { TRACK_EV_INPUT, TRACK_EV_TIMER };
enum track_action { TRACK_TELL_GOOD = 1 << 0, TRACK_TELL_BAD = 1 << 1 };

struct track_cfg {
	enum track_mode mode;
	unsigned at_least; /* for TRACK_AT_LEAST */
	unsigned inputs; /* in use; more than TRACK_INPUTS_MAX count as that many */
	usec_t down_delay, up_delay; /* how long it must have been so before it is told */
	uint8_t weight[TRACK_INPUTS_MAX]; /* what each counts in TRACK_AT_LEAST; 0 is 1 */
};

struct track_event {
	enum track_event_kind kind;
	unsigned input;
	bool good;
};

struct track {
	uint64_t inputs; /* bit n: input n is good */
	bool good; /* the result as told */
	usec_t since; /* of the result */
	usec_t deadline; /* of a change under way, or USEC_NEVER */
};

struct track_step {
	struct track next;
	unsigned actions;
};

/* The result of what is known at the start holds at once, without delay. */
struct track track_start(const struct track_cfg *cfg, uint64_t inputs, usec_t now);
struct track_step track_step(const struct track_cfg *cfg, struct track t,
			     const struct track_event *ev, usec_t now);
unsigned track_good_inputs(const struct track_cfg *cfg, const struct track *t);
unsigned track_good_weight(const struct track_cfg *cfg, const struct track *t);

#endif
