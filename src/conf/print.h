/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The running configuration as text that loads back to the same model. */
#ifndef CONF_PRINT_H
#define CONF_PRINT_H

#include "conf/model.h"

/* Stands for a secret that was written into the configuration itself.  Loading it back is
 * an error that says so, so that nobody ends up with this as their key. */
#define CONF_HIDDEN "(hidden)"

enum conf_print_secrets { CONF_SECRETS_HIDDEN, CONF_SECRETS_SHOWN };

/* YAML with every setting written out, defaults too; files of secrets by their paths.
 * The text is the caller's to free(); NULL when memory ran out. */
char *conf_print(const struct conf *conf, enum conf_print_secrets secrets);

#endif
