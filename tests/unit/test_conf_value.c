/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/list.h"
#include "conf/suggest.h"
#include "conf/value.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define S USEC_PER_SEC

static const struct number_row {
	const char *text;
	int rc;
	uint64_t value;
	const char *says;
} durations[] = {
	{ "500ms", 0, 500000, NULL },
	{ "0", 0, 0, NULL },
	{ "0s", 0, 0, NULL },
	{ "1.5s", 0, 1500000, NULL },
	{ "40.95s", 0, 40950000, NULL },
	{ "1h30m", 0, 5400 * S, NULL },
	{ "7us", 0, 7, NULL },
	{ "2d", 0, 172800 * S, NULL },
	{ "1m30s", 0, 90 * S, NULL },
	{ "1d1us", 0, 86400 * S + 1, NULL },
	{ "5s5s", -EINVAL, 0,
	  "'5s5s' has a unit twice or out of order; write each once, the largest first" },
	{ "5ms1s", -EINVAL, 0, NULL },
	{ "500", -EINVAL, 0, "'500' has no unit; write 500ms or 500s" },
	{ "", -EINVAL, 0, NULL },
	{ "ms", -EINVAL, 0, NULL },
	{ "-1s", -EINVAL, 0, NULL },
	{ "1 s", -EINVAL, 0, NULL },
	{ "1S", -EINVAL, 0, NULL },
	{ "1s5", -EINVAL, 0, "'1s5' is not a duration; write a number with us, ms, s, m, h or d" },
	{ "1.5us", -EINVAL, 0, NULL }, /* finer than we count */
	{ "1.s", -EINVAL, 0, NULL },
	{ "18446744073709551616s", -ERANGE, 0,
	  "'18446744073709551616s' is too long; write a shorter time" },
	{ "18446744073709551615us", -ERANGE, 0, NULL }, /* means never */
	{ "213503983d", -ERANGE, 0, NULL },
};

static const struct number_row sizes[] = {
	{ "1kB", 0, 1000, NULL },
	{ "1KiB", 0, 1024, NULL },
	{ "1.5GiB", 0, UINT64_C(3) << 29, NULL },
	{ "2TB", 0, UINT64_C(2000000000000), NULL },
	{ "0B", 0, 0, NULL },
	{ "5", -EINVAL, 0, "'5' has no unit; write 5MB or 5GB" },
	{ "5mb", -EINVAL, 0, NULL },
	{ "1GB1", -EINVAL, 0, NULL },
	{ "16777216TiB", -ERANGE, 0, "'16777216TiB' is too large; write a smaller number" },
};

static const struct number_row numbers[] = {
	{ "0", 0, 0, NULL },
	{ "18446744073709551615", 0, UINT64_MAX, NULL },
	{ "18446744073709551616", -ERANGE, 0,
	  "'18446744073709551616' is too large; write a smaller number" },
	{ "1x", -EINVAL, 0, "'1x' is not a whole number; write digits only" },
	{ "-1", -EINVAL, 0, NULL },
	{ "+1", -EINVAL, 0, NULL },
	{ "0x10", -EINVAL, 0, NULL },
	{ "", -EINVAL, 0, NULL },
};

/* Per 28 years. */
static const struct number_row rates[] = {
	{ "1/year", 0, 28, NULL },
	{ "1/month", 0, 336, NULL },
	{ "3/week", 0, 4383, NULL },
	{ "1/day", 0, 10227, NULL },
	{ "1000/hour", 0, 245448000, NULL },
	{ "0/year", 0, 0, NULL },
	{ "1", -EINVAL, 0, NULL },
	{ "/year", -EINVAL, 0, NULL },
	{ "1/", -EINVAL, 0, NULL },
	{ "1/years", -EINVAL, 0, NULL },
	{ "1.5/year", -EINVAL, 0, NULL },
	{ "-1/year", -EINVAL, 0, NULL },
	{ "1 / year", -EINVAL, 0,
	  "'1 / year' is not a rate; write a number per hour, day, week, month or year, such as "
	  "1/year" },
	{ "4294967296/hour", -ERANGE, 0, NULL },
	{ "99999999999999999999999999999999999/hour", -ERANGE, 0,
	  "'99999999999999999999999999999999999/hour' is too often; write a smaller number" },
};

typedef int parser(const char *text, uint64_t *out, struct err *err);

static void check_rows(parser *parse, const struct number_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t v = 12345;
		struct err err = { "" };

		print_message("%s\n", rows[i].text);
		assert_int_equal(parse(rows[i].text, &v, &err), rows[i].rc);
		assert_int_equal(v, rows[i].rc ? 12345 : rows[i].value);
		assert_true(rows[i].rc == 0 || *err.text);
		if (rows[i].says)
			assert_string_equal(err.text, rows[i].says);
	}
}

static void test_parse(void **state)
{
	(void)state;
	check_rows(value_parse_duration, durations, ARRAY_LEN(durations));
	check_rows(value_parse_bytes, sizes, ARRAY_LEN(sizes));
	check_rows(value_parse_rate, rates, ARRAY_LEN(rates));
	check_rows(value_parse_number, numbers, ARRAY_LEN(numbers));
}

static void test_bool(void **state)
{
	static const char *const yes[] = { "yes", "on", "true", "Yes", "TRUE" };
	static const char *const no[] = { "no", "off", "false", "No", "OFF" };
	struct err err;
	bool v;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		v = false;
		assert_int_equal(value_parse_bool(yes[i], &v, &err), 0);
		assert_true(v);
		assert_int_equal(value_parse_bool(no[i], &v, &err), 0);
		assert_false(v);
	}
	assert_int_equal(value_parse_bool("1", &v, &err), -EINVAL);
	assert_string_equal(err.text, "'1' is neither yes nor no; write yes or no");
}

static void test_format(void **state)
{
	static const usec_t times[] = { 0, 1, 999, 1000, 1500000, 60 * S, 90 * S, 86400 * S };
	static const char *const texts[] = { "0s",     "1us", "999us", "1ms",
					     "1500ms", "1m",  "90s",   "1d" };
	char text[VALUE_TEXT];
	uint64_t back;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		assert_string_equal(value_format_duration(times[i], text), texts[i]);
		assert_int_equal(value_parse_duration(text, &back, NULL), 0);
		assert_int_equal(back, times[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(rates); i++) {
		if (rates[i].rc)
			continue;
		(void)value_format_rate(rates[i].value, text);
		assert_int_equal(value_parse_rate(text, &back, NULL), 0);
		assert_int_equal(back, rates[i].value);
	}
	assert_string_equal(value_format_rate(336, text), "1/month");
	assert_string_equal(value_format_bytes(1000000, text), "1MB");
	assert_string_equal(value_format_bytes(1u << 20, text), "1MiB");
	assert_string_equal(value_format_bytes(1, text), "1B");
	assert_string_equal(value_format_bytes(0, text), "0B");
}

static void test_names(void **state)
{
	(void)state;
	assert_true(value_is_name("line-1_a.b", 32));
	assert_false(value_is_name("", 32));
	assert_false(value_is_name("a b", 32));
	assert_false(value_is_name("abcd", 4));
	assert_true(value_is_device("eth0.100"));
	assert_false(value_is_device("."));
	assert_false(value_is_device("a/b"));
	assert_false(value_is_device("a b"));
	assert_false(value_is_device("abcdefghijklmnop")); /* 16 */
}

static void test_utf8(void **state)
{
	static const struct {
		const char *bytes;
		bool good;
		size_t bad;
	} rows[] = {
		{ "\xe4\xba\x8c\xe9\x87\x8d", true, 0 },
		{ "a\xc3\xa4\xf0\x9f\x98\x80", true, 0 },
		{ "ab\xff", false, 2 },
		{ "\xc0\xaf", false, 0 }, /* a detour */
		{ "x\xed\xa0\x80", false, 1 }, /* surrogate */
		{ "\xf4\x90\x80\x80", false, 0 }, /* past 10ffff */
		{ "\xe4\xba", false, 0 }, /* cut off */
		{ "\xe0\x80\x80", false, 0 },
		{ "\x80", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t bad = 0;

		assert_int_equal(value_is_utf8(rows[i].bytes, strlen(rows[i].bytes), &bad),
				 rows[i].good);
		assert_int_equal(bad, rows[i].bad);
	}
}

static void test_suggest(void **state)
{
	struct suggest s = suggest_for("tunels");

	(void)state;
	assert_int_equal(suggest_distance("abc", "abc"), 0);
	assert_int_equal(suggest_distance("abc", "acb"), 1); /* swapped */
	assert_int_equal(suggest_distance("", "abc"), 3);
	assert_int_equal(suggest_distance("kitten", "sitting"), 3);
	suggest_offer(&s, "routes");
	assert_null(s.best);
	suggest_offer(&s, "tunnels");
	assert_string_equal(s.best, "tunnels");
	suggest_offer(&s, "tunnel"); /* as near: the first stays */
	assert_string_equal(s.best, "tunnels");
	s = suggest_for("xyzzy");
	suggest_offer(&s, "tunnels");
	assert_null(s.best);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),  cmocka_unit_test(test_bool),
		cmocka_unit_test(test_format), cmocka_unit_test(test_names),
		cmocka_unit_test(test_utf8),   cmocka_unit_test(test_suggest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
