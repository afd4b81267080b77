/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 in texts of strangers: is it any, and how wide is it on a terminal? */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character at `text` (1-4) and *point; 0 when it is not UTF-8 (overlong forms and
 * surrogates are not), or at the end of the text. */
size_t utf8_decode(const char *text, uint32_t *point);
/* Every byte that is not UTF-8 becomes '?', so that JSON takes the text. */
void utf8_clean(char *text);
/* Columns on a terminal: 2 for wide East Asian characters, 0 for combining and control ones. */
size_t utf8_width(const char *text);

#endif
