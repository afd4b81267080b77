/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who of us runs, written down, so that a futaed that was killed can be cleaned up after. */
#ifndef IO_PIDFILE_H
#define IO_PIDFILE_H

#include "base/err.h"

#include <sys/types.h>

/* Writes `pid` to DIR/NAME.pid. */
int pidfile_write(const char *dir, const char *name, pid_t pid, struct err *err);
void pidfile_remove(const char *dir, const char *name);
/*
 * Ends the process that DIR/NAME.pid names, if it lives and still is that program (a
 * number alone may long be another's).  1: there was one, it is gone now; 0: there was none;
 * -ETIMEDOUT: it does not go.
 */
int pidfile_end(const char *dir, const char *name, const char *program);

#endif
