/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/lane.h"

#include "ike/backend.h"
#include "ike/link.h"
#include "ike/sa_table.h"
#include "ike/spi.h"

/* Which SA the peer replaces by the request that this thread answers: its inbound SPI, our
 * outbound one, in network order. */
static __thread uint32_t peer_replaces;

bool lanes_at_work(struct lanes *out)
{
	ike_sa_t *ike = charon->bus->get_sa(charon->bus);
	peer_cfg_t *peer = ike ? ike->get_peer_cfg(ike) : NULL;
	unsigned workers = link_workers(), count;

	if (!peer)
		return false;
	count = workers > 1 ? backend_lanes(peer->get_name(peer)) : 1;
	*out = (struct lanes){ .if_id = peer->get_if_id(peer, TRUE),
			       .count = count < workers ? count : workers,
			       .workers = workers };
	return out->if_id != 0;
}

bool lanes_have(const struct lanes *l, unsigned worker)
{
	return spi_has_worker(worker, ipc_worker_of(l->if_id, l->workers), l->count, l->workers);
}

static bool is_rekeying(ike_sa_t *ike, task_queue_t queue)
{
	enumerator_t *e = ike->create_task_enumerator(ike, queue);
	bool found = false;
	task_t *task;

	while (!found && e->enumerate(e, &task))
		found = task->get_type(task) == TASK_CHILD_REKEY;
	e->destroy(e);
	return found;
}

/* The lane of the SA that is being replaced, or -1. */
static int replaced(const struct lanes *l)
{
	ike_sa_t *ike = charon->bus->get_sa(charon->bus);

	if (is_rekeying(ike, TASK_QUEUE_PASSIVE) && peer_replaces)
		return sa_table_replaced_by_peer(l->if_id, peer_replaces);
	if (is_rekeying(ike, TASK_QUEUE_ACTIVE))
		return sa_table_replaced_by_us(l->if_id);
	return -1;
}

unsigned lanes_choose(const struct lanes *l)
{
	unsigned load[IPC_WORKERS_MAX], first = ipc_worker_of(l->if_id, l->workers);

	if (l->count == 1)
		return first;
	sa_table_load(l->if_id, load);
	return spi_pick_worker(load, replaced(l), first, l->count, l->workers);
}

void lane_note_message(message_t *message)
{
	notify_payload_t *rekeyed = NULL;

	if (message->get_exchange_type(message) == CREATE_CHILD_SA && message->get_request(message))
		rekeyed = message->get_notify(message, REKEY_SA);
	peer_replaces = rekeyed ? rekeyed->get_spi(rekeyed) : 0;
}
