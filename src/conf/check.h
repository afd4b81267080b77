/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules between the objects of a configuration.  They expect nothing to be complete: each
 * object was checked alone before, and may have been found wrong. */
#ifndef CONF_CHECK_H
#define CONF_CHECK_H

#include <stddef.h>

struct loader;

void check_tunnels(struct loader *ld); /* also decides health.pin where that is left to us */
void check_bfd(struct loader *ld);
void check_probe(struct loader *ld, size_t i); /* of tunnel i, for check_tunnels() */
void check_routes(struct loader *ld);
void check_vrrps(struct loader *ld);
void check_tracks(struct loader *ld);

#endif
