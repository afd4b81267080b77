/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * When to pause between two turns of the loop, as network cards hold back interrupts.
 *
 * At real-time priority futae-esp is woken by each single packet, before its sender can make a
 * second: a system call or five for one packet each.  A short pause lets packets gather.  And a
 * program that never pauses is stopped by the kernel for 50 ms in each second (sched(7), real-time
 * throttling), which would look like a dead line: so it leaves a tenth of its processor to others.
 */
#ifndef ESP_PACE_H
#define ESP_PACE_H

#include "base/clock.h"

#include <stdbool.h>

#define PACE_WINDOW USEC_PER_MSEC
#define PACE_BUSY 40 /* percent of a window: a stream of packets, and no conversation */
#define PACE_CALM 20 /* percent: no more */
#define PACE_BATCH 32u /* packets in a turn, on average: gathered enough */
#define PACE_GATHER 100 /* usec */
#define PACE_REST 100 /* usec of each window, when there is no end of work */

struct pace {
	usec_t window; /* when it began */
	usec_t busy; /* of it */
	unsigned turns, packets;
	bool gather; /* as the last whole window was */
};

/* After a turn from..to with so many packets: how many usec to pause; 0: go on. */
usec_t pace_step(struct pace *p, usec_t from, usec_t to, unsigned packets);

#endif
