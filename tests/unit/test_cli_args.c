/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/args.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WORDS 10

static const struct row {
	const char *words[WORDS]; /* behind "futae" */
	const char *verb; /* NULL: refused */
	const char *request; /* or the words of the refusal */
	const char *socket; /* NULL: the default */
	bool json;
} rows[] = {
	{ { "status" }, "status", "{}", NULL, false },
	{ { "--json", "status" }, "status", "{}", NULL, true },
	{ { "status", "--json" }, "status", "{}", NULL, true },
	{ { "--socket", "/tmp/s", "health" }, "health", "{}", "/tmp/s", false },
	{ { "health", "line1" }, "health", "{\"tunnel\":\"line1\"}", NULL, false },
	{ { "health", "--socket=/tmp/s=" }, "health", "{}", "/tmp/s=", false },
	{ { "explain", "line1" }, "explain", "{\"object\":\"line1\"}", NULL, false },
	{ { "explain", "--", "-x" }, "explain", "{\"object\":\"-x\"}", NULL, false },
	{ { "explain", "-" }, "explain", "{\"object\":\"-\"}", NULL, false },
	{ { "switch", "10.1.22.0/24", "auto" },
	  "switch",
	  "{\"route\":\"10.1.22.0/24\",\"tunnel\":\"auto\"}",
	  NULL,
	  false },
	{ { "events", "-f", "--since", "12", "-n", "3" },
	  "events",
	  "{\"follow\":true,\"since\":12,\"limit\":3}",
	  NULL,
	  false },
	{ { "rekey", "line1", "--ike" },
	  "rekey",
	  "{\"what\":\"ike\",\"tunnel\":\"line1\"}",
	  NULL,
	  false },
	{ { "quality" }, "quality", "{}", NULL, false },
	{ { "quality", "line1", "--last", "10m" },
	  "quality",
	  "{\"last\":600,\"tunnel\":\"line1\"}",
	  NULL,
	  false },
	{ { "quality", "a", "b" }, NULL, "write: futae quality [TUNNEL]", NULL, false },
	{ { "quality", "--last", "10" }, NULL, "'10' has no unit; write 10ms or 10s", NULL, false },
	{ { "quality", "--last", "10ms" },
	  NULL,
	  "'10ms' is less than a second; write 1s or more",
	  NULL,
	  false },
	{ { "check", "a.yaml" }, "check", "{\"file\":\"a.yaml\"}", NULL, false },
	{ { "--help" }, "help", "{}", NULL, false },
	{ { "switch", "-h" }, "help", "{}", NULL, false },
	{ { "help", "switch" }, "help", "{}", NULL, false },
	{ { "--version" }, "version", "{}", NULL, false },
	{ { NULL }, NULL, "what do you want to know? `futae help` lists the verbs", NULL, false },
	{ { "helth" }, NULL, "there is no verb 'helth'; did you mean 'health'?", NULL, false },
	{ { "xyzzy" }, NULL, "there is no verb 'xyzzy'; `futae help` lists them", NULL, false },
	{ { "status", "x" }, NULL, "write: futae status", NULL, false },
	{ { "explain" }, NULL, "write: futae explain OBJECT", NULL, false },
	{ { "switch", "a" }, NULL, "write: futae switch ROUTE TUNNEL", NULL, false },
	{ { "switch", "a", "b", "c" }, NULL, "'c' is one word too many", NULL, false },
	{ { "status", "--jsn" },
	  NULL,
	  "there is no option '--jsn'; see `futae help`",
	  NULL,
	  false },
	{ { "status", "--json=1" },
	  NULL,
	  "there is no option '--json=1'; see `futae help`",
	  NULL,
	  false },
	{ { "status", "-f" }, NULL, "-f is for `futae events` only", NULL, false },
	{ { "status", "--socket" }, NULL, "--socket wants a value behind it", NULL, false },
	{ { "events", "--since", "-1" },
	  NULL,
	  "'-1' is not a count; write a number from 0",
	  NULL,
	  false },
	{ { "events", "--since=" }, NULL, "'' is not a count; write a number from 0", NULL, false },
	{ { "events", "-n", "99999999999999999999" },
	  NULL,
	  "'99999999999999999999' is not a count; write a number from 0",
	  NULL,
	  false },
	{ { "explain", "\xff" }, NULL, "OBJECT is not UTF-8", NULL, false },
};

static int parse(const struct row *row, const char *env, struct cli_args *out, struct err *err)
{
	char *argv[WORDS + 2] = { strdup("futae") };
	int argc = 1, r;

	for (size_t i = 0; i < WORDS && row->words[i]; i++)
		argv[argc++] = strdup(row->words[i]);
	r = cli_args_parse(argc, argv, env, out, err);
	/* They point into argv: look at them before it goes. */
	if (r == 0 && row->socket)
		assert_string_equal(out->socket, row->socket);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return r;
}

static void understands_or_says_why_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct cli_args args;
		struct err err = { .text = "" };
		int r = parse(&rows[i], NULL, &args, &err);
		char *request;

		if (!rows[i].verb) {
			assert_int_equal(r, -EINVAL);
			assert_string_equal(err.text, rows[i].request);
			continue;
		}
		assert_int_equal(r, 0);
		assert_string_equal(args.verb->name, rows[i].verb);
		assert_int_equal(args.json, rows[i].json);
		request = json_dumps(args.request, JSON_COMPACT);
		assert_string_equal(request, rows[i].request);
		free(request);
		cli_args_done(&args);
	}
}

static void finds_the_socket(void **state)
{
	static const struct {
		const char *env, *want;
	} cases[] = {
		{ NULL, CLI_SOCKET },
		{ "", CLI_SOCKET },
		{ "/tmp/e", "/tmp/e" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cli_args args;

		assert_int_equal(parse(&rows[0], cases[i].env, &args, NULL), 0);
		assert_string_equal(args.socket, cases[i].want);
		cli_args_done(&args);
	}
}

static void help_names_every_verb(void **state)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	cli_args_help(out);
	assert_int_equal(fclose(out), 0);
	for (size_t i = 0; i < cli_verb_count; i++) {
		assert_non_null(strstr(text, cli_verbs[i].name));
		assert_non_null(strstr(text, cli_verbs[i].help));
	}
	free(text);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(understands_or_says_why_not),
		cmocka_unit_test(finds_the_socket),
		cmocka_unit_test(help_names_every_verb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
