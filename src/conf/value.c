/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/value.h"

#include "base/list.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	uint64_t factor;
};

/* Largest first, for printing. */
static const struct unit time_units[] = {
	{ "d", 86400 * USEC_PER_SEC }, { "h", 3600 * USEC_PER_SEC }, { "m", 60 * USEC_PER_SEC },
	{ "s", USEC_PER_SEC },         { "ms", USEC_PER_MSEC },      { "us", 1 },
};

static const struct unit size_units[] = {
	{ "TiB", UINT64_C(1) << 40 },
	{ "TB", UINT64_C(1000000000000) },
	{ "GiB", UINT64_C(1) << 30 },
	{ "GB", UINT64_C(1000000000) },
	{ "MiB", UINT64_C(1) << 20 },
	{ "MB", UINT64_C(1000000) },
	{ "KiB", UINT64_C(1) << 10 },
	{ "kB", UINT64_C(1000) },
	{ "B", 1 },
};

/* Reads digits; -ERANGE when they do not fit.  *text moves past them. */
static int read_digits(const char **text, uint64_t *out)
{
	uint64_t v = 0;

	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	for (; isdigit((unsigned char)**text); (*text)++)
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(**text - '0'), &v))
			return -ERANGE;
	*out = v;
	return 0;
}

int value_parse_number(const char *text, uint64_t *out, struct err *err)
{
	const char *at = text;
	uint64_t v;
	int rc = read_digits(&at, &v);

	if (rc == -ERANGE)
		return err_set(err, rc, "'%.40s' is too large; write a smaller number", text);
	if (rc < 0 || *at)
		return err_set(err, -EINVAL, "'%.40s' is not a whole number; write digits only",
			       text);
	*out = v;
	return 0;
}

int value_parse_percent(const char *text, uint64_t *out, struct err *err)
{
	const char *at = text;
	uint64_t v;
	int rc = read_digits(&at, &v);

	if (rc == -ERANGE)
		return err_set(err, -ERANGE, "'%.40s' is too large; write a share up to 100%%",
			       text);
	if (!rc && !*at)
		return err_set(err, -EINVAL, "'%.40s' has no unit; write %.40s%%", text, text);
	if (rc || strcmp(at, "%") != 0)
		return err_set(err, -EINVAL, "'%.40s' is not a share; write whole percent as 20%%",
			       text);
	*out = v;
	return 0;
}

int value_parse_bool(const char *text, bool *out, struct err *err)
{
	static const char *const words[] = { "no", "yes", "off", "on", "false", "true" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!strcasecmp(text, words[i])) {
			*out = i & 1;
			return 0;
		}
	}
	return err_set(err, -EINVAL, "'%.40s' is neither yes nor no; write yes or no", text);
}

static const struct unit *read_unit(const char **text, const struct unit *units, size_t count)
{
	size_t n = 0;

	while (isalpha((unsigned char)(*text)[n]))
		n++;
	for (size_t i = 0; i < count; i++) {
		if (strlen(units[i].name) == n && !strncmp(units[i].name, *text, n)) {
			*text += n;
			return &units[i];
		}
	}
	return NULL;
}

/* Digits after the point, of one unit.  What is finer than 1 is an error, not rounded. */
static int read_fraction(const char **text, uint64_t *numerator, uint64_t *denominator)
{
	*numerator = 0;
	*denominator = 1;
	if (**text != '.')
		return 0;
	(*text)++;
	if (!isdigit((unsigned char)**text))
		return -EINVAL;
	for (; isdigit((unsigned char)**text); (*text)++) {
		if (*denominator >= UINT64_C(1000000000))
			return -EINVAL;
		*numerator = *numerator * 10 + (uint64_t)(**text - '0');
		*denominator *= 10;
	}
	return 0;
}

/*
 * One "1.5h", of a smaller unit than *last (NULL: any), which it becomes.  -ENOMSG when there is a
 * number without a unit, -EDOM when the unit is not smaller.
 */
static int read_amount(const char **text, const struct unit *units, size_t count,
		       const struct unit **last, uint64_t *sum)
{
	uint64_t whole, numerator, denominator, value, part;
	const struct unit *unit;
	int rc = read_digits(text, &whole);

	if (!rc)
		rc = read_fraction(text, &numerator, &denominator);
	if (rc)
		return rc;
	if (!**text)
		return -ENOMSG;
	unit = read_unit(text, units, count);
	if (!unit)
		return -EINVAL;
	if (*last && unit <= *last)
		return -EDOM;
	*last = unit;
	if (__builtin_mul_overflow(numerator, unit->factor, &part) ||
	    __builtin_mul_overflow(whole, unit->factor, &value))
		return -ERANGE;
	if (part % denominator)
		return -EINVAL;
	if (__builtin_add_overflow(value, part / denominator, &value) ||
	    __builtin_add_overflow(*sum, value, sum))
		return -ERANGE;
	return 0;
}

int value_parse_duration(const char *text, usec_t *out, struct err *err)
{
	const struct unit *last = NULL;
	const char *at = text;
	uint64_t sum = 0;
	int rc;

	if (!strcmp(text, "0")) {
		*out = 0;
		return 0;
	}
	do
		rc = read_amount(&at, time_units, ARRAY_LEN(time_units), &last, &sum);
	while (!rc && *at);
	if (rc == -ENOMSG && at == text + strspn(text, "0123456789"))
		return err_set(err, -EINVAL, "'%.40s' has no unit; write %.40sms or %.40ss", text,
			       text, text);
	if (rc == -EDOM)
		return err_set(err, -EINVAL,
			       "'%.40s' has a unit twice or out of order; write each once, the "
			       "largest first",
			       text);
	if (rc == -ERANGE || (!rc && sum >= USEC_NEVER - 1))
		return err_set(err, -ERANGE, "'%.40s' is too long; write a shorter time", text);
	if (rc)
		return err_set(
			err, -EINVAL,
			"'%.40s' is not a duration; write a number with us, ms, s, m, h or d",
			text);
	*out = sum;
	return 0;
}

int value_parse_bytes(const char *text, uint64_t *out, struct err *err)
{
	const struct unit *last = NULL;
	const char *at = text;
	uint64_t sum = 0;
	int rc = read_amount(&at, size_units, ARRAY_LEN(size_units), &last, &sum);

	if (rc == -ENOMSG)
		return err_set(err, -EINVAL, "'%.40s' has no unit; write %.40sMB or %.40sGB", text,
			       text, text);
	if (rc == -ERANGE)
		return err_set(err, rc, "'%.40s' is too large; write a smaller number", text);
	if (rc || *at)
		return err_set(err, -EINVAL,
			       "'%.40s' is not a size; write a number with kB, MB, GB, TB, KiB, "
			       "MiB, GiB or TiB",
			       text);
	*out = sum;
	return 0;
}

static const char *format(uint64_t v, const struct unit *units, size_t count, char *out)
{
	size_t i = 0;

	while (i < count - 1 && v % units[i].factor)
		i++;
	if (!v) /* 0 is a multiple of anything */
		i = count - 1;
	(void)snprintf(out, VALUE_TEXT, "%" PRIu64 "%s", v / units[i].factor, units[i].name);
	return out;
}

const char *value_format_duration(usec_t v, char out[static VALUE_TEXT])
{
	if (!v) {
		(void)snprintf(out, VALUE_TEXT, "0s");
		return out;
	}
	return format(v, time_units, ARRAY_LEN(time_units), out);
}

const char *value_format_bytes(uint64_t v, char out[static VALUE_TEXT])
{
	return format(v, size_units, ARRAY_LEN(size_units), out);
}

bool value_is_name(const char *text, size_t size)
{
	size_t n = strlen(text);

	if (!n || n >= size)
		return false;
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("-_.", *text))
			return false;
	return true;
}

bool value_is_device(const char *text)
{
	size_t n = strlen(text);

	if (!n || n > 15 || !strcmp(text, ".") || !strcmp(text, ".."))
		return false;
	for (; *text; text++)
		if (!isgraph((unsigned char)*text) || strchr("/:%", *text))
			return false;
	return true;
}

/* The length of the character at p, 0 when it is none (RFC 3629: no surrogates, no detours). */
static size_t utf8_char(const unsigned char *p, size_t left)
{
	unsigned char second_least = 0x80, second_most = 0xbf;
	size_t n = p[0] < 0x80   ? 1
		   : p[0] < 0xc2 ? 0
		   : p[0] < 0xe0 ? 2
		   : p[0] < 0xf0 ? 3
		   : p[0] < 0xf5 ? 4
				 : 0;

	if (n < 2 || n > left)
		return n > left ? 0 : n;
	if (p[0] == 0xe0)
		second_least = 0xa0;
	else if (p[0] == 0xed)
		second_most = 0x9f;
	else if (p[0] == 0xf0)
		second_least = 0x90;
	else if (p[0] == 0xf4)
		second_most = 0x8f;
	if (p[1] < second_least || p[1] > second_most)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool value_is_utf8(const char *text, size_t len, size_t *bad)
{
	for (size_t i = 0; i < len;) {
		size_t n = utf8_char((const unsigned char *)text + i, len - i);

		if (!n) {
			*bad = i;
			return false;
		}
		i += n;
	}
	return true;
}

/* Per VALUE_RATE_YEARS, with a year of 365.25 days and months of a twelfth of it. */
static const struct rate_unit {
	const char *name;
	uint64_t value;
} rate_units[] = {
	{ "hour", UINT64_C(8766) * VALUE_RATE_YEARS },
	{ "day", UINT64_C(1461) * VALUE_RATE_YEARS / 4 },
	{ "week", UINT64_C(1461) * VALUE_RATE_YEARS / 28 },
	{ "month", UINT64_C(12) * VALUE_RATE_YEARS },
	{ "year", VALUE_RATE_YEARS },
};

int value_parse_rate(const char *text, uint64_t *out, struct err *err)
{
	size_t digits = strspn(text, "0123456789");
	char number[VALUE_TEXT];
	uint64_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(rate_units) && digits > 0 && text[digits] == '/'; i++) {
		if (strcmp(text + digits + 1, rate_units[i].name) != 0)
			continue;
		(void)snprintf(number, sizeof(number), "%.*s", (int)digits, text);
		if (digits >= sizeof(number) || value_parse_number(number, &n, NULL) ||
		    n > UINT32_MAX)
			return err_set(err, -ERANGE, "'%.40s' is too often; write a smaller number",
				       text);
		*out = n * rate_units[i].value;
		return 0;
	}
	return err_set(err, -EINVAL,
		       "'%.40s' is not a rate; write a number per hour, day, week, month or year, "
		       "such as 1/year",
		       text);
}

const char *value_format_rate(uint64_t v, char out[static VALUE_TEXT])
{
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(rate_units) && v % rate_units[i].value != 0)
		i++;
	(void)snprintf(out, VALUE_TEXT, "%" PRIu64 "/%s", v / rate_units[i].value,
		       rate_units[i].name);
	return out;
}
