/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * futae-esp: ESP in user space.  Started by futaed with a socket as descriptor 3, by which
 * everything comes that it works with; by itself it has the right to nothing.
 */
#include "base/log.h"
#include "esp/esp.h"
#include "esp/sandbox.h"
#include "io/proc.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define FUTAED_FD 3
#define REALTIME_PRIORITY 10

static int fail(const char *event, const struct err *err)
{
	log_event(LOGL_ERROR, event, "%s", err->text);
	return 1;
}

static int run(struct aead_lib *aead)
{
	struct loop *loop = loop_new();
	struct err err = { "out of memory" };
	struct esp *esp = NULL;
	int rc = 1;

	if (!loop || esp_new(loop, FUTAED_FD, aead, &esp) < 0 || sandbox_enter(&err) < 0) {
		(void)fail("esp.start-failed", &err);
	} else {
		log_event(LOGL_INFO, "esp.ready", "aes-gcm=%s batches=%s", aead_lib_name(aead),
			  batch_name(esp->batch));
		loop_run(loop);
		rc = 0;
	}
	esp_free(esp);
	loop_free(loop);
	return rc;
}

int main(int argc, char **argv)
{
	struct aead_lib *aead;
	struct err err;
	int type, rc;
	socklen_t len = sizeof(type);
	bool named;

	if (argc == 2 && strcmp(argv[1], "--version") == 0)
		return printf("futae-esp %s\n", FUTAE_VERSION) < 0;
	/* With --name NAME one of several calls itself so in the log. */
	named = argc == 3 && strcmp(argv[1], "--name") == 0;
	log_init(named ? argv[2] : "futae-esp", LOGL_INFO);
	if ((argc != 1 && !named) || getsockopt(FUTAED_FD, SOL_SOCKET, SO_TYPE, &type, &len) < 0 ||
	    type != SOCK_SEQPACKET) {
		(void)fprintf(stderr, "futae-esp is started by futaed; start that\n");
		return 2;
	}
	/* Below futaed, above everything else: a busy neighbour must not read as a dead line. */
	if (proc_schedule_fifo(REALTIME_PRIORITY, &err) < 0 || proc_lock_memory(&err) < 0)
		log_event(LOGL_INFO, "esp.realtime", "%s", err.text);
	if (proc_drop_all("futae", &err) < 0)
		return fail("esp.start-failed", &err);
	/* Traffic flows on when futaed dies. */
	(void)prctl(PR_SET_PDEATHSIG, 0);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGINT, SIG_IGN); /* a terminal's: futaed decides when we go */
	if (aead_lib_new(AEAD_FASTEST, &aead, &err) < 0)
		return fail("esp.start-failed", &err);
	rc = run(aead);
	aead_lib_free(aead);
	return rc;
}
