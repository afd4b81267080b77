/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/tunnel_lane.h"

#include "base/log.h"
#include "io/tun.h"
#include "svc/sibling.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

unsigned tunnel_lanes_wanted(const struct conf_tunnel *c, unsigned workers)
{
	return c->children < workers ? c->children : workers;
}

int tunnel_lanes_init(struct tunnel *t, struct sibling *esp, unsigned workers, unsigned lanes)
{
	struct tunnel_lane *list = calloc(lanes, sizeof(*list));

	if (!list)
		return -ENOMEM;
	free(t->lane);
	t->lane = list;
	t->lanes = lanes;
	for (unsigned i = 0; i < lanes; i++)
		list[i] = (struct tunnel_lane){
			.esp = &esp[ipc_worker_of(t->path.if_id + i, workers)], .fd = -1
		};
	return 0;
}

void tunnel_lanes_done(struct tunnel *t)
{
	free(t->lane);
	t->lane = NULL;
	t->lanes = 0;
}

struct tunnel_lane *tunnel_lane_of(const struct tunnel *t, const struct sibling *esp)
{
	for (unsigned i = 0; i < t->lanes; i++)
		if (t->lane[i].esp == esp)
			return &t->lane[i];
	return NULL;
}

static bool has_sa(const struct tunnel_lane *lane)
{
	return lane->sa_in || lane->sa_out;
}

static bool none_has_sa(const struct tunnel *t)
{
	for (unsigned i = 0; i < t->lanes; i++)
		if (has_sa(&t->lane[i]))
			return false;
	return true;
}

/* Where nobody has an SA the first one drops the packets, and counts them. */
static bool is_wanted(const struct tunnel *t, unsigned i)
{
	return has_sa(&t->lane[i]) || (i == 0 && none_has_sa(t));
}

/*
 * The kernel spreads flows over all queues that are attached: one without an SA, or whose worker is
 * dead, would swallow its share.  First others are attached, so that there is always one.
 */
void tunnel_lanes_settle(struct tunnel *t)
{
	for (unsigned pass = 0; pass < 2 && t->lanes > 1; pass++)
		for (unsigned i = 0; i < t->lanes; i++) {
			struct tunnel_lane *lane = &t->lane[i];
			bool attach = is_wanted(t, i);
			int r;

			if (lane->fd < 0 || lane->attached == attach || attach != (pass == 0))
				continue;
			r = tun_queue_attach(lane->fd, attach);
			if (r < 0) {
				log_event(LOGL_WARN, "tunnel.lane",
					  "tunnel=%s lane=%u attach=%d error=\"%s\"", t->path.name,
					  i, attach, strerror(-r));
				continue;
			}
			lane->attached = attach;
		}
}

void tunnel_lane_set_sas(struct tunnel *t, struct tunnel_lane *lane, unsigned in, unsigned out)
{
	lane->sa_in = in;
	lane->sa_out = out;
	t->path.sa_in = t->path.sa_out = 0;
	for (unsigned i = 0; i < t->lanes; i++) {
		t->path.sa_in += t->lane[i].sa_in;
		t->path.sa_out += t->lane[i].sa_out;
	}
	tunnel_lanes_settle(t);
}

void tunnel_lane_set_stats(struct tunnel *t, struct tunnel_lane *lane, const struct ipc_stats *s)
{
	lane->stats = *s;
	t->stats = t->lane[0].stats;
	for (unsigned i = 1; i < t->lanes; i++)
		ipc_stats_add(&t->stats, &t->lane[i].stats);
}

const struct tunnel_lane *tunnel_lane_best(const struct tunnel *t)
{
	for (unsigned i = 0; i < t->lanes; i++)
		if (t->lane[i].sa_out)
			return &t->lane[i];
	return t->lane;
}
