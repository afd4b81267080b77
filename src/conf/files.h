/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what a configuration names: secrets, certificates, and the configuration itself. */
#ifndef CONF_FILES_H
#define CONF_FILES_H

#include "base/err.h"
#include "conf/model.h"

#include <sys/stat.h>

enum files_privacy { FILES_PUBLIC, FILES_SECRET };

/* path below base_dir unless absolute; the caller's to free(), NULL without memory. */
char *files_resolve(const char *base_dir, const char *path);
/*
 * Reads a regular file of at most max bytes into out->data, a NUL after it.  FILES_SECRET
 * files must be root's or ours, and closed to group and others.  0 or -errno and in *err
 * what to do; errors name the file with its directory.
 */
int files_read(const char *base_dir, const char *path, enum files_privacy privacy, size_t max,
	       struct conf_blob *out, struct err *err);
/*
 * The same of anything that can be read to its end, a pipe too.  *st tells what it was; errors do
 * not name the file, which is the document itself.
 */
int files_read_any(const char *path, size_t max, struct conf_blob *out, struct stat *st,
		   struct err *err);

#endif
