/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/live.h"

#include "ike/live_impl.h"
#include "io/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

/* The peer that closed it may be dialling already; and a daemon that restarts needs a moment. */
#define REDIAL_PAUSE (100 * USEC_PER_MSEC)
/* An SA that was gone sooner counts as a failure, or two peers that disagree would race. */
#define LASTING (10 * USEC_PER_SEC)
/* The same again within this time, as with each repeated packet, is no news. */
#define NEWS_AFTER (10 * USEC_PER_SEC)

struct live live;

static const void *key_of(uint32_t unique)
{
	return (void *)(uintptr_t)unique;
}

void live_init(void (*kick)(void))
{
	live.lock = mutex_create(MUTEX_TYPE_DEFAULT);
	live.kick = kick;
	live.conns = hashtable_create(hashtable_hash_str, hashtable_equals_str, 64);
	live.ikes = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 64);
	live.children = hashtable_create(hashtable_hash_ptr, hashtable_equals_ptr, 64);
	live.dirty = linked_list_create();
}

void live_touch(struct conn *c)
{
	if (c->dirty)
		return;
	c->dirty = true;
	live.dirty->insert_last(live.dirty, c);
	live.kick();
}

struct conn *live_find(const char *name)
{
	return live.conns->get(live.conns, name);
}

static uint32_t random32(void)
{
	uint32_t v = 0;

	/* Only spreads load: a zero, should the kernel have nothing yet, is as good. */
	(void)!getrandom(&v, sizeof(v), GRND_NONBLOCK);
	return v;
}

void live_failed(struct conn *c)
{
	c->failures++;
	c->not_before = usec_add(clock_now(), retry_pause(c->failures, random32()));
	live_touch(c);
}

static void count_out(struct ike_rec *r)
{
	if (r->is.ours && !r->is.up && !r->is.going)
		live.connecting--;
}

static void count_in(struct ike_rec *r)
{
	if (r->is.ours && !r->is.up && !r->is.going)
		live.connecting++;
}

static void free_ike(struct ike_rec *r)
{
	live.ikes->remove(live.ikes, key_of(r->is.unique));
	count_out(r);
	r->conn->ikes->remove(r->conn->ikes, r, NULL);
	r->id->destroy(r->id);
	free(r);
}

static void free_child(struct child_rec *r)
{
	struct conn *c = r->conn;

	live.children->remove(live.children, key_of(r->is.unique));
	if (r->is.up && r->is.index < c->wanted)
		c->up[r->is.index]--;
	c->children->remove(c->children, r, NULL);
	free(r);
}

static void free_conn(struct conn *c)
{
	struct ike_rec *ike;
	struct child_rec *child;

	while (c->ikes->get_first(c->ikes, (void **)&ike) == SUCCESS)
		free_ike(ike);
	while (c->children->get_first(c->children, (void **)&child) == SUCCESS)
		free_child(child);
	live.conns->remove(live.conns, c->name);
	if (c->dirty)
		live.dirty->remove(live.dirty, c, NULL);
	c->ikes->destroy(c->ikes);
	c->children->destroy(c->children);
	free(c->up);
	free(c);
}

static struct conn *new_conn(const char *name)
{
	struct conn *c;

	INIT(c, .ikes = linked_list_create(), .children = linked_list_create(), );
	(void)snprintf(c->name, sizeof(c->name), "%s", name);
	live.conns->put(live.conns, c->name, c);
	return c;
}

static struct conn *any_conn(void)
{
	enumerator_t *e = live.conns->create_enumerator(live.conns);
	struct conn *c;
	void *key;

	if (!e->enumerate(e, &key, &c))
		c = NULL;
	e->destroy(e);
	return c;
}

void live_done(void)
{
	struct conn *c;

	live.lock->lock(live.lock);
	while ((c = any_conn()))
		free_conn(c);
	live.lock->unlock(live.lock);
	live.conns->destroy(live.conns);
	live.ikes->destroy(live.ikes);
	live.children->destroy(live.children);
	live.dirty->destroy(live.dirty);
	live.lock->destroy(live.lock);
}

enum live_change live_compare(const struct tunnel *t)
{
	enum live_change change = LIVE_LATER;
	struct conn *c;

	live.lock->lock(live.lock);
	c = live_find(t->name);
	if (!c || !c->content)
		change = LIVE_NEW;
	else if (c->content == t->content)
		change = LIVE_SAME;
	else if (c->visible != t->visible)
		change = LIVE_REDIAL;
	live.lock->unlock(live.lock);
	return change;
}

/* Counts afresh, since the number of children may have changed. */
static void resize(struct conn *c, unsigned wanted)
{
	struct child_rec *r;
	enumerator_t *e;

	free(c->up);
	c->up = calloc(wanted ? wanted : 1, sizeof(*c->up));
	c->wanted = c->up ? wanted : 0;
	e = c->children->create_enumerator(c->children);
	while (e->enumerate(e, &r))
		if (r->is.up && r->is.index < c->wanted)
			c->up[r->is.index]++;
	e->destroy(e);
}

void live_put(const struct tunnel *t)
{
	struct conn *c;
	bool fresh;

	live.lock->lock(live.lock);
	c = live_find(t->name);
	fresh = !c || !c->content;
	if (!c)
		c = new_conn(t->name);
	if (fresh || c->visible != t->visible) {
		c->failures = 0;
		c->not_before = fresh ? usec_add(clock_now(), t->initiate_delay) : 0;
	}
	c->content = t->content;
	c->visible = t->visible;
	c->initiate = t->initiate;
	c->initiate_delay = t->initiate_delay;
	c->trouble[0] = '\0';
	c->local = c->remote = (struct endpoint){ .port = 0 };
	if (t->local)
		c->local = ss_endpoint(t->local);
	if (t->remote)
		c->remote = ss_endpoint(t->remote);
	c->each = t->each;
	resize(c, t->children);
	live_touch(c);
	live.lock->unlock(live.lock);
}

void live_reject(const char *name, const char *why)
{
	struct conn *c;

	live.lock->lock(live.lock);
	c = live_find(name);
	if (!c)
		c = new_conn(name);
	(void)snprintf(c->trouble, sizeof(c->trouble), "%s", why);
	live_touch(c);
	live.lock->unlock(live.lock);
}

void live_remove(const char *name)
{
	struct conn *c;

	live.lock->lock(live.lock);
	c = live_find(name);
	if (c)
		free_conn(c);
	live.lock->unlock(live.lock);
}

bool live_connecting(struct conn *c)
{
	enumerator_t *e = c->ikes->create_enumerator(c->ikes);
	struct ike_rec *r;
	bool found = c->dialling;

	while (!found && e->enumerate(e, &r))
		found = !r->is.up && !r->is.going;
	e->destroy(e);
	return found;
}

unsigned live_count_up(struct conn *c)
{
	enumerator_t *e = c->ikes->create_enumerator(c->ikes);
	struct ike_rec *r;
	unsigned n = 0;

	while (e->enumerate(e, &r))
		n += r->is.up;
	e->destroy(e);
	return n;
}

unsigned live_missing(struct conn *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < c->wanted; i++)
		n += c->up[i] < c->each ? c->each - c->up[i] : 0;
	return n;
}

struct ike_rec *live_best(struct conn *c)
{
	enumerator_t *e = c->ikes->create_enumerator(c->ikes);
	struct ike_rec *r, *best = NULL;

	while (e->enumerate(e, &r))
		if (!r->is.going &&
		    (!best || r->is.up > best->is.up ||
		     (r->is.up == best->is.up && r->is.established >= best->is.established)))
			best = r;
	e->destroy(e);
	return best;
}

/* It is up: give whoever dialled the time to set up the children. */
static void came_up(struct ike_rec *r, usec_t now)
{
	r->up_since = now;
	r->conn->not_before = usec_max(r->conn->not_before, usec_add(now, RETRY_SETTLE));
}

/* It was up and is closing or gone. */
static void went_down(struct ike_rec *r, usec_t now)
{
	struct conn *c = r->conn;

	if (live_count_up(c))
		return;
	if (usec_since(r->up_since, now) < LASTING) {
		live_failed(c);
	} else {
		c->failures = 0;
		c->not_before = usec_add(now, usec_add(REDIAL_PAUSE, c->initiate_delay));
	}
}

static struct ike_rec *new_ike(struct conn *c, const struct live_ike *ike, ike_sa_id_t *id)
{
	struct ike_rec *r;

	INIT(r, .is = { .unique = ike->unique }, .conn = c, .id = id->clone(id),
	     .since = clock_now(), );
	r->is.going = true; /* until live_set_ike() counts it in */
	live.ikes->put(live.ikes, key_of(ike->unique), r);
	c->ikes->insert_last(c->ikes, r);
	return r;
}

void live_set_ike(const char *name, const struct live_ike *ike, ike_sa_id_t *id)
{
	struct ike_rec *r;
	struct conn *c;
	bool was_up;

	live.lock->lock(live.lock);
	r = live.ikes->get(live.ikes, key_of(ike->unique));
	if (!r && (c = live_find(name))) {
		r = new_ike(c, ike, id);
		c->dialling = c->dialling && !ike->ours; /* this is the dial that was ordered */
	}
	if (r) {
		was_up = r->is.up;
		count_out(r);
		r->is = *ike;
		count_in(r);
		r->id->destroy(r->id);
		r->id = id->clone(id);
		if (ike->up && !was_up)
			came_up(r, clock_now());
		else if (!ike->up && was_up)
			went_down(r, clock_now());
		live_touch(r->conn);
	}
	live.lock->unlock(live.lock);
}

bool live_ike_gone(uint32_t unique, const char *why)
{
	struct ike_rec *r;
	bool news = false;

	live.lock->lock(live.lock);
	r = live.ikes->get(live.ikes, key_of(unique));
	if (r) {
		struct conn *c = r->conn;
		bool was_up = r->is.up, failed = r->is.ours && !r->up_since;

		news = failed && !r->blamed;
		if (news)
			(void)snprintf(c->trouble, sizeof(c->trouble), "%s", why);
		count_out(r);
		r->is.up = false;
		r->is.going = true;
		if (was_up)
			went_down(r, clock_now());
		free_ike(r);
		if (failed)
			live_failed(c);
		live_touch(c);
	}
	live.lock->unlock(live.lock);
	return news;
}

void live_ike_replaced(uint32_t old, uint32_t new)
{
	enumerator_t *e;
	struct child_rec *child;
	struct ike_rec *r;

	live.lock->lock(live.lock);
	r = live.ikes->get(live.ikes, key_of(old));
	if (r) {
		e = r->conn->children->create_enumerator(r->conn->children);
		while (e->enumerate(e, &child))
			if (child->is.ike == old)
				child->is.ike = new;
		e->destroy(e);
	}
	live.lock->unlock(live.lock);
}

usec_t live_ike_since(uint32_t unique)
{
	struct ike_rec *r;
	usec_t since;

	live.lock->lock(live.lock);
	r = live.ikes->get(live.ikes, key_of(unique));
	since = r ? r->since : 0;
	live.lock->unlock(live.lock);
	return since;
}

bool live_has_young(const struct addr *peer)
{
	usec_t now = clock_now();
	struct ike_rec *r;
	enumerator_t *e;
	bool young = false;
	void *key;

	live.lock->lock(live.lock);
	e = live.ikes->create_enumerator(live.ikes);
	while (!young && e->enumerate(e, &key, &r))
		young = r->is.up && usec_since(r->up_since, now) < LASTING &&
			addr_equal(&r->is.remote.addr, peer);
	e->destroy(e);
	live.lock->unlock(live.lock);
	return young;
}

/* All there: whatever was wrong is over.  Past failures count on until this has lasted. */
static void child_came(struct conn *c)
{
	if (live_missing(c))
		return;
	c->not_before = 0;
	c->trouble[0] = '\0';
}

static void child_went(struct conn *c, const struct child_rec *r, usec_t now)
{
	struct ike_rec *best = live_best(c);

	if (!best || !best->is.up)
		return; /* gone with its IKE_SA */
	if (usec_since(r->up_since, now) < LASTING) {
		live_failed(c);
		return;
	}
	c->failures = 0;
	/* Left to whoever dialled first: both at once would make two. */
	c->not_before = usec_add(now, best->is.ours ? REDIAL_PAUSE : RETRY_SETTLE);
}

static void set_up(struct child_rec *r, bool up)
{
	struct conn *c = r->conn;

	if (r->is.up == up)
		return;
	r->is.up = up;
	if (r->is.index >= c->wanted)
		return;
	c->up[r->is.index] += up ? 1 : -1u;
	if (up)
		child_came(c);
	else if (c->up[r->is.index] < c->each)
		child_went(c, r, clock_now());
}

void live_set_child(const char *name, const struct live_child *child)
{
	struct child_rec *r;
	struct conn *c;

	live.lock->lock(live.lock);
	r = live.children->get(live.children, key_of(child->unique));
	if (!r && child->up && (c = live_find(name))) {
		INIT(r, .is = *child, .conn = c, );
		r->is.up = false;
		r->up_since = clock_now();
		live.children->put(live.children, key_of(child->unique), r);
		c->children->insert_last(c->children, r);
	}
	if (r) {
		bool was_up = r->is.up;

		r->is = *child;
		r->is.up = was_up;
		set_up(r, child->up);
		live_touch(r->conn);
	}
	live.lock->unlock(live.lock);
}

void live_child_gone(uint32_t unique)
{
	struct child_rec *r;

	live.lock->lock(live.lock);
	r = live.children->get(live.children, key_of(unique));
	if (r) {
		set_up(r, false);
		live_touch(r->conn);
		free_child(r);
	}
	live.lock->unlock(live.lock);
}

static void set_trouble(struct conn *c, const char *text)
{
	(void)snprintf(c->trouble, sizeof(c->trouble), "%s", text);
	c->trouble_at = clock_now();
	live_touch(c);
}

bool live_trouble(const char *name, uint32_t unique, const char *text)
{
	struct ike_rec *r;
	struct conn *c;
	bool news = true;

	live.lock->lock(live.lock);
	r = unique ? live.ikes->get(live.ikes, key_of(unique)) : NULL;
	c = r ? r->conn : live_find(name);
	if (c)
		news = strncmp(c->trouble, text, sizeof(c->trouble) - 1) != 0 ||
		       (r && !r->blamed) || usec_since(c->trouble_at, clock_now()) > NEWS_AFTER;
	if (r)
		r->blamed = true;
	/* Somebody at the peer's address who is not the peer is no trouble of a tunnel that is up.
	 */
	if (c && (r || !live_count_up(c) || live_missing(c)))
		set_trouble(c, text);
	live.lock->unlock(live.lock);
	return news;
}

void live_dial_done(const char *name, bool started)
{
	struct conn *c;

	live.lock->lock(live.lock);
	c = live_find(name);
	if (c && c->dialling) {
		c->dialling = false;
		if (!started)
			live_failed(c);
		live_touch(c);
	}
	live.lock->unlock(live.lock);
}
