/* SPDX-License-Identifier: GPL-2.0-or-later */
/* futaed: arguments, rights, wiring.  What it does is in svc/daemon.h. */
#include "base/list.h"
#include "base/log.h"
#include "conf/load.h"
#include "ctl/control.h"
#include "io/loop.h"
#include "io/proc.h"
#include "io/rundir.h"
#include "svc/daemon.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REALTIME_PRIORITY 50
#define SIBLINGS_USER "futae"

struct program {
	struct daemon daemon;
	struct control *control;
	struct signal_watch terminate, interrupt, reload;
};

static const char usage[] =
	"usage: futaed [--config FILE] [--run-dir DIR] [--libexec DIR] [--log LEVEL]\n"
	"\n"
	"  --config FILE   what to do (/etc/futae/futae.yaml); `futae check FILE` checks it\n"
	"  --run-dir DIR   where the control socket lives (/run/futae)\n"
	"  --libexec DIR   where futae-esp and futae-ike lie (beside futaed, or " LIBEXECDIR ")\n"
	"  --log LEVEL     error, warning, notice, info or debug (info)\n";

static void on_terminate(struct signal_watch *s)
{
	daemon_stop(&container_of(s, struct program, terminate)->daemon);
}

static void on_interrupt(struct signal_watch *s)
{
	daemon_stop(&container_of(s, struct program, interrupt)->daemon);
}

static void on_reload(struct signal_watch *s)
{
	static struct conf_report report;
	struct program *p = container_of(s, struct program, reload);
	struct err err;

	if (daemon_reload(&p->daemon, &report, &err) == 0)
		return;
	/* By the log, which does not wait for a reader. */
	for (size_t i = 0; i < report.count; i++)
		log_event(report.messages[i].severity == CONF_ERROR ? LOGL_ERROR : LOGL_WARN,
			  "config.message", "%s:%u:%u: %s", report.file,
			  report.messages[i].pos.line, report.messages[i].pos.column,
			  report.messages[i].text);
}

static bool parse_level(const char *text, enum log_level *out)
{
	for (enum log_level l = LOGL_ERROR; l <= LOGL_DEBUG; l++)
		if (!strcmp(text, log_level_name(l))) {
			*out = l;
			return true;
		}
	return false;
}

/* 0 to go on, else the exit status plus one. */
static int parse_arguments(int argc, char **argv, struct daemon_options *o)
{
	static const struct option options[] = { { "config", required_argument, NULL, 'c' },
						 { "run-dir", required_argument, NULL, 'r' },
						 { "libexec", required_argument, NULL, 'x' },
						 { "log", required_argument, NULL, 'l' },
						 { "version", no_argument, NULL, 'v' },
						 { "help", no_argument, NULL, 'h' },
						 { NULL, 0, NULL, 0 } };
	enum log_level level = LOGL_INFO;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'c') {
			o->config = optarg;
		} else if (c == 'r') {
			o->run_dir = optarg;
		} else if (c == 'x') {
			o->libexec = optarg;
		} else if (c == 'v' || c == 'h') {
			(void)fputs(c == 'v' ? "futaed " FUTAE_VERSION "\n" : usage, stdout);
			return 1 + EXIT_SUCCESS;
		} else if (c != 'l' || !parse_level(optarg, &level)) {
			(void)fputs(usage, stderr);
			return 1 + 64;
		}
	}
	if (optind != argc) {
		(void)fputs(usage, stderr);
		return 1 + 64;
	}
	log_init("futaed", level);
	(void)signal(SIGPIPE, SIG_IGN); /* the log's reader may go */
	return 0;
}

/* In a build tree the siblings lie beside us, in an installed one under libexec. */
static const char *find_libexec(void)
{
	static char dir[512];
	char probe[560];
	FILE *f;

	if (proc_own_dir(dir, sizeof(dir)))
		return LIBEXECDIR;
	(void)snprintf(probe, sizeof(probe), "%s/futae-esp", dir);
	f = fopen(probe, "re");
	if (!f)
		return LIBEXECDIR;
	(void)fclose(f);
	return dir;
}

/* Without a user of their own the siblings are safe, but no administrator can be let in to them. */
static int look_for_user(struct err *err)
{
	struct proc_user who;
	int r = proc_user_find(SIBLINGS_USER, &who, err);

	if (r == 0 && who.kind == PROC_USER_NUMBER)
		log_event(LOGL_WARN, "daemon.user",
			  "there is no user " SIBLINGS_USER
			  ": futae-esp and futae-ike run as number %u; make it: systemd-sysusers, "
			  "or adduser --system --group " SIBLINGS_USER,
			  (unsigned)who.uid);
	return r;
}

static int run(struct program *p, struct loop *loop, struct daemon_options *o, struct conf *conf)
{
	struct err err;

	if (daemon_start(&p->daemon, loop, o, conf, &err)) {
		log_event(LOGL_ERROR, "daemon.failed", "error=\"%s\"", err.text);
		return EXIT_FAILURE;
	}
	p->control = control_new(&p->daemon, loop, o->run_dir, &err);
	if (!p->control) {
		log_event(LOGL_ERROR, "daemon.control", "error=\"%s\"", err.text);
		return EXIT_FAILURE;
	}
	if (proc_keep_net(&err)) {
		log_event(LOGL_ERROR, "daemon.rights", "error=\"%s\"", err.text);
		return EXIT_FAILURE;
	}
	signal_watch_start(&p->terminate, loop, SIGTERM, on_terminate);
	signal_watch_start(&p->interrupt, loop, SIGINT, on_interrupt);
	signal_watch_start(&p->reload, loop, SIGHUP, on_reload);
	log_event(LOGL_NOTICE, "daemon.started",
		  "node=%s version=%s tunnels=%zu routes=%zu vrrp=%zu", conf->node, FUTAE_VERSION,
		  conf->tunnel_count, conf->route_count, conf->vrrp_count);
	loop_run(loop);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct program p;
	static struct conf_report report;
	struct daemon_options o = { .config = "/etc/futae/futae.yaml", .run_dir = "/run/futae" };
	struct conf *conf = NULL;
	struct loop *loop;
	struct err err;
	int r = parse_arguments(argc, argv, &o);

	if (r)
		return r - 1;
	/* What cannot be read again at a reload is not read now. */
	proc_override_permissions(false);
	r = conf_load_file(o.config, &report, &conf);
	proc_override_permissions(true);
	conf_report_print(&report, stderr);
	if (r)
		return 65;
	if (!o.libexec)
		o.libexec = find_libexec();
	proc_no_dumps();
	loop = loop_new();
	if (!loop || look_for_user(&err) || rundir_make(o.run_dir, 0755, NULL, &err)) {
		log_event(LOGL_ERROR, "daemon.failed", "error=\"%s\"",
			  loop ? err.text : "no event loop");
		return EXIT_FAILURE;
	}
	o.realtime = proc_realtime(REALTIME_PRIORITY, &err) == 0;
	if (!o.realtime)
		log_event(LOGL_WARN, "daemon.realtime",
			  "%s; timers under 100 ms may flap under load", err.text);
	r = run(&p, loop, &o, conf);
	control_free(p.control);
	daemon_done(&p.daemon);
	loop_free(loop);
	log_event(LOGL_NOTICE, "daemon.stopped", "status=%d", r);
	return r;
}
