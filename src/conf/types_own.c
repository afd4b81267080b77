/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Types with a shape of their own: detection, a route's weighted tunnels, and commands. */
#include "conf/schema_def.h"

#include "conf/suggest.h"
#include "conf/value.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define MS USEC_PER_MSEC
#define PROFILE(id, interval_ms, silence_ms)                                                       \
	{                                                                                          \
		.profile = (id), .interval = (interval_ms)*MS, .silence = (silence_ms)*MS,         \
		.patience = 4                                                                      \
	}

static const struct profile {
	const char *name;
	struct conf_detection detection;
} profiles[] = {
	{ "relaxed", PROFILE(CONF_RELAXED, 1000, 5000) },
	{ "normal", PROFILE(CONF_NORMAL, 100, 500) },
	{ "fast", PROFILE(CONF_FAST, 5, 30) },
	{ "auto", PROFILE(CONF_AUTO, 100, 500) }, /* what it starts from */
};

#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

const struct conf_detection *conf_profile(const char *name)
{
	for (size_t i = 0; i < PROFILES; i++)
		if (!strcmp(profiles[i].name, name))
			return &profiles[i].detection;
	return NULL;
}

static void detection_load(struct loader *ld, const struct schema_field *f,
			   const struct tree_node *node, void *obj)
{
	struct conf_detection *d = (void *)((char *)obj + f->offset);
	struct conf_detection own = { .profile = CONF_OWN };
	size_t errors = ld->report->errors;
	struct suggest near;
	const char *text;

	if (node->kind == TREE_MAP) {
		schema_load_group(ld, &schema_detection, node, node->pos, &own);
		if (ld->report->errors == errors)
			*d = own;
		return;
	}
	text = schema_scalar(ld, f->key, node);
	if (!text)
		return;
	near = suggest_for(text);
	for (size_t i = 0; i < PROFILES; i++) {
		suggest_offer(&near, profiles[i].name);
		if (!strcmp(text, profiles[i].name)) {
			*d = profiles[i].detection;
			if (d->profile == CONF_AUTO)
				finish_auto(d);
			return;
		}
	}
	if (near.best)
		schema_error(ld, node->pos, "%s cannot be '%.40s'; did you mean '%s'?", f->key,
			     text, near.best);
	else
		schema_error(
			ld, node->pos,
			"%s cannot be '%.40s'; write relaxed, normal, fast, auto, or { interval: "
			"100ms, silence: 500ms }",
			f->key, text);
}

static void detection_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct conf_detection *d = (const void *)((const char *)obj + f->offset);
	char interval[VALUE_TEXT], silence[VALUE_TEXT], budget[VALUE_TEXT];

	print_key(pr, f->key);
	if (d->profile == CONF_AUTO)
		(void)fprintf(pr->out,
			      " { auto: yes, false-failovers: %s, fastest: %s, slowest: %s, "
			      "patience: %u }\n",
			      value_format_rate(d->budget, budget),
			      value_format_duration(d->fastest, interval),
			      value_format_duration(d->slowest, silence), d->patience);
	else if (d->profile == CONF_OWN)
		(void)fprintf(pr->out, " { interval: %s, silence: %s, patience: %u }\n",
			      value_format_duration(d->interval, interval),
			      value_format_duration(d->silence, silence), d->patience);
	else
		(void)fprintf(pr->out, " %s\n", profiles[d->profile].name);
}

const struct schema_type type_detection = {
	.form = FORM_DETECTION,
	.name = "detection",
	.example = "normal",
	.load = detection_load,
	.print = detection_print,
};

static void report_tunnel(struct loader *ld, const struct tree_child *child)
{
	struct suggest near = suggest_for(child->key);

	for (size_t i = 0; i < ld->conf->tunnel_count; i++)
		suggest_offer(&near, ld->conf->tunnels[i].name);
	if (near.best)
		schema_error(ld, child->pos, "unknown tunnel '%.40s'; did you mean '%s'?",
			     child->key, near.best);
	else
		schema_error(ld, child->pos,
			     "unknown tunnel '%.40s'; write it under tunnels:", child->key);
}

/* A weight alone, or a map with more. */
static bool load_via(struct loader *ld, const struct tree_child *child, struct conf_via *via)
{
	const char *text;
	uint64_t weight = 256;
	int rc;

	if (child->node->kind == TREE_MAP) {
		schema_load_group(ld, &schema_via, child->node, child->node->pos, via);
		return true;
	}
	text = schema_scalar(ld, child->key, child->node);
	if (!text)
		return false;
	rc = value_parse_number(text, &weight, NULL);
	if (rc || weight > 255) {
		schema_error(ld, child->node->pos,
			     "weight of '%.40s' is %.40s; write a number from 0 to 255", child->key,
			     text);
		return false;
	}
	via->weight = (uint8_t)weight;
	return true;
}

static void via_load(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		     void *obj)
{
	struct conf_via *list;
	size_t count = 0;

	if (node->kind != TREE_MAP || !node->count) {
		schema_error(ld, node->pos,
			     "%s must be a map of tunnels and weights; write { TUNNEL: 100 }",
			     f->key);
		return;
	}
	list = schema_alloc(ld, node->count, sizeof(*list));
	for (size_t i = 0; list && i < node->count; i++) {
		const struct tree_child *child = &node->child[i];
		long tunnel = conf_find_tunnel(ld->conf, child->key);
		struct conf_via via = { .tunnel = (size_t)tunnel };

		if (tunnel < 0)
			report_tunnel(ld, child);
		if (load_via(ld, child, &via) && tunnel >= 0)
			list[count++] = via;
		else
			free(via.track);
	}
	*(struct conf_via **)(void *)((char *)obj + f->offset) = list;
	*(size_t *)(void *)((char *)obj + f->count_offset) = count;
}

static void print_via_tracks(struct printer *pr, const struct conf_via *via)
{
	(void)fprintf(pr->out, "{ weight: %u, track: [", via->weight);
	for (size_t i = 0; i < via->track_count; i++) {
		const struct conf_via_track *t = &via->track[i];

		(void)fputs(i ? ", { track: " : "{ track: ", pr->out);
		print_text(pr, t->track);
		if (t->lost == CONF_VIA_WEIGHT)
			(void)fprintf(pr->out, ", lost: -%u }", t->less);
		else
			(void)fprintf(pr->out, ", lost: %s }",
				      t->lost == CONF_VIA_STANDBY ? "standby" : "unusable");
	}
	(void)fputs("] }", pr->out);
}

static void via_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct conf_via *list =
		*(struct conf_via *const *)(const void *)((const char *)obj + f->offset);
	size_t count = *(const size_t *)(const void *)((const char *)obj + f->count_offset);

	print_key(pr, f->key);
	for (size_t i = 0; i < count; i++) {
		(void)fputs(i ? ", " : " { ", pr->out);
		print_text(pr, pr->conf->tunnels[list[i].tunnel].name);
		(void)fputs(": ", pr->out);
		if (list[i].track_count)
			print_via_tracks(pr, &list[i]);
		else
			(void)fprintf(pr->out, "%u", list[i].weight);
	}
	(void)fputs(" }\n", pr->out);
}

const struct schema_type type_via = {
	.form = FORM_VIA,
	.name = "weights by tunnel",
	.example = "{ TUNNEL: WEIGHT }",
	.load = via_load,
	.print = via_print,
};

/* What the loss of a track does to a tunnel of a route. */
static void via_lost_load(struct loader *ld, const struct schema_field *f,
			  const struct tree_node *node, void *obj)
{
	const char *text = schema_scalar(ld, f->key, node);
	uint64_t v;

	if (!text)
		return;
	if (!strcmp(text, "unusable"))
		schema_number_set(f, obj, RAW_LOST_UNUSABLE);
	else if (!strcmp(text, "standby"))
		schema_number_set(f, obj, RAW_LOST_STANDBY);
	else if (text[0] == '-' && !value_parse_number(text + 1, &v, NULL) && v >= 1 && v <= 255)
		schema_number_set(f, obj, v);
	else
		schema_error(ld, node->pos,
			     "%s cannot be '%.40s'; write unusable, standby, or -1 to -255 to take "
			     "that off the weight",
			     f->key, text);
}

static void no_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	(void)pr, (void)f, (void)obj; /* via_print() has it */
}

const struct schema_type type_via_lost = {
	.form = FORM_TEXT,
	.name = "`unusable`, `standby` or -N",
	.example = "standby",
	.pattern = "^(unusable|standby|-([1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5]))$",
	.load = via_lost_load,
	.print = no_print,
};

static void command_load(struct loader *ld, const struct schema_field *f,
			 const struct tree_node *node, void *obj)
{
	struct conf_script *s = (void *)((char *)obj + f->offset);

	if (node->kind != TREE_LIST || !node->count) {
		schema_error(ld, node->pos,
			     "%s must be a list, the program first; write [/usr/lib/PROGRAM, WORD]",
			     f->key);
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		const struct tree_node *item = tree_item(node, i);
		const char *text = item->kind == TREE_SCALAR && item->text ? item->text : NULL;
		size_t len = text ? strlen(text) + 1 : 0;

		if (!text) {
			schema_error(ld, item->pos, "each word of %s must be a text", f->key);
			return;
		}
		if (s->command_len + len > sizeof(s->command)) {
			schema_error(ld, item->pos,
				     "%s is too long; write at most %zu characters in all, or a "
				     "script that has them",
				     f->key, sizeof(s->command) - node->count);
			return;
		}
		memcpy(s->command + s->command_len, text, len);
		s->command_len += len;
	}
}

static void command_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const struct conf_script *s = (const void *)((const char *)obj + f->offset);

	print_key(pr, f->key);
	for (size_t at = 0; at < s->command_len; at += strlen(s->command + at) + 1) {
		(void)fputs(at ? ", " : " [", pr->out);
		print_text(pr, s->command + at);
	}
	(void)fputs("]\n", pr->out);
}

const struct schema_type type_command = {
	.form = FORM_WORDS,
	.name = "a list of texts, the program first",
	.example = "[/usr/lib/PROGRAM, WORD]",
	.load = command_load,
	.print = command_print,
};
