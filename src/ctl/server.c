/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/server.h"

#include "base/list.h"
#include "base/log.h"
#include "base/utf8.h"
#include "ctl/conn.h"
#include "ctl/events.h"
#include "io/loop.h"
#include "io/unixsock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE_USEC (10 * USEC_PER_SEC) /* so long silent, a client may have to make room */
#define ACCEPT_PAUSE USEC_PER_SEC /* when there are no descriptors left */

static const char too_long[] = "{\"ok\": false, \"error\": \"the request is too long\"}\n";
static const char too_many[] = "{\"ok\": false, \"error\": \"too many clients; close some\"}\n";

static const struct ctl_conn_limits limits = { CTL_REQUEST_MAX, CTL_OUTPUT_MAX, too_long };

struct client {
	struct ctl_conn *conn; /* NULL: free */
	int fd; /* conn's; to ask who is there */
	bool follows;
	usec_t heard_at;
};

struct ctl_server {
	struct ctl_options options;
	char *path; /* owned */
	int fd;
	struct watch watch;
	struct timer pause;
	struct ctl_events_watch events_watch;
	struct ctl_conn_user user;
	struct client clients[CTL_CLIENTS_MAX];
};

static struct client *find_client(struct ctl_server *s, const struct ctl_conn *conn)
{
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++)
		if (s->clients[i].conn == conn)
			return &s->clients[i];
	return NULL;
}

static void send_json(struct ctl_conn *conn, const json_t *line)
{
	char *text = line ? json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;

	if (text) {
		ctl_conn_send(conn, text, strlen(text));
		ctl_conn_send(conn, "\n", 1);
	}
	free(text);
}

/* Takes `data` over. */
static void send_data(struct ctl_conn *conn, json_t *data)
{
	json_t *line = json_pack("{s:b, s:o}", "ok", 1, "data", data ? data : json_object());

	send_json(conn, line);
	json_decref(line);
}

static void send_error(struct ctl_conn *conn, struct err *err)
{
	json_t *line;

	utf8_clean(err->text);
	line = json_pack("{s:b, s:s}", "ok", 0, "error", err->text);
	send_json(conn, line);
	json_decref(line);
}

/* A count in args, or what it is without one; -EINVAL when it is none. */
static int get_count(const json_t *args, const char *key, uint64_t *value, struct err *err)
{
	const json_t *v = json_object_get(args, key);

	if (!v)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < 0)
		return err_set(err, -EINVAL, "%s is not a count; write a number from 0", key);
	*value = (uint64_t)json_integer_value(v);
	return 0;
}

static int answer_events(struct ctl_server *s, struct client *client, const json_t *args,
			 struct err *err)
{
	uint64_t since = 0, limit = CTL_EVENTS_MAX;
	int r = get_count(args, "since", &since, err);

	if (r == 0)
		r = get_count(args, "limit", &limit, err);
	if (r < 0)
		return r;
	send_data(client->conn, ctl_events_list(s->options.events, since, (size_t)limit));
	client->follows = json_is_true(json_object_get(args, "follow"));
	return 0;
}

static const struct ctl_verb *find_verb(const struct ctl_server *s, const char *name)
{
	for (size_t i = 0; i < s->options.verb_count; i++)
		if (strcmp(s->options.verbs[i].name, name) == 0)
			return &s->options.verbs[i];
	return NULL;
}

static int answer_verb(struct ctl_server *s, struct client *client, const char *name,
		       const json_t *args, struct err *err)
{
	const struct ctl_verb *verb = find_verb(s, name);
	json_t *data = NULL;
	int r;

	if (!verb)
		return err_set(err, -ENOENT, "there is no verb '%.64s'", name);
	if (verb->writes && !unixsock_peer_is_trusted(client->fd, CTL_GROUP))
		return err_set(err, -EACCES, "'%s' is for root and the group %s", name, CTL_GROUP);
	r = verb->fn(s->options.ctx, args, &data, err);
	if (r < 0) {
		json_decref(data);
		return r;
	}
	send_data(client->conn, data);
	return 0;
}

static int answer(struct ctl_server *s, struct client *client, const json_t *request,
		  struct err *err)
{
	const char *verb = json_string_value(json_object_get(request, "verb"));
	json_t *args = json_object_get(request, "args");
	int r;

	if (!verb)
		return err_set(err, -EINVAL, "a request is {\"verb\": \"name\", \"args\": {...}}");
	if (args && !json_is_object(args))
		return err_set(err, -EINVAL, "args is not an object");
	args = args ? json_incref(args) : json_object();
	if (s->options.events && strcmp(verb, "events") == 0)
		r = answer_events(s, client, args, err);
	else
		r = answer_verb(s, client, verb, args, err);
	json_decref(args);
	return r;
}

static void on_line(void *ctx, struct ctl_conn *conn, char *text, size_t len)
{
	struct ctl_server *s = ctx;
	struct client *client = find_client(s, conn);
	struct err err = { .text = "it cannot be done" };
	json_error_t where;
	json_t *request;

	client->heard_at = loop_now(s->options.loop);
	request = json_loadb(text, len, JSON_REJECT_DUPLICATES, &where);
	if (!request) {
		(void)err_set(&err, -EINVAL, "the request is not JSON: %s", where.text);
		send_error(conn, &err);
		return;
	}
	if (answer(s, client, request, &err) < 0)
		send_error(conn, &err);
	json_decref(request);
}

static void on_closed(void *ctx, struct ctl_conn *conn, const char *why)
{
	struct client *client = find_client(ctx, conn);

	*client = (struct client){ 0 };
	if (why)
		log_event(LOGL_WARN, "ctl.dropped", "why=\"%s\"", why);
}

static void on_event(struct ctl_events_watch *w, const json_t *event)
{
	struct ctl_server *s = container_of(w, struct ctl_server, events_watch);

	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++)
		if (s->clients[i].conn && s->clients[i].follows)
			send_json(s->clients[i].conn, event);
}

/* A free place, or that of the client that has been silent for longest. */
static struct client *make_room(struct ctl_server *s)
{
	usec_t now = loop_now(s->options.loop);
	struct client *oldest = NULL;

	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++) {
		struct client *c = &s->clients[i];

		if (!c->conn)
			return c;
		if (!c->follows && usec_since(c->heard_at, now) >= IDLE_USEC &&
		    (!oldest || c->heard_at < oldest->heard_at))
			oldest = c;
	}
	if (oldest) {
		ctl_conn_free(oldest->conn);
		*oldest = (struct client){ 0 };
	}
	return oldest;
}

static void on_accept(struct watch *w)
{
	struct ctl_server *s = container_of(w, struct ctl_server, watch);
	int fd = unixsock_accept(s->fd);
	struct client *client;

	if (fd == -EAGAIN)
		return;
	if (fd < 0) {
		/* The waiting client keeps the listener readable: look again later. */
		watch_stop(w);
		timer_at(&s->pause, usec_add(loop_now(s->options.loop), ACCEPT_PAUSE));
		return;
	}
	client = make_room(s);
	if (!client) {
		(void)send(fd, too_many, sizeof(too_many) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
		close(fd);
		return;
	}
	client->conn = ctl_conn_new(s->options.loop, fd, &s->user, &limits);
	client->fd = fd;
	client->heard_at = loop_now(s->options.loop);
}

static void on_pause(struct timer *t)
{
	struct ctl_server *s = container_of(t, struct ctl_server, pause);

	watch_start(&s->watch, s->fd, false);
}

int ctl_server_new(const struct ctl_options *options, struct ctl_server **out, struct err *err)
{
	struct ctl_server *s = calloc(1, sizeof(*s));
	int r = -ENOMEM;

	if (s)
		s->path = strdup(options->path);
	if (!s || !s->path) {
		(void)err_set(err, r, "no memory for the control socket");
		goto fail;
	}
	r = unixsock_listen(options->path, CTL_GROUP, err);
	if (r < 0)
		goto fail;
	s->fd = r;
	s->options = *options;
	s->user = (struct ctl_conn_user){ on_line, on_closed, s };
	timer_init(&s->pause, options->loop, on_pause);
	watch_init(&s->watch, options->loop, on_accept);
	watch_start(&s->watch, s->fd, false);
	if (options->events) {
		s->events_watch.fn = on_event;
		ctl_events_watch_add(options->events, &s->events_watch);
	}
	*out = s;
	return 0;

fail:
	if (s)
		free(s->path);
	free(s);
	return r;
}

void ctl_server_free(struct ctl_server *s)
{
	if (!s)
		return;
	if (s->options.events)
		ctl_events_watch_remove(s->options.events, &s->events_watch);
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++)
		ctl_conn_free(s->clients[i].conn);
	watch_stop(&s->watch);
	timer_stop(&s->pause);
	close(s->fd);
	(void)unlink(s->path);
	free(s->path);
	free(s);
}
