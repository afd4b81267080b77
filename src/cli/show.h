/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's answers as a person likes to read them: one function per verb. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/term.h"

#include <jansson.h>
#include <stdbool.h>

typedef void show_fn(const struct term *t, const json_t *data);

show_fn show_status, show_tunnels, show_health, show_routes, show_vrrp, show_failovers,
	show_quality, show_explain, show_events, show_report, show_reload;
/* One of show_events' lines. */
void show_event(const struct term *t, const json_t *event);
/* Every tunnel usable, every process running, every route carried by a usable tunnel, every VRRP
 * instance taking part. */
bool status_is_good(const json_t *data);

#endif
