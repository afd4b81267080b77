/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The schema's tables as a JSON Schema and as the manual's reference. */
#include "conf/schema.h"

#include "conf/schema_def.h"
#include "conf/value.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define GROUPS_MAX 32
#define PATH_MAX_TEXT 96

/* Groups in the order in which they are first mentioned, each once. */
struct walk {
	const struct schema_group *group[GROUPS_MAX];
	char path[GROUPS_MAX][PATH_MAX_TEXT];
	size_t count;
};

static const struct schema_group *group_of(const struct schema_field *f)
{
	return f->type->form == FORM_DETECTION ? &schema_detection
	       : f->type->form == FORM_VIA     ? &schema_via
					       : f->group;
}

static void mention(struct walk *w, size_t parent, const struct schema_field *f)
{
	const struct schema_group *group = group_of(f);
	char above[PATH_MAX_TEXT];
	const char *tail = f->type->form == FORM_LIST  ? "[]"
			   : f->type->form == FORM_MAP ? ".NAME"
			   : f->type->form == FORM_VIA ? ".TUNNEL"
						       : "";

	for (size_t i = 0; i < w->count; i++)
		if (w->group[i] == group)
			return;
	if (w->count == GROUPS_MAX)
		return;
	w->group[w->count] = group;
	memcpy(above, w->path[parent], sizeof(above));
	(void)snprintf(w->path[w->count], PATH_MAX_TEXT, "%.60s%s%.24s%s", above, *above ? "." : "",
		       f->key, tail);
	w->count++;
}

static void walk_all(struct walk *w)
{
	*w = (struct walk){ .group = { &schema_top }, .count = 1 };
	for (size_t i = 0; i < w->count; i++)
		for (size_t f = 0; f < w->group[i]->field_count; f++)
			if (group_of(&w->group[i]->fields[f]))
				mention(w, i, &w->group[i]->fields[f]);
}

static json_t *reference_to(const struct schema_group *group)
{
	return json_pack("{s:s+}", "$ref", "#/$defs/", group->name);
}

/* Numbers among the words are written without quotes, and then are numbers. */
static void append_words(json_t *any, const struct schema_word *words)
{
	json_t *list = json_array();

	for (; words && words->word; words++) {
		uint64_t number;

		json_array_append_new(list, json_string(words->word));
		if (!value_parse_number(words->word, &number, NULL))
			json_array_append_new(list, json_integer((json_int_t)number));
		if (!strcmp(words->word, "yes"))
			json_array_append_new(list, json_true());
		if (!strcmp(words->word, "no"))
			json_array_append_new(list, json_false());
	}
	if (json_array_size(list))
		json_array_append_new(any, json_pack("{s:O}", "enum", list));
	json_decref(list);
}

static json_t *text_schema(const struct schema_field *f)
{
	json_t *text = json_pack("{s:s}", "type", "string");

	if (f->type->pattern)
		json_object_set_new(text, "pattern", json_string(f->type->pattern));
	return text;
}

static json_t *integer_schema(const struct schema_field *f)
{
	json_t *number = json_pack("{s:s, s:I}", "type", "integer", "minimum", (json_int_t)f->min);

	if (f->max <= INT64_MAX)
		json_object_set_new(number, "maximum", json_integer((json_int_t)f->max));
	return number;
}

static json_t *list_schema(json_t *item, const struct schema_field *f)
{
	return json_pack("{s:s, s:o, s:I}", "type", "array", "items", item, "maxItems",
			 (json_int_t)f->max);
}

/* All the forms in which the value may be written. */
static json_t *forms_of(const struct schema_field *f)
{
	json_t *any = json_array();

	switch (f->type->form) {
	case FORM_NUMBER:
		json_array_append_new(any, f->type->pattern ? text_schema(f) : integer_schema(f));
		break;
	case FORM_BOOL:
		json_array_append_new(any, json_pack("{s:[b,b,s,s,s,s]}", "enum", 1, 0, "yes", "no",
						     "on", "off"));
		break;
	case FORM_TEXT:
		if (!f->words || f->type->pattern)
			json_array_append_new(any, text_schema(f));
		if (f->type == &type_lost || f->type == &type_via_lost) /* -N without quotes */
			json_array_append_new(any, json_pack("{s:s, s:i, s:i}", "type", "integer",
							     "minimum", -254, "maximum", -1));
		break;
	case FORM_TEXTS:
		json_array_append_new(any, text_schema(f));
		json_array_append_new(any, list_schema(text_schema(f), f));
		break;
	case FORM_GROUP:
		json_array_append_new(any, reference_to(f->group));
		break;
	case FORM_LIST:
		json_array_append_new(any, list_schema(reference_to(f->group), f));
		break;
	case FORM_MAP:
		json_array_append_new(any, json_pack("{s:s, s:o, s:{s:s}, s:I}", "type", "object",
						     "additionalProperties", reference_to(f->group),
						     "propertyNames", "pattern",
						     "^[A-Za-z0-9._-]{1,31}$", "maxProperties",
						     (json_int_t)f->max));
		break;
	case FORM_VIA:
		json_array_append_new(any, json_pack("{s:s, s:i, s:{s:[{s:s, s:i, s:i}, o]}}",
						     "type", "object", "minProperties", 1,
						     "additionalProperties", "anyOf", "type",
						     "integer", "minimum", 0, "maximum", 255,
						     reference_to(&schema_via)));
		break;
	case FORM_WORDS:
		json_array_append_new(any, json_pack("{s:s, s:{s:s}, s:i}", "type", "array",
						     "items", "type", "string", "minItems", 1));
		break;
	case FORM_DETECTION:
		json_array_append_new(any, json_pack("{s:[s,s,s,s]}", "enum", "relaxed", "normal",
						     "fast", "auto"));
		json_array_append_new(any, reference_to(&schema_detection));
		break;
	}
	append_words(any, f->words);
	return any;
}

static json_t *field_schema(const struct schema_field *f)
{
	json_t *any = forms_of(f);
	json_t *field = json_object();

	if (json_array_size(any) == 1)
		json_object_update(field, json_array_get(any, 0));
	else
		json_object_set(field, "anyOf", any);
	json_decref(any);
	json_object_set_new(field, "description", json_string(f->help));
	if (f->fallback)
		json_object_set_new(field, "default", json_string(f->fallback));
	return field;
}

static json_t *group_schema(const struct schema_group *group)
{
	json_t *properties = json_object(), *required = json_array();

	for (size_t i = 0; i < group->field_count; i++) {
		const struct schema_field *f = &group->fields[i];

		json_object_set_new(properties, f->key, field_schema(f));
		if (f->required)
			json_array_append_new(required, json_string(f->key));
	}
	return json_pack("{s:s, s:s, s:b, s:o, s:o}", "type", "object", "description", group->help,
			 "additionalProperties", 0, "properties", properties, "required", required);
}

char *conf_schema_json(void)
{
	json_t *root = group_schema(&schema_top), *defs = json_object();
	struct walk w;
	char *text;

	walk_all(&w);
	for (size_t i = 1; i < w.count; i++)
		json_object_set_new(defs, w.group[i]->name, group_schema(w.group[i]));
	json_object_set_new(root, "$schema",
			    json_string("https://json-schema.org/draft/2020-12/schema"));
	json_object_set_new(root, "title", json_string("futae configuration"));
	json_object_set_new(root, "$defs", defs);
	text = json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS);
	json_decref(root);
	return text;
}

static void write_words(FILE *out, const struct schema_word *words, const char *before)
{
	for (const struct schema_word *w = words; w && w->word; w++) {
		if (schema_word_for(words, w->value) != w->word)
			continue;
		(void)fprintf(out, "%s`%s`", before, w->word);
		before = ", ";
	}
}

static void write_value(FILE *out, const struct schema_field *f)
{
	char low[VALUE_TEXT], high[VALUE_TEXT];

	if (f->type == &type_choice) {
		write_words(out, f->words, "");
		return;
	}
	(void)fputs(f->type->name, out);
	if (f->type->form == FORM_NUMBER) {
		(void)fprintf(out, f->max == UINT64_MAX ? ", at least %s" : ", %s",
			      f->type->format(f->min, low));
		if (f->max != UINT64_MAX)
			(void)fprintf(out, " to %s", f->type->format(f->max, high));
	}
	write_words(out, f->words, ", or ");
	if ((f->type->form == FORM_LIST || f->type->form == FORM_TEXTS) && f->max)
		(void)fprintf(out, ", at most %zu", (size_t)f->max);
}

static void write_group(FILE *out, const struct schema_group *group, const char *path)
{
	(void)fprintf(
		out, "### %s%s%s\n\n%s\n\n| key | value | default | meaning |\n|---|---|---|---|\n",
		*path ? "`" : "", *path ? path : "The document", *path ? "`" : "", group->help);
	for (size_t i = 0; i < group->field_count; i++) {
		const struct schema_field *f = &group->fields[i];

		(void)fprintf(out, "| `%s` | ", f->key);
		write_value(out, f);
		(void)fputs(" | ", out);
		if (f->required)
			(void)fputs("**required**", out);
		else if (f->fallback)
			(void)fprintf(out, "`%s`", f->fallback);
		(void)fprintf(out, " | %s |\n", f->help);
	}
}

char *conf_reference_markdown(void)
{
	struct walk w;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	walk_all(&w);
	for (size_t i = 0; i < w.count; i++) {
		(void)fputs(i ? "\n" : "", out);
		write_group(out, w.group[i], w.path[i]);
	}
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}
