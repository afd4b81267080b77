/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Detection that sets itself: the fastest setting whose false failovers stay within a budget, on
 * the path as it was measured.  Slow to change, and says why.  doc/detection.md, "auto".
 */
#ifndef FSM_HEALTH_AUTO_H
#define FSM_HEALTH_AUTO_H

#include "fsm/health_model.h"

#include <stddef.h>

#define HEALTH_AUTO_PAUSE_USEC (300 * USEC_PER_SEC) /* between two changes, and two judgements */

struct health_auto_cfg {
	double budget; /* false failovers per year */
	usec_t fastest, slowest; /* bounds of the silence */
};

enum health_auto_why {
	HEALTH_AUTO_START, /* too little is known */
	HEALTH_AUTO_FASTER, /* the budget allows it */
	HEALTH_AUTO_BUDGET, /* the budget was exceeded */
	HEALTH_AUTO_LATE, /* we are too late ourselves for what it was */
};

/* Starts as health_auto_start() says. */
struct health_auto {
	usec_t interval, silence; /* chosen */
	enum health_auto_why why;
	usec_t changed, judged; /* when */
	/* What led to it */
	double loss, burst; /* of probes at the interval before */
	double false_per_year; /* of what was chosen */
	usec_t late;
};

struct health_auto health_auto_start(const struct health_auto_cfg *cfg, usec_t now);
/* May be called at any time; does something each HEALTH_AUTO_PAUSE_USEC.  `now_cfg` is what is in
 * force with the interval and silence of a, `path` what was measured with it, `probes` how many
 * probes that rests on, `calm` whether the path is good and above suspicion. */
struct health_auto health_auto_step(const struct health_auto_cfg *cfg, struct health_auto a,
				    const struct health_cfg *now_cfg,
				    const struct health_path *path, double probes, bool calm,
				    usec_t now);
/* "auto chose 20ms/120ms: measured loss 0.40 % in bursts of 2.1: 0.3 false failovers a year".
 * Returns out. */
const char *health_auto_text(const struct health_auto *a, char *out, size_t size);

#endif
