/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces that more than one model shows. */
#ifndef CTL_MODEL_PARTS_H
#define CTL_MODEL_PARTS_H

#include <jansson.h>

struct route;

json_t *model_route_active(const struct route *r); /* names of the tunnels that carry */

#endif
