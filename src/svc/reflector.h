/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * STAMP Session-Reflector (RFC 8762, RFC 8972) for the tunnels that have one: a request that came
 * in by a tunnel's device is sent back by that tunnel, with the reflector's own count per session.
 * By any other device, or past the rate, it is dropped and counted.
 */
#ifndef SVC_REFLECTOR_H
#define SVC_REFLECTOR_H

#include "conf/model.h"
#include "svc/env.h"

#include <stdbool.h>

struct drop_log;
struct reflectors;

#define REFLECTOR_SESSIONS 16u /* of one tunnel; the one longest unheard makes room */

enum reflector_drop {
	REFLECTOR_DROP_SHORT,
	REFLECTOR_DROP_LONG,
	REFLECTOR_DROP_HMAC,
	REFLECTOR_DROP_DEVICE, /* by no tunnel that has a reflector */
	REFLECTOR_DROP_RATE,
	REFLECTOR_DROP_UNFIT, /* refused: that address of ours is not fit to carry */
	REFLECTOR_DROP_UNSENT,
	REFLECTOR_DROPS
};

struct reflector_counts {
	bool on;
	uint64_t reflected;
	uint64_t restarted; /* sessions that had to make room for others */
	unsigned sessions;
};

/* Is this address of ours fit to carry traffic?  Else its requests are refused. */
typedef bool reflector_fit_fn(void *ctx, const struct addr *a);

struct reflectors *reflectors_new(const struct env *env, reflector_fit_fn *fit, void *ctx);
void reflectors_free(struct reflectors *rs);
/* A port that is taken is logged, and tried again at the next call. */
int reflectors_apply(struct reflectors *rs, const struct conf *conf);
struct reflector_counts reflectors_counts(const struct reflectors *rs, uint32_t if_id);
const struct drop_log *reflectors_drops(const struct reflectors *rs);

#endif
