/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/workers.h"

#include "base/list.h"
#include "wire/ipc_msg.h"

#include <stdlib.h>

#define AUTO_MOST 4

_Static_assert(CONF_WORKERS_MAX == IPC_WORKERS_MAX, "as many as can be told apart");

unsigned workers_count(unsigned configured, unsigned processors)
{
	unsigned half = processors / 2;

	if (configured)
		return configured;
	return processors <= 2 ? 1 : half < AUTO_MOST ? half : AUTO_MOST;
}

struct between {
	struct addr local, remote;
	unsigned worker;
};

/* By local address, there those whose peer may be anywhere first, then by the peer. */
static int compare(const void *a, const void *b)
{
	const struct between *x = a, *y = b;
	int local = addr_compare(&x->local, &y->local);

	return local ? local : addr_compare(&x->remote, &y->remote);
}

static bool may_meet(const struct between *x, const struct between *y)
{
	return x->worker != y->worker && addr_equal(&x->local, &y->local) &&
	       (x->remote.family == ADDR_NONE || addr_equal(&x->remote, &y->remote));
}

/* Of tunnels of several workers that may meet, there are two such neighbours or one with "any". */
static bool all_apart(const struct between *b, size_t count)
{
	size_t any = 0; /* the first with this local address */

	for (size_t i = 1; i < count; i++) {
		if (!addr_equal(&b[any].local, &b[i].local))
			any = i;
		if (may_meet(&b[i - 1], &b[i]) || may_meet(&b[any], &b[i]))
			return false;
	}
	return true;
}

bool workers_may_join(const struct conf *conf, unsigned workers)
{
	struct between *b;
	bool apart;

	if (workers == 1 || conf->tunnel_count == 0)
		return true;
	b = calloc(conf->tunnel_count, sizeof(*b));
	if (!b)
		return false;
	for (size_t i = 0; i < conf->tunnel_count; i++) {
		const struct conf_tunnel *t = &conf->tunnels[i];

		b[i] = (struct between){ t->local, t->remote, ipc_worker_of(t->if_id, workers) };
	}
	qsort(b, conf->tunnel_count, sizeof(*b), compare);
	apart = all_apart(b, conf->tunnel_count);
	free(b);
	return apart;
}
