/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What differs between two objects of one name: the bits of conf/diff.h, 0 when nothing. */
#ifndef CONF_DIFFER_H
#define CONF_DIFFER_H

#include "conf/model.h"

bool differ_same_detection(const struct conf_detection *a, const struct conf_detection *b);
unsigned differ_node(const struct conf *a, const struct conf *b);
unsigned differ_tunnel(const struct conf_tunnel *a, const struct conf_tunnel *b);
/* The configurations tell which tunnels the routes' indexes mean. */
unsigned differ_route(const struct conf *ca, const struct conf_route *a, const struct conf *cb,
		      const struct conf_route *b);
unsigned differ_track(const struct conf_track *a, const struct conf_track *b);
unsigned differ_vrrp(const struct conf_vrrp *a, const struct conf_vrrp *b);

#endif
