/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration text to a checked model.  All that is wrong is reported at once; a file
 * with an error gives no model at all.  The document is YAML 1.2 (JSON is a subset);
 * doc/config.md explains every key.
 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include "conf/model.h"
#include "conf/report.h"

#include <stddef.h>

#define CONF_FILE_MAX ((size_t)16 << 20) /* longer documents are refused */

/*
 * Reads and checks a file.  0 and *out, to be freed with conf_free(); or a negative errno
 * value (-EINVAL when the content is wrong) and at least one error in *report.  *report is
 * emptied first and may hold warnings in both cases.  Secret files are looked up beside
 * the file itself.  if_ids are all 0 until conf_diff() has given them out.
 */
int conf_load_file(const char *path, struct conf_report *report, struct conf **out);

/*
 * The same for text in memory; `name` stands for the file in messages.  Relative paths
 * of secrets start at base_dir.  With base_dir NULL no file is opened: whoever sent the
 * document must not learn what this machine holds; such a model has paths but no data.
 */
int conf_load_text(const char *text, size_t len, const char *name, const char *base_dir,
		   struct conf_report *report, struct conf **out);

#endif
