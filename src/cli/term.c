/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/term.h"

#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *tint_code(enum tint tint)
{
	switch (tint) {
	case TINT_NONE:
		return "";
	case TINT_GOOD:
		return "\033[32m";
	case TINT_WARN:
		return "\033[33m";
	case TINT_BAD:
		return "\033[1;31m";
	case TINT_DIM:
		return "\033[2m";
	case TINT_HEAD:
		return "\033[1m";
	}
	return "";
}

struct term term_of(FILE *file)
{
	const char *no = getenv("NO_COLOR"), *kind = getenv("TERM");
	bool colour = isatty(fileno(file)) && !(no && *no) && kind && strcmp(kind, "dumb") != 0;

	return (struct term){ file, colour };
}

void term_clean(char *text)
{
	uint32_t point;

	utf8_clean(text);
	while (*text) {
		size_t len = utf8_decode(text, &point);

		if (point < ' ' || (point >= 0x7f && point < 0xa0))
			memset(text, '?', len);
		text += len;
	}
}

char *term_vformat(const char *fmt, va_list ap)
{
	char *text = NULL;

	if (vasprintf(&text, fmt, ap) < 0)
		abort(); /* a command without memory for a line has nothing left to say */
	term_clean(text);
	return text;
}

void term_put(const struct term *t, enum tint tint, const char *text)
{
	if (t->colour && tint != TINT_NONE)
		(void)fprintf(t->file, "%s%s\033[0m", tint_code(tint), text);
	else
		(void)fputs(text, t->file);
}

static void say(const struct term *t, enum tint tint, const char *end, char *text)
{
	term_put(t, tint, text);
	(void)fputs(end, t->file);
	free(text);
}

void term_say(const struct term *t, enum tint tint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, tint, "", term_vformat(fmt, ap));
	va_end(ap);
}

void term_line(const struct term *t, enum tint tint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, tint, "\n", term_vformat(fmt, ap));
	va_end(ap);
}
