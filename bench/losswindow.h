/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rule of pfSense's gateway monitor (dpinger) as its manual describes it: probes are sent at a
 * fixed pace; of those sent within the last `period`, a probe without a reply after `patience` is
 * lost; the line is bad while more than `limit` percent are.
 */
#ifndef BENCH_LOSSWINDOW_H
#define BENCH_LOSSWINDOW_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOSSWINDOW_MAX 4096 /* probes; more than period / interval are never looked at */

struct losswindow {
	usec_t period, patience;
	unsigned limit; /* percent */
	uint32_t next; /* number of the next probe */
	struct {
		usec_t sent;
		bool answered;
	} probe[LOSSWINDOW_MAX];
};

/* As if it had been good for a whole period before now. */
void losswindow_fill(struct losswindow *w, usec_t interval, usec_t now);
/* Returns the number of the probe that is about to be sent. */
uint32_t losswindow_send(struct losswindow *w, usec_t now);
void losswindow_reply(struct losswindow *w, uint32_t number);
unsigned losswindow_percent(const struct losswindow *w, usec_t now); /* lost; 0 when none is due */
bool losswindow_is_bad(const struct losswindow *w, usec_t now);

#endif
