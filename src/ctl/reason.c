/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/reason.h"

#include "io/netlink.h"
#include "svc/daemon.h"
#include "svc/health.h"
#include "svc/path.h"
#include "svc/tunnel.h"

#include <stdio.h>

struct search {
	int index;
	char *out;
	bool found;
};

static void look(void *ctx, const struct nl_link *link)
{
	struct search *s = ctx;

	if (link->index != s->index)
		return;
	(void)snprintf(s->out, REASON_DEVICE, "%s", link->name);
	s->found = true;
}

bool reason_device(const struct daemon *d, int index, char out[static REASON_DEVICE])
{
	const struct path *p = paths_by_index(&d->paths, index);
	struct search s = { .index = index, .out = out };

	if (p) {
		(void)snprintf(out, REASON_DEVICE, "%s", p->device);
		return true;
	}
	(void)nl_link_dump(d->env.nl, look, &s);
	if (!s.found)
		(void)snprintf(out, REASON_DEVICE, "number %d, which is gone", index);
	return false;
}

const char *reason_of(const struct daemon *d, const struct tunnel *t, const struct check *c,
		      char out[static REASON_TEXT])
{
	char device[REASON_DEVICE];

	/* The check only sees that there is no tunnel to probe, which it takes for a lost SA. */
	if (!t->path.index) {
		(void)snprintf(out, REASON_TEXT, "its device is not there: %s",
			       t->trouble[0] ? t->trouble : "it is made again soon");
		return out;
	}
	if (!c || c->fsm.state != HEALTH_WRONG_PATH) {
		(void)snprintf(out, REASON_TEXT, "%s", t->path.why);
		return out;
	}
	(void)reason_device(d, c->wrong_device, device);
	(void)snprintf(out, REASON_TEXT, "%s; they come by %s", t->path.why, device);
	return out;
}
