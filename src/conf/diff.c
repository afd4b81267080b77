/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/diff.h"

#include "conf/differ.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define NONE SIZE_MAX

static const struct conf empty;

/* Old and new objects of one kind and how they belong together. */
struct match {
	enum conf_kind kind;
	size_t old_count, new_count;
	size_t *old_of, *new_of; /* the other's index, or NONE */
	bool *blocks; /* by old index: its place is taken by another, so it must go first */
};

struct differ {
	const struct conf *from;
	struct conf *to;
	struct conf_diff out;
	struct match tunnels, routes, tracks, vrrps;
};

static size_t count_of(const struct conf *c, enum conf_kind kind)
{
	switch (kind) {
	case CONF_KIND_TUNNEL:
		return c->tunnel_count;
	case CONF_KIND_ROUTE:
		return c->route_count;
	case CONF_KIND_TRACK:
		return c->track_count;
	case CONF_KIND_VRRP:
		return c->vrrp_count;
	case CONF_KIND_NODE:
		break;
	}
	return 0;
}

static const char *name_of(const struct conf *c, enum conf_kind kind, size_t i)
{
	switch (kind) {
	case CONF_KIND_TUNNEL:
		return c->tunnels[i].name;
	case CONF_KIND_ROUTE:
		return c->routes[i].name;
	case CONF_KIND_TRACK:
		return c->tracks[i].name;
	case CONF_KIND_VRRP:
		return c->vrrps[i].name;
	case CONF_KIND_NODE:
		break;
	}
	return c->node;
}

/* The same traffic under another name. */
static bool same_route_key(const struct conf_route *a, const struct conf_route *b)
{
	return a->to_count && b->to_count && prefix_equal(&a->from, &b->from) &&
	       prefix_equal(&a->to[0], &b->to[0]);
}

/* Does `later`, new, need what `old` holds, which has another name? */
static bool takes_place(const struct differ *d, enum conf_kind kind, size_t old, size_t later)
{
	const struct conf_vrrp *v, *w;

	if (kind == CONF_KIND_TUNNEL)
		return !strcmp(d->from->tunnels[old].device, d->to->tunnels[later].device);
	if (kind != CONF_KIND_VRRP)
		return false;
	v = &d->from->vrrps[old];
	w = &d->to->vrrps[later];
	return v->vrid == w->vrid && v->family == w->family && !strcmp(v->interface, w->interface);
}

static void pair(struct match *m, size_t old, size_t later)
{
	m->new_of[old] = later;
	m->old_of[later] = old;
}

static void match_names(struct differ *d, struct match *m)
{
	for (size_t i = 0; i < m->old_count; i++) {
		for (size_t j = 0; j < m->new_count; j++) {
			if (!strcmp(name_of(d->from, m->kind, i), name_of(d->to, m->kind, j)))
				pair(m, i, j);
			else if (takes_place(d, m->kind, i, j))
				m->blocks[i] = true;
		}
	}
	if (m->kind != CONF_KIND_ROUTE)
		return;
	for (size_t i = 0; i < m->old_count; i++)
		for (size_t j = 0; j < m->new_count && m->new_of[i] == NONE; j++)
			if (m->old_of[j] == NONE &&
			    same_route_key(&d->from->routes[i], &d->to->routes[j]))
				pair(m, i, j);
}

static int match_init(struct differ *d, struct match *m, enum conf_kind kind)
{
	m->kind = kind;
	m->old_count = count_of(d->from, kind);
	m->new_count = count_of(d->to, kind);
	m->new_of = calloc(m->old_count + 1, sizeof(size_t));
	m->old_of = calloc(m->new_count + 1, sizeof(size_t));
	m->blocks = calloc(m->old_count + 1, sizeof(bool));
	if (!m->new_of || !m->old_of || !m->blocks)
		return -ENOMEM;
	memset(m->new_of, 0xff, m->old_count * sizeof(size_t));
	memset(m->old_of, 0xff, m->new_count * sizeof(size_t));
	match_names(d, m);
	return 0;
}

static void match_done(struct match *m)
{
	free(m->new_of);
	free(m->old_of);
	free(m->blocks);
}

static unsigned differ_in(const struct differ *d, enum conf_kind kind, size_t i, size_t j)
{
	const struct conf *a = d->from, *b = d->to;

	switch (kind) {
	case CONF_KIND_TUNNEL:
		return differ_tunnel(&a->tunnels[i], &b->tunnels[j]);
	case CONF_KIND_ROUTE:
		return differ_route(a, &a->routes[i], b, &b->routes[j]);
	case CONF_KIND_TRACK:
		return differ_track(&a->tracks[i], &b->tracks[j]);
	case CONF_KIND_VRRP:
		return differ_vrrp(&a->vrrps[i], &b->vrrps[j]);
	case CONF_KIND_NODE:
		break;
	}
	return differ_node(a, b);
}

static void emit(struct differ *d, enum conf_op op, enum conf_kind kind, size_t old, size_t later,
		 unsigned what)
{
	d->out.changes[d->out.count++] = (struct conf_change){ op, kind, old, later, what };
}

static void emit_blockers(struct differ *d, const struct match *m)
{
	for (size_t i = 0; i < m->old_count; i++)
		if (m->blocks[i])
			emit(d, CONF_REMOVE, m->kind, i, 0, 0);
}

/* Additions and changes in the order of the new configuration. */
static void emit_new(struct differ *d, const struct match *m)
{
	for (size_t j = 0; j < m->new_count; j++) {
		size_t i = m->old_of[j];
		unsigned what;

		if (i == NONE || m->blocks[i]) {
			emit(d, CONF_ADD, m->kind, 0, j, 0);
			continue;
		}
		what = differ_in(d, m->kind, i, j);
		if (what)
			emit(d, CONF_CHANGE, m->kind, i, j, what);
	}
}

static void emit_gone(struct differ *d, const struct match *m)
{
	for (size_t i = m->old_count; i-- > 0;)
		if (m->new_of[i] == NONE && !m->blocks[i])
			emit(d, CONF_REMOVE, m->kind, i, 0, 0);
}

/* Numbers of tunnels that are about to go stay taken: they go after the new ones come. */
static int give_if_ids(struct differ *d)
{
	size_t room = d->from->tunnel_count + d->to->tunnel_count + 1;
	bool *taken = calloc(room + 1, sizeof(bool));
	uint32_t next = 1;

	if (!taken)
		return -ENOMEM;
	for (size_t i = 0; i < d->from->tunnel_count; i++)
		if (d->from->tunnels[i].if_id < room)
			taken[d->from->tunnels[i].if_id] = true;
	for (size_t j = 0; j < d->to->tunnel_count; j++) {
		if (d->tunnels.old_of[j] != NONE) {
			d->to->tunnels[j].if_id = d->from->tunnels[d->tunnels.old_of[j]].if_id;
			continue;
		}
		while (taken[next])
			next++;
		d->to->tunnels[j].if_id = next++;
	}
	free(taken);
	return 0;
}

static int diff_all(struct differ *d)
{
	struct match *const up[] = { &d->tunnels, &d->routes, &d->tracks, &d->vrrps };
	size_t room = 1;
	unsigned node = d->from == &empty ? 0 : differ_node(d->from, d->to);

	if (match_init(d, &d->tunnels, CONF_KIND_TUNNEL) ||
	    match_init(d, &d->routes, CONF_KIND_ROUTE) ||
	    match_init(d, &d->tracks, CONF_KIND_TRACK) ||
	    match_init(d, &d->vrrps, CONF_KIND_VRRP) || give_if_ids(d))
		return -ENOMEM;
	for (size_t k = 0; k < 4; k++)
		room += up[k]->old_count + up[k]->new_count;
	d->out.changes = calloc(room, sizeof(*d->out.changes));
	if (!d->out.changes)
		return -ENOMEM;
	if (node)
		emit(d, CONF_CHANGE, CONF_KIND_NODE, 0, 0, node);
	for (size_t k = 0; k < 4; k++) {
		emit_blockers(d, up[k]);
		emit_new(d, up[k]);
	}
	for (size_t k = 4; k-- > 0;)
		emit_gone(d, up[k]);
	return 0;
}

int conf_diff(const struct conf *from, struct conf *to, struct conf_diff *out)
{
	struct differ d = { .from = from ? from : &empty, .to = to };
	int rc = diff_all(&d);

	match_done(&d.tunnels);
	match_done(&d.routes);
	match_done(&d.tracks);
	match_done(&d.vrrps);
	if (!rc)
		*out = d.out;
	return rc;
}

void conf_diff_done(struct conf_diff *diff)
{
	free(diff->changes);
	*diff = (struct conf_diff){ 0 };
}

const char *conf_op_name(enum conf_op op)
{
	static const char *const names[] = { "add", "change", "remove" };

	return names[op];
}

const char *conf_kind_name(enum conf_kind kind)
{
	static const char *const names[] = { "node", "tunnel", "route", "track", "vrrp" };

	return names[kind];
}

bool conf_equal(const struct conf *a, const struct conf *b)
{
	bool same = a->restore == b->restore && a->tunnel_count == b->tunnel_count &&
		    a->route_count == b->route_count && a->track_count == b->track_count &&
		    a->vrrp_count == b->vrrp_count && !differ_node(a, b) &&
		    differ_same_detection(&a->detection, &b->detection);

	for (size_t i = 0; same && i < a->tunnel_count; i++)
		same = !strcmp(a->tunnels[i].name, b->tunnels[i].name) &&
		       !differ_tunnel(&a->tunnels[i], &b->tunnels[i]);
	for (size_t i = 0; same && i < a->route_count; i++)
		same = !differ_route(a, &a->routes[i], b, &b->routes[i]);
	for (size_t i = 0; same && i < a->track_count; i++)
		same = !strcmp(a->tracks[i].name, b->tracks[i].name) &&
		       !differ_track(&a->tracks[i], &b->tracks[i]);
	for (size_t i = 0; same && i < a->vrrp_count; i++)
		same = !strcmp(a->vrrps[i].name, b->vrrps[i].name) &&
		       !differ_vrrp(&a->vrrps[i], &b->vrrps[i]);
	return same;
}
