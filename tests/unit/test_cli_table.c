/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables, and the values in them: widths, times, and texts that somebody else wrote. */
#include "cli/table.h"

#include "base/list.h"
#include "base/utf8.h"
#include "cli/field.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static char *printed(const struct table *table)
{
	char *text = NULL;
	size_t size = 0;
	struct term t = { open_memstream(&text, &size), false };

	table_print(table, &t);
	assert_int_equal(fclose(t.file), 0);
	return text;
}

static void aligns_by_what_is_seen(void **state)
{
	static const char *const heads[] = { "NAME", ">N", "LAST" };
	struct table *table = table_new(heads, ARRAY_LEN(heads));
	char *text = printed(table);

	(void)state;
	assert_string_equal(text, ""); /* no rows, no heads */
	free(text);
	table_cell(table, TINT_GOOD, "caf\xc3\xa9");
	table_cellf(table, TINT_NONE, "%d", 1);
	table_cell(table, TINT_NONE, "x");
	table_cell(table, TINT_NONE, "\xe5\xa4\xa7\xe9\x98\xaa"); /* two wide characters */
	table_cellf(table, TINT_NONE, "%d", 12345);
	table_cell(table, TINT_NONE, NULL);
	table_cell(table, TINT_NONE, "e\xcc\x81\xff\033"); /* combining, broken, control */
	table_cell(table, TINT_NONE, "");
	table_cell(table, TINT_NONE, "long one");
	text = printed(table);
	assert_string_equal(text, "NAME      N  LAST\n"
				  "caf\xc3\xa9      1  x\n"
				  "\xe5\xa4\xa7\xe9\x98\xaa  12345  -\n"
				  "e\xcc\x81??       -  long one\n");
	free(text);
	table_free(table);
	table_free(NULL);
}

static void counts_columns(void **state)
{
	static const struct {
		const char *text;
		size_t width;
	} cases[] = {
		{ "", 0 },
		{ "abc", 3 },
		{ "caf\xc3\xa9", 4 },
		{ "\xe4\xba\x8c\xe9\x87\x8d", 4 },
		{ "e\xcc\x81", 1 },
		{ "\xff\xff", 2 },
		{ "\xe4\xba", 2 }, /* cut off */
		{ "\xf0\x9f\x98\x80", 2 },
		{ "\xc0\x80", 2 }, /* overlong: two broken bytes */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(utf8_width(cases[i].text), cases[i].width);
}

static void writes_spans(void **state)
{
	static const struct {
		double msec;
		const char *want;
	} cases[] = {
		{ 0, "0.0ms" },        { 0.44, "0.4ms" },
		{ 99.94, "99.9ms" },   { 99.96, "100ms" },
		{ 999.4, "999ms" },    { 999.6, "1.0s" },
		{ 9949, "9.9s" },      { 9951, "9s" },
		{ 59999, "59s" },      { 60000, "1m00s" },
		{ 192345, "3m12s" },   { 3599999, "59m59s" },
		{ 3600000, "1h00m" },  { 86399999, "23h59m" },
		{ 86400000, "1d00h" }, { 1.0e9, "11d13h" },
		{ -1, "-" },           { 1e300, "for ever" },
	};
	char out[FIELD_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(span_format(cases[i].msec, out), cases[i].want);
}

static void reads_fields_of_any_kind(void **state)
{
	json_t *o =
		json_loads("{\"s\":\"x\",\"e\":\"\",\"n\":1234567.8,\"i\":5,\"t\":true,\"z\":null,"
			   "\"l\":[\"a\",1,\"b\"],\"at\":\"2026-11-22T10:00:00.123456Z\","
			   "\"bad\":\"22 Nov\",\"whole\":\"2026-11-22T10:00:00Z\"}",
			   0, NULL);
	char out[FIELD_TEXT], *joined;
	double n = 7;

	(void)state;
	assert_non_null(o);
	assert_string_equal(field_name(o, "s"), "x");
	assert_string_equal(field_name(o, "e"), "-");
	assert_string_equal(field_name(o, "n"), "-");
	assert_string_equal(field_name(NULL, "s"), "-");
	assert_true(field_is(o, "t"));
	assert_false(field_is(o, "i"));
	assert_false(field_number(o, "z", &n));
	assert_true(n > 6.9 && n < 7.1); /* untouched */
	assert_string_equal(field_bytes(o, "n", out), "1.2 MB");
	assert_string_equal(field_bytes(o, "i", out), "5 B");
	assert_string_equal(field_bytes(o, "s", out), "-");
	assert_string_equal(field_count(o, "n", out), "1234568");
	assert_string_equal(field_span(o, "z", out), "-");
	assert_string_equal(field_time(o, "at", out), "2026-11-22 10:00:00.123");
	assert_string_equal(field_time(o, "whole", out), "2026-11-22 10:00:00");
	assert_string_equal(field_time(o, "bad", out), "22 Nov");
	assert_string_equal(field_time(o, "e", out), "-");
	joined = field_join(o, "l", "+");
	assert_string_equal(joined, "a+?+b");
	free(joined);
	joined = field_join(o, "s", "+");
	assert_string_equal(joined, "");
	free(joined);
	json_decref(o);
}

/* A name in a configuration or a peer's identity must not command the reader's terminal. */
static void lets_no_escape_through(void **state)
{
	char text[] = "a\033[2J\tb\x7f\xc2\x9b"
		      "1m\xc3\xa9\xfe";

	(void)state;
	term_clean(text);
	assert_string_equal(text, "a?[2J?b???1m\xc3\xa9?");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(aligns_by_what_is_seen),
		cmocka_unit_test(counts_columns),
		cmocka_unit_test(writes_spans),
		cmocka_unit_test(reads_fields_of_any_kind),
		cmocka_unit_test(lets_no_escape_through),
	};

	if (setenv("TZ", "UTC", 1))
		return 1;
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
