/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/client.h"

#include "io/unixsock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PATIENCE_SEC 30 /* a reload of a very large configuration takes seconds */
#define LINE_MAX_BYTES ((size_t)256 * 1024 * 1024)

struct client {
	int fd;
	char *data; /* what has come, not yet handed out */
	size_t len, cap;
};

int client_open(const char *path, struct client **out, struct err *err)
{
	int fd = unixsock_connect(path, err);
	struct client *c;

	if (fd < 0)
		return fd;
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return err_set(err, -ENOMEM, "not enough memory");
	}
	c->fd = fd;
	*out = c;
	return 0;
}

void client_close(struct client *c)
{
	if (!c)
		return;
	close(c->fd);
	free(c->data);
	free(c);
}

static int send_all(int fd, const char *text, size_t len, struct err *err)
{
	while (len) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		/* What was said before the end may tell why: so the answer is read all the same. */
		if (n < 0 && errno == EPIPE)
			return 0;
		if (n < 0)
			return err_set(err, -errno, "cannot ask futaed: %s", strerror(errno));
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int read_more(struct client *c, struct err *err)
{
	ssize_t n;

	if (c->cap - c->len < 65536) {
		size_t cap = c->cap ? c->cap * 2 : 131072;
		char *data = cap <= LINE_MAX_BYTES ? realloc(c->data, cap) : NULL;

		if (!data)
			return err_set(err, -ENOMEM, "futaed's answer is too long");
		c->data = data;
		c->cap = cap;
	}
	do
		n = recv(c->fd, c->data + c->len, c->cap - c->len, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return err_set(err, -ETIMEDOUT, "futaed has not answered for %d s", PATIENCE_SEC);
	if (n < 0)
		return err_set(err, -errno, "lost the connection to futaed: %s", strerror(errno));
	if (n == 0)
		return err_set(err, -EPIPE, "futaed has closed the connection");
	c->len += (size_t)n;
	return 0;
}

static int next_line(struct client *c, json_t **line, struct err *err)
{
	json_error_t where;
	size_t seen = 0;
	char *end;
	int r;

	while (!c->len || !(end = memchr(c->data + seen, '\n', c->len - seen))) {
		seen = c->len;
		r = read_more(c, err);
		if (r < 0)
			return r;
	}
	*line = json_loadb(c->data, (size_t)(end - c->data), JSON_DECODE_ANY, &where);
	c->len -= (size_t)(end + 1 - c->data);
	memmove(c->data, end + 1, c->len);
	if (!*line)
		return err_set(err, -EPROTO, "futaed's answer is not JSON: %s", where.text);
	return 0;
}

static void set_patience(const struct client *c, time_t seconds)
{
	struct timeval tv = { .tv_sec = seconds };

	(void)setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
}

int client_ask(struct client *c, const char *verb, json_t *args, json_t **data, struct err *err)
{
	json_t *request = json_pack("{s:s, s:O}", "verb", verb, "args", args), *answer = NULL;
	char *text = json_dumps(request, JSON_COMPACT);
	int r;

	json_decref(request);
	if (!text)
		return err_set(err, -ENOMEM, "not enough memory");
	r = send_all(c->fd, text, strlen(text), err);
	if (r == 0)
		r = send_all(c->fd, "\n", 1, err);
	free(text);
	set_patience(c, PATIENCE_SEC);
	if (r == 0)
		r = next_line(c, &answer, err);
	if (r < 0)
		return r;
	if (json_is_true(json_object_get(answer, "ok"))) {
		*data = json_incref(json_object_get(answer, "data"));
		if (!*data)
			*data = json_object();
	} else {
		const char *why = json_string_value(json_object_get(answer, "error"));

		r = why ? err_set(err, -EREMOTEIO, "%s", why)
			: err_set(err, -EPROTO, "futaed's answer makes no sense");
	}
	json_decref(answer);
	return r;
}

int client_next(struct client *c, json_t **line, struct err *err)
{
	set_patience(c, 0);
	return next_line(c, line, err);
}
