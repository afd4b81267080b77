/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns as wide as their widest cell, two blanks apart. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/term.h"

#include <stddef.h>

struct table;

/* heads: n names, which must outlive the table; one that starts with '>' aligns to the right. */
struct table *table_new(const char *const *heads, size_t n);
void table_free(struct table *t);
/* The next cell, from left to right, row by row.  NULL or "" as text shows as "-". */
void table_cell(struct table *t, enum tint tint, const char *text);
__attribute__((format(printf, 3, 4))) void table_cellf(struct table *t, enum tint tint,
						       const char *fmt, ...);
/* With its heads; nothing at all when there is no row. */
void table_print(const struct table *t, const struct term *term);

#endif
