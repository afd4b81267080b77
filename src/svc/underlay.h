/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interfaces below the tunnels: each tunnel's local address sits on one.  Its carrier
 * lost, or the address gone, is the strongest evidence there is, and the health check hears
 * of it at once, before any probe is missing.  When it is back, replies tell, as always.
 */
#ifndef SVC_UNDERLAY_H
#define SVC_UNDERLAY_H

#include "conf/model.h"
#include "svc/env.h"

struct healths;
struct ifaces;
struct underlay;

struct underlay *underlay_new(const struct env *env, struct ifaces *ifaces,
			      struct healths *healths);
void underlay_free(struct underlay *u); /* before the ifaces */
/* Keeps its own copy of what it needs of conf. */
int underlay_apply(struct underlay *u, const struct conf *conf);
void underlay_refresh(struct underlay *u); /* after links or addresses changed */

#endif
