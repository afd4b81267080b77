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
		return i < conf->tunnel_count ? conf->tunnels[i].name : NULL;
	case CONF_COND_TRACK:
		return i < conf->track_count ? conf->tracks[i].name : NULL;
	case CONF_COND_ROUTE:
		return i < conf->route_count ? conf->routes[i].name : NULL;
	case CONF_COND_INTERFACE:
		break; /* may come later */
	}
	return NULL;
}

static void check_cond(struct loader *ld, const struct conf_cond *cond, struct conf_pos pos)
{
	static const char *const kinds[] = {
		[CONF_COND_TUNNEL] = "tunnel",
		[CONF_COND_INTERFACE] = "interface",
		[CONF_COND_TRACK] = "track",
		[CONF_COND_ROUTE] = "route",
	};
	struct suggest near = suggest_for(cond->name);
	const char *name;

	if (cond->kind == CONF_COND_INTERFACE || !*cond->name)
		return;
	for (size_t i = 0; (name = name_of(ld->conf, cond->kind, i)) != NULL; i++) {
		if (!strcmp(name, cond->name))
			return;
		suggest_offer(&near, name);
	}
	if (near.best)
		schema_error(ld, pos, "unknown %s '%s'; did you mean '%s'?", kinds[cond->kind],
			     cond->name, near.best);
	else
		schema_error(ld, pos, "unknown %s '%s'; write it under %ss:", kinds[cond->kind],
			     cond->name, kinds[cond->kind]);
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

/* A track is settled when all the tracks it depends on are. */
static bool settle(const struct conf *conf, const struct conf_track *t, const bool *settled)
{
	for (size_t c = 0; c < t->cond_count; c++) {
		long other =
			t->cond[c].kind == CONF_COND_TRACK ? find_track(conf, t->cond[c].name) : -1;

		if (other >= 0 && !settled[other])
			return false;
	}
	return true;
}

/* The first unsettled track that t waits for: there is one. */
static size_t next_of(const struct conf *conf, const struct conf_track *t, const bool *settled)
{
	for (size_t c = 0; c < t->cond_count; c++) {
		long other =
			t->cond[c].kind == CONF_COND_TRACK ? find_track(conf, t->cond[c].name) : -1;

		if (other >= 0 && !settled[other])
			return (size_t)other;
	}
	return 0;
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
		at = next_of(conf, &conf->tracks[at], settled);
	start = at;
	do {
		n += (size_t)snprintf(way + n, sizeof(way) - n, "%s > ", conf->tracks[at].name);
		at = next_of(conf, &conf->tracks[at], settled);
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
			if (!settled[i] && settle(conf, &conf->tracks[i], settled)) {
				settled[i] = true;
				left--;
			}
		}
	} while (left && left < before);
	if (left)
		report_circle(ld, settled);
	free(settled);
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
	check_circles(ld);
}
