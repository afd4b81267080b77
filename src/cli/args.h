/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: words to what is wanted, and the list of verbs that help prints. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "base/err.h"
#include "cli/show.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CLI_SOCKET "/run/futae/control.sock"
#define CLI_OPERANDS 2

enum cli_kind {
	CLI_ASK, /* one request, one answer */
	CLI_EVENTS,
	CLI_CHECK,
	CLI_VERSION,
	CLI_HELP,
};

struct cli_verb {
	const char *name;
	enum cli_kind kind;
	const char *operands; /* as help names them, "" for none; in [] where it may be left out */
	const char *keys[CLI_OPERANDS]; /* of the request's args, one per operand; NULL: no more */
	const char *help;
	show_fn *show; /* NULL: "done" */
};

extern const struct cli_verb cli_verbs[];
extern const size_t cli_verb_count;

struct cli_args {
	const struct cli_verb *verb;
	const char *socket;
	const char *operands[CLI_OPERANDS];
	bool json;
	json_t *request; /* its args; owned */
};

/* argv[1..] and the value of $FUTAE_SOCKET (or NULL).  0, or -EINVAL and *err. */
int cli_args_parse(int argc, char *const argv[], const char *env_socket, struct cli_args *out,
		   struct err *err);
/* What futaed calls the verb. */
const char *cli_verb_asks(const struct cli_verb *verb);
void cli_args_done(struct cli_args *args);
void cli_args_help(FILE *out);

#endif
