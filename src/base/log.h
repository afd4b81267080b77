/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One line per state change: `event key=value ...`, on standard error, where systemd or
 * whoever started us keeps it.  What it does not take at once is dropped and counted, and
 * `log.dropped` says later how much that was: a log that nobody reads stops nobody.  This
 * state is the only global of the layer.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdarg.h>

enum log_level { LOGL_ERROR, LOGL_WARN, LOGL_NOTICE, LOGL_INFO, LOGL_DEBUG };

/* Gets every line that passes the level, written or dropped.  `text` is the line's key=value
 * part. */
typedef void log_sink(void *ctx, enum log_level level, const char *event, const char *text);

/* Standard error is looked at here: before a sandbox, and again after it was replaced. */
void log_init(const char *program, enum log_level level);
void log_set_sink(log_sink *sink, void *ctx);
const char *log_level_name(enum log_level level);

/* log_event(LOGL_NOTICE, "health.state", "tunnel=%s from=%s to=%s", ...) */
__attribute__((format(printf, 3, 4))) void log_event(enum log_level level, const char *event,
						     const char *fmt, ...);

#endif
