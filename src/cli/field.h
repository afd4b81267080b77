/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fields of the daemon's answers, and their values as a person writes them.  A field that is
 * missing, null or of another type is "nothing": an older or newer daemon must not break us.
 */
#ifndef CLI_FIELD_H
#define CLI_FIELD_H

#include "cli/term.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define FIELD_TEXT 32

const char *field_text(const json_t *object, const char *key); /* NULL: nothing */
const char *field_name(const json_t *object, const char *key); /* "-": nothing */
const char *item_text(const json_t *item); /* of an array; "?": no text */
bool field_is(const json_t *object, const char *key); /* true only for true */
bool field_number(const json_t *object, const char *key, double *value);
double field_or_zero(const json_t *object, const char *key);
/* The strings of an array, joined; the caller frees. */
char *field_join(const json_t *object, const char *key, const char *between);

/* All into out, and return it: "-" for nothing. */
const char *field_span(const json_t *object, const char *key, char out[static FIELD_TEXT]);
const char *field_count(const json_t *object, const char *key, char out[static FIELD_TEXT]);
const char *field_rate(const json_t *object, const char *key, char out[static FIELD_TEXT]);
const char *field_bytes(const json_t *object, const char *key, char out[static FIELD_TEXT]);
/* "2026-11-22 10:00:00.123", local time, of an ISO 8601 time in UTC; as it is when it is none. */
const char *field_time(const json_t *object, const char *key, char out[static FIELD_TEXT]);

/* 0.4ms, 12.0ms, 345ms, 3.4s, 45s, 3m12s, 5h03m, 12d04h */
const char *span_format(double msec, char out[static FIELD_TEXT]);

/* What a state's name means for whoever looks at it. */
enum tint state_tint(const char *state);

#endif
