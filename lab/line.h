/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a line does to a frame: passes it after a while, loses it, doubles it, lets it
 * overtake.  Decisions only; lineshim.c moves the frames.
 */
#ifndef LAB_LINE_H
#define LAB_LINE_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "lab/accessq.h"

#include <stdbool.h>

/* Chances are between 0 and 1. */
struct line_cfg {
	usec_t delay, jitter; /* delay plus or minus jitter, each way */
	double loss, reorder, duplicate;
	/* Gilbert-Elliott: per frame, the chances to enter and to leave a state that loses all */
	double burst_enter, burst_leave;
	/* The same in time: it loses all for burst usec on average, and rests for gap; 0: never.
	 * Both are exponential, so that the channel has no memory either. */
	double burst, gap;
	/* IP packets above this many bytes vanish without a word; 0: none do */
	unsigned mtu;
	struct accessq_cfg access; /* what the frames wait in before they are on the line */
};

enum line_rule {
	LINE_HEALED,
	LINE_CUT, /* all frames vanish, carrier stays */
	LINE_DROP_ESP, /* ESP vanishes, IKE passes */
	LINE_CUT_A, /* what comes in by the first device vanishes, the other direction is good */
	LINE_CUT_B, /* the same of the second device */
};

const char *line_rule_name(enum line_rule rule); /* "drop-esp" */
bool line_rule_by_name(const char *name, enum line_rule *out);
/* Whether the rule, or the line's MTU, takes a frame that came in by the first device (0) or the
 * second. */
bool line_takes(const struct line_cfg *cfg, enum line_rule rule, unsigned from, struct view frame);

/* One direction's memory. */
struct line_dir {
	uint64_t rng; /* never 0 */
	bool in_burst;
	bool in_outage; /* the burst that is counted in time */
	usec_t outage_turn; /* when that state ends; 0: not begun */
	usec_t last_due;
};

struct line_verdict {
	unsigned copies; /* 0: lost */
	usec_t due[2]; /* when each copy leaves */
};

struct line_verdict line_decide(const struct line_cfg *cfg, struct line_dir *d, usec_t now);

/* "delay_ms=5", "loss=0.1" (percent) and so on; false: no such key, or no such value. */
bool line_cfg_set(struct line_cfg *cfg, const char *word);

/* ESP, bare or in UDP 4500 (RFC 3948: IKE there starts with four zero bytes). */
bool frame_is_esp(struct view frame);
/* Of the network itself: marked CS6 or CS7 (RFC 4594), or no IP at all, like ARP. */
bool frame_is_urgent(struct view frame);
/* The outermost IP header of the frame carries an address of one of these networks. */
bool frame_is_clear(struct view frame, const struct prefix *inner, size_t count);

#endif
