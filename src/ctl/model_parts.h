/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces that more than one model shows. */
#ifndef CTL_MODEL_PARTS_H
#define CTL_MODEL_PARTS_H

#include <jansson.h>
#include <stdbool.h>

struct daemon;
struct path;
struct check;
struct route;

/* What the other end says of a tunnel; null where we do not ask. */
json_t *model_peer(struct daemon *d, const struct path *p);
json_t *model_route_active(const struct route *r); /* names of the tunnels that carry */
json_t *model_detection(const struct check *c); /* the setting in force */
/* Adds to o what was measured of the path, what is expected with the setting in force, and, if
 * asked, what other choices would buy. */
void model_expectation(const struct check *c, bool others, json_t *o);

#endif
