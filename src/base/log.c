/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/log.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	enum log_level level;
	const char *program;
	log_sink *sink;
	void *ctx;
} logger = { .level = LOGL_NOTICE, .program = "futae" };

void log_init(const char *program, enum log_level level)
{
	logger.program = program;
	logger.level = level;
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

void log_event(enum log_level level, const char *event, const char *fmt, ...)
{
	/* syslog priorities, for journald: <3> error ... <7> debug */
	static const char priority[] = { '3', '4', '5', '6', '7' };
	char text[1024], line[1200];
	va_list ap;
	int n;

	if (level > logger.level)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	/* A peer's words must not be able to forge a second line. */
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	n = snprintf(line, sizeof(line), "<%c>%s: %s %s\n", priority[level], logger.program, event,
		     text);
	if (n > 0) {
		size_t len = (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1;

		/* One write, so that lines of several processes do not mix; a full disk must not
		 * stop us. */
		if (write(STDERR_FILENO, line, len) < 0)
			return;
	}
	if (logger.sink)
		logger.sink(logger.ctx, level, event, text);
}
