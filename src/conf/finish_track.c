/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finishing conditions: four keys of which one is given become a kind and a name. */
#include "conf/schema_def.h"

#include <stdlib.h>
#include <string.h>

static void finish_cond(struct loader *ld, struct conf_pos pos, const struct raw_cond *raw,
			struct conf_cond *out)
{
	const char *const names[] = {
		[CONF_COND_TUNNEL] = raw->tunnel,
		[CONF_COND_INTERFACE] = raw->interface,
		[CONF_COND_TRACK] = raw->track,
		[CONF_COND_ROUTE] = raw->route,
	};
	unsigned given = 0;

	for (unsigned kind = 0; kind < sizeof(names) / sizeof(names[0]); kind++) {
		if (!*names[kind])
			continue;
		given++;
		out->kind = (enum conf_cond_kind)kind;
		(void)snprintf(out->name, sizeof(out->name), "%s", names[kind]);
	}
	out->degraded_lost = raw->degraded;
	if (raw->degraded && given == 1 && out->kind != CONF_COND_TUNNEL)
		schema_error(
			ld, pos,
			"only tunnels can be degraded; remove degraded:, or write it where the "
			"tunnel is named");
	if (given == 1)
		return;
	*out = (struct conf_cond){ 0 };
	schema_error(
		ld, pos,
		"a condition names %s; write exactly one of tunnel, interface, track and route",
		given ? "several things" : "nothing");
}

static void unfinish_cond(const struct conf_cond *cond, struct raw_cond *out)
{
	out->degraded = cond->degraded_lost;
	switch (cond->kind) {
	case CONF_COND_TUNNEL:
		memcpy(out->tunnel, cond->name, sizeof(out->tunnel));
		break;
	case CONF_COND_INTERFACE:
		memcpy(out->interface, cond->name, sizeof(out->interface));
		break;
	case CONF_COND_TRACK:
		memcpy(out->track, cond->name, sizeof(out->track));
		break;
	case CONF_COND_ROUTE:
		memcpy(out->route, cond->name, sizeof(out->route));
		break;
	}
}

void finish_track_item(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct raw_track_item *r = raw;

	finish_cond(ld, pos, &r->raw, &r->cond);
}

void unfinish_track_item(const struct conf *conf, void *raw)
{
	struct raw_track_item *r = raw;

	(void)conf;
	unfinish_cond(&r->cond, &r->raw);
}

void finish_vrrp_track(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct raw_vrrp_track *r = raw;

	finish_cond(ld, pos, &r->raw, &r->track.cond);
	r->track.lost = r->lost ? CONF_LOST_PRIORITY : CONF_LOST_STOP;
	r->track.priority = -(int)r->lost;
}

void unfinish_vrrp_track(const struct conf *conf, void *raw)
{
	struct raw_vrrp_track *r = raw;

	(void)conf;
	unfinish_cond(&r->track.cond, &r->raw);
	r->lost = r->track.lost == CONF_LOST_STOP ? 0 : (uint8_t)-r->track.priority;
}

void finish_at_least(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct raw_track *r = raw;

	r->has_at_least = true;
	if (r->of && r->track.at_least > r->of_count)
		schema_error(ld, pos,
			     "at-least %u of %zu conditions never holds; write a smaller count",
			     r->track.at_least, r->of_count);
}

void finish_track(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct raw_track *r = raw;
	struct conf_track *t = &r->track;
	unsigned given = (r->all_count > 0 ? 1u : 0u) + (r->any_count > 0 ? 1u : 0u) +
			 (r->has_at_least ? 1u : 0u);

	if (given != 1)
		schema_error(ld, pos,
			     "track '%s' has %s of all, any and at-least; write one of them",
			     t->name, given ? "several" : "none");
	t->mode = r->all_count   ? CONF_TRACK_ALL
		  : r->any_count ? CONF_TRACK_ANY
				 : CONF_TRACK_AT_LEAST;
	t->cond = r->all_count ? r->all : r->any_count ? r->any : r->of;
	t->cond_count = r->all_count ? r->all_count : r->any_count ? r->any_count : r->of_count;
	/* Of several, which is an error, one is kept. */
	if (r->any != t->cond)
		free(r->any);
	if (r->of != t->cond)
		free(r->of);
}

void unfinish_track(const struct conf *conf, void *raw)
{
	struct raw_track *r = raw;
	struct conf_track *t = &r->track;

	(void)conf;
	switch (t->mode) {
	case CONF_TRACK_ALL:
		r->all = t->cond;
		r->all_count = t->cond_count;
		break;
	case CONF_TRACK_ANY:
		r->any = t->cond;
		r->any_count = t->cond_count;
		break;
	case CONF_TRACK_AT_LEAST:
		r->of = t->cond;
		r->of_count = t->cond_count;
		r->has_at_least = true;
		break;
	}
}
