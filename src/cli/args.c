/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/args.h"

#include "base/list.h"
#include "conf/suggest.h"
#include "conf/value.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const struct cli_verb cli_verbs[] = {
	{ "status", CLI_ASK, "", { NULL }, "the whole node on one screen", show_status },
	{ "tunnels", CLI_ASK, "", { NULL }, "IKE, SAs, traffic and drops of each", show_tunnels },
	{ "health",
	  CLI_ASK,
	  "[TUNNEL]",
	  { "tunnel" },
	  "is each path good, and how soon would a failure show",
	  show_health },
	{ "quality",
	  CLI_ASK,
	  "[TUNNEL]",
	  { "tunnel" },
	  "loss, delay and jitter of the last second, minute and hour",
	  show_quality },
	{ "routes",
	  CLI_ASK,
	  "",
	  { NULL },
	  "which tunnels carry which prefixes, and why",
	  show_routes },
	{ "vrrp", CLI_ASK, "", { NULL }, "who has the virtual addresses, and why", show_vrrp },
	{ "vrrp",
	  CLI_ASK,
	  "NAME ORDER",
	  { "name", "order" },
	  "`give-up` or `take` being master; `auto`: by priority again",
	  NULL },
	{ "failovers",
	  CLI_ASK,
	  "",
	  { NULL },
	  "each switch: what was seen and decided, and when",
	  show_failovers },
	{ "events",
	  CLI_EVENTS,
	  "",
	  { NULL },
	  "what has happened; -f to go on listening",
	  show_events },
	{ "explain",
	  CLI_ASK,
	  "OBJECT",
	  { "object" },
	  "why a tunnel, route, VRRP instance or track is as it is",
	  show_explain },
	{ "switch",
	  CLI_ASK,
	  "ROUTE TUNNEL",
	  { "route", "tunnel" },
	  "carry the route by this tunnel; `auto` lets futaed choose again",
	  NULL },
	{ "reload",
	  CLI_ASK,
	  "",
	  { NULL },
	  "read the configuration again; a bad one changes nothing",
	  show_reload },
	{ "rekey", CLI_ASK, "TUNNEL", { "tunnel" }, "new keys now (--ike: for the IKE SA)", NULL },
	{ "check",
	  CLI_CHECK,
	  "FILE",
	  { "file" },
	  "is this configuration right? asks no daemon",
	  NULL },
	{ "version", CLI_VERSION, "", { NULL }, "which futae this is", NULL },
	{ "help", CLI_HELP, "", { NULL }, "this text", NULL },
};
const size_t cli_verb_count = ARRAY_LEN(cli_verbs);

enum option {
	OPT_SOCKET,
	OPT_JSON,
	OPT_FOLLOW,
	OPT_SINCE,
	OPT_LIMIT,
	OPT_LAST,
	OPT_IKE,
	OPT_HELP,
	OPT_VERSION
};

static const struct {
	const char *name;
	const char *only; /* the verb that knows it; NULL: all */
	enum option option;
	bool has_value;
} options[] = {
	{ "--socket", NULL, OPT_SOCKET, true },
	{ "--json", NULL, OPT_JSON, false },
	{ "--follow", "events", OPT_FOLLOW, false },
	{ "-f", "events", OPT_FOLLOW, false },
	{ "--since", "events", OPT_SINCE, true },
	{ "--limit", "events", OPT_LIMIT, true },
	{ "-n", "events", OPT_LIMIT, true },
	{ "--ike", "rekey", OPT_IKE, false },
	{ "--last", "quality", OPT_LAST, true },
	{ "--help", NULL, OPT_HELP, false },
	{ "-h", NULL, OPT_HELP, false },
	{ "--version", NULL, OPT_VERSION, false },
};

static const struct cli_verb *find_verb(const char *name)
{
	for (size_t i = 0; i < cli_verb_count; i++)
		if (strcmp(cli_verbs[i].name, name) == 0)
			return &cli_verbs[i];
	return NULL;
}

static size_t operand_count(const struct cli_verb *verb)
{
	size_t n = 0;

	while (n < CLI_OPERANDS && verb->keys[n])
		n++;
	return n;
}

/* Several verbs have one name when they differ in what is behind it. */
static const struct cli_verb *find_form(const struct cli_verb *verb, size_t operands)
{
	for (size_t i = 0; i < cli_verb_count; i++)
		if (strcmp(cli_verbs[i].name, verb->name) == 0 &&
		    operand_count(&cli_verbs[i]) == operands)
			return &cli_verbs[i];
	return verb;
}

/* Reading is for everybody and orders are not, so futaed knows them by two names. */
const char *cli_verb_asks(const struct cli_verb *verb)
{
	return strcmp(verb->name, "vrrp") == 0 && verb->keys[0] ? "vrrp-order" : verb->name;
}

static int no_verb(const char *name, struct err *err)
{
	struct suggest s = suggest_for(name);

	for (size_t i = 0; i < cli_verb_count; i++)
		suggest_offer(&s, cli_verbs[i].name);
	if (s.best)
		return err_set(err, -EINVAL, "there is no verb '%.60s'; did you mean '%s'?", name,
			       s.best);
	return err_set(err, -EINVAL, "there is no verb '%.60s'; `futae help` lists them", name);
}

static int set_number(json_t *request, const char *key, const char *value, struct err *err)
{
	char *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(value, &end, 10);
	if (errno || end == value || *end || *value == '-' || n > INT64_MAX)
		return err_set(err, -EINVAL, "'%.60s' is not a count; write a number from 0",
			       value);
	json_object_set_new(request, key, json_integer((json_int_t)n));
	return 0;
}

/* "10m" as whole seconds */
static int set_seconds(json_t *request, const char *key, const char *value, struct err *err)
{
	usec_t span;

	if (value_parse_duration(value, &span, err))
		return -EINVAL;
	if (span < USEC_PER_SEC)
		return err_set(err, -EINVAL, "'%.60s' is less than a second; write 1s or more",
			       value);
	json_object_set_new(request, key, json_integer((json_int_t)(span / USEC_PER_SEC)));
	return 0;
}

static int apply(struct cli_args *a, enum option option, const char *value, struct err *err)
{
	switch (option) {
	case OPT_SOCKET:
		a->socket = value;
		return 0;
	case OPT_JSON:
		a->json = true;
		return 0;
	case OPT_FOLLOW:
		json_object_set_new(a->request, "follow", json_true());
		return 0;
	case OPT_SINCE:
		return set_number(a->request, "since", value, err);
	case OPT_LIMIT:
		return set_number(a->request, "limit", value, err);
	case OPT_LAST:
		return set_seconds(a->request, "last", value, err);
	case OPT_IKE:
		json_object_set_new(a->request, "what", json_string("ike"));
		return 0;
	case OPT_HELP:
		a->verb = find_verb("help");
		return 0;
	case OPT_VERSION:
		a->verb = find_verb("version");
		return 0;
	}
	return -EINVAL;
}

struct scan {
	int argc, at;
	char *const *argv;
	const char *only[16]; /* verbs that the options given belong to */
	const char *only_option[16];
	size_t only_count;
	const char *words[1 + CLI_OPERANDS]; /* verb and operands */
	size_t word_count;
};

static int scan_option(struct scan *s, struct cli_args *a, struct err *err)
{
	const char *arg = s->argv[s->at], *eq = strchr(arg, '=');
	size_t len = eq && arg[1] == '-' ? (size_t)(eq - arg) : strlen(arg);
	const char *value = NULL;
	size_t i = 0;

	while (i < ARRAY_LEN(options) &&
	       (strlen(options[i].name) != len || strncmp(options[i].name, arg, len) != 0))
		i++;
	if (i == ARRAY_LEN(options) || (arg[len] && !options[i].has_value))
		return err_set(err, -EINVAL, "there is no option '%.60s'; see `futae help`", arg);
	if (arg[len])
		value = arg + len + 1;
	else if (options[i].has_value && ++s->at < s->argc)
		value = s->argv[s->at];
	if (options[i].has_value && !value)
		return err_set(err, -EINVAL, "%s wants a value behind it", arg);
	if (options[i].only && s->only_count < ARRAY_LEN(s->only)) {
		s->only[s->only_count] = options[i].only;
		s->only_option[s->only_count++] = options[i].name;
	}
	return apply(a, options[i].option, value, err);
}

static int scan_words(struct scan *s, struct cli_args *a, struct err *err)
{
	bool only_words = false;

	for (; s->at < s->argc; s->at++) {
		const char *arg = s->argv[s->at];
		int r;

		if (!only_words && strcmp(arg, "--") == 0) {
			only_words = true;
			continue;
		}
		if (!only_words && arg[0] == '-' && arg[1]) {
			r = scan_option(s, a, err);
			if (r < 0)
				return r;
			continue;
		}
		if (s->word_count == ARRAY_LEN(s->words))
			return err_set(err, -EINVAL, "'%.60s' is one word too many", arg);
		s->words[s->word_count++] = arg;
	}
	return 0;
}

/* The words and options are known: do they belong together? */
static int settle(const struct scan *s, struct cli_args *a, struct err *err)
{
	size_t n;

	if (a->verb) /* --help, --version: whatever else there is */
		return 0;
	if (!s->word_count)
		return err_set(err, -EINVAL,
			       "what do you want to know? `futae help` lists the verbs");
	a->verb = find_verb(s->words[0]);
	if (!a->verb)
		return no_verb(s->words[0], err);
	a->verb = find_form(a->verb, s->word_count - 1);
	n = operand_count(a->verb);
	if (a->verb->operands[0] == '[' && s->word_count - 1 < n)
		n = s->word_count - 1;
	if (s->word_count - 1 != n && a->verb->kind != CLI_HELP)
		return err_set(err, -EINVAL, "write: futae %s%s%s", a->verb->name, n ? " " : "",
			       a->verb->operands);
	for (size_t i = 0; i < s->only_count; i++)
		if (strcmp(s->only[i], a->verb->name) != 0)
			return err_set(err, -EINVAL, "%s is for `futae %s` only", s->only_option[i],
				       s->only[i]);
	for (size_t i = 0; i < n; i++) {
		a->operands[i] = s->words[1 + i];
		if (json_object_set_new(a->request, a->verb->keys[i], json_string(a->operands[i])))
			return err_set(err, -EINVAL, "%s is not UTF-8", a->verb->operands);
	}
	return 0;
}

int cli_args_parse(int argc, char *const argv[], const char *env_socket, struct cli_args *out,
		   struct err *err)
{
	struct scan s = { .argc = argc, .at = 1, .argv = argv };
	struct cli_args a = { .socket = env_socket && *env_socket ? env_socket : CLI_SOCKET,
			      .request = json_object() };
	int r = scan_words(&s, &a, err);

	if (r == 0)
		r = settle(&s, &a, err);
	if (r < 0) {
		cli_args_done(&a);
		return r;
	}
	*out = a;
	return 0;
}

void cli_args_done(struct cli_args *args)
{
	json_decref(args->request);
	args->request = NULL;
}

void cli_args_help(FILE *out)
{
	(void)fputs("usage: futae [--socket PATH] VERB [--json]\n\n", out);
	for (size_t i = 0; i < cli_verb_count; i++) {
		const struct cli_verb *v = &cli_verbs[i];

		(void)fprintf(out, "  %-9s %-12s  %s\n", v->name, v->operands, v->help);
	}
	(void)fputs(
		"\n"
		"  --socket PATH  futaed's control socket (default $FUTAE_SOCKET, or " CLI_SOCKET
		")\n"
		"  --json         the daemon's answer as it is\n"
		"  quality: --last 10m (one span, an hour at most)\n"
		"  events: -f, --follow; --since ID (those after it); -n, --limit N (the last)\n"
		"\n"
		"exit status: 0 good; 1 refused; 2 `status` found something down;\n"
		"             3 no daemon; 64 usage; 65 the configuration is wrong\n",
		out);
}
