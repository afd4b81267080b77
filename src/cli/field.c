/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/field.h"

#include "base/list.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *field_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? text : NULL;
}

const char *field_name(const json_t *object, const char *key)
{
	const char *text = field_text(object, key);

	return text ? text : "-";
}

const char *item_text(const json_t *item)
{
	return json_is_string(item) ? json_string_value(item) : "?";
}

bool field_is(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

bool field_number(const json_t *object, const char *key, double *value)
{
	const json_t *v = json_object_get(object, key);

	if (!json_is_number(v))
		return false;
	*value = json_number_value(v);
	return true;
}

double field_or_zero(const json_t *object, const char *key)
{
	double value = 0;

	(void)field_number(object, key, &value);
	return value;
}

char *field_join(const json_t *object, const char *key, const char *between)
{
	const json_t *list = json_object_get(object, key);
	char *joined = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&joined, &size);

	if (!out)
		abort();
	for (size_t i = 0; i < json_array_size(list); i++) {
		(void)fprintf(out, "%s%s", i ? between : "", item_text(json_array_get(list, i)));
	}
	(void)fclose(out);
	return joined;
}

const char *span_format(double msec, char out[static FIELD_TEXT])
{
	double s = msec / 1000;
	unsigned long whole = s > 0 && s < 1e9 ? (unsigned long)s : 0;

	if (s < 0)
		(void)snprintf(out, FIELD_TEXT, "-");
	else if (s >= 1e9)
		(void)snprintf(out, FIELD_TEXT, "for ever");
	else if (msec < 99.95)
		(void)snprintf(out, FIELD_TEXT, "%.1fms", msec);
	else if (msec < 999.5)
		(void)snprintf(out, FIELD_TEXT, "%.0fms", msec);
	else if (s < 9.95)
		(void)snprintf(out, FIELD_TEXT, "%.1fs", s);
	else if (whole < 60)
		(void)snprintf(out, FIELD_TEXT, "%lus", whole);
	else if (whole < 3600)
		(void)snprintf(out, FIELD_TEXT, "%lum%02lus", whole / 60, whole % 60);
	else if (whole < 86400)
		(void)snprintf(out, FIELD_TEXT, "%luh%02lum", whole / 3600, whole / 60 % 60);
	else
		(void)snprintf(out, FIELD_TEXT, "%lud%02luh", whole / 86400, whole / 3600 % 24);
	return out;
}

const char *field_span(const json_t *object, const char *key, char out[static FIELD_TEXT])
{
	double msec;

	return field_number(object, key, &msec) ? span_format(msec, out) : "-";
}

const char *field_count(const json_t *object, const char *key, char out[static FIELD_TEXT])
{
	double n;

	if (!field_number(object, key, &n))
		return "-";
	(void)snprintf(out, FIELD_TEXT, "%.0f", n);
	return out;
}

/* Of something so rare that only its order of magnitude means anything. */
const char *field_rate(const json_t *object, const char *key, char out[static FIELD_TEXT])
{
	double n;

	if (!field_number(object, key, &n))
		return "-";
	if (n > 0 && n < 1e-6)
		return "< 1e-6";
	(void)snprintf(out, FIELD_TEXT, n < 99.5 ? "%.2g" : n < 1e6 ? "%.0f" : "%.1e", n);
	return out;
}

const char *field_bytes(const json_t *object, const char *key, char out[static FIELD_TEXT])
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	size_t unit = 0;
	double n;

	if (!field_number(object, key, &n))
		return "-";
	while (n >= 999.5 && unit + 1 < ARRAY_LEN(units)) {
		n /= 1000;
		unit++;
	}
	(void)snprintf(out, FIELD_TEXT, unit && n < 9.95 ? "%.1f %s" : "%.0f %s", n, units[unit]);
	return out;
}

const char *field_time(const json_t *object, const char *key, char out[static FIELD_TEXT])
{
	const char *text = field_text(object, key), *rest;
	struct tm tm = { 0 }, local;
	time_t seconds;
	size_t n;

	if (!text)
		return "-";
	rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	seconds = rest ? timegm(&tm) : 0;
	if (!rest || text[strlen(text) - 1] != 'Z' || !localtime_r(&seconds, &local)) {
		(void)snprintf(out, FIELD_TEXT, "%s", text);
		return out;
	}
	n = strftime(out, FIELD_TEXT, "%Y-%m-%d %H:%M:%S", &local);
	if (*rest == '.')
		(void)snprintf(out + n, FIELD_TEXT - n, "%.4s", rest); /* milliseconds do */
	return out;
}

enum tint state_tint(const char *state)
{
	static const struct {
		const char *name;
		enum tint tint;
	} known[] = {
		{ "up", TINT_GOOD },         { "running", TINT_GOOD },    { "normal", TINT_GOOD },
		{ "master", TINT_GOOD },     { "good", TINT_GOOD },       { "backup", TINT_NONE },
		{ "suspect", TINT_WARN },    { "held", TINT_WARN },       { "degraded", TINT_WARN },
		{ "standby", TINT_WARN },    { "connecting", TINT_WARN }, { "retry", TINT_WARN },
		{ "init", TINT_WARN },       { "waiting", TINT_WARN },    { "down", TINT_BAD },
		{ "wrong-path", TINT_BAD },  { "no-sa", TINT_BAD },       { "stopped", TINT_BAD },
		{ "last-resort", TINT_BAD }, { "blackhole", TINT_BAD },   { "lost", TINT_BAD },
		{ "idle", TINT_DIM },        { "admin", TINT_DIM },       { "none", TINT_DIM },
		{ "-", TINT_DIM },
	};

	for (size_t i = 0; state && i < ARRAY_LEN(known); i++)
		if (strcmp(known[i].name, state) == 0)
			return known[i].tint;
	return TINT_NONE;
}
