/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manual's reference is what the loader does, the examples load, the JSON Schema is JSON. */
#include "conf/schema.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf_text.h"

static char *read_text(const char *path)
{
	char full[512];
	char *text = calloc(1, 1u << 20);
	FILE *f;

	(void)snprintf(full, sizeof(full), "%s/%s", SOURCE_ROOT, path);
	f = fopen(full, "r");
	assert_non_null(text);
	assert_non_null(f);
	assert_true(fread(text, 1, (1u << 20) - 1, f) > 0);
	(void)fclose(f);
	return text;
}

/* Between the two comments stands what the program says.  To renew it:
 * WRITE_REFERENCE=1 build/tests/unit/test_conf_doc */
static void test_reference(void **state)
{
	static const char begin[] = "<!-- begin of what test_conf_doc writes -->\n";
	static const char end[] = "<!-- end of what test_conf_doc writes -->\n";
	char *text = read_text("doc/config.md"), *want = conf_reference_markdown();
	char *from = strstr(text, begin), *to = strstr(text, end);

	(void)state;
	assert_non_null(want);
	assert_non_null(from);
	assert_non_null(to);
	from += strlen(begin);
	if (getenv("WRITE_REFERENCE")) {
		FILE *f = fopen(SOURCE_ROOT "/doc/config.md", "w");

		assert_non_null(f);
		(void)fprintf(f, "%.*s%s%s", (int)(from - text), text, want, to);
		assert_int_equal(fclose(f), 0);
	} else {
		*to = '\0';
		assert_string_equal(from, want);
	}
	free(text);
	free(want);
}

/* Every yaml block of the manual loads. */
static unsigned check_examples(const char *path)
{
	char *text = read_text(path), *at = text, *end;
	unsigned count = 0;

	while ((at = strstr(at, "```yaml\n")) != NULL) {
		at += strlen("```yaml\n");
		end = strstr(at, "```\n");
		assert_non_null(end);
		*end = '\0';
		conf_free(load_good(at));
		assert_int_equal(report.warnings, 0);
		at = end + 1;
		count++;
	}
	free(text);
	return count;
}

static void test_manual_examples(void **state)
{
	(void)state;
	assert_true(check_examples("doc/config.md") >= 3);
	assert_true(check_examples("doc/probes.md") >= 1);
}

static void test_examples(void **state)
{
	static const char *const names[] = { "doc/examples/gateway.yaml", "doc/examples/cpe01.yaml",
					     "doc/examples/cpe02.yaml",
					     "doc/examples/two-lines.yaml" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char *text = read_text(names[i]);

		conf_free(load_good(text));
		assert_int_equal(report.warnings, 0);
		free(text);
	}
}

static void test_schema(void **state)
{
	char *text = conf_schema_json();
	json_error_t error;
	json_t *schema, *tunnel, *mtu;

	(void)state;
	assert_non_null(text);
	schema = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	assert_non_null(schema);
	tunnel = json_object_get(json_object_get(schema, "$defs"), "tunnel");
	assert_true(json_is_false(json_object_get(tunnel, "additionalProperties")));
	assert_string_equal(json_string_value(
				    json_array_get(json_object_get(tunnel, "required"), 0)),
			    "local");
	mtu = json_object_get(json_object_get(tunnel, "properties"), "mtu");
	assert_string_equal(json_string_value(json_object_get(mtu, "default")), "auto");
	assert_int_equal(json_integer_value(
				 json_object_get(json_array_get(json_object_get(mtu, "anyOf"), 0),
						 "maximum")),
			 9000);
	json_decref(schema);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_manual_examples),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
