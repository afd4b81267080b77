/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/check.h"

#include "conf/schema_def.h"
#include "conf/suggest.h"

#include <stdlib.h>
#include <string.h>

static long find_track(const struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->track_count; i++)
		if (!strcmp(conf->tracks[i].name, name))
			return (long)i;
	return -1;
}

/* The name of object i of that kind, or NULL past the last. */
static const char *name_of(const struct conf *conf, enum conf_cond_kind kind, size_t i)
{
	switch (kind) {
	case CONF_COND_TUNNEL:
	case CONF_COND_HEALTH:
		return i < conf->tunnel_count ? conf->tunnels[i].name : NULL;
	case CONF_COND_TRACK:
		return i < conf->track_count ? conf->tracks[i].name : NULL;
	case CONF_COND_ROUTE:
		return i < conf->route_count ? conf->routes[i].name : NULL;
	case CONF_COND_VRRP:
		return i < conf->vrrp_count ? conf->vrrps[i].name : NULL;
	case CONF_COND_INTERFACE:
	case CONF_COND_ADDRESS:
	case CONF_COND_OPER:
	case CONF_COND_PREFIX:
	case CONF_COND_SCRIPT:
		break; /* no objects of ours: may come later */
	}
	return NULL;
}

/* What it is called, and under which key it is written. */
static const struct section {
	const char *kind, *key;
} sections[] = {
	[CONF_COND_TUNNEL] = { "tunnel", "tunnels" },
	[CONF_COND_TRACK] = { "track", "tracks" },
	[CONF_COND_ROUTE] = { "route", "routes" },
	[CONF_COND_HEALTH] = { "tunnel", "tunnels" },
	[CONF_COND_VRRP] = { "vrrp instance", "vrrp" },
};

static bool is_ours(enum conf_cond_kind kind)
{
	return kind < sizeof(sections) / sizeof(sections[0]) && sections[kind].kind;
}

static void check_cond(struct loader *ld, const struct conf_cond *cond, struct conf_pos pos)
{
	struct suggest near = suggest_for(cond->name);
	const char *name;

	if (!is_ours(cond->kind) || !*cond->name)
		return;
	for (size_t i = 0; (name = name_of(ld->conf, cond->kind, i)) != NULL; i++) {
		if (!strcmp(name, cond->name))
			return;
		suggest_offer(&near, name);
	}
	if (near.best)
		schema_error(ld, pos, "unknown %s '%s'; did you mean '%s'?",
			     sections[cond->kind].kind, cond->name, near.best);
	else
		schema_error(ld, pos,
			     "unknown %s '%s'; write it under %s:", sections[cond->kind].kind,
			     cond->name, sections[cond->kind].key);
}

/* Of condition c of object i; lists stand under one of several keys. */
static struct conf_pos cond_pos(const struct loader *ld, const char *section, size_t i, size_t c)
{
	static const char *const keys[] = { "track", "all", "any", "of" };
	const struct tree_child *at = tree_get(ld->root, section);
	const struct tree_node *node = at ? tree_item(at->node, i) : NULL;

	at = tree_get(node, "at-least");
	if (at)
		node = at->node;
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		const struct tree_node *cond;

		at = tree_get(node, keys[k]);
		cond = at ? tree_item(at->node, c) : NULL;
		if (cond)
			return cond->pos;
	}
	return schema_pos(ld, section, i, NULL, NULL);
}

/* The track of that name if it is not settled, or else -1. */
static long unsettled_track(const struct conf *conf, const char *name, const bool *settled)
{
	long other = find_track(conf, name);

	return other >= 0 && !settled[other] ? other : -1;
}

/* A route's choice depends on the tracks that change its weights. */
static long unsettled_of_route(const struct conf *conf, const char *name, const bool *settled)
{
	for (size_t i = 0; i < conf->route_count; i++) {
		const struct conf_route *r = &conf->routes[i];

		for (size_t v = 0; !strcmp(r->name, name) && v < r->via_count; v++)
			for (size_t k = 0; k < r->via[v].track_count; k++) {
				long other =
					unsettled_track(conf, r->via[v].track[k].track, settled);

				if (other >= 0)
					return other;
			}
	}
	return -1;
}

static long unsettled_of_name(const struct conf *conf, const struct conf_cond *c,
			      const bool *settled)
{
	return c->kind == CONF_COND_TRACK   ? unsettled_track(conf, c->name, settled)
	       : c->kind == CONF_COND_ROUTE ? unsettled_of_route(conf, c->name, settled)
					    : -1;
}

/* A VRRP instance depends on what it tracks. */
static long unsettled_of_vrrp(const struct conf *conf, const char *name, const bool *settled)
{
	for (size_t i = 0; i < conf->vrrp_count; i++) {
		const struct conf_vrrp *v = &conf->vrrps[i];

		for (size_t k = 0; !strcmp(v->name, name) && k < v->track_count; k++) {
			long other = unsettled_of_name(conf, &v->track[k].cond, settled);

			if (other >= 0)
				return other;
		}
	}
	return -1;
}

/* The first track that t waits for and that is not settled itself, or -1. */
static long next_of(const struct conf *conf, const struct conf_track *t, const bool *settled)
{
	for (size_t c = 0; c < t->cond_count; c++) {
		const struct conf_cond *cond = &t->cond[c];
		long other = cond->kind == CONF_COND_VRRP
				     ? unsettled_of_vrrp(conf, cond->name, settled)
				     : unsettled_of_name(conf, cond, settled);

		if (other >= 0)
			return other;
	}
	return -1;
}

static void report_circle(struct loader *ld, const bool *settled)
{
	const struct conf *conf = ld->conf;
	char way[160] = "";
	size_t at = 0, n = 0, start;

	while (settled[at])
		at++;
	/* After as many steps as there are tracks we are on the circle, not before it. */
	for (size_t i = 0; i < conf->track_count; i++)
		at = (size_t)next_of(conf, &conf->tracks[at], settled);
	start = at;
	do {
		n += (size_t)snprintf(way + n, sizeof(way) - n, "%s > ", conf->tracks[at].name);
		at = (size_t)next_of(conf, &conf->tracks[at], settled);
	} while (at != start && n < sizeof(way));
	schema_error(ld, schema_pos(ld, "tracks", start, NULL, NULL),
		     "track '%s' depends on itself (%s%s); break the circle",
		     conf->tracks[start].name, n < sizeof(way) ? way : "... > ",
		     conf->tracks[start].name);
}

static void check_circles(struct loader *ld)
{
	const struct conf *conf = ld->conf;
	bool *settled = conf->track_count ? schema_alloc(ld, conf->track_count, 1) : NULL;
	size_t left = conf->track_count, before;

	if (!settled)
		return;
	do {
		before = left;
		for (size_t i = 0; i < conf->track_count; i++) {
			if (!settled[i] && next_of(conf, &conf->tracks[i], settled) < 0) {
				settled[i] = true;
				left--;
			}
		}
	} while (left && left < before);
	if (left)
		report_circle(ld, settled);
	free(settled);
}

static void check_via(struct loader *ld, size_t route, const struct conf_via *via)
{
	struct conf_pos pos =
		schema_pos(ld, "routes", route, "via", ld->conf->tunnels[via->tunnel].name);

	for (size_t i = 0; i < via->track_count; i++) {
		struct conf_cond cond = { .kind = CONF_COND_TRACK };

		(void)snprintf(cond.name, sizeof(cond.name), "%s", via->track[i].track);
		check_cond(ld, &cond, pos);
		if (via->track[i].lost == CONF_VIA_WEIGHT && !via->weight)
			schema_warn(ld, pos,
				    "'%s' has weight 0, of which nothing can be taken; write lost: "
				    "unusable, or a weight",
				    ld->conf->tunnels[via->tunnel].name);
	}
}

void check_tracks(struct loader *ld)
{
	const struct conf *conf = ld->conf;

	for (size_t i = 0; i < conf->track_count; i++)
		for (size_t c = 0; c < conf->tracks[i].cond_count; c++)
			check_cond(ld, &conf->tracks[i].cond[c], cond_pos(ld, "tracks", i, c));
	for (size_t i = 0; i < conf->vrrp_count; i++)
		for (size_t c = 0; c < conf->vrrps[i].track_count; c++)
			check_cond(ld, &conf->vrrps[i].track[c].cond, cond_pos(ld, "vrrp", i, c));
	for (size_t i = 0; i < conf->route_count; i++)
		for (size_t v = 0; v < conf->routes[i].via_count; v++)
			check_via(ld, i, &conf->routes[i].via[v]);
	check_circles(ld);
}
