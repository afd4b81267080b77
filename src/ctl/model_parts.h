/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces that more than one model shows. */
#ifndef CTL_MODEL_PARTS_H
#define CTL_MODEL_PARTS_H

#include <jansson.h>

struct daemon;
struct path;
struct route;

/* What the other end says of a tunnel; null where we do not ask. */
json_t *model_peer(struct daemon *d, const struct path *p);
json_t *model_route_active(const struct route *r); /* names of the tunnels that carry */

#endif
