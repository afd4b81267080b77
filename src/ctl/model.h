/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What there is to see, as JSON: one model, which the command line renders as tables and
 * the API passes on.  Each gives a new reference, or NULL without memory.  Times ending in
 * _ms are durations in milliseconds; unknown values are null, never left out.
 */
#ifndef CTL_MODEL_H
#define CTL_MODEL_H

#include "base/addr.h"
#include "base/clock.h"
#include "conf/report.h"

#include <jansson.h>

struct daemon;

json_t *model_status(struct daemon *d);
json_t *model_tunnels(struct daemon *d);
json_t *model_health(struct daemon *d, const char *tunnel); /* NULL: all */
json_t *model_routes(struct daemon *d);
json_t *model_vrrp(struct daemon *d);
json_t *model_failovers(struct daemon *d);
json_t *model_report(const struct conf_report *report); /* warnings of a load */

/* Building blocks, shared by the model_*.c */
json_t *model_msec(usec_t span); /* real with three decimals; null for USEC_NEVER */
json_t *model_since(usec_t then, usec_t now); /* how long ago; null when then is 0 */
json_t *model_until(usec_t then, usec_t now); /* how long from now; null when 0 or never */
json_t *model_addr(const struct addr *a); /* null for none */
json_t *model_text(const char *text); /* null for an empty one; bytes that are not UTF-8 replaced */

#endif
