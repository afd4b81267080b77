/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Scripts of tracks: when each runs, and what it said, on the board.  futae-script runs them, so
 * whatever they do, futaed only sends and receives messages.
 */
#ifndef SVC_SCRIPT_H
#define SVC_SCRIPT_H

#include "base/buf.h"
#include "conf/model.h"
#include "fsm/script_fsm.h"
#include "svc/env.h"
#include "svc/sibling.h"
#include "wire/ipc_msg.h"

#define SCRIPTS_AT_ONCE 16 /* < RUNNER_RUNS_MAX; the others wait their turn */

struct script_check {
	struct scripts *owner;
	char name[CONF_NAME]; /* of the track */
	const struct conf_script *conf; /* in the running configuration */
	struct script_cfg cfg;
	struct script fsm;
	struct timer timer;
	uint32_t id; /* of the run that is out */
	usec_t waits_since, started;
	uint64_t runs, timeouts;
	usec_t took; /* the last run */
	char why[IPC_TEXT + 64]; /* of the last result */
	bool wanted;
};

struct scripts;

struct scripts *scripts_new(const struct env *env, struct sibling *runner);
void scripts_free(struct scripts *ss);
int scripts_apply(struct scripts *ss, const struct conf *conf);
void scripts_prune(struct scripts *ss);
bool scripts_any(const struct scripts *ss);
/* What futae-script says; 0 or -EBADMSG. */
int scripts_message(struct scripts *ss, struct view msg);
/* futae-script is there: what waits may run. */
void scripts_started(struct scripts *ss);
/* It is gone, and with it every run that was out. */
void scripts_died(struct scripts *ss);
void scripts_stop(struct scripts *ss); /* no more runs */
const struct script_check *scripts_by_name(const struct scripts *ss, const char *track);

#endif
