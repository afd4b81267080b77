/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * futaed's inside: makes every feature, feeds them the configuration, and passes on what the
 * siblings and the kernel say.  The order of making, applying and pruning is the point of
 * this file: what is new stands before what is old goes.
 */
#ifndef SVC_DAEMON_H
#define SVC_DAEMON_H

#include "base/err.h"
#include "conf/model.h"
#include "conf/report.h"
#include "io/loop.h"
#include "svc/env.h"
#include "svc/path.h"
#include "svc/sibling.h"
#include "wire/ipc_msg.h"

#include <stdbool.h>

struct daemon_options {
	const char *config; /* path */
	const char *run_dir;
	const char *libexec; /* where futae-esp and futae-ike lie */
	bool realtime; /* got it */
};

struct daemon {
	struct daemon_options options;
	struct env env;
	struct paths paths;
	struct conf *conf; /* running */
	struct liveness *live;
	int live_fd;
	unsigned workers; /* futae-esp processes, as long as we live */
	bool join; /* see workers_may_join() */
	/* By worker and enum ipc_socket; /dev/null where there is none. */
	int sockets[IPC_WORKERS_MAX][IPC_SOCKETS];
	char esp_name[IPC_WORKERS_MAX][16]; /* "futae-esp", "futae-esp.1" ... */
	struct sibling esp[IPC_WORKERS_MAX], ike;
	struct sibling script; /* started with the first script; its fd is -1 till then */
	struct nl_monitor *monitor;
	struct timer audit_timer, second_timer, stop_timer;
	usec_t started_at, applied_at, audited_at, audit_took;
	bool stopping;

	struct tunnels *tunnels;
	struct healths *healths;
	struct scripts *scripts;
	struct witness *witness;
	struct tracks *tracks;
	struct routes *routes;
	struct vrrps *vrrps;
	struct ifaces *ifaces;
	struct answers *answers;
	struct agrees *agrees;
	struct underlay *underlay;
	struct repairs *repairs;
	struct reflectors *reflectors;
};

/* Takes `conf` over when it succeeds.  *err says what to do. */
int daemon_start(struct daemon *d, struct loop *loop, const struct daemon_options *options,
		 struct conf *conf, struct err *err);
/* Loads the file again; a bad one changes nothing and is told in *report. */
int daemon_reload(struct daemon *d, struct conf_report *report, struct err *err);
/* Hands over (VRRP priority 0, routes unpublished), ends the siblings, then stops the loop. */
void daemon_stop(struct daemon *d);
void daemon_done(struct daemon *d);

#endif
