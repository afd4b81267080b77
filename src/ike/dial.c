/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/dial.h"

#include "base/log.h"
#include "ike/backend.h"
#include "ike/kernel.h"
#include "ike/sa_table.h"

#include <processing/jobs/callback_job.h>
#include <stdio.h>
#include <stdlib.h>

/* Outbound traffic has moved to the other IKE_SA's children long before this one is closed. */
#define RETIRE_MSEC 1000

struct order {
	char name[IPC_NAME];
	ike_sa_id_t *ike; /* NULL: a new one */
	unsigned wanted, each; /* kinds of CHILD_SAs, and how many of each */
	unsigned *missing; /* [wanted]: fewer are, NULL: all */
	enum ipc_rekey which;
};

static void order_free(void *data)
{
	struct order *o = data;

	DESTROY_IF(o->ike);
	free(o->missing);
	free(o);
}

static void queue(callback_job_cb_t run, struct order *o)
{
	lib->processor->queue_job(lib->processor,
				  (job_t *)callback_job_create(run, o, order_free, NULL));
}

static bool add_children(ike_sa_t *ike, peer_cfg_t *peer, const struct order *o)
{
	child_cfg_t *child;
	bool good = true;

	for (unsigned i = 0; good && (child = tunnel_child(peer, i)); i++) {
		unsigned n = !o->missing ? o->each : i < o->wanted ? o->missing[i] : 0;

		for (; good && n > 0; n--) /* initiate() takes a reference over */
			good = ike->initiate(ike, child->get_ref(child), NULL) == SUCCESS;
		child->destroy(child);
	}
	return good;
}

static void checkin(ike_sa_t *ike, bool good)
{
	if (good)
		charon->ike_sa_manager->checkin(charon->ike_sa_manager, ike);
	else
		charon->ike_sa_manager->checkin_and_destroy(charon->ike_sa_manager, ike);
}

/*
 * Never an IKE_SA that is there already: charon would search them all for one.  That none is there
 * we know.
 */
static bool set_up(peer_cfg_t *peer, const struct order *o)
{
	ike_sa_t *ike = charon->ike_sa_manager->create_new(charon->ike_sa_manager,
							   peer->get_ike_version(peer), TRUE);
	bool good;

	if (!ike)
		return false;
	ike->set_peer_cfg(ike, peer);
	charon->ike_sa_manager->checkout_new(charon->ike_sa_manager, ike);
	charon->bus->set_sa(charon->bus, ike);
	good = add_children(ike, peer, o);
	checkin(ike, good);
	return good;
}

static job_requeue_t run_set_up(void *data)
{
	struct order *o = data;
	peer_cfg_t *peer = backend_peer(o->name);
	bool good = peer && set_up(peer, o);

	DESTROY_IF(peer);
	live_dial_done(o->name, good);
	return JOB_REQUEUE_NONE;
}

static job_requeue_t run_children(void *data)
{
	struct order *o = data;
	peer_cfg_t *peer = backend_peer(o->name);
	ike_sa_t *ike = charon->ike_sa_manager->checkout(charon->ike_sa_manager, o->ike);

	if (ike)
		checkin(ike, !peer || add_children(ike, peer, o));
	DESTROY_IF(peer);
	return JOB_REQUEUE_NONE;
}

void dial_do(struct live_work *w)
{
	struct order *o;

	if (w->todo != RETRY_IKE && w->todo != RETRY_CHILDREN)
		return;
	INIT(o, .ike = w->ike, .wanted = w->wanted, .each = w->each, .missing = w->missing, );
	w->ike = NULL;
	w->missing = NULL;
	(void)snprintf(o->name, sizeof(o->name), "%s", w->state.name);
	queue(w->todo == RETRY_IKE ? run_set_up : run_children, o);
}

static job_requeue_t run_terminate(void *data)
{
	struct order *o = data;
	ike_sa_t *ike = charon->ike_sa_manager->checkout(charon->ike_sa_manager, o->ike);

	if (ike)
		checkin(ike, ike->delete (ike, FALSE) != DESTROY_ME);
	return JOB_REQUEUE_NONE;
}

void dial_terminate(ike_sa_id_t *id)
{
	struct order *o;

	INIT(o, .ike = id, );
	queue(run_terminate, o);
}

static bool rekey_children(ike_sa_t *ike)
{
	enumerator_t *e = ike->create_child_sa_enumerator(ike);
	uint32_t spis[256];
	size_t n = 0;
	child_sa_t *child;
	bool good = true;

	/* rekeying changes the list */
	while (n < countof(spis) && e->enumerate(e, &child))
		if (child->get_state(child) == CHILD_INSTALLED)
			spis[n++] = child->get_spi(child, TRUE);
	e->destroy(e);
	for (size_t i = 0; i < n && good; i++) {
		sa_table_ask(spis[i]);
		good = ike->rekey_child_sa(ike, PROTO_ESP, spis[i]) != DESTROY_ME;
	}
	return good;
}

static job_requeue_t run_rekey(void *data)
{
	struct order *o = data;
	ike_sa_t *ike = charon->ike_sa_manager->checkout(charon->ike_sa_manager, o->ike);

	if (ike)
		checkin(ike, o->which == IPC_REKEY_CHILD ? rekey_children(ike)
							 : ike->rekey(ike) != DESTROY_ME);
	return JOB_REQUEUE_NONE;
}

void dial_rekey(ike_sa_id_t *id, enum ipc_rekey which)
{
	struct order *o;

	INIT(o, .ike = id, .which = which, );
	queue(run_rekey, o);
}

static void retire(uint32_t spi_out, const struct addr *remote)
{
	host_t *dst = ss_host_of_addr(remote, 0);

	if (!dst)
		return;
	kernel_retire_outbound(spi_out, dst);
	dst->destroy(dst);
}

void dial_close_surplus(usec_t now)
{
	char name[IPC_NAME];
	ike_sa_id_t *id;
	uint32_t unique;

	while ((id = live_surplus(name, &unique, now))) {
		struct order *o;

		log_event(LOGL_INFO, "ike.surplus", "tunnel=%s ike=%u both ends dialled at once",
			  name, unique);
		live_each_child_of(unique, retire);
		INIT(o, .ike = id, );
		lib->scheduler->schedule_job_ms(lib->scheduler,
						(job_t *)callback_job_create(run_terminate, o,
									     order_free, NULL),
						RETIRE_MSEC);
	}
}
