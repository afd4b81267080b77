/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the main thread takes out of live.c: states to tell, dials to make. */
#include "ike/live.h"

#include "base/hash.h"
#include "ike/live_impl.h"
#include "io/loop.h"

#include <stdio.h>
#include <stdlib.h>

#define CONNECTING_MOST 256 /* dials of ours under way; the rest wait their turn */
#define TURN (50 * USEC_PER_MSEC)
/* charon itself closes the older of two ten seconds after the peer's second one came up. */
#define SURPLUS_AFTER (15 * USEC_PER_SEC)
#define SAME_MOMENT (5 * USEC_PER_SEC)

static struct retry_view view_of(struct conn *c)
{
	return (struct retry_view){ .initiate = c->initiate && c->content,
				    .ike_up = live_count_up(c) > 0,
				    .ike_connecting = live_connecting(c),
				    .missing = live_missing(c),
				    .not_before = usec_max(c->not_before, c->turn) };
}

static void fill_ike(struct ipc_ike_state *s, const struct ike_rec *r)
{
	s->nat_local = r->is.nat_local;
	s->nat_remote = r->is.nat_remote;
	s->local = r->is.local;
	s->remote = r->is.remote;
	if (!r->is.up)
		return;
	s->version = r->is.version;
	s->established = r->is.established;
	(void)snprintf(s->remote_id, sizeof(s->remote_id), "%s", r->is.remote_id);
	(void)snprintf(s->ike_suite, sizeof(s->ike_suite), "%s", r->is.suite);
}

static void fill_children(struct ipc_ike_state *s, struct conn *c)
{
	enumerator_t *e = c->children->create_enumerator(c->children);
	struct child_rec *r;

	while (e->enumerate(e, &r)) {
		if (!r->is.up)
			continue;
		s->children++;
		s->encap |= r->is.encap;
		(void)snprintf(s->child_suite, sizeof(s->child_suite), "%s", r->is.suite);
	}
	e->destroy(e);
}

static struct ipc_ike_state state_of(struct conn *c, const struct retry_view *v)
{
	struct ipc_ike_state s = { .local = c->local,
				   .remote = c->remote,
				   .attempts = v->ike_up && !v->missing ? 0 : c->failures };
	struct ike_rec *best = live_best(c);
	bool dials = v->initiate && (!v->ike_up || v->missing) && !v->ike_connecting;

	(void)snprintf(s.name, sizeof(s.name), "%s", c->name);
	(void)snprintf(s.trouble, sizeof(s.trouble), "%s", c->trouble);
	if (best)
		fill_ike(&s, best);
	fill_children(&s, c);
	if (v->ike_up)
		s.phase = IPC_IKE_UP;
	else if (v->ike_connecting)
		s.phase = IPC_IKE_CONNECTING;
	else
		s.phase = v->initiate ? IPC_IKE_RETRY : IPC_IKE_IDLE;
	s.retry_at = dials ? c->not_before : 0;
	return s;
}

/* 0 is never a hash here, so that the first state is always told. */
static uint64_t hash_state(const struct ipc_ike_state *s)
{
	static const struct hash_key key;
	uint8_t buf[4096];
	ssize_t n = ipc_ike_state_encode(s, buf, sizeof(buf));

	return n > 0 ? hash_bytes(&key, buf, (size_t)n) | 1 : 1;
}

static void order_children(struct live_work *w, struct conn *c)
{
	struct ike_rec *best = live_best(c);

	w->missing = calloc(c->wanted ? c->wanted : 1, sizeof(*w->missing));
	if (!w->missing || !best) {
		w->todo = RETRY_NOTHING;
		return;
	}
	w->wanted = c->wanted;
	for (unsigned i = 0; i < c->wanted; i++)
		w->missing[i] = c->up[i] < c->each ? c->each - c->up[i] : 0;
	w->ike = best->id->clone(best->id);
	/* Unless they come up, the next try is later each time. */
	live_failed(c);
}

static void take(struct live_work *w, struct conn *c, usec_t now)
{
	struct retry_view v = view_of(c);

	w->todo = retry_decide(&v, now);
	w->each = c->each;
	if (w->todo == RETRY_IKE && live.connecting >= CONNECTING_MOST) {
		c->turn = usec_add(now, TURN);
		w->todo = RETRY_WAIT;
	} else if (w->todo == RETRY_IKE) {
		c->dialling = true;
		v.ike_connecting = true;
	} else if (w->todo == RETRY_CHILDREN) {
		order_children(w, c);
	}
	w->state = state_of(c, &v);
}

static struct conn *next_dirty(void)
{
	struct conn *c;

	if (live.dirty->remove_first(live.dirty, (void **)&c) != SUCCESS)
		return NULL;
	c->dirty = false;
	return c;
}

static void touch_due(usec_t now)
{
	enumerator_t *e = live.conns->create_enumerator(live.conns);
	struct conn *c;
	void *key;

	while (e->enumerate(e, &key, &c)) {
		struct retry_view v;

		if (c->dirty || c->not_before > now || c->turn > now)
			continue;
		v = view_of(c);
		if (retry_decide(&v, now) > RETRY_WAIT)
			live_touch(c);
	}
	e->destroy(e);
}

bool live_take(struct live_work *w, usec_t now)
{
	struct conn *c;

	memset(w, 0, sizeof(*w));
	live.lock->lock(live.lock);
	c = next_dirty();
	if (!c) {
		touch_due(now);
		c = next_dirty();
	}
	if (c) {
		uint64_t hash;

		take(w, c, now);
		hash = hash_state(&w->state);
		w->tell = hash != c->told;
		c->told = hash;
	}
	live.lock->unlock(live.lock);
	return c != NULL;
}

usec_t live_deadline(void)
{
	usec_t first = USEC_NEVER;
	enumerator_t *e;
	struct conn *c;
	void *key;

	live.lock->lock(live.lock);
	e = live.conns->create_enumerator(live.conns);
	while (e->enumerate(e, &key, &c)) {
		struct retry_view v = view_of(c);

		if (retry_decide(&v, 0) == RETRY_WAIT || c->dirty)
			first = usec_min(first, c->dirty ? 0 : v.not_before);
	}
	e->destroy(e);
	live.lock->unlock(live.lock);
	return first;
}

static void drop(struct conn *c, struct ike_rec *r)
{
	if (r->is.ours && !r->is.up)
		live.connecting--;
	r->is.up = false;
	r->is.going = true;
	r->blamed = true; /* that it ends is no failure */
	r->up_since = r->since;
	c->failures = 0;
	c->not_before = 0;
	live_touch(c);
}

linked_list_t *live_ikes(const char *name, bool dropped)
{
	linked_list_t *list = linked_list_create();
	struct ike_rec *r;
	struct conn *c;
	enumerator_t *e;

	live.lock->lock(live.lock);
	c = live_find(name);
	if (c) {
		e = c->ikes->create_enumerator(c->ikes);
		while (e->enumerate(e, &r)) {
			if (r->is.going)
				continue;
			list->insert_last(list, r->id->clone(r->id));
			if (dropped)
				drop(c, r);
		}
		e->destroy(e);
	}
	live.lock->unlock(live.lock);
	return list;
}

static const struct addr *dialler(const struct ike_rec *r)
{
	return r->is.ours ? &r->is.local.addr : &r->is.remote.addr;
}

/*
 * Both ends decide alike without talking: of two that came up at the same moment the one that the
 * lower address dialled stays, otherwise the newer.
 */
static bool a_stays(const struct ike_rec *a, const struct ike_rec *b)
{
	bool a_newer = a->up_since != b->up_since ? a->up_since > b->up_since
						  : a->is.unique > b->is.unique;
	int order = addr_compare(dialler(a), dialler(b));
	usec_t apart = a_newer ? usec_since(b->up_since, a->up_since)
			       : usec_since(a->up_since, b->up_since);

	return apart > SAME_MOMENT || order == 0 ? a_newer : order < 0;
}

/* The worse of a connection's IKE_SAs, when there are several and all have been up for a while. */
static struct ike_rec *surplus_of(struct conn *c, usec_t now)
{
	struct ike_rec *r, *worst = NULL;
	enumerator_t *e;
	bool ripe = true;

	if (live_count_up(c) < 2)
		return NULL;
	e = c->ikes->create_enumerator(c->ikes);
	while (e->enumerate(e, &r)) {
		if (!r->is.up)
			continue;
		ripe = ripe && usec_since(r->up_since, now) > SURPLUS_AFTER;
		if (!worst || a_stays(worst, r))
			worst = r;
	}
	e->destroy(e);
	/* Only who dialled it closes it, or both ends might close one each. */
	return ripe && worst && worst->is.ours ? worst : NULL;
}

ike_sa_id_t *live_surplus(char name[static IPC_NAME], uint32_t *unique, usec_t now)
{
	ike_sa_id_t *id = NULL;
	enumerator_t *e;
	struct ike_rec *r;
	struct conn *c;
	void *key;

	live.lock->lock(live.lock);
	e = live.conns->create_enumerator(live.conns);
	while (!id && e->enumerate(e, &key, &c)) {
		r = surplus_of(c, now);
		if (!r)
			continue;
		r->is.going = true; /* it is not to be found again */
		r->is.up = false;
		id = r->id->clone(r->id);
		*unique = r->is.unique;
		(void)snprintf(name, IPC_NAME, "%s", c->name);
	}
	e->destroy(e);
	live.lock->unlock(live.lock);
	return id;
}

void live_each_child_of(uint32_t ike, void (*fn)(uint32_t spi_out, const struct addr *remote))
{
	struct child_rec *child;
	struct ike_rec *r;
	enumerator_t *e;

	live.lock->lock(live.lock);
	r = live.ikes->get(live.ikes, (void *)(uintptr_t)ike);
	if (r) {
		e = r->conn->children->create_enumerator(r->conn->children);
		while (e->enumerate(e, &child))
			if (child->is.ike == ike && child->is.up)
				fn(child->is.spi_out, &child->is.remote);
		e->destroy(e);
	}
	live.lock->unlock(live.lock);
}
