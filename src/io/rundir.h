/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder where a daemon's sockets live. */
#ifndef IO_RUNDIR_H
#define IO_RUNDIR_H

#include "base/err.h"

/*
 * Makes `path` (one level) with this mode if it is not there.  With `owner` not NULL it then
 * belongs to whom proc_user_find() names (ours where we may not give it away), and without a
 * group of that user's own it is closed to all others.
 */
int rundir_make(const char *path, unsigned mode, const char *owner, struct err *err);

#endif
