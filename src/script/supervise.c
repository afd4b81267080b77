/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "script/supervise.h"

#include "base/clock.h"
#include "io/loop.h"
#include "io/seqpkt.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 128
#define TAKE_PER_TURN (1 << 20) /* of its output, before we look at the time again */
#define ROUNDS 500 /* of ending what it left; each a few ms, or as soon as a child ends */
#define FILES_MAX 64 /* open in a script */
#define PROCESSES_MAX 64

struct watched {
	const struct ipc_script_run *run;
	struct ipc_script_done done;
	pid_t pid;
	int futaed, signals;
	int output, failure; /* what it writes; an errno when it could not be run */
	size_t text_len;
	bool over;
};

static void limit(int what, rlim_t most)
{
	struct rlimit r = { most, most }, now;

	if (getrlimit((__rlimit_resource_t)what, &now) == 0 && now.rlim_max < most)
		r.rlim_cur = r.rlim_max = now.rlim_max;
	(void)setrlimit((__rlimit_resource_t)what, &r);
}

/* The number of processes is the whole user's: only where that user is for scripts alone. */
static void set_limits(void)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_NOFILE, FILES_MAX);
	if (getuid() != 0)
		limit(RLIMIT_NPROC, PROCESSES_MAX);
}

static void __attribute__((noreturn))
run_script(const struct ipc_script_run *run, int output, int failure)
{
	char name[sizeof("FUTAE_TRACK=") + IPC_NAME];
	char *argv[WORDS_MAX + 1] = { NULL };
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin", lang[] = "LANG=C";
	char *const env[] = { path, lang, name, NULL };
	char words[IPC_COMMAND_MAX];
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;
	size_t n = 0;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), rc;

	(void)snprintf(name, sizeof(name), "FUTAE_TRACK=%s", run->name);
	memcpy(words, run->command, run->command_len);
	for (size_t at = 0; at < run->command_len && n < WORDS_MAX; at += strlen(words + at) + 1)
		argv[n++] = words + at;
	for (int s = 1; s < NSIG; s++)
		(void)sigaction(s, &dfl, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	set_limits();
	if (setsid() < 0 || chdir("/") < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
	    dup2(output, 2) < 0 || dup2(failure, 3) < 0 || fcntl(3, F_SETFD, FD_CLOEXEC) < 0 ||
	    syscall(SYS_close_range, 4U, UINT_MAX, 0U) < 0)
		_exit(126);
	(void)execve(argv[0], argv, env);
	rc = errno;
	rc = write(3, &rc, sizeof(rc)) == sizeof(rc) ? 127 : 126;
	_exit(rc);
}

/* Above 3, where run_script() puts one of them. */
static int pipe_above(int ends[static 2])
{
	int low[2];

	if (pipe2(low, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 10);
		(void)close(low[i]);
	}
	if (ends[0] < 0 || ends[1] < 0)
		return -EMFILE;
	/* Nobody waits for the other: neither we for a child, nor for what a child's child keeps.
	 */
	return fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int start(struct watched *w)
{
	int output[2] = { -1, -1 }, failure[2] = { -1, -1 };

	if (pipe_above(output) < 0 || pipe_above(failure) < 0)
		return -EMFILE;
	w->pid = fork();
	if (w->pid < 0)
		return -errno;
	if (w->pid == 0)
		run_script(w->run, output[1], failure[1]);
	(void)close(output[1]);
	(void)close(failure[1]);
	w->output = output[0];
	w->failure = failure[0];
	return 0;
}

/* The first of it is kept, all of it is taken: a script must not stand still for its words. */
static void take_output(struct watched *w)
{
	static char buf[65536];
	size_t taken = 0;

	while (w->output >= 0 && taken < TAKE_PER_TURN) {
		ssize_t n = read(w->output, buf, sizeof(buf));
		size_t room = sizeof(w->done.text) - 1 - w->text_len;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return;
		if (n == 0) {
			(void)close(w->output);
			w->output = -1;
			return;
		}
		taken += (size_t)n;
		for (ssize_t i = 0; i < n && room > 0; i++, room--)
			if (buf[i]) /* texts have none */
				w->done.text[w->text_len++] = buf[i];
	}
}

static void take_end(struct watched *w, int status)
{
	int rc = 0;

	w->over = true;
	w->done.outcome = WIFSIGNALED(status) ? IPC_SCRIPT_SIGNAL : IPC_SCRIPT_EXITED;
	w->done.value = (uint32_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	if (read(w->failure, &rc, sizeof(rc)) == sizeof(rc)) {
		w->done.outcome = IPC_SCRIPT_NOT_RUN;
		w->done.value = (uint32_t)rc;
	}
}

/* Also the ends of what the script left behind, which are ours now. */
static void take_signals(struct watched *w)
{
	struct signalfd_siginfo info;
	int status;
	pid_t pid;

	while (read(w->signals, &info, sizeof(info)) == sizeof(info))
		w->over |= info.ssi_signo == SIGTERM;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == w->pid)
			take_end(w, status);
}

static void watch_until(struct watched *w, usec_t deadline)
{
	while (!w->over) {
		struct pollfd p[] = { { .fd = w->signals, .events = POLLIN },
				      { .fd = w->output, .events = POLLIN },
				      { .fd = w->futaed, .events = 0 } };
		usec_t now = clock_now();

		if (now >= deadline) {
			w->over = true;
			return; /* the outcome is still IPC_SCRIPT_TIMEOUT */
		}
		(void)poll(p, 3, (int)((deadline - now) / USEC_PER_MSEC + 1));
		take_output(w);
		take_signals(w);
		w->over |= (p[2].revents & (POLLHUP | POLLERR)) != 0;
	}
}

static bool is_kept(pid_t pid, const pid_t *keep, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (keep[i] == pid)
			return true;
	return false;
}

/* Whether there was any. */
static bool kill_children(const pid_t *keep, size_t count)
{
	char path[64], list[4096] = "", *at = list;
	bool any = false;
	size_t n = 0;
	FILE *f;
	long pid;

	/* A list that is longer than that goes on in the next round. */
	(void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	f = fopen(path, "re");
	if (f) {
		n = fread(list, 1, sizeof(list) - 1, f);
		(void)fclose(f);
	}
	/* A number that was cut off is none: each ends with a blank. */
	while (n > 0 && list[n - 1] != ' ')
		n--;
	list[n] = '\0';
	while ((pid = strtol(at, &at, 10)) > 0) {
		if (is_kept((pid_t)pid, keep, count))
			continue;
		any = true;
		(void)kill((pid_t)pid, SIGKILL);
	}
	return any;
}

/* In rounds: who dies leaves us his own children, and a fork may be under way. */
void supervise_end_children(const pid_t *keep, size_t count)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	sigset_t child;

	(void)sigemptyset(&child);
	(void)sigaddset(&child, SIGCHLD);
	for (unsigned i = 0; i < ROUNDS && kill_children(keep, count); i++) {
		(void)sigtimedwait(&child, NULL, &pause);
		if (!count)
			while (waitpid(-1, NULL, WNOHANG) > 0)
				continue;
	}
}

static void report(struct watched *w)
{
	uint8_t buf[sizeof(w->done) + 16];
	ssize_t len = ipc_script_done_encode(&w->done, buf, sizeof(buf));

	for (unsigned i = 0; len > 0 && i < 100; i++) {
		struct pollfd p = { .fd = w->futaed, .events = POLLOUT };

		if (seqpkt_send(w->futaed, buf, (size_t)len, NULL, 0) != -EAGAIN)
			return;
		(void)poll(&p, 1, 10);
	}
}

void supervise(const struct ipc_script_run *run, int futaed)
{
	struct watched w = { .run = run,
			     .done = { .id = run->id, .outcome = IPC_SCRIPT_TIMEOUT },
			     .futaed = futaed,
			     .output = -1,
			     .failure = -1 };
	usec_t deadline = usec_add(clock_now(), run->timeout_msec * USEC_PER_MSEC);
	sigset_t watched;
	int r;

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)sigemptyset(&watched);
	(void)sigaddset(&watched, SIGCHLD);
	(void)sigaddset(&watched, SIGTERM);
	w.signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	r = w.signals < 0 ? -errno : start(&w);
	if (r < 0) {
		w.done.outcome = IPC_SCRIPT_NOT_RUN;
		w.done.value = (uint32_t)-r;
	} else {
		watch_until(&w, deadline);
		take_output(&w);
		(void)kill(-w.pid, SIGKILL);
		supervise_end_children(NULL, 0);
	}
	report(&w);
}
