/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a program that the configuration names is one that only root could have put there. */
#ifndef CONF_PROGRAM_H
#define CONF_PROGRAM_H

#include "conf/schema_def.h"

/* Reports what is wrong with the script's program; it opens nothing and runs nothing. */
void check_program(struct loader *ld, struct conf_pos pos, const struct conf_script *s);

#endif
