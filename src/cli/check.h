/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `futae check FILE`: every problem of a configuration, without a daemon. */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "cli/term.h"

/* True when futaed would take the file. */
bool check_file(const char *path, bool json, const struct term *t);

#endif
