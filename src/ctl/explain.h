/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why is it in this state?  In words, with the evidence, and what to do. */
#ifndef CTL_EXPLAIN_H
#define CTL_EXPLAIN_H

#include "base/err.h"

#include <jansson.h>

struct daemon;

/* A tunnel, route, VRRP instance or track by name; NULL and *err when there is none. */
json_t *explain_object(struct daemon *d, const char *object, struct err *err);

#endif
