/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking futaed: one connection, lines of JSON (ctl/server.h has the protocol). */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include "base/err.h"

#include <jansson.h>
#include <stdbool.h>

struct client;

/* -errno and *err when nobody listens there. */
int client_open(const char *path, struct client **out, struct err *err);
void client_close(struct client *c);
/*
 * Asks and waits for the answer.  0 and *data, a new reference; -EREMOTEIO when futaed refused,
 * with its words in *err; -EPIPE, -ETIMEDOUT, -EPROTO when it did not answer, or nothing sensible.
 */
int client_ask(struct client *c, const char *verb, json_t *args, json_t **data, struct err *err);
/* The next line of a stream, however long it takes.  -EPIPE at its end. */
int client_next(struct client *c, json_t **line, struct err *err);

#endif
