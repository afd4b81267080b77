/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/backend.h"

#include "ike/creds.h"
#include "ike/index.h"

#include <config/backend.h>
#include <stdio.h>
#include <threading/rwlock.h>

/* Thousands of tunnels of one address pair hardly ever differ in their IKE terms: charon sorts what
 * it is given, so it is given each kind once. */
struct ike_terms {
	ike_cfg_t *cfg;
	unsigned users;
};

static struct {
	backend_t backend;
	rwlock_t *lock;
	hashtable_t *by_name;
	hashtable_t *by_id; /* the peer's identity */
	hashtable_t *by_address; /* the peer's */
	hashtable_t *terms; /* struct ike_terms, by the peer's address */
	linked_list_t *any_id, *any_address, *any_terms;
} all;

static void peers_free(void *data)
{
	linked_list_t *list = data;

	list->destroy_offset(list, offsetof(peer_cfg_t, destroy));
}

static void ikes_free(void *data)
{
	linked_list_t *list = data;

	list->destroy_offset(list, offsetof(ike_cfg_t, destroy));
}

static void copy_terms(linked_list_t *out, linked_list_t *from)
{
	struct ike_terms *x;
	enumerator_t *e;

	if (!from)
		return;
	e = from->create_enumerator(from);
	while (e->enumerate(e, &x))
		out->insert_last(out, x->cfg->get_ref(x->cfg));
	e->destroy(e);
}

static void copy_peers(linked_list_t *out, linked_list_t *from)
{
	struct tunnel *t;
	enumerator_t *e;

	if (!from)
		return;
	e = from->create_enumerator(from);
	while (e->enumerate(e, &t))
		out->insert_last(out, t->peer->get_ref(t->peer));
	e->destroy(e);
}

static void copy_all_peers(linked_list_t *out)
{
	enumerator_t *e = all.by_name->create_enumerator(all.by_name);
	struct tunnel *t;
	void *key;

	while (e->enumerate(e, &key, &t))
		out->insert_last(out, t->peer->get_ref(t->peer));
	e->destroy(e);
}

static enumerator_t *find_ikes(backend_t *this, host_t *me, host_t *other)
{
	linked_list_t *found = linked_list_create(), *peers;
	peer_cfg_t *peer;
	enumerator_t *e;

	(void)this;
	(void)me;
	all.lock->read_lock(all.lock);
	if (other) {
		copy_terms(found, index_get(all.terms, other));
		copy_terms(found, all.any_terms);
	} else {
		peers = linked_list_create();
		copy_all_peers(peers);
		e = peers->create_enumerator(peers);
		while (e->enumerate(e, &peer)) {
			ike_cfg_t *ike = peer->get_ike_cfg(peer);

			found->insert_last(found, ike->get_ref(ike));
		}
		e->destroy(e);
		peers_free(peers);
	}
	all.lock->unlock(all.lock);
	return enumerator_create_cleaner(found->create_enumerator(found), ikes_free, found);
}

/*
 * Without an identity (IKEv1 main mode, before it is known) charon means all that fit the
 * addresses; it does not hand those on, but the IKE_SA this thread works on has them.
 */
static bool copy_by_address(linked_list_t *out)
{
	ike_sa_t *ike = charon->bus->get_sa(charon->bus);
	host_t *peer = ike ? ike->get_other_host(ike) : NULL;

	if (!peer || peer->is_anyaddr(peer))
		return false;
	copy_peers(out, index_get(all.by_address, peer));
	copy_peers(out, all.any_address);
	return true;
}

static enumerator_t *find_peers(backend_t *this, identification_t *me, identification_t *other)
{
	linked_list_t *found = linked_list_create();

	(void)this;
	(void)me;
	all.lock->read_lock(all.lock);
	if (other && other->get_type(other) != ID_ANY) {
		copy_peers(found, index_get(all.by_id, other));
		copy_peers(found, all.any_id);
	} else if (!copy_by_address(found)) {
		copy_all_peers(found);
	}
	all.lock->unlock(all.lock);
	return enumerator_create_cleaner(found->create_enumerator(found), peers_free, found);
}

peer_cfg_t *backend_peer(const char *name)
{
	struct tunnel *t;
	peer_cfg_t *peer = NULL;

	all.lock->read_lock(all.lock);
	t = all.by_name->get(all.by_name, name);
	if (t)
		peer = t->peer->get_ref(t->peer);
	all.lock->unlock(all.lock);
	return peer;
}

unsigned backend_lanes(const char *name)
{
	struct tunnel *t;
	unsigned n;

	all.lock->read_lock(all.lock);
	t = all.by_name->get(all.by_name, name);
	n = t ? t->each : 1;
	all.lock->unlock(all.lock);
	return n;
}

/* charon also asks by the names of CHILD_SAs (vici does, to initiate one): "name-2". */
static peer_cfg_t *find_name(backend_t *this, char *name)
{
	peer_cfg_t *peer = backend_peer(name);
	char *dash = strrchr(name, '-'), parent[IPC_NAME];

	(void)this;
	if (peer || !dash || dash - name >= IPC_NAME)
		return peer;
	(void)snprintf(parent, sizeof(parent), "%.*s", (int)(dash - name), name);
	return backend_peer(parent);
}

bool backend_name_of(host_t *peer, char out[static IPC_NAME])
{
	linked_list_t *list;
	struct tunnel *t;
	bool only;

	all.lock->read_lock(all.lock);
	list = index_get(all.by_address, peer);
	only = list && list->get_count(list) == 1 && list->get_first(list, (void **)&t) == SUCCESS;
	if (only)
		(void)snprintf(out, IPC_NAME, "%s", t->name);
	all.lock->unlock(all.lock);
	return only;
}

int backend_count_id(identification_t *peer)
{
	linked_list_t *list;
	int n;

	all.lock->read_lock(all.lock);
	list = index_get(all.by_id, peer);
	n = list ? list->get_count(list) : 0;
	all.lock->unlock(all.lock);
	return n;
}

bool backend_expects(const struct addr *peer)
{
	host_t *host = ss_host_of_addr(peer, 0);
	bool expected;

	if (!host)
		return false;
	all.lock->read_lock(all.lock);
	expected =
		index_get(all.by_address, host) || all.any_address->get_count(all.any_address) > 0;
	all.lock->unlock(all.lock);
	host->destroy(host);
	return expected;
}

void backend_init(void)
{
	all.backend = (backend_t){ .create_ike_cfg_enumerator = find_ikes,
				   .create_peer_cfg_enumerator = find_peers,
				   .get_peer_cfg_by_name = find_name };
	all.lock = rwlock_create(RWLOCK_TYPE_DEFAULT);
	all.by_name = hashtable_create(hashtable_hash_str, hashtable_equals_str, 64);
	all.by_id = index_by_id();
	all.by_address = index_by_host();
	all.terms = index_by_host();
	all.any_id = linked_list_create();
	all.any_address = linked_list_create();
	all.any_terms = linked_list_create();
	charon->backends->add_backend(charon->backends, &all.backend);
	creds_init();
}

static bool is_wild(struct tunnel *t)
{
	return !t->remote_id || t->remote_id->contains_wildcards(t->remote_id);
}

static struct ike_terms *find_terms(struct tunnel *t)
{
	linked_list_t *list = t->remote ? index_get(all.terms, t->remote) : all.any_terms;
	ike_cfg_t *mine = t->peer->get_ike_cfg(t->peer);
	struct ike_terms *x, *found = NULL;
	enumerator_t *e;

	if (!list)
		return NULL;
	e = list->create_enumerator(list);
	while (!found && e->enumerate(e, &x))
		found = x->cfg->equals(x->cfg, mine) ? x : NULL;
	e->destroy(e);
	return found;
}

static void add_terms(struct tunnel *t)
{
	struct ike_terms *x = find_terms(t);
	ike_cfg_t *mine = t->peer->get_ike_cfg(t->peer);

	if (!x) {
		INIT(x, .cfg = mine->get_ref(mine), );
		if (t->remote)
			index_add_host(all.terms, t->remote, x);
		else
			all.any_terms->insert_last(all.any_terms, x);
	}
	x->users++;
}

static void remove_terms(struct tunnel *t)
{
	struct ike_terms *x = find_terms(t);

	if (!x || --x->users)
		return;
	if (t->remote)
		index_remove(all.terms, t->remote, x);
	else
		all.any_terms->remove(all.any_terms, x, NULL);
	x->cfg->destroy(x->cfg);
	free(x);
}

static void unlink_tunnel(struct tunnel *t)
{
	all.by_name->remove(all.by_name, t->name);
	if (is_wild(t))
		all.any_id->remove(all.any_id, t, NULL);
	else
		index_remove(all.by_id, t->remote_id, t);
	if (t->remote)
		index_remove(all.by_address, t->remote, t);
	else
		all.any_address->remove(all.any_address, t, NULL);
	remove_terms(t);
}

static void link_tunnel(struct tunnel *t)
{
	all.by_name->put(all.by_name, t->name, t);
	if (is_wild(t))
		all.any_id->insert_last(all.any_id, t);
	else
		index_add_id(all.by_id, t->remote_id, t);
	if (t->remote)
		index_add_host(all.by_address, t->remote, t);
	else
		all.any_address->insert_last(all.any_address, t);
	add_terms(t);
}

void backend_put(struct tunnel *t)
{
	struct tunnel *old;

	creds_add(t);
	all.lock->write_lock(all.lock);
	old = all.by_name->get(all.by_name, t->name);
	if (old)
		unlink_tunnel(old);
	link_tunnel(t);
	all.lock->unlock(all.lock);
	if (old)
		creds_remove(old);
	tunnel_free(old);
}

void backend_remove(const char *name)
{
	struct tunnel *old;

	all.lock->write_lock(all.lock);
	old = all.by_name->get(all.by_name, name);
	if (old)
		unlink_tunnel(old);
	all.lock->unlock(all.lock);
	if (old)
		creds_remove(old);
	tunnel_free(old);
}

static void remove_one(void)
{
	enumerator_t *e = all.by_name->create_enumerator(all.by_name);
	struct tunnel *t;
	void *key;
	char name[IPC_NAME] = "";

	if (e->enumerate(e, &key, &t))
		(void)snprintf(name, sizeof(name), "%s", t->name);
	e->destroy(e);
	backend_remove(name);
}

void backend_done(void)
{
	charon->backends->remove_backend(charon->backends, &all.backend);
	while (all.by_name->get_count(all.by_name))
		remove_one();
	creds_done();
	all.by_name->destroy(all.by_name);
	index_free(all.by_id);
	index_free(all.by_address);
	index_free(all.terms);
	all.any_id->destroy(all.any_id);
	all.any_address->destroy(all.any_address);
	all.any_terms->destroy(all.any_terms);
	all.lock->destroy(all.lock);
}
