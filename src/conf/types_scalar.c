/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The types of single values: numbers, words, durations, names and texts. */
#include "conf/schema_def.h"

#include "base/list.h"
#include "conf/suggest.h"
#include "conf/value.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

const struct schema_word *schema_word_of(const struct schema_word *words, const char *text)
{
	for (; words && words->word; words++)
		if (!strcmp(words->word, text))
			return words;
	return NULL;
}

const char *schema_word_for(const struct schema_word *words, uint64_t value)
{
	for (; words && words->word; words++)
		if (words->value == value)
			return words->word;
	return NULL;
}

uint64_t schema_number_get(const struct schema_field *f, const void *obj)
{
	const void *at = (const char *)obj + f->offset;

	switch (f->size) {
	case 1:
		return *(const uint8_t *)at;
	case 2:
		return *(const uint16_t *)at;
	case 4:
		return *(const uint32_t *)at;
	default:
		return *(const uint64_t *)at;
	}
}

void schema_number_set(const struct schema_field *f, void *obj, uint64_t v)
{
	void *at = (char *)obj + f->offset;

	switch (f->size) {
	case 1:
		*(uint8_t *)at = (uint8_t)v;
		break;
	case 2:
		*(uint16_t *)at = (uint16_t)v;
		break;
	case 4:
		*(uint32_t *)at = (uint32_t)v;
		break;
	default:
		*(uint64_t *)at = v;
		break;
	}
}

/* "a, b or c", without the other words for the same. */
static const char *list_words(const struct schema_word *words, char *out, size_t size)
{
	const char *each[16];
	size_t count = 0, n = 0;

	for (const struct schema_word *w = words; w->word && count < ARRAY_LEN(each); w++)
		if (schema_word_for(words, w->value) == w->word)
			each[count++] = w->word;
	*out = '\0';
	for (size_t i = 0; i < count && n < size; i++)
		n += (size_t)snprintf(out + n, size - n, "%s%s",
				      !i              ? ""
				      : i < count - 1 ? ", "
						      : " or ",
				      each[i]);
	return out;
}

static void number_load(struct loader *ld, const struct schema_field *f,
			const struct tree_node *node, void *obj)
{
	const char *text = schema_scalar(ld, f->key, node);
	const struct schema_word *word = text ? schema_word_of(f->words, text) : NULL;
	char low[VALUE_TEXT], high[VALUE_TEXT], words[80] = "";
	struct err err;
	uint64_t v;

	if (!text)
		return;
	if (word) {
		schema_number_set(f, obj, word->value);
		return;
	}
	if (f->words)
		list_words(f->words, words, sizeof(words));
	if (f->type->parse(text, &v, &err) < 0) {
		schema_error(ld, node->pos, "%s: %s%s%s", f->key, err.text, *words ? ", or " : "",
			     words);
		return;
	}
	if (v < f->min || v > f->max) {
		schema_error(ld, node->pos, "%s is %.40s; write %s from %s to %s%s%s", f->key, text,
			     f->type->name, f->type->format(f->min, low),
			     f->type->format(f->max, high), *words ? ", or " : "", words);
		return;
	}
	schema_number_set(f, obj, v);
}

static void number_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	uint64_t v = schema_number_get(f, obj);
	const char *word = schema_word_for(f->words, v);
	char text[VALUE_TEXT];

	print_key(pr, f->key);
	(void)fprintf(pr->out, " %s\n", word ? word : f->type->format(v, text));
}

static const char *number_format(uint64_t v, char *out)
{
	(void)snprintf(out, VALUE_TEXT, "%" PRIu64, v);
	return out;
}

static const char *duration_format(uint64_t v, char *out)
{
	return value_format_duration(v, out);
}

static const char *bytes_format(uint64_t v, char *out)
{
	return value_format_bytes(v, out);
}

const struct schema_type type_number = {
	.form = FORM_NUMBER,
	.name = "a number",
	.example = "NUMBER",
	.load = number_load,
	.print = number_print,
	.parse = value_parse_number,
	.format = number_format,
};

#define AMOUNT(unit) "([0-9]+([.][0-9]+)?" unit ")?"

const struct schema_type type_duration = {
	.form = FORM_NUMBER,
	.name = "a duration",
	.example = "DURATION",
	.pattern = "^(0|(?=[0-9])" AMOUNT("d") AMOUNT("h") AMOUNT("m") AMOUNT("s") AMOUNT("ms")
		AMOUNT("us") ")$",
	.load = number_load,
	.print = number_print,
	.parse = value_parse_duration,
	.format = duration_format,
};

const struct schema_type type_bytes = {
	.form = FORM_NUMBER,
	.name = "a size",
	.example = "SIZE",
	.pattern = "^[0-9]+([.][0-9]+)?(B|[kMGT]B|[KMGT]iB)$",
	.load = number_load,
	.print = number_print,
	.parse = value_parse_bytes,
	.format = bytes_format,
};

static const char *rate_format(uint64_t v, char *out)
{
	return value_format_rate(v, out);
}

const struct schema_type type_rate = {
	.form = FORM_NUMBER,
	.name = "a rate",
	.example = "1/year",
	.pattern = "^[0-9]+/(hour|day|week|month|year)$",
	.load = number_load,
	.print = number_print,
	.parse = value_parse_rate,
	.format = rate_format,
};

static const char *percent_format(uint64_t v, char *out)
{
	(void)snprintf(out, VALUE_TEXT, "%" PRIu64 "%%", v);
	return out;
}

const struct schema_type type_percent = {
	.form = FORM_NUMBER,
	.name = "a share",
	.example = "20%",
	.pattern = "^[0-9]+%$",
	.load = number_load,
	.print = number_print,
	.parse = value_parse_percent,
	.format = percent_format,
};

static void bool_load(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		      void *obj)
{
	const char *text = schema_scalar(ld, f->key, node);
	struct err err;
	bool v;

	if (!text)
		return;
	if (value_parse_bool(text, &v, &err) < 0)
		schema_error(ld, node->pos, "%s: %s", f->key, err.text);
	else
		*(bool *)((char *)obj + f->offset) = v;
}

static void bool_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	print_key(pr, f->key);
	(void)fprintf(pr->out, " %s\n",
		      *(const bool *)((const char *)obj + f->offset) ? "yes" : "no");
}

const struct schema_type type_bool = {
	.form = FORM_BOOL,
	.name = "yes or no",
	.example = "yes",
	.load = bool_load,
	.print = bool_print,
};

static void choice_load(struct loader *ld, const struct schema_field *f,
			const struct tree_node *node, void *obj)
{
	const char *text = schema_scalar(ld, f->key, node);
	const struct schema_word *word = text ? schema_word_of(f->words, text) : NULL;
	struct suggest near;
	char words[80];

	if (!text)
		return;
	if (word) {
		schema_number_set(f, obj, word->value);
		return;
	}
	near = suggest_for(text);
	for (const struct schema_word *w = f->words; w->word; w++)
		suggest_offer(&near, w->word);
	if (near.best)
		schema_error(ld, node->pos, "%s cannot be '%.40s'; did you mean '%s'?", f->key,
			     text, near.best);
	else
		schema_error(ld, node->pos, "%s cannot be '%.40s'; write %s", f->key, text,
			     list_words(f->words, words, sizeof(words)));
}

static void choice_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	print_key(pr, f->key);
	(void)fprintf(pr->out, " %s\n", schema_word_for(f->words, schema_number_get(f, obj)));
}

const struct schema_type type_choice = {
	.form = FORM_TEXT,
	.name = "a word",
	.example = "WORD",
	.load = choice_load,
	.print = choice_print,
};

/* What tracking does when its condition is lost: a word, or -N. */
static void lost_load(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		      void *obj)
{
	const char *text = schema_scalar(ld, f->key, node);
	uint64_t v;

	if (!text)
		return;
	if (!strcmp(text, "stop"))
		schema_number_set(f, obj, 0);
	else if (text[0] == '-' && !value_parse_number(text + 1, &v, NULL) && v >= 1 && v <= 254)
		schema_number_set(f, obj, v);
	else
		schema_error(
			ld, node->pos,
			"%s cannot be '%.40s'; write stop, or -1 to -254 to lower the priority",
			f->key, text);
}

static void lost_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	uint64_t v = schema_number_get(f, obj);

	print_key(pr, f->key);
	if (v)
		(void)fprintf(pr->out, " -%" PRIu64 "\n", v);
	else
		(void)fprintf(pr->out, " stop\n");
}

const struct schema_type type_lost = {
	.form = FORM_TEXT,
	.name = "`stop` or -N",
	.example = "stop",
	.pattern = "^(stop|-([1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-4]))$",
	.load = lost_load,
	.print = lost_print,
};

static void text_set(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		     void *obj, const char *text)
{
	char *at = (char *)obj + f->offset;

	if (strlen(text) >= f->size)
		schema_error(ld, node->pos, "%s is too long; write at most %zu characters", f->key,
			     f->size - 1);
	else
		memcpy(at, text, strlen(text) + 1);
}

static void text_load(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		      void *obj)
{
	const char *text = schema_scalar(ld, f->key, node);

	if (!text)
		return;
	for (const char *c = text; *c; c++) {
		if (iscntrl((unsigned char)*c)) {
			schema_error(ld, node->pos,
				     "%s holds a control character; write it without", f->key);
			return;
		}
	}
	text_set(ld, f, node, obj, text);
}

static void name_load(struct loader *ld, const struct schema_field *f, const struct tree_node *node,
		      void *obj)
{
	const char *text = schema_scalar(ld, f->key, node);

	if (text && !value_is_name(text, f->size))
		schema_error(ld, node->pos,
			     "%s cannot be '%.70s'; write letters, digits, - _ . (at most %zu)",
			     f->key, text, f->size - 1);
	else if (text)
		text_set(ld, f, node, obj, text);
}

static void device_load(struct loader *ld, const struct schema_field *f,
			const struct tree_node *node, void *obj)
{
	const char *text = schema_scalar(ld, f->key, node);

	if (text && !value_is_device(text))
		schema_error(ld, node->pos,
			     "%s: '%.40s' cannot be the name of an interface; write at most 15 "
			     "characters without blanks, / : %%",
			     f->key, text);
	else if (text)
		text_set(ld, f, node, obj, text);
}

static void text_print(struct printer *pr, const struct schema_field *f, const void *obj)
{
	const char *text = (const char *)obj + f->offset;

	if (!*text)
		return;
	print_key(pr, f->key);
	(void)fputc(' ', pr->out);
	print_text(pr, text);
	(void)fputc('\n', pr->out);
}

const struct schema_type type_text = {
	.form = FORM_TEXT,
	.name = "a text",
	.example = "TEXT",
	.load = text_load,
	.print = text_print,
};

const struct schema_type type_name = {
	.form = FORM_TEXT,
	.name = "a name",
	.example = "NAME",
	.pattern = "^[A-Za-z0-9._-]+$",
	.load = name_load,
	.print = text_print,
};

const struct schema_type type_device = {
	.form = FORM_TEXT,
	.name = "an interface",
	.example = "INTERFACE",
	.pattern = "^[^\\s/:%]{1,15}$",
	.load = device_load,
	.print = text_print,
};
