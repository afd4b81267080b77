/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CLI_SHOW_PATH_H
#define CLI_SHOW_PATH_H

#include "cli/term.h"

#include <jansson.h>

/* A block below `futae health`'s table, for one of its tunnels; nothing when nothing is measured.
 */
void show_path(const struct term *t, const json_t *o);

#endif
