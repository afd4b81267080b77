/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IKE process: charon's engine without charon's rights.  Started by futaed with a socket to it
 * as descriptor 3. */
#include "base/log.h"
#include "ike/control.h"
#include "ike/start.h"
#include "io/proc.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define FUTAED_FD 3

static const char usage[] =
	"usage: futae-ike [--run-dir DIR] [--log LEVEL]\n"
	"Started by futaed; not for use by hand.\n"
	"  --run-dir DIR  where swanctl's socket charon.vici goes (/run/futae)\n"
	"  --log LEVEL    error, warning, notice (default), info, debug\n";

struct options {
	const char *run_dir;
	enum log_level level;
};

static int parse_level(const char *text, enum log_level *out)
{
	for (enum log_level l = LOGL_ERROR; l <= LOGL_DEBUG; l++)
		if (strcmp(text, log_level_name(l)) == 0) {
			*out = l;
			return 0;
		}
	return -1;
}

/* 0: go on; else exit with this status less one */
static int parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = { { "run-dir", required_argument, NULL, 'r' },
					       { "log", required_argument, NULL, 'l' },
					       { "help", no_argument, NULL, 'h' },
					       { "version", no_argument, NULL, 'V' },
					       { NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == 'r') {
			o->run_dir = optarg;
		} else if (c == 'h' || c == 'V') {
			(void)fputs(c == 'h' ? usage : "futae-ike " FUTAE_VERSION "\n", stdout);
			return 1;
		} else if (c != 'l' || parse_level(optarg, &o->level) < 0) {
			(void)fputs(usage, stderr);
			return 3;
		}
	}
	return 0;
}

/* A socket that somebody meant for us, not whatever happens to be open. */
static bool has_futaed(void)
{
	int type;
	socklen_t len = sizeof(type);

	return getsockopt(FUTAED_FD, SOL_SOCKET, SO_TYPE, &type, &len) == 0 &&
	       type == SOCK_SEQPACKET;
}

static int run(const struct options *o, struct err *err)
{
	char vici[256];
	int r = proc_drop_all("futae", err);

	if (r == 0)
		r = proc_die_with_parent(FUTAED_FD, err);
	if (r < 0)
		return r;
	(void)snprintf(vici, sizeof(vici), "%s/charon.vici", o->run_dir);
	if (!control_init(FUTAED_FD))
		return err_set(err, -1, "no event loop");
	r = start_charon(vici, err);
	if (r < 0)
		return r;
	log_event(LOGL_INFO, "ike.start", "vici=%s", vici);
	control_run();
	stop_charon();
	control_done();
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { .run_dir = "/run/futae", .level = LOGL_NOTICE };
	struct err err = { "" };
	int r = parse(argc, argv, &o);

	if (r)
		return r - 1;
	log_init("futae-ike", o.level);
	(void)signal(SIGPIPE, SIG_IGN);
	if (!has_futaed()) {
		(void)fputs(usage, stderr);
		return 2;
	}
	r = run(&o, &err);
	if (r < 0)
		log_event(LOGL_ERROR, "ike.failed", "error=\"%s\"", err.text);
	return r < 0;
}
