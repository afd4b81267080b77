/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Single values as people write them: numbers, durations, sizes, yes and no.
 * Parsers take the whole text; 0 or -EINVAL / -ERANGE, and in *err what is wrong and what
 * to write.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "base/clock.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VALUE_TEXT 32
#define VALUE_RATE_YEARS 28 /* rates are per so many years: then one per hour to year is whole */

int value_parse_number(const char *text, uint64_t *out, struct err *err); /* decimal */
int value_parse_percent(const char *text, uint64_t *out, struct err *err); /* "20%", whole */
int value_parse_bool(const char *text, bool *out, struct err *err); /* yes no on off true false */
/* "500ms", "1.5s", "1h30m"; units us ms s m h d.  A bare 0 needs none. */
int value_parse_duration(const char *text, usec_t *out, struct err *err);
/* "10GB", "1.5GiB"; units B kB MB GB TB KiB MiB GiB TiB */
int value_parse_bytes(const char *text, uint64_t *out, struct err *err);
/* "1/year"; units hour day week month year, here per VALUE_RATE_YEARS. */
int value_parse_rate(const char *text, uint64_t *out, struct err *err);

/* In the largest unit that leaves no fraction; these parse back to the same value. */
const char *value_format_duration(usec_t v, char out[static VALUE_TEXT]);
const char *value_format_bytes(uint64_t v, char out[static VALUE_TEXT]);
const char *value_format_rate(uint64_t v, char out[static VALUE_TEXT]);

/* Letters, digits, - _ . and not too long for `size` with the NUL. */
bool value_is_name(const char *text, size_t size);
/* What the kernel takes as the name of an interface. */
bool value_is_device(const char *text);
bool value_is_utf8(const char *text, size_t len, size_t *bad); /* *bad: where it is not */

#endif
