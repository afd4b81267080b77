/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text for a person's terminal: colour only where it is one, and no escape sequence of anybody
 * else's: names and reasons may come from a peer. */
#ifndef CLI_TERM_H
#define CLI_TERM_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

enum tint { TINT_NONE, TINT_GOOD, TINT_WARN, TINT_BAD, TINT_DIM, TINT_HEAD };

struct term {
	FILE *file;
	bool colour;
};

/* Colour when the file is a terminal, unless NO_COLOR is set or TERM is dumb. */
struct term term_of(FILE *file);
/* Control characters, C1 ones too, become '?'; what is not UTF-8 as well. */
void term_clean(char *text);
/* Formats on the heap, cleaned; the caller frees. */
__attribute__((format(printf, 1, 0))) char *term_vformat(const char *fmt, va_list ap);
__attribute__((format(printf, 3, 4))) void term_say(const struct term *t, enum tint tint,
						    const char *fmt, ...);
/* The same with a newline. */
__attribute__((format(printf, 3, 4))) void term_line(const struct term *t, enum tint tint,
						     const char *fmt, ...);
/* Already cleaned text. */
void term_put(const struct term *t, enum tint tint, const char *text);

#endif
