/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder where a daemon's sockets live. */
#ifndef IO_RUNDIR_H
#define IO_RUNDIR_H

#include "base/err.h"

/*
 * Makes `path` (one level) with this mode if it is not there.  With `owner` not NULL it then
 * belongs to that user (nobody when there is no such user; ours where we may not give it away).
 */
int rundir_make(const char *path, unsigned mode, const char *owner, struct err *err);

#endif
