/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types that hold others: groups of keys, lists of groups, maps of named groups. */
#include "conf/schema_def.h"

#include "conf/suggest.h"
#include "conf/value.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 4, 0))) static void add(struct loader *ld,
						      enum conf_severity severity,
						      struct conf_pos pos, const char *fmt,
						      va_list ap)
{
	char text[CONF_REPORT_TEXT];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	conf_report_add(ld->report, severity, pos, "%s", text);
}

void schema_error(struct loader *ld, struct conf_pos pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(ld, CONF_ERROR, pos, fmt, ap);
	va_end(ap);
}

void schema_warn(struct loader *ld, struct conf_pos pos, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(ld, CONF_WARNING, pos, fmt, ap);
	va_end(ap);
}

void *schema_alloc(struct loader *ld, size_t count, size_t size)
{
	void *p = calloc(count, size);

	if (!p)
		ld->no_memory = true;
	return p;
}

const char *schema_scalar(struct loader *ld, const char *key, const struct tree_node *node)
{
	if (node->kind != TREE_SCALAR)
		schema_error(ld, node->pos, "%s must be a single value; write %s: VALUE", key, key);
	else if (node->null)
		schema_error(ld, node->pos, "%s has no value; write one or remove the key", key);
	else if (!*node->text)
		schema_error(ld, node->pos, "%s is empty; write a value or remove the key", key);
	else
		return node->text;
	return NULL;
}

static const struct schema_field *find_field(const struct schema_group *group, const char *key)
{
	for (size_t i = 0; i < group->field_count; i++)
		if (!strcmp(group->fields[i].key, key))
			return &group->fields[i];
	return NULL;
}

static void report_unknown(struct loader *ld, const struct schema_group *group,
			   const struct tree_child *child)
{
	struct suggest near = suggest_for(child->key);
	char keys[160] = "";
	size_t n = 0;

	for (size_t i = 0; i < group->field_count; i++)
		suggest_offer(&near, group->fields[i].key);
	if (near.best) {
		schema_error(ld, child->pos, "unknown key '%.40s'; did you mean '%s'?", child->key,
			     near.best);
		return;
	}
	for (size_t i = 0; i < group->field_count && n < sizeof(keys); i++)
		n += (size_t)snprintf(keys + n, sizeof(keys) - n, "%s%s", i ? ", " : "",
				      group->fields[i].key);
	schema_error(ld, child->pos, "unknown key '%.40s'; a %s has %s", child->key, group->name,
		     keys);
}

/* What nobody wrote: the default, or a group of defaults. */
static void load_fallback(struct loader *ld, const struct schema_field *f, struct conf_pos pos,
			  void *obj)
{
	struct tree_node node = { .kind = TREE_SCALAR, .pos = pos, .text = f->fallback };

	node.null = f->type->form == FORM_GROUP;
	if (f->fallback || (node.null && !f->group->present))
		f->type->load(ld, f, &node, obj);
}

void schema_load_group(struct loader *ld, const struct schema_group *group,
		       const struct tree_node *node, struct conf_pos pos, void *obj)
{
	if (node && node->null)
		node = NULL;
	if (node && node->kind != TREE_MAP) {
		schema_error(ld, node->pos,
			     "this must be a map with the keys of a %s; write KEY: VALUE",
			     group->name);
		return;
	}
	for (size_t i = 0; node && i < node->count; i++)
		if (!find_field(group, node->child[i].key))
			report_unknown(ld, group, &node->child[i]);
	for (size_t i = 0; i < group->field_count; i++) {
		const struct schema_field *f = &group->fields[i];
		const struct tree_child *child = tree_get(node, f->key);

		/* First, so that a value that is wrong leaves its default behind. */
		if (!child || f->type->form != FORM_GROUP)
			load_fallback(ld, f, pos, obj);
		if (child)
			f->type->load(ld, f, child->node, obj);
		else if (f->required)
			schema_error(ld, pos, "'%s' is missing; write %s: %s", f->key, f->key,
				     f->type->example);
	}
	if (group->finish)
		group->finish(ld, pos, obj);
}

static void group_load(struct loader *ld, const struct schema_field *f,
		       const struct tree_node *node, void *obj)
{
	schema_load_group(ld, f->group, node, node->pos, (char *)obj + f->offset);
}

void print_key(struct printer *pr, const char *key)
{
	unsigned columns = pr->item ? pr->indent - 2 : pr->indent;

	(void)fprintf(pr->out, "%*s%s", (int)columns, "", pr->item ? "- " : "");
	pr->item = false;
	print_text(pr, key);
	(void)fputc(':', pr->out);
}

static bool is_plain(const char *text)
{
	bool flag;

	if (!isalpha((unsigned char)text[0]) && !isdigit((unsigned char)text[0]))
		return false;
	for (const char *c = text; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("-_./", *c))
			return false;
	return value_parse_bool(text, &flag, NULL) < 0 && strcasecmp(text, "null") != 0;
}

/* One character of UTF-8 that is known to be right; *text moves past it. */
static uint32_t next_char(const unsigned char **text)
{
	const unsigned char *p = *text;
	unsigned more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
	uint32_t c = more == 0 ? p[0] : p[0] & (0x3fu >> more);

	for (unsigned i = 1; i <= more && p[i]; i++)
		c = c << 6 | (p[i] & 0x3f);
	*text += more + 1;
	return c;
}

void print_text(struct printer *pr, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	if (is_plain(text)) {
		(void)fputs(text, pr->out);
		return;
	}
	(void)fputc('"', pr->out);
	while (*p) {
		uint32_t c = next_char(&p);

		/* All but ASCII is escaped: YAML takes some of it for line breaks. */
		if (c == '"' || c == '\\')
			(void)fprintf(pr->out, "\\%c", (char)c);
		else if (c >= 0x20 && c < 0x7f)
			(void)fputc((char)c, pr->out);
		else
			(void)fprintf(pr->out, c > 0xffff ? "\\U%08x" : "\\u%04x", c);
	}
	(void)fputc('"', pr->out);
}

void schema_print_group(struct printer *pr, const struct schema_group *group, const void *obj)
{
	void *raw = calloc(1, group->raw_size);

	if (!raw) {
		pr->failed = true;
		return;
	}
	memcpy(raw, obj, group->size);
	if (group->unfinish)
		group->unfinish(pr->conf, raw);
	for (size_t i = 0; i < group->field_count; i++) {
		const struct schema_field *f = &group->fields[i];

		if (!f->terse || schema_number_get(f, raw) != f->usual)
			f->type->print(pr, f, raw);
	}
	free(raw);
}

static void group_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const void *at = (const char *)obj + f->offset;

	if (f->group->present && !f->group->present(at))
		return;
	print_key(pr, f->key);
	(void)fputc('\n', pr->out);
	pr->indent += 2;
	/* Part of the struct around it: nothing of its own to undo. */
	for (size_t i = 0; i < f->group->field_count; i++)
		f->group->fields[i].type->print(pr, &f->group->fields[i], at);
	pr->indent -= 2;
}

const struct schema_type type_group = {
	.form = FORM_GROUP,
	.name = "a map",
	.example = "{ KEY: VALUE }",
	.load = group_load,
	.print = group_print,
};

/* One element: read as its raw struct, kept as the model's. */
static void load_element(struct loader *ld, const struct schema_group *group,
			 const struct tree_node *node, const char *name, struct conf_pos pos,
			 void *element)
{
	char *raw = schema_alloc(ld, 1, group->raw_size);

	if (!raw)
		return;
	if (name)
		(void)snprintf(raw, CONF_NAME, "%s", name);
	schema_load_group(ld, group, node, pos, raw);
	memcpy(element, raw, group->size);
	free(raw);
}

static char *new_elements(struct loader *ld, const struct schema_field *f,
			  const struct tree_node *node, void *obj)
{
	char *list;

	if (node->count > f->max) {
		schema_error(ld, node->pos, "%s has %zu entries; write at most %zu", f->key,
			     node->count, (size_t)f->max);
		return NULL;
	}
	list = node->count ? schema_alloc(ld, node->count, f->group->size) : NULL;
	*(void **)((char *)obj + f->offset) = list;
	*(size_t *)((char *)obj + f->count_offset) = list ? node->count : 0;
	return list;
}

static void list_load(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		      void *obj)
{
	char *list;

	if (node->null)
		return;
	if (node->kind != TREE_LIST) {
		schema_error(ld, node->pos, "%s must be a list; start each %s with '- '", f->key,
			     f->group->name);
		return;
	}
	list = new_elements(ld, f, node, obj);
	for (size_t i = 0; list && i < node->count; i++)
		load_element(ld, f->group, tree_item(node, i), NULL, node->child[i].pos,
			     list + i * f->group->size);
}

static void map_load(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		     void *obj)
{
	char *list;

	if (node->null)
		return;
	if (node->kind != TREE_MAP) {
		schema_error(ld, node->pos, "%s must be a map; write NAME: and below it the %s",
			     f->key, f->group->name);
		return;
	}
	list = new_elements(ld, f, node, obj);
	for (size_t i = 0; list && i < node->count; i++) {
		const struct tree_child *child = &node->child[i];

		if (!value_is_name(child->key, CONF_NAME))
			schema_error(ld, child->pos,
				     "'%.40s' cannot be the name of a %s; write letters, digits, "
				     "- _ . (at most %d)",
				     child->key, f->group->name, CONF_NAME - 1);
		load_element(ld, f->group, child->node, child->key, child->pos,
			     list + i * f->group->size);
	}
}

static void print_elements(struct printer *pr, const struct schema_field *f, const void *obj,
			   bool named)
{
	const char *list = *(char *const *)(const void *)((const char *)obj + f->offset);
	size_t count = *(const size_t *)(const void *)((const char *)obj + f->count_offset);

	if (!count)
		return;
	print_key(pr, f->key);
	(void)fputc('\n', pr->out);
	for (size_t i = 0; i < count; i++) {
		const char *element = list + i * f->group->size;

		pr->indent += 2;
		if (named) {
			print_key(pr, element);
			(void)fputc('\n', pr->out);
		}
		pr->indent += 2;
		pr->item = !named;
		schema_print_group(pr, f->group, element);
		pr->indent -= 4;
	}
}

static void list_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	print_elements(pr, f, obj, false);
}

static void map_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	print_elements(pr, f, obj, true);
}

const struct schema_type type_list = {
	.form = FORM_LIST,
	.name = "a list",
	.example = "[..]",
	.load = list_load,
	.print = list_print,
};

const struct schema_type type_map = {
	.form = FORM_MAP,
	.name = "a map of names",
	.example = "{ NAME: .. }",
	.load = map_load,
	.print = map_print,
};
