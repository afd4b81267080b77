/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/table.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

struct cell {
	char *text; /* owned */
	enum tint tint;
};

struct table {
	const char *const *heads;
	size_t columns;
	size_t count, cap; /* of cells */
	struct cell *cells;
};

struct table *table_new(const char *const *heads, size_t n)
{
	struct table *t = calloc(1, sizeof(*t));

	if (!t)
		abort();
	t->heads = heads;
	t->columns = n;
	return t;
}

void table_free(struct table *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->count; i++)
		free(t->cells[i].text);
	free(t->cells);
	free(t);
}

/* Takes text over. */
static void add(struct table *t, enum tint tint, char *text)
{
	if (t->count == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 64;
		t->cells = realloc(t->cells, t->cap * sizeof(*t->cells));
		if (!t->cells)
			abort();
	}
	t->cells[t->count++] = (struct cell){ text, tint };
}

void table_cellf(struct table *t, enum tint tint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(t, tint, term_vformat(fmt, ap));
	va_end(ap);
}

void table_cell(struct table *t, enum tint tint, const char *text)
{
	table_cellf(t, tint, "%s", text && *text ? text : "-");
}

static const char *head_name(const char *head)
{
	return *head == '>' ? head + 1 : head;
}

static size_t column_width(const struct table *t, size_t column)
{
	size_t width = utf8_width(head_name(t->heads[column]));

	for (size_t i = column; i < t->count; i += t->columns) {
		size_t w = utf8_width(t->cells[i].text);

		width = w > width ? w : width;
	}
	return width;
}

static void put(const struct table *t, const struct term *term, size_t column, size_t width,
		enum tint tint, const char *text)
{
	bool right = t->heads[column][0] == '>', last = column + 1 == t->columns;
	int pad = (int)(width - utf8_width(text));

	if (right)
		(void)fprintf(term->file, "%*s", pad, "");
	term_put(term, tint, text);
	if (last)
		(void)fputc('\n', term->file); /* no blanks at the end of a line */
	else
		(void)fprintf(term->file, "%*s", right ? 2 : pad + 2, "");
}

void table_print(const struct table *t, const struct term *term)
{
	size_t *widths = calloc(t->columns, sizeof(*widths));

	if (!widths)
		abort();
	for (size_t i = 0; i < t->columns; i++)
		widths[i] = column_width(t, i);
	for (size_t i = 0; t->count && i < t->columns; i++)
		put(t, term, i, widths[i], TINT_HEAD, head_name(t->heads[i]));
	for (size_t i = 0; i < t->count; i++)
		put(t, term, i % t->columns, widths[i % t->columns], t->cells[i].tint,
		    t->cells[i].text);
	free(widths);
}
