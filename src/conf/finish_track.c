/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finishing conditions: several keys of which one is given become a kind and a name. */
#include "conf/program.h"
#include "conf/schema_def.h"

#include <stdlib.h>
#include <string.h>

#define CONDITION "a condition names %s; write exactly one of tunnel, interface, track and route%s"

/* Those that tracks and VRRP instances have in common; how many of them are given. */
static unsigned take_names(const struct raw_cond *raw, struct conf_cond *out)
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
	return given;
}

static void check_degraded(struct loader *ld, struct conf_pos pos, const struct conf_cond *c)
{
	if (c->degraded_lost && c->kind != CONF_COND_TUNNEL)
		schema_error(
			ld, pos,
			"only tunnels can be degraded; remove degraded:, or write it where the "
			"tunnel is named");
}

static void unfinish_cond(const struct conf_cond *cond, struct raw_cond *out)
{
	out->degraded = cond->degraded_lost;
	switch (cond->kind) {
	case CONF_COND_TUNNEL:
		memcpy(out->tunnel, cond->name, sizeof(out->tunnel));
		break;
	case CONF_COND_INTERFACE:
	case CONF_COND_ADDRESS:
	case CONF_COND_OPER:
		memcpy(out->interface, cond->name, sizeof(out->interface));
		break;
	case CONF_COND_TRACK:
		memcpy(out->track, cond->name, sizeof(out->track));
		break;
	case CONF_COND_ROUTE:
		memcpy(out->route, cond->name, sizeof(out->route));
		break;
	case CONF_COND_HEALTH:
	case CONF_COND_VRRP:
	case CONF_COND_PREFIX:
	case CONF_COND_SCRIPT:
		break;
	}
}

/* What the fact is called on the board, and in sentences. */
static void name_prefix(struct conf_cond *c)
{
	char prefix[PREFIX_TEXT], table[24] = "", device[CONF_DEVICE + 8] = "";

	if (c->table != RAW_TABLE_MAIN)
		(void)snprintf(table, sizeof(table), " table %u", c->table);
	if (*c->device)
		(void)snprintf(device, sizeof(device), " dev %s", c->device);
	(void)snprintf(c->name, sizeof(c->name), "%s%s%s", prefix_format(&c->to, prefix), table,
		       device);
}

static unsigned take_more(struct raw_track_item *r)
{
	struct conf_cond *c = &r->cond;
	unsigned given = 0;

	if (*r->health) {
		given++;
		c->kind = CONF_COND_HEALTH;
		(void)snprintf(c->name, sizeof(c->name), "%s", r->health);
	}
	if (*r->vrrp) {
		given++;
		c->kind = CONF_COND_VRRP;
		(void)snprintf(c->name, sizeof(c->name), "%s", r->vrrp);
	}
	if (c->to.addr.family != ADDR_NONE) {
		given++;
		c->kind = CONF_COND_PREFIX;
		name_prefix(c);
	}
	return given;
}

static void check_extras(struct loader *ld, struct conf_pos pos, const struct raw_track_item *r)
{
	const struct conf_cond *c = &r->cond;

	if (r->needs != RAW_NEEDS_CARRIER && c->kind != CONF_COND_INTERFACE)
		schema_error(ld, pos, "needs says what an interface needs; write interface: NAME");
	if ((*c->device || c->table != RAW_TABLE_MAIN) && c->kind != CONF_COND_PREFIX)
		schema_error(ld, pos, "%s is of a prefix's route; write prefix: PREFIX",
			     *c->device ? "device" : "table");
}

void finish_track_item(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct raw_track_item *r = raw;
	unsigned given = take_names(&r->raw, &r->cond) + take_more(r);

	if (given != 1) {
		r->cond = (struct conf_cond){ .weight = 1, .table = RAW_TABLE_MAIN };
		schema_error(ld, pos, CONDITION, given ? "several things" : "nothing",
			     ", or health, vrrp and prefix");
		return;
	}
	check_degraded(ld, pos, &r->cond);
	check_extras(ld, pos, r);
	if (r->cond.kind == CONF_COND_INTERFACE && r->needs == RAW_NEEDS_ADDRESS)
		r->cond.kind = CONF_COND_ADDRESS;
	if (r->cond.kind == CONF_COND_INTERFACE && r->needs == RAW_NEEDS_OPER)
		r->cond.kind = CONF_COND_OPER;
}

void unfinish_track_item(const struct conf *conf, void *raw)
{
	struct raw_track_item *r = raw;

	(void)conf;
	unfinish_cond(&r->cond, &r->raw);
	if (r->cond.kind == CONF_COND_HEALTH)
		memcpy(r->health, r->cond.name, sizeof(r->health));
	if (r->cond.kind == CONF_COND_VRRP)
		memcpy(r->vrrp, r->cond.name, sizeof(r->vrrp));
	r->needs = r->cond.kind == CONF_COND_ADDRESS ? RAW_NEEDS_ADDRESS
		   : r->cond.kind == CONF_COND_OPER  ? RAW_NEEDS_OPER
						     : RAW_NEEDS_CARRIER;
}

void finish_via_track(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct raw_via_track *r = raw;

	(void)ld, (void)pos;
	r->track.lost = r->lost == RAW_LOST_UNUSABLE  ? CONF_VIA_UNUSABLE
			: r->lost == RAW_LOST_STANDBY ? CONF_VIA_STANDBY
						      : CONF_VIA_WEIGHT;
	r->track.less = r->track.lost == CONF_VIA_WEIGHT ? (uint8_t)r->lost : 0;
}

void unfinish_via_track(const struct conf *conf, void *raw)
{
	struct raw_via_track *r = raw;

	(void)conf;
	r->lost = r->track.lost == CONF_VIA_UNUSABLE  ? RAW_LOST_UNUSABLE
		  : r->track.lost == CONF_VIA_STANDBY ? RAW_LOST_STANDBY
						      : r->track.less;
}

void finish_vrrp_track(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct raw_vrrp_track *r = raw;

	unsigned given = take_names(&r->raw, &r->track.cond);

	r->track.cond.weight = 1;
	r->track.cond.table = RAW_TABLE_MAIN;
	if (given != 1) {
		r->track.cond = (struct conf_cond){ .weight = 1, .table = RAW_TABLE_MAIN };
		schema_error(ld, pos, CONDITION, given ? "several things" : "nothing",
			     "; for more, write a track and name it");
	}
	check_degraded(ld, pos, &r->track.cond);
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
	unsigned total = 0;

	r->has_at_least = true;
	for (size_t i = 0; i < r->of_count; i++)
		total += r->of[i].weight;
	if (r->of && r->track.at_least > total)
		schema_error(ld, pos,
			     "at-least %u of %zu conditions%s never holds; write a smaller count",
			     r->track.at_least, r->of_count,
			     total > r->of_count ? " with their weights" : "");
}

void finish_script(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct raw_track *r = raw;
	struct conf_script *s = &r->track.script;

	r->has_script = true;
	if (s->command_len && s->command[0] != '/')
		schema_error(ld, pos,
			     "command '%.60s' is not a whole path; write one that starts with /",
			     s->command);
	else if (s->command_len && ld->base_dir)
		check_program(ld, pos, s);
}

/* Of several, which is an error, one is kept. */
static void keep_conditions(struct raw_track *r)
{
	struct conf_track *t = &r->track;
	struct conf_cond *const lists[] = { r->all, r->any, r->of };

	t->cond = r->all_count ? r->all : r->any_count ? r->any : r->of;
	t->cond_count = r->all_count ? r->all_count : r->any_count ? r->any_count : r->of_count;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (lists[i] != t->cond)
			free(lists[i]);
}

static void track_script(struct loader *ld, struct conf_track *t)
{
	t->mode = CONF_TRACK_SCRIPT;
	free(t->cond);
	t->cond_count = 0;
	t->cond = schema_alloc(ld, 1, sizeof(*t->cond));
	if (!t->cond)
		return;
	t->cond_count = 1;
	t->cond[0] = (struct conf_cond){ .kind = CONF_COND_SCRIPT, .weight = 1 };
	(void)snprintf(t->cond[0].name, sizeof(t->cond[0].name), "%s", t->name);
}

void finish_track(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct raw_track *r = raw;
	struct conf_track *t = &r->track;
	unsigned given = (r->all_count > 0 ? 1u : 0u) + (r->any_count > 0 ? 1u : 0u) +
			 (r->has_at_least ? 1u : 0u) + (r->has_script ? 1u : 0u);

	if (given != 1)
		schema_error(
			ld, pos,
			"track '%s' has %s of all, any, at-least and script; write one of them",
			t->name, given ? "several" : "none");
	t->mode = r->all_count   ? CONF_TRACK_ALL
		  : r->any_count ? CONF_TRACK_ANY
				 : CONF_TRACK_AT_LEAST;
	keep_conditions(r);
	if (r->has_script)
		track_script(ld, t);
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
	case CONF_TRACK_SCRIPT:
		r->has_script = true;
		break;
	}
}
