/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only tracks want to know of the kernel: routes, and addresses and operational states of
 * interfaces.  Told on the board, as soon as the kernel tells of it.
 */
#ifndef SVC_WITNESS_H
#define SVC_WITNESS_H

#include "base/err.h"
#include "conf/model.h"
#include "svc/env.h"

struct witness;

struct witness *witness_new(const struct env *env, struct err *err);
void witness_free(struct witness *w);
int witness_apply(struct witness *w, const struct conf *conf); /* 0 or -ENOMEM */
/* Drops what no track names any more. */
void witness_prune(struct witness *w);

#endif
