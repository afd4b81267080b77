/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BFD sessions: as JSON, and explained. */
#ifndef CTL_MODEL_BFD_H
#define CTL_MODEL_BFD_H

#include "ctl/explain_parts.h"

#include <jansson.h>

struct check;

json_t *model_bfd(const struct check *c, usec_t now); /* null for other kinds of checks */
json_t *model_bfd_strays(struct daemon *d); /* dropped for want of a session, by reason */
void explain_bfd(const struct check *c, struct explanation *e, usec_t now);

#endif
