/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/check.h"

#include "conf/schema_def.h"

#include <stdlib.h>
#include <string.h>

/* One prefix of one route, to sort all of them. */
struct entry {
	const struct prefix *to, *from;
	size_t route, item;
};

static int compare_prefix(const struct prefix *a, const struct prefix *b)
{
	int order = addr_compare(&a->addr, &b->addr);

	return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int order = compare_prefix(x->to, y->to);

	if (!order)
		order = compare_prefix(x->from, y->from);
	if (!order)
		order = (x->route > y->route) - (x->route < y->route);
	return order ? order : (x->item > y->item) - (x->item < y->item);
}

static struct conf_pos entry_pos(const struct loader *ld, const struct entry *e)
{
	const struct tree_child *section = tree_get(ld->root, "routes");
	const struct tree_child *to =
		tree_get(section ? tree_item(section->node, e->route) : NULL, "to");

	if (to && to->node->kind == TREE_LIST && e->item < to->node->count)
		return tree_item(to->node, e->item)->pos;
	return to ? to->node->pos : (struct conf_pos){ 0, 0 };
}

static void report_doubles(struct loader *ld, const struct entry *entries, size_t count)
{
	char text[PREFIX_TEXT];

	for (size_t i = 1; i < count; i++) {
		const struct entry *a = &entries[i - 1], *b = &entries[i];

		if (a->to->addr.family == ADDR_NONE || compare_prefix(a->to, b->to) != 0 ||
		    compare_prefix(a->from, b->from) != 0)
			continue;
		schema_error(ld, entry_pos(ld, b), "%s is routed twice, first in line %u; keep one",
			     prefix_format(b->to, text), entry_pos(ld, a).line);
	}
}

static void check_doubles(struct loader *ld)
{
	const struct conf *conf = ld->conf;
	struct entry *entries;
	size_t total = 0, n = 0;

	for (size_t i = 0; i < conf->route_count; i++)
		total += conf->routes[i].to_count;
	if (!total)
		return;
	entries = schema_alloc(ld, total, sizeof(*entries));
	if (!entries)
		return;
	for (size_t i = 0; i < conf->route_count; i++)
		for (size_t j = 0; j < conf->routes[i].to_count; j++)
			entries[n++] = (struct entry){ &conf->routes[i].to[j],
						       &conf->routes[i].from, i, j };
	qsort(entries, n, sizeof(*entries), compare_entries);
	report_doubles(ld, entries, n);
	free(entries);
}

static void check_names(struct loader *ld, size_t i)
{
	const struct conf_route *r = &ld->conf->routes[i];

	for (size_t j = 0; j < i && *r->name; j++) {
		const struct conf_route *other = &ld->conf->routes[j];

		/* Names that come from the same prefix: that is reported already. */
		if (strcmp(r->name, other->name) != 0 ||
		    (other->to_count && r->to_count && prefix_equal(&r->to[0], &other->to[0]) &&
		     prefix_equal(&r->from, &other->from)))
			continue;
		schema_error(ld, schema_pos(ld, "routes", i, "name", NULL),
			     "two routes have the name '%s'; write name: with another one",
			     r->name);
		return;
	}
}

static void check_families(struct loader *ld, size_t i)
{
	const struct conf_route *r = &ld->conf->routes[i];

	for (size_t p = 0; p < r->to_count; p++) {
		enum addr_family family = r->to[p].addr.family;
		bool from = r->from.addr.family != ADDR_NONE && r->from.addr.family != family;
		bool source = r->source.family != ADDR_NONE && r->source.family != family;

		if (family == ADDR_NONE || (!from && !source))
			continue;
		schema_error(ld, schema_pos(ld, "routes", i, from ? "from" : "source", NULL),
			     "%s and to are of different families; write a route for each family",
			     from ? "from" : "source");
		return;
	}
}

static bool selectors_cover(const struct conf_tunnel *t, const struct prefix *p)
{
	for (size_t i = 0; i < t->ts_remote_count; i++)
		if (t->ts_remote[i].len <= p->len && prefix_contains(&t->ts_remote[i], &p->addr))
			return true;
	return false;
}

static void check_selectors(struct loader *ld, size_t i)
{
	const struct conf_route *r = &ld->conf->routes[i];
	char text[PREFIX_TEXT];

	for (size_t v = 0; v < r->via_count; v++) {
		const struct conf_tunnel *t = &ld->conf->tunnels[r->via[v].tunnel];

		for (size_t p = 0; p < r->to_count; p++) {
			struct entry e = { &r->to[p], &r->from, i, p };

			if (r->to[p].addr.family == ADDR_NONE || selectors_cover(t, &r->to[p]))
				continue;
			schema_warn(
				ld, entry_pos(ld, &e),
				"%s is outside the remote selectors of '%s', which will not carry "
				"it; add it there",
				prefix_format(&r->to[p], text), t->name);
			break;
		}
	}
}

static void check_health(struct loader *ld, size_t i)
{
	const struct conf_route *r = &ld->conf->routes[i];

	if (r->via_count < 2)
		return;
	for (size_t v = 0; v < r->via_count; v++) {
		const struct conf_tunnel *t = &ld->conf->tunnels[r->via[v].tunnel];

		if (!t->health.enabled)
			schema_warn(
				ld, schema_pos(ld, "routes", i, "via", t->name),
				"'%s' has no health check, so only IKE tells when to leave it; add "
				"health: { source: ADDRESS, target: ADDRESS } to the tunnel",
				t->name);
	}
}

void check_routes(struct loader *ld)
{
	check_doubles(ld);
	for (size_t i = 0; i < ld->conf->route_count; i++) {
		check_names(ld, i);
		check_families(ld, i);
		check_selectors(ld, i);
		check_health(ld, i);
	}
}
