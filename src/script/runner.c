/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "script/runner.h"

#include "base/log.h"
#include "io/seqpkt.h"
#include "script/supervise.h"
#include "wire/ipc_msg.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

struct runner {
	int futaed, signals;
	/* Supervisors, and what they watch. */
	pid_t pids[RUNNER_RUNS_MAX];
	uint32_t ids[RUNNER_RUNS_MAX];
	size_t count;
	bool over;
};

static void refuse(struct runner *r, uint32_t id, int error)
{
	struct ipc_script_done done = { .id = id,
					.outcome = IPC_SCRIPT_NOT_RUN,
					.value = (uint32_t)error };
	uint8_t buf[64];
	ssize_t len = ipc_script_done_encode(&done, buf, sizeof(buf));

	if (len > 0)
		(void)seqpkt_send(r->futaed, buf, (size_t)len, NULL, 0);
}

static void start(struct runner *r, struct view msg)
{
	static struct ipc_script_run run;
	pid_t pid;

	if (ipc_script_run_decode(msg, &run) < 0) {
		log_event(LOGL_WARN, "script.message", "type=%d length=%zu not understood",
			  ipc_msg_type(msg), msg.len);
		return;
	}
	if (r->count == RUNNER_RUNS_MAX) {
		refuse(r, run.id, EAGAIN);
		return;
	}
	pid = fork();
	if (pid == 0) {
		supervise(&run, r->futaed);
		_exit(0);
	}
	if (pid < 0) {
		refuse(r, run.id, errno);
		return;
	}
	r->pids[r->count] = pid;
	r->ids[r->count++] = run.id;
}

static void take_messages(struct runner *r)
{
	uint8_t buf[sizeof(struct ipc_script_run) + 64];

	for (;;) {
		struct seqpkt_msg m;
		int n = seqpkt_recv(r->futaed, buf, sizeof(buf), &m);

		if (n == -EAGAIN)
			return;
		if (n <= 0) {
			r->over = true;
			return;
		}
		seqpkt_close_fds(&m);
		start(r, m.data);
	}
}

/* Whoever is no supervisor is what one that was killed left behind. */
static void take_end(struct runner *r, pid_t pid, int status)
{
	for (size_t i = 0; i < r->count; i++) {
		uint32_t id = r->ids[i];

		if (r->pids[i] != pid)
			continue;
		r->count--;
		r->pids[i] = r->pids[r->count];
		r->ids[i] = r->ids[r->count];
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
			supervise_end_children(r->pids, r->count);
			refuse(r, id, ECHILD);
		}
		return;
	}
}

static void take_signals(struct runner *r)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(r->signals, &info, sizeof(info)) == sizeof(info))
		r->over |= info.ssi_signo == SIGTERM;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		take_end(r, pid, status);
}

static void turn(struct runner *r, int timeout_msec)
{
	struct pollfd p[] = { { .fd = r->over ? -1 : r->futaed, .events = POLLIN },
			      { .fd = r->signals, .events = POLLIN } };

	if (poll(p, 2, timeout_msec) <= 0)
		return;
	if (p[1].revents)
		take_signals(r);
	if (p[0].revents && !r->over)
		take_messages(r);
}

int runner_run(int futaed)
{
	struct runner r = { .futaed = futaed };
	sigset_t watched;

	(void)sigemptyset(&watched);
	(void)sigaddset(&watched, SIGCHLD);
	(void)sigaddset(&watched, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &watched, NULL);
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	r.signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	if (r.signals < 0)
		return 1;
	while (!r.over)
		turn(&r, -1);
	for (size_t i = 0; i < r.count; i++)
		(void)kill(r.pids[i], SIGTERM);
	/* Each ends what it watches, which is bounded. */
	for (unsigned i = 0; i < 200 && r.count; i++)
		turn(&r, 10);
	supervise_end_children(NULL, 0);
	return 0;
}
