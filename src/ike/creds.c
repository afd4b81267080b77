/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/creds.h"

#include "ike/index.h"

#include <credentials/credential_set.h>
#include <threading/rwlock.h>

/* The same certificate serves many tunnels: kept once, so that a search does not grow with them. */
struct shared_cert {
	certificate_t *cert;
	bool anchor; /* a CA that somebody trusts */
	unsigned users;
};

struct shared_pair {
	private_key_t *key;
	certificate_t *cert;
	unsigned users;
};

/*
 * Searches copy references out under the lock and hand charon an enumerator over the copy: it may
 * hold several at a time, in several threads, for as long as it likes.
 */
static struct {
	credential_set_t set;
	rwlock_t *lock;
	hashtable_t *psk_by_id; /* struct tunnel, by the peer's identity */
	linked_list_t *psk_any; /* ... of those whose peer may have many identities */
	linked_list_t *certs, *pairs;
} store;

struct psk_match {
	shared_key_t *key;
	id_match_t me, other;
};

static void psk_match_free(void *data)
{
	struct psk_match *m = data;

	m->key->destroy(m->key);
	free(m);
}

static void match_psk(linked_list_t *out, linked_list_t *tunnels, identification_t *me,
		      identification_t *other)
{
	enumerator_t *e;
	struct tunnel *t;

	if (!tunnels)
		return;
	e = tunnels->create_enumerator(tunnels);
	while (e->enumerate(e, &t)) {
		struct psk_match *m;
		id_match_t mine =
			me && t->local_id ? t->local_id->matches(t->local_id, me) : ID_MATCH_ANY;
		id_match_t others = !other          ? ID_MATCH_ANY
				    : !t->remote_id ? ID_MATCH_ANY
						    : other->matches(other, t->remote_id);

		if (mine == ID_MATCH_NONE || others == ID_MATCH_NONE)
			continue;
		INIT(m, .key = t->psk->get_ref(t->psk), .me = mine, .other = others, );
		out->insert_last(out, m);
	}
	e->destroy(e);
}

static bool psk_next(void *data, enumerator_t *orig, va_list args)
{
	shared_key_t **key = va_arg(args, shared_key_t **);
	id_match_t *me = va_arg(args, id_match_t *), *other = va_arg(args, id_match_t *);
	struct psk_match *m;

	(void)data;
	if (!orig->enumerate(orig, &m))
		return FALSE;
	*key = m->key;
	if (me)
		*me = m->me;
	if (other)
		*other = m->other;
	return TRUE;
}

static void psk_list_free(void *data)
{
	linked_list_t *list = data;

	list->destroy_function(list, psk_match_free);
}

static enumerator_t *find_psk(credential_set_t *set, shared_key_type_t type, identification_t *me,
			      identification_t *other)
{
	linked_list_t *found = linked_list_create();

	(void)set;
	if (type == SHARED_IKE || type == SHARED_ANY) {
		store.lock->read_lock(store.lock);
		if (other)
			match_psk(found, index_get(store.psk_by_id, other), me, other);
		match_psk(found, store.psk_any, me, other);
		store.lock->unlock(store.lock);
	}
	return enumerator_create_filter(found->create_enumerator(found), psk_next, found,
					psk_list_free);
}

static void certs_free(void *data)
{
	linked_list_t *list = data;

	list->destroy_offset(list, offsetof(certificate_t, destroy));
}

static enumerator_t *find_cert(credential_set_t *set, certificate_type_t cert, key_type_t key,
			       identification_t *id, bool trusted)
{
	linked_list_t *found = linked_list_create();
	struct shared_cert *s;
	enumerator_t *e;

	(void)set;
	store.lock->read_lock(store.lock);
	e = store.certs->create_enumerator(store.certs);
	while (e->enumerate(e, &s))
		if ((s->anchor || !trusted) && certificate_matches(s->cert, cert, key, id))
			found->insert_last(found, s->cert->get_ref(s->cert));
	e->destroy(e);
	store.lock->unlock(store.lock);
	return enumerator_create_cleaner(found->create_enumerator(found), certs_free, found);
}

static void keys_free(void *data)
{
	linked_list_t *list = data;

	list->destroy_offset(list, offsetof(private_key_t, destroy));
}

/* By the key's own fingerprint, or by a name that its certificate bears. */
static bool pair_fits(struct shared_pair *p, key_type_t type, identification_t *id)
{
	if (type != KEY_ANY && type != p->key->get_type(p->key))
		return false;
	if (!id)
		return true;
	if (id->get_type(id) == ID_KEY_ID && p->key->has_fingerprint(p->key, id->get_encoding(id)))
		return true;
	return p->cert->has_subject(p->cert, id);
}

static enumerator_t *find_key(credential_set_t *set, key_type_t type, identification_t *id)
{
	linked_list_t *found = linked_list_create();
	struct shared_pair *p;
	enumerator_t *e;

	(void)set;
	store.lock->read_lock(store.lock);
	e = store.pairs->create_enumerator(store.pairs);
	while (e->enumerate(e, &p))
		if (pair_fits(p, type, id))
			found->insert_last(found, p->key->get_ref(p->key));
	e->destroy(e);
	store.lock->unlock(store.lock);
	return enumerator_create_cleaner(found->create_enumerator(found), keys_free, found);
}

static enumerator_t *find_cdp(credential_set_t *set, certificate_type_t type, identification_t *id)
{
	(void)set;
	(void)type;
	(void)id;
	return NULL;
}

static void cache(credential_set_t *set, certificate_t *cert)
{
	(void)set;
	(void)cert;
}

void creds_init(void)
{
	store.set = (credential_set_t){ .create_private_enumerator = find_key,
					.create_cert_enumerator = find_cert,
					.create_shared_enumerator = find_psk,
					.create_cdp_enumerator = find_cdp,
					.cache_cert = cache };
	store.lock = rwlock_create(RWLOCK_TYPE_DEFAULT);
	store.psk_by_id = index_by_id();
	store.psk_any = linked_list_create();
	store.certs = linked_list_create();
	store.pairs = linked_list_create();
	lib->credmgr->add_set(lib->credmgr, &store.set);
}

void creds_done(void)
{
	lib->credmgr->remove_set(lib->credmgr, &store.set);
	index_free(store.psk_by_id);
	store.psk_any->destroy(store.psk_any);
	store.certs->destroy(store.certs);
	store.pairs->destroy(store.pairs);
	store.lock->destroy(store.lock);
}

static void add_certs(linked_list_t *from, bool anchor)
{
	enumerator_t *e = from->create_enumerator(from), *seen;
	certificate_t *cert;

	while (e->enumerate(e, &cert)) {
		struct shared_cert *s = NULL, *x;

		seen = store.certs->create_enumerator(store.certs);
		while (!s && seen->enumerate(seen, &x))
			s = x->anchor == anchor && x->cert->equals(x->cert, cert) ? x : NULL;
		seen->destroy(seen);
		if (!s) {
			INIT(s, .cert = cert->get_ref(cert), .anchor = anchor, );
			store.certs->insert_last(store.certs, s);
		}
		s->users++;
	}
	e->destroy(e);
}

static void remove_certs(linked_list_t *from, bool anchor)
{
	enumerator_t *e = from->create_enumerator(from), *seen;
	struct shared_cert *s;
	certificate_t *cert;

	while (e->enumerate(e, &cert)) {
		seen = store.certs->create_enumerator(store.certs);
		while (seen->enumerate(seen, &s)) {
			if (s->anchor != anchor || !s->cert->equals(s->cert, cert))
				continue;
			if (--s->users == 0) {
				store.certs->remove_at(store.certs, seen);
				s->cert->destroy(s->cert);
				free(s);
			}
			break;
		}
		seen->destroy(seen);
	}
	e->destroy(e);
}

static struct shared_pair *find_pair(struct tunnel *t, bool remove)
{
	enumerator_t *e = store.pairs->create_enumerator(store.pairs);
	struct shared_pair *p, *found = NULL;

	while (!found && e->enumerate(e, &p)) {
		if (!p->key->equals(p->key, t->key))
			continue;
		found = p;
		if (remove && --p->users == 0)
			store.pairs->remove_at(store.pairs, e);
	}
	e->destroy(e);
	return found;
}

static void add_pair(struct tunnel *t)
{
	struct shared_pair *p = find_pair(t, false);
	certificate_t *cert;

	if (!p) {
		(void)t->certs->get_first(t->certs, (void **)&cert);
		INIT(p, .key = t->key->get_ref(t->key), .cert = cert->get_ref(cert), );
		store.pairs->insert_last(store.pairs, p);
	}
	p->users++;
}

static void remove_pair(struct tunnel *t)
{
	struct shared_pair *p = find_pair(t, true);

	if (p && p->users == 0) {
		p->key->destroy(p->key);
		p->cert->destroy(p->cert);
		free(p);
	}
}

/* An identity with wildcards, or none at all, stands for many. */
static bool is_wild(struct tunnel *t)
{
	return !t->remote_id || t->remote_id->contains_wildcards(t->remote_id);
}

void creds_add(struct tunnel *t)
{
	store.lock->write_lock(store.lock);
	if (t->psk && is_wild(t))
		store.psk_any->insert_last(store.psk_any, t);
	else if (t->psk)
		index_add_id(store.psk_by_id, t->remote_id, t);
	add_certs(t->certs, false);
	add_certs(t->cas, true);
	if (t->key)
		add_pair(t);
	store.lock->unlock(store.lock);
}

void creds_remove(struct tunnel *t)
{
	store.lock->write_lock(store.lock);
	if (t->psk && is_wild(t))
		store.psk_any->remove(store.psk_any, t, NULL);
	else if (t->psk)
		index_remove(store.psk_by_id, t->remote_id, t);
	remove_certs(t->certs, false);
	remove_certs(t->cas, true);
	if (t->key)
		remove_pair(t);
	store.lock->unlock(store.lock);
	lib->credmgr->flush_cache(lib->credmgr, CERT_ANY); /* what was trusted through it */
}
