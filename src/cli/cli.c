/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/cli.h"

#include "cli/args.h"
#include "cli/check.h"
#include "cli/client.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static enum cli_exit complain(const struct term *t, enum cli_exit status, const struct err *e)
{
	term_line(t, TINT_BAD, "futae: %s", e->text);
	return status;
}

static void print_json(const struct term *t, const json_t *value, size_t flags)
{
	(void)json_dumpf(value, t->file, flags | JSON_REAL_PRECISION(15));
	(void)fputc('\n', t->file);
}

static void show(const struct cli_args *a, const struct term *out, const json_t *data)
{
	if (a->json)
		print_json(out, data, JSON_INDENT(2));
	else if (a->verb->show)
		a->verb->show(out, data);
	else
		term_line(out, TINT_GOOD, "done");
}

/* Events as they come, until somebody ends it. */
static enum cli_exit follow(const struct cli_args *a, struct client *c, const struct term *out,
			    const struct term *err)
{
	json_t *event = NULL;
	struct err e;

	while ((void)fflush(out->file), client_next(c, &event, &e) == 0) {
		if (a->json)
			print_json(out, event, JSON_COMPACT);
		else
			show_event(out, event);
		json_decref(event);
	}
	return complain(err, CLI_NO_DAEMON, &e);
}

/* With --json a stream is one event per line from the start: the kept ones are no document. */
static void show_first(const struct cli_args *a, const struct term *out, const json_t *data)
{
	const json_t *event;
	size_t i;

	if (!a->json) {
		show_events(out, data);
		return;
	}
	json_array_foreach(json_object_get(data, "events"), i, event)
		print_json(out, event, JSON_COMPACT);
}

static enum cli_exit ask(const struct cli_args *a, const struct term *out, const struct term *err)
{
	enum cli_exit status = CLI_OK;
	struct client *c = NULL;
	json_t *data = NULL;
	struct err e;
	int r = client_open(a->socket, &c, &e);

	if (r == 0)
		r = client_ask(c, cli_verb_asks(a->verb), a->request, &data, &e);
	if (r < 0) {
		status = complain(err, r == -EREMOTEIO ? CLI_REFUSED : CLI_NO_DAEMON, &e);
	} else if (json_is_true(json_object_get(a->request, "follow"))) {
		show_first(a, out, data);
		status = follow(a, c, out, err);
	} else {
		show(a, out, data);
		if (strcmp(a->verb->name, "status") == 0 && !status_is_good(data))
			status = CLI_SOMETHING_DOWN;
	}
	json_decref(data);
	client_close(c);
	return status;
}

static enum cli_exit run(const struct cli_args *a, const struct term *out, const struct term *err)
{
	switch (a->verb->kind) {
	case CLI_ASK:
	case CLI_EVENTS:
		return ask(a, out, err);
	case CLI_CHECK:
		return check_file(a->operands[0], a->json, out) ? CLI_OK : CLI_BAD_CONFIG;
	case CLI_VERSION:
		term_line(out, TINT_NONE, "futae %s", FUTAE_VERSION);
		return CLI_OK;
	case CLI_HELP:
		cli_args_help(out->file);
		return CLI_OK;
	}
	return CLI_USAGE;
}

enum cli_exit cli_run(int argc, char *const argv[], const struct term *out, const struct term *err)
{
	struct cli_args a;
	enum cli_exit status;
	struct err e;

	if (cli_args_parse(argc, argv, getenv("FUTAE_SOCKET"), &a, &e) < 0)
		return complain(err, CLI_USAGE, &e);
	status = run(&a, out, err);
	cli_args_done(&a);
	return status;
}
