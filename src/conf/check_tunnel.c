/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/check.h"

#include "conf/schema_def.h"

#include <string.h>

/* The peer could not tell which of the two we mean, nor we which of them it is. */
static bool are_indistinguishable(const struct conf_tunnel *a, const struct conf_tunnel *b)
{
	return a->local.family != ADDR_NONE && addr_equal(&a->local, &b->local) &&
	       addr_equal(&a->remote, &b->remote) && !strcmp(a->local_id, b->local_id) &&
	       !strcmp(a->remote_id, b->remote_id);
}

static bool share_target(const struct conf_tunnel *a, const struct conf_tunnel *b)
{
	return a->health.enabled && b->health.enabled && a->health.target.family != ADDR_NONE &&
	       addr_equal(&a->health.target, &b->health.target);
}

static void check_pair(struct loader *ld, size_t first, size_t second, bool *told_target)
{
	const struct conf_tunnel *a = &ld->conf->tunnels[first], *b = &ld->conf->tunnels[second];
	char target[ADDR_TEXT];

	if (*a->device && !strcmp(a->device, b->device))
		schema_error(ld, schema_pos(ld, "tunnels", second, "device", NULL),
			     "tunnel '%s' has the device of '%s', %s; write another name", b->name,
			     a->name, b->device);
	if (are_indistinguishable(a, b))
		schema_error(
			ld, schema_pos(ld, "tunnels", second, NULL, NULL),
			"tunnels '%s' and '%s' have the same addresses and identities, and cannot "
			"be told apart; write another identity: for one",
			a->name, b->name);
	if (!*told_target && share_target(a, b)) {
		*told_target = true;
		schema_warn(
			ld, schema_pos(ld, "tunnels", second, "health", "target"),
			"'%s' has the health target of '%s': replies take one tunnel, so the other "
			"looks dead or wrong; write the address of the router at this tunnel's "
			"end, "
			"not %s",
			b->name, a->name, addr_format(&b->health.target, target));
	}
}

static bool list_has(const struct prefix *list, size_t count, const struct addr *a)
{
	for (size_t i = 0; i < count; i++)
		if (prefix_contains(&list[i], a))
			return true;
	return false;
}

static bool is_routed(const struct conf *conf, size_t tunnel, const struct addr *a)
{
	for (size_t i = 0; i < conf->route_count; i++) {
		const struct conf_route *r = &conf->routes[i];

		for (size_t v = 0; v < r->via_count; v++)
			if (r->via[v].tunnel == tunnel && list_has(r->to, r->to_count, a))
				return true;
	}
	return false;
}

static void check_reach(struct loader *ld, size_t i)
{
	const struct conf_tunnel *t = &ld->conf->tunnels[i];
	const struct conf_health *h = &t->health;
	char text[ADDR_TEXT];

	if (!h->enabled || h->target.family == ADDR_NONE || h->source.family != h->target.family)
		return;
	if (!list_has(t->ts_remote, t->ts_remote_count, &h->target))
		schema_warn(ld, schema_pos(ld, "tunnels", i, "health", "target"),
			    "health target %s is outside the remote selectors of '%s', so no probe "
			    "gets "
			    "through; add it there or choose another",
			    addr_format(&h->target, text), t->name);
	else if (!list_has(t->ts_local, t->ts_local_count, &h->source))
		schema_warn(
			ld, schema_pos(ld, "tunnels", i, "health", "source"),
			"health source %s is outside the local selectors of '%s', so no probe gets "
			"through; add it there or choose another",
			addr_format(&h->source, text), t->name);
	/* With errors a route may be missing that is there: this is told when they are mended. */
	else if (!ld->report->errors && !is_routed(ld->conf, i, &h->target))
		schema_warn(
			ld, schema_pos(ld, "tunnels", i, "health", "target"),
			"health target %s is in no route via '%s'; write an address of the network "
			"behind it",
			addr_format(&h->target, text), t->name);
}

/* Several CHILD_SAs of equal selectors are IKEv2's, and each wants a worker of its own. */
static void check_children(struct loader *ld, size_t i)
{
	const struct conf_tunnel *t = &ld->conf->tunnels[i];
	unsigned workers = ld->conf->dataplane.workers;

	if (t->children == 1)
		return;
	if (t->ike_version != 2)
		schema_error(
			ld, schema_pos(ld, "tunnels", i, "children", NULL),
			"tunnel '%s' has %u children, which IKEv1 does not know; write version: 2, "
			"too, or children: 1",
			t->name, t->children);
	if (t->ts_separate)
		schema_error(ld, schema_pos(ld, "tunnels", i, "children", NULL),
			     "tunnel '%s' has a CHILD_SA for each pair of selectors already "
			     "(separate); write children: 1",
			     t->name);
	if (workers && t->children > workers)
		schema_error(ld, schema_pos(ld, "tunnels", i, "children", NULL),
			     "tunnel '%s' has %u children for %u workers; write children: %u, or "
			     "more dataplane workers",
			     t->name, t->children, workers, workers);
}

static void decide_pin(struct loader *ld, size_t i)
{
	struct conf_tunnel *tunnels = ld->conf->tunnels, *t = &tunnels[i];
	const struct tree_child *section = tree_get(ld->root, "tunnels");
	const struct tree_node *node = section ? tree_item(section->node, i) : NULL;
	const struct tree_child *health = tree_get(node, "health");
	const struct tree_child *pin = tree_get(health ? health->node : NULL, "pin");

	if (!t->health.enabled || (pin && pin->node->text && strcmp(pin->node->text, "auto") != 0))
		return;
	t->health.pin = ld->conf->tunnel_count > 1;
	for (size_t j = 0; j < ld->conf->tunnel_count && t->health.pin; j++)
		if (j != i && share_target(&tunnels[j], t))
			t->health.pin = false;
}

void check_tunnels(struct loader *ld)
{
	size_t count = ld->conf->tunnel_count;

	for (size_t i = 0; i < count; i++) {
		bool told_target = false;

		for (size_t j = 0; j < i; j++)
			check_pair(ld, j, i, &told_target);
		check_probe(ld, i);
		check_reach(ld, i);
		check_children(ld, i);
		decide_pin(ld, i);
	}
}
