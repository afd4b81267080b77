/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/conn.h"

#include "base/list.h"
#include "io/loop.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE ((size_t)4096)
#define KEEP_SIZE ((size_t)64 * 1024) /* larger output buffers are given back once empty */
#define LINGER_USEC (5 * USEC_PER_SEC) /* for a peer that closed its side to read the rest */
#define LINGER_STEP (20 * USEC_PER_MSEC)

struct bytes {
	char *data;
	size_t len, cap;
};

struct ctl_conn {
	struct loop *loop;
	int fd;
	struct watch watch;
	struct timer timer; /* more lines wait, more is to be written, or lingering */
	const struct ctl_conn_user *user;
	const struct ctl_conn_limits *limits;
	struct bytes in, out;
	size_t sent; /* of out */
	usec_t linger_until; /* set once nothing more is read */
	bool ended; /* no more is read */
	const char *dead; /* why; freed at the end of the turn */
};

static bool bytes_reserve(struct bytes *b, size_t more)
{
	size_t cap = b->cap ? b->cap : 1024;
	char *data;

	while (cap - b->len < more)
		cap *= 2;
	if (cap == b->cap)
		return true;
	data = realloc(b->data, cap);
	if (!data)
		return false;
	b->data = data;
	b->cap = cap;
	return true;
}

static void end_reading(struct ctl_conn *c)
{
	c->ended = true;
	c->linger_until = usec_add(loop_now(c->loop), LINGER_USEC);
}

void ctl_conn_send(struct ctl_conn *c, const char *data, size_t len)
{
	if (c->dead)
		return;
	/* Freed later: whoever calls may hold on to us. */
	timer_at(&c->timer, loop_now(c->loop));
	if (c->out.len - c->sent > c->limits->output) {
		c->dead = "it does not read what it asked for";
		return;
	}
	if (c->sent && c->sent >= c->out.len / 2) {
		memmove(c->out.data, c->out.data + c->sent, c->out.len - c->sent);
		c->out.len -= c->sent;
		c->sent = 0;
	}
	if (!bytes_reserve(&c->out, len)) {
		c->dead = "no memory for its answer";
		return;
	}
	memcpy(c->out.data + c->out.len, data, len);
	c->out.len += len;
}

static void read_some(struct ctl_conn *c)
{
	ssize_t n;

	if (!bytes_reserve(&c->in, READ_SIZE)) {
		c->dead = "no memory for its request";
		return;
	}
	n = recv(c->fd, c->in.data + c->in.len, c->in.cap - c->in.len, MSG_DONTWAIT);
	if (n > 0)
		c->in.len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		end_reading(c);
}

/* The end of the first line in the input, or NULL. */
static char *find_line(const struct ctl_conn *c)
{
	return c->in.len ? memchr(c->in.data, '\n', c->in.len) : NULL;
}

static void take_line(struct ctl_conn *c)
{
	char *end = find_line(c);
	size_t len;

	if ((end ? (size_t)(end - c->in.data) : c->in.len) > c->limits->line) {
		c->in.len = 0;
		ctl_conn_send(c, c->limits->too_long, strlen(c->limits->too_long));
		end_reading(c);
		return;
	}
	if (!end)
		return;
	*end = '\0';
	len = (size_t)(end - c->in.data);
	c->user->line(c->user->ctx, c, c->in.data, len);
	c->in.len -= len + 1;
	memmove(c->in.data, end + 1, c->in.len);
}

static void flush(struct ctl_conn *c)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			c->dead = "";
			return;
		}
		c->sent += (size_t)n;
	}
	c->sent = c->out.len = 0;
	if (c->out.cap > KEEP_SIZE) {
		free(c->out.data);
		c->out = (struct bytes){ 0 };
	}
}

/* What to wait for next.  While lines wait nothing is read, so the input cannot grow; and a
 * socket at its end is always readable, so there time has to do. */
static void rearm(struct ctl_conn *c)
{
	usec_t now = loop_now(c->loop);

	if (find_line(c)) {
		watch_stop(&c->watch);
		timer_at(&c->timer, now);
	} else if (c->ended) {
		watch_stop(&c->watch);
		timer_at(&c->timer, usec_add(now, LINGER_STEP));
	} else {
		timer_stop(&c->timer);
		watch_start(&c->watch, c->fd, c->sent < c->out.len);
	}
}

static void turn(struct ctl_conn *c)
{
	if (!c->dead)
		take_line(c);
	if (!c->dead)
		flush(c);
	if (!c->dead && c->ended && !find_line(c) &&
	    (c->out.len == 0 || loop_now(c->loop) >= c->linger_until))
		c->dead = "";
	if (c->dead) {
		c->user->closed(c->user->ctx, c, *c->dead ? c->dead : NULL);
		ctl_conn_free(c);
		return;
	}
	rearm(c);
}

static void on_watch(struct watch *w)
{
	struct ctl_conn *c = container_of(w, struct ctl_conn, watch);

	/* Woken to write, the peer may have more to say all the same: reading is harmless. */
	read_some(c);
	turn(c);
}

static void on_timer(struct timer *t)
{
	turn(container_of(t, struct ctl_conn, timer));
}

struct ctl_conn *ctl_conn_new(struct loop *loop, int fd, const struct ctl_conn_user *user,
			      const struct ctl_conn_limits *limits)
{
	struct ctl_conn *c = calloc(1, sizeof(*c));

	if (!c) {
		close(fd);
		return NULL;
	}
	c->loop = loop;
	c->fd = fd;
	c->user = user;
	c->limits = limits;
	timer_init(&c->timer, loop, on_timer);
	watch_init(&c->watch, loop, on_watch);
	watch_start(&c->watch, fd, false);
	return c;
}

void ctl_conn_free(struct ctl_conn *c)
{
	if (!c)
		return;
	watch_stop(&c->watch);
	timer_stop(&c->timer);
	close(c->fd);
	free(c->in.data);
	free(c->out.data);
	free(c);
}
