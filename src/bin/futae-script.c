/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * futae-script: runs the scripts of tracks.  Started by futaed with a socket as descriptor 3; it
 * gives up all rights first, so that no script ever had any.
 */
#include "base/log.h"
#include "io/proc.h"
#include "script/runner.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define FUTAED_FD 3

int main(int argc, char **argv)
{
	socklen_t len = sizeof(int);
	struct err err;
	int type;

	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("futae-script %s\n", FUTAE_VERSION) < 0;
	log_init("futae-script", LOGL_INFO);
	if (argc != 1 || getsockopt(FUTAED_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
	    type != SOCK_SEQPACKET) {
		(void)fprintf(stderr, "futae-script is started by futaed; start that\n");
		return 2;
	}
	if (proc_drop_all(PROC_USER_SCRIPT, &err) < 0) {
		log_event(LOGL_ERROR, "script.start-failed", "%s", err.text);
		return 1;
	}
	(void)signal(SIGINT, SIG_IGN); /* a terminal's: futaed decides when we go */
	return runner_run(FUTAED_FD);
}
