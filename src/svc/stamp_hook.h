/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What two futae tell each other in STAMP packets (STAMP_TLV_FUTAE).  Who has something to say
 * embeds a struct stamp_hook and puts it into env->stamp; probe_stamp and reflector carry it.
 */
#ifndef SVC_STAMP_HOOK_H
#define SVC_STAMP_HOOK_H

#include "base/buf.h"
#include "svc/path.h"

#include <stdbool.h>

#define STAMP_HOOK_MAX 256 /* bytes of a value */

struct stamp_hook {
	/*
	 * What to tell the other end of this tunnel: its length, 0 for nothing.  A reply has room
	 * for as much as the request said; what is shorter is filled up with zeros.
	 */
	size_t (*say)(struct stamp_hook *h, struct path *p, uint8_t *out, size_t cap);
	/*
	 * What the other end told, by the tunnel's own device.  proven: it answers our own request,
	 * or has the right HMAC; else any host behind the other end may have sent it.
	 */
	void (*hear)(struct stamp_hook *h, struct path *p, struct view value, bool proven);
};

#endif
