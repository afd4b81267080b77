/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/daemon.h"

#include "base/list.h"
#include "base/log.h"
#include "conf/diff.h"
#include "conf/load.h"
#include "io/netlink.h"
#include "io/proc.h"
#include "io/rundir.h"
#include "io/shm.h"
#include "svc/agree.h"
#include "svc/answer.h"
#include "svc/board.h"
#include "svc/daemon_link.h"
#include "svc/health.h"
#include "svc/iface.h"
#include "svc/record.h"
#include "svc/reflector.h"
#include "svc/repair.h"
#include "svc/route.h"
#include "svc/script.h"
#include "svc/track.h"
#include "svc/tunnel.h"
#include "svc/underlay.h"
#include "svc/vrrp.h"
#include "svc/witness.h"
#include "svc/workers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AUDIT_EVERY (5 * USEC_PER_SEC)
#define AUDIT_SOON (20 * USEC_PER_MSEC) /* after the kernel said that something changed */
#define AUDIT_GAP (250 * USEC_PER_MSEC) /* at least, however much it says */
/* While it looks, nothing else is done: at most a two-hundredth of the time, or where there is news
 * a twentieth.  With 100,000 prefixes one look takes a good part of a second. */
#define AUDIT_SHARE 200
#define AUDIT_SHARE_NEWS 20
#define STOP_WITHIN (3 * USEC_PER_SEC)

static void audit(struct timer *t)
{
	struct daemon *d = container_of(t, struct daemon, audit_timer);

	usec_t start = clock_now();

	ifaces_refresh(d->ifaces);
	underlay_refresh(d->underlay);
	answers_refresh(d->answers);
	tunnels_audit(d->tunnels);
	routes_audit(d->routes);
	vrrps_audit(d->vrrps);
	d->audited_at = clock_now();
	d->audit_took = usec_since(start, d->audited_at);
	timer_at(t, usec_add(d->audited_at, usec_max(AUDIT_EVERY, d->audit_took * AUDIT_SHARE)));
}

static void kernel_changed(void *ctx)
{
	struct daemon *d = ctx;
	usec_t at = usec_max(usec_add(loop_now(d->env.loop), AUDIT_SOON),
			     usec_add(d->audited_at,
				      usec_max(AUDIT_GAP, d->audit_took * AUDIT_SHARE_NEWS)));

	if (!d->stopping && at < d->audit_timer.at)
		timer_at(&d->audit_timer, at);
}

static void each_second(struct timer *t)
{
	struct daemon *d = container_of(t, struct daemon, second_timer);

	daemon_link_ask_stats(d);
	tunnels_tell_peers(d->tunnels, false);
	repairs_tick(d->repairs, loop_now(d->env.loop));
	timer_at(t, usec_add(t->due, USEC_PER_SEC));
}

/* Ground up: devices, their health, what is derived of them, and last who acts on it. */
static int apply(struct daemon *d, struct conf *conf)
{
	int r;

	ifaces_apply(d->ifaces, conf);
	r = tunnels_apply(d->tunnels, conf);
	r = r ? r : healths_apply(d->healths, conf);
	r = r ? r : underlay_apply(d->underlay, conf);
	r = r ? r : scripts_apply(d->scripts, conf);
	if (scripts_any(d->scripts))
		daemon_link_start_script(d);
	r = r ? r : witness_apply(d->witness, conf);
	r = r ? r : tracks_apply(d->tracks, conf);
	r = r ? r : routes_apply(d->routes, conf);
	if (r)
		return r;
	answers_apply(d->answers, conf);
	r = reflectors_apply(d->reflectors, conf);
	r = r ? r : vrrps_apply(d->vrrps, conf);
	return r ? r : agrees_apply(d->agrees, conf);
}

/* Top down, and only then may the old configuration be freed: all hold pointers into it. */
static void prune(struct daemon *d)
{
	agrees_prune(d->agrees);
	vrrps_prune(d->vrrps);
	routes_prune(d->routes);
	tracks_prune(d->tracks);
	witness_prune(d->witness);
	scripts_prune(d->scripts);
	healths_prune(d->healths);
	tunnels_prune(d->tunnels);
}

static int take_conf(struct daemon *d, struct conf *conf, struct err *err)
{
	struct conf_diff diff;
	int r = conf_diff(d->conf, conf, &diff);
	bool join;

	if (r)
		return err_set(err, r, "not enough memory to compare the configurations");
	for (size_t i = 0; i < diff.count; i++)
		log_event(LOGL_INFO, "config.change", "%s=%s", conf_op_name(diff.changes[i].op),
			  conf_kind_name(diff.changes[i].kind));
	conf_diff_done(&diff);
	/* Ends before two that must not be joined are both there, begins when none is left. */
	join = workers_may_join(conf, d->workers);
	daemon_link_join(d, d->join && join);
	r = apply(d, conf);
	prune(d);
	daemon_link_join(d, join);
	/* Where a step failed, those after it still point into the old one: better lost than used.
	 */
	if (r == 0)
		conf_free(d->conf);
	d->conf = conf;
	d->applied_at = loop_now(d->env.loop);
	if (r)
		return err_set(err, r, "the configuration could not be applied whole: %s",
			       strerror(-r));
	return 0;
}

static bool is_fit(void *ctx, const struct addr *a)
{
	return !answers_denies(((struct daemon *)ctx)->answers, a);
}

static int make_parts(struct daemon *d)
{
	d->env.board = board_new();
	d->env.paths = &d->paths;
	d->env.records = d->env.board ? records_new(&d->env) : NULL;
	if (!d->env.records)
		return -ENOMEM;
	d->ifaces = ifaces_new(&d->env);
	d->tunnels = tunnels_new(&d->env, d->esp, d->workers, &d->ike, d->live);
	/* Health before routes: it hears first that an SA is gone, says what that means, and the
	 * routes decide by that, at once and with the right reason. */
	d->healths = healths_new(&d->env);
	d->routes = routes_new(&d->env);
	d->scripts = scripts_new(&d->env, &d->script);
	d->tracks = tracks_new(&d->env);
	d->vrrps = d->ifaces ? vrrps_new(&d->env, d->ifaces) : NULL;
	d->answers = d->ifaces ? answers_new(&d->env, d->ifaces, d->esp, d->workers) : NULL;
	d->reflectors = reflectors_new(&d->env, is_fit, d);
	d->underlay = d->ifaces && d->healths ? underlay_new(&d->env, d->ifaces, d->healths) : NULL;
	d->repairs = repairs_new(d->tunnels, d->healths);
	if (!d->underlay || !d->repairs || !d->reflectors)
		return -ENOMEM;
	if (d->healths && d->routes && d->answers && d->vrrps)
		d->env.agrees = d->agrees =
			agrees_new(&d->env,
				   &(struct agrees_parts){ d->healths, d->routes, d->answers,
							   d->vrrps, d->ifaces });
	if (d->agrees)
		d->env.stamp = agrees_stamp_hook(d->agrees);
	return d->tunnels && d->agrees && d->routes && d->healths && d->scripts && d->tracks &&
			       d->vrrps && d->answers
		       ? 0
		       : -ENOMEM;
}

int daemon_start(struct daemon *d, struct loop *loop, const struct daemon_options *options,
		 struct conf *conf, struct err *err)
{
	int r;

	memset(d, 0, sizeof(*d));
	d->options = *options;
	d->live_fd = -1;
	d->env.loop = loop;
	d->started_at = loop_now(loop);
	d->workers = workers_count(conf->dataplane.workers, proc_processors());
	d->join = d->workers == 1;
	sibling_init(&d->ike, loop, "futae-ike");
	sibling_init(&d->script, loop, "futae-script");
	timer_init(&d->audit_timer, loop, audit);
	timer_init(&d->second_timer, loop, each_second);
	r = daemon_link_open(d, err);
	if (r)
		return r;
	d->env.nl = nl_new(err);
	if (!d->env.nl)
		return -EPERM;
	d->live = shm_new("futae-liveness", sizeof(struct liveness), &d->live_fd, err);
	if (!d->live)
		return -ENOMEM;
	d->live->magic = LIVENESS_MAGIC;
	d->env.live = d->live;
	r = make_parts(d);
	if (r)
		return err_set(err, r, "not enough memory, or no right to open packet sockets");
	d->monitor = nl_monitor_new(loop, kernel_changed, d, err);
	if (!d->monitor)
		return -EPERM;
	d->witness = witness_new(&d->env, err);
	if (!d->witness)
		return -EPERM;
	daemon_link_start(d);
	loop_at_turn_end(loop, daemon_link_flush, d);
	r = take_conf(d, conf, err);
	timer_at(&d->audit_timer, usec_add(d->started_at, AUDIT_EVERY));
	timer_at(&d->second_timer, usec_add(d->started_at, USEC_PER_SEC));
	return r;
}

static void warn_of_workers(const struct daemon *d, const struct conf *conf,
			    struct conf_report *report)
{
	unsigned wanted = workers_count(conf->dataplane.workers, proc_processors());

	if (wanted == d->workers)
		return;
	conf_report_add(report, CONF_WARNING, (struct conf_pos){ 0, 0 },
			"dataplane: workers is to be %u and stays %u until futaed is started anew",
			wanted, d->workers);
	log_event(LOGL_WARN, "config.workers", "now=%u at_next_start=%u", d->workers, wanted);
}

int daemon_reload(struct daemon *d, struct conf_report *report, struct err *err)
{
	struct conf *conf = NULL;
	int r = conf_load_file(d->options.config, report, &conf);

	if (r) {
		log_event(LOGL_ERROR, "config.refused", "file=%s errors=%zu; nothing was changed",
			  d->options.config, report->errors);
		return err_set(err, r, "%s has errors; nothing was changed", d->options.config);
	}
	warn_of_workers(d, conf, report);
	r = take_conf(d, conf, err);
	log_event(LOGL_NOTICE, "config.loaded", "file=%s", d->options.config);
	return r;
}

/* Whether they have. */
static bool end_workers(struct daemon *d)
{
	bool ended = true;

	for (unsigned w = 0; w < d->workers; w++) {
		struct sibling *s = &d->esp[w];

		if (s->pid > 0 && !s->stopping)
			sibling_stop(s);
		ended &= s->pid <= 0;
	}
	return ended;
}

static void stop_late(struct timer *t)
{
	struct daemon *d = container_of(t, struct daemon, stop_timer);

	/* They carried the farewells of futae-ike. */
	if ((d->ike.pid <= 0 && end_workers(d) && d->script.pid <= 0) ||
	    loop_now(d->env.loop) > d->audited_at + STOP_WITHIN) {
		loop_stop(d->env.loop);
		return;
	}
	timer_at(t, usec_add(loop_now(d->env.loop), 5 * USEC_PER_MSEC));
}

void daemon_stop(struct daemon *d)
{
	if (d->stopping)
		return;
	log_event(LOGL_NOTICE, "daemon.stopping", "handing over first");
	d->stopping = true;
	healths_farewell(d->healths); /* while the SAs are there to carry it */
	timer_stop(&d->audit_timer);
	timer_stop(&d->second_timer);
	vrrps_stop(d->vrrps);
	routes_withdraw(d->routes);
	scripts_stop(d->scripts);
	sibling_stop(&d->script);
	sibling_stop(&d->ike);
	d->audited_at = loop_now(d->env.loop);
	timer_init(&d->stop_timer, d->env.loop, stop_late);
	timer_at(&d->stop_timer, loop_now(d->env.loop));
}

void daemon_done(struct daemon *d)
{
	nl_monitor_free(d->monitor);
	agrees_free(d->agrees);
	d->env.agrees = NULL;
	d->env.stamp = NULL;
	vrrps_free(d->vrrps);
	reflectors_free(d->reflectors);
	answers_free(d->answers);
	repairs_free(d->repairs);
	underlay_free(d->underlay);
	routes_free(d->routes);
	tracks_free(d->tracks);
	witness_free(d->witness);
	scripts_free(d->scripts);
	healths_free(d->healths);
	tunnels_free(d->tunnels);
	ifaces_free(d->ifaces);
	records_free(d->env.records);
	board_free(d->env.board);
	free(d->paths.list);
	shm_free(d->live, sizeof(struct liveness), d->live_fd);
	daemon_link_close(d);
	nl_free(d->env.nl);
	conf_free(d->conf);
}
