/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/pidfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define END_WITHIN_MSEC 2000

static void path_of(const char *dir, const char *name, char *out, size_t size)
{
	(void)snprintf(out, size, "%s/%s.pid", dir, name);
}

int pidfile_write(const char *dir, const char *name, pid_t pid, struct err *err)
{
	char path[512], text[16];
	int n, fd;

	path_of(dir, name, path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return err_set(err, -errno, "cannot write %s: %s", path, strerror(errno));
	n = snprintf(text, sizeof(text), "%d\n", (int)pid);
	if (write(fd, text, (size_t)n) != n)
		n = err_set(err, -errno, "cannot write %s: %s", path, strerror(errno));
	(void)close(fd);
	return n < 0 ? n : 0;
}

void pidfile_remove(const char *dir, const char *name)
{
	char path[512];

	path_of(dir, name, path, sizeof(path));
	(void)unlink(path);
}

static long read_number(const char *path)
{
	long pid = 0;
	FILE *f = fopen(path, "re");

	if (!f)
		return 0;
	if (fscanf(f, "%9ld", &pid) != 1) /* NOLINT(cert-err34-c): at most nine digits */
		pid = 0;
	(void)fclose(f);
	return pid;
}

static int is_program(long pid, const char *name)
{
	char path[64], comm[32] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (!fgets(comm, sizeof(comm), f))
		comm[0] = '\0';
	(void)fclose(f);
	comm[strcspn(comm, "\n")] = '\0';
	return !strcmp(comm, name);
}

int pidfile_end(const char *dir, const char *name, const char *program)
{
	char path[512];
	struct pollfd p = { .events = POLLIN };
	long pid;
	int r = 0;

	path_of(dir, name, path, sizeof(path));
	pid = read_number(path);
	if (pid <= 1)
		return 0;
	/* By descriptor: between the look and the signal the number cannot become another's. */
	p.fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	if (p.fd < 0)
		return 0;
	if (is_program(pid, program) && syscall(SYS_pidfd_send_signal, p.fd, SIGKILL, NULL, 0) == 0)
		r = poll(&p, 1, END_WITHIN_MSEC) == 1 ? 1 : -ETIMEDOUT;
	(void)close(p.fd);
	return r;
}
