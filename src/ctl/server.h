/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * futaed's control socket.  One line of JSON asks, one line answers:
 *
 *   {"verb": "health", "args": {...}}      args may be left out
 *   {"ok": true, "data": {...}}            or {"ok": false, "error": "what is wrong; what to do"}
 *
 * "events" is known here: args since (number of the last one known, default 0: all that are
 * kept), limit (of the newest) and follow.  With follow true the answer is followed by one line
 * per event, as it happens: the bare event object, without "ok".
 *
 * Clients are strangers: each turn of the loop answers at most one request of each, and one
 * that does not read what it asked for is dropped.
 */
#ifndef CTL_SERVER_H
#define CTL_SERVER_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct ctl_events;
struct loop;

#define CTL_GROUP "futae" /* its members may write, and read */
#define CTL_CLIENTS_MAX 64
#define CTL_REQUEST_MAX ((size_t)64 * 1024)
#define CTL_OUTPUT_MAX ((size_t)4 * 1024 * 1024) /* waiting when more is to be said: dropped */

struct ctl_verb {
	const char *name;
	bool writes; /* only for root, our own user and CTL_GROUP */
	/* 0 and *data, a new reference (left NULL: {}); or -errno and *err. args is an object. */
	int (*fn)(void *ctx, const json_t *args, json_t **data, struct err *err);
};

struct ctl_options {
	struct loop *loop;
	const char *path; /* of the socket */
	const struct ctl_verb *verbs; /* must outlive the server */
	size_t verb_count;
	void *ctx; /* for the verbs */
	struct ctl_events *events; /* must outlive the server; NULL: no events */
};

struct ctl_server;

/* 0 and *out, or -errno and what to do: the path is taken, the folder is not there ... */
int ctl_server_new(const struct ctl_options *options, struct ctl_server **out, struct err *err);
/* Closes and removes the socket; NULL is fine. */
void ctl_server_free(struct ctl_server *s);

#endif
