/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two types with a shape of their own: detection, and a route's weighted tunnels. */
#include "conf/schema_def.h"

#include "conf/suggest.h"
#include "conf/value.h"

#include <inttypes.h>
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
		const char *text = schema_scalar(ld, child->key, child->node);
		uint64_t weight = 256;
		int rc = text ? value_parse_number(text, &weight, NULL) : 0;

		if (tunnel < 0)
			report_tunnel(ld, child);
		else if (text && (rc || weight > 255))
			schema_error(ld, child->node->pos,
				     "weight of '%.40s' is %.40s; write a number from 0 to 255",
				     child->key, text);
		else if (text)
			list[count++] = (struct conf_via){ (size_t)tunnel, (uint8_t)weight };
	}
	*(struct conf_via **)(void *)((char *)obj + f->offset) = list;
	*(size_t *)(void *)((char *)obj + f->count_offset) = count;
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
		(void)fprintf(pr->out, ": %u", list[i].weight);
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
