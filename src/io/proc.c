/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting siblings.  See proc_rights.c for giving up rights and proc_file.c for files. */
#include "io/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST_FD 3
#define FDS_MAX 64

struct spawn {
	const char *const *argv;
	const int *fds;
	size_t nfds;
	bool die_with_parent;
	pid_t parent;
	int report; /* the child's end of a pipe: an errno when it does not get as far as execve */
};

static void reset_signals(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t none;

	/* Handlers first: until execve they are the parent's, and would write to its event loop. */
	for (int s = 1; s < NSIG; s++)
		(void)sigaction(s, &dfl, NULL); /* refused for KILL, STOP and libc's own */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Through numbers above all targets, since a source may lie where another one has to go. */
static int place_fds(struct spawn *s)
{
	int high[FDS_MAX];
	int above = FIRST_FD + (int)s->nfds;

	s->report = fcntl(s->report, F_DUPFD_CLOEXEC, above);
	if (s->report < 0)
		return -errno;
	for (size_t i = 0; i < s->nfds; i++) {
		high[i] = fcntl(s->fds[i], F_DUPFD_CLOEXEC, above);
		if (high[i] < 0)
			return -errno;
	}
	for (int i = 0; i < (int)s->nfds; i++)
		if (dup2(high[i], FIRST_FD + i) < 0)
			return -errno;
	if (syscall(SYS_close_range, (unsigned)above, UINT_MAX, CLOSE_RANGE_CLOEXEC) < 0)
		return -errno;
	return 0;
}

static int prepare_child(struct spawn *s)
{
	const struct sched_param normal = { 0 };

	reset_signals();
	(void)sched_setscheduler(0, SCHED_OTHER, &normal);
	if (s->die_with_parent) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
			return -errno;
		if (getppid() != s->parent) /* it died before we asked */
			return -ESRCH;
	}
	return place_fds(s);
}

static void __attribute__((noreturn)) run_child(struct spawn *s)
{
	int rc = prepare_child(s);
	ssize_t written;

	if (rc == 0) {
		(void)execve(s->argv[0], (char *const *)(uintptr_t)s->argv, environ);
		rc = -errno;
	}
	written = write(s->report, &rc, sizeof(rc));
	_exit(written == sizeof(rc) ? 127 : 126);
}

/* 0 when the pipe closes by itself: the program runs.  Otherwise what the child ran into. */
static int wait_for_exec(int fd)
{
	int rc = 0;
	ssize_t n;

	do
		n = read(fd, &rc, sizeof(rc));
	while (n < 0 && errno == EINTR);
	return n == sizeof(rc) ? rc : 0;
}

static pid_t fork_quietly(struct spawn *s, int parent_end)
{
	sigset_t all, old;
	pid_t pid;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0) {
		(void)close(parent_end);
		run_child(s);
	}
	if (pid < 0)
		pid = -errno;
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	return pid;
}

pid_t proc_spawn(const char *const argv[], const int *fds, size_t nfds, bool die_with_parent,
		 struct err *err)
{
	struct spawn s = { argv, fds, nfds, die_with_parent, getpid(), -1 };
	int pipefd[2];
	pid_t pid;
	int rc;

	if (nfds > FDS_MAX)
		return err_set(err, -E2BIG, "%s: %zu descriptors are too many", argv[0], nfds);
	if (pipe2(pipefd, O_CLOEXEC) < 0)
		return err_set(err, -errno, "%s does not start: %s", argv[0], strerror(errno));
	s.report = pipefd[1];
	pid = fork_quietly(&s, pipefd[0]);
	(void)close(pipefd[1]);
	rc = pid < 0 ? (int)pid : wait_for_exec(pipefd[0]);
	(void)close(pipefd[0]);
	if (rc == 0)
		return pid;
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
	return err_set(err, rc, "%s does not start: %s", argv[0], strerror(-rc));
}

int proc_die_with_parent(int fd, struct err *err)
{
	struct pollfd p = { .fd = fd };

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return err_set(err, -errno, "cannot ask to die with the parent: %s",
			       strerror(errno));
	/* Not its pid, which is unknown here when it died before we looked. */
	if (poll(&p, 1, 0) != 0)
		return err_set(err, -ESRCH, "who started this is gone");
	return 0;
}
