/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a path that works is worth using: feeds fsm/grade_fsm with what the health check
 * has seen, and asks by large packets for fsm/size_fsm.  A part of each health check.
 */
#ifndef SVC_GRADE_H
#define SVC_GRADE_H

#include "conf/model.h"
#include "fsm/grade_fsm.h"
#include "fsm/size_fsm.h"
#include "io/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct board;
struct check;
struct env;
struct paths;
struct probe_answer;
struct probe_kind;

struct grading {
	struct paths *paths; /* who is told */
	struct board *board;
	struct probe_kind
		*icmp; /* large packets are asked by it, whatever the check's kind; or NULL */
	struct conf_degraded conf;
	uint16_t mtu;
	struct addr target;
	struct grade_cfg cfg;
	struct grade fsm;
	struct size_cfg size_cfg;
	struct size_probe size;
	struct timer timer; /* of the large probes */
	uint64_t sent, received; /* large ones */
};

void grading_init(struct check *c, const struct env *env, struct probe_kind *icmp);
void grading_stop(struct check *c);
/* The check's configuration is new; what was known stays unless it was about something else. */
void grading_take_conf(struct check *c);
/* At each probe. */
void grading_tick(struct check *c);
void grading_answer(struct check *c, const struct probe_answer *r);
/* The path is another one now, or carries now: large packets are asked for at once. */
void grading_hurry(struct check *c);
/* Works, but is used only if nothing better is. */
bool grading_is_degraded(const struct check *c);
/* The reason with its evidence.  Returns out. */
const char *grading_text(const struct check *c, char *out, size_t size);

#endif
