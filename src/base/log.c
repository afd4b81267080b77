/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1200 /* below PIPE_BUF: a pipe takes a line whole or not at all */

static struct {
	enum log_level level;
	const char *program;
	log_sink *sink;
	void *ctx;
	int fd; /* to where standard error leads */
	bool is_socket;
	atomic_ulong dropped; /* lines that nobody was there for; futae-ike logs from threads */
} logger = { .level = LOGL_NOTICE, .program = "futae", .fd = STDERR_FILENO };

/*
 * Whoever reads our standard error may stop reading, and must not stop us by that.  Not to
 * block is a property of the open file, which the siblings and the shell that started us share:
 * so it is opened once more, for us alone.  A socket is asked with each line instead, and a
 * file has no reader to wait for.  Asking for room first (poll) would not do: another process
 * may take it meanwhile.
 */
static void open_own(void)
{
	struct stat st;
	int fd;

	if (logger.fd != STDERR_FILENO)
		(void)close(logger.fd);
	logger.fd = STDERR_FILENO;
	logger.is_socket = false;
	if (fstat(STDERR_FILENO, &st) < 0)
		return;
	logger.is_socket = S_ISSOCK(st.st_mode);
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return;
	fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		logger.fd = fd;
	else /* no /proc, or another's: better that the others do not block either */
		(void)fcntl(STDERR_FILENO, F_SETFL, fcntl(STDERR_FILENO, F_GETFL) | O_NONBLOCK);
}

void log_init(const char *program, enum log_level level)
{
	logger.program = program;
	logger.level = level;
	open_own();
}

void log_set_sink(log_sink *sink, void *ctx)
{
	logger.sink = sink;
	logger.ctx = ctx;
}

const char *log_level_name(enum log_level level)
{
	switch (level) {
	case LOGL_ERROR:
		return "error";
	case LOGL_WARN:
		return "warning";
	case LOGL_NOTICE:
		return "notice";
	case LOGL_INFO:
		return "info";
	case LOGL_DEBUG:
		return "debug";
	}
	return "unknown";
}

/* One write, so that lines of several processes do not mix. */
static bool put(enum log_level level, const char *event, const char *text)
{
	/* syslog priorities, for journald: <3> error ... <7> debug */
	static const char priority[] = { '3', '4', '5', '6', '7' };
	char line[LINE_MAX_BYTES];
	int n = snprintf(line, sizeof(line), "<%c>%s: %s %s\n", priority[level], logger.program,
			 event, text);
	size_t len = (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1;

	if (n < 0)
		return false;
	line[len - 1] = '\n'; /* also where it was cut */
	return (logger.is_socket ? send(logger.fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL)
				 : write(logger.fd, line, len)) >= 0;
}

/* What cannot be written now is counted, and told as soon as something can. */
static void put_or_count(enum log_level level, const char *event, const char *text)
{
	unsigned long dropped = atomic_exchange(&logger.dropped, 0);
	char count[64];

	(void)snprintf(count, sizeof(count), "lines=%lu nobody read them", dropped);
	if (dropped && !put(LOGL_WARN, "log.dropped", count))
		(void)atomic_fetch_add(&logger.dropped, dropped + 1);
	else if (!put(level, event, text))
		(void)atomic_fetch_add(&logger.dropped, 1);
}

void log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	if (level > logger.level)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* A peer's words must not be able to forge a second line. */
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	put_or_count(level, event, text);
	if (logger.sink)
		logger.sink(logger.ctx, level, event, text);
}
