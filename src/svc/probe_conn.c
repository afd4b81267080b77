/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TCP connection for each probe, by the tunnel's own device: that it comes about (tcp), or the
 * status of what an HTTP server answers (http, https).  Of an answer the status line is read and
 * nothing else.
 */
#include "svc/probe.h"

#include "base/list.h"
#include "base/log.h"
#include "io/tcpsock.h"
#include "io/tls.h"
#include "svc/health.h"
#include "wire/http_status.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNS_MAX 512u /* of all checks of a kind: then, too, the oldest makes room */
#define CHECK_CONNS 8u /* of one check: the oldest makes room */
#define LONGEST (10 * USEC_PER_SEC)
#define REQUEST_ROOM 512
/* Of an answer, so that a server can end in peace; nobody looks at it. */
#define DRAIN_MOST 16384
#define ANSWER_ROOM 64 /* the status line up to its number is 13 bytes */
#define STATUS_GOOD_FIRST 200
#define STATUS_GOOD_LAST 399
#define PORT_HTTP 80
#define PORT_HTTPS 443

enum phase { PHASE_CONNECT, PHASE_HANDSHAKE, PHASE_SEND, PHASE_RECEIVE, PHASE_DRAIN };

struct conns;

struct conn {
	struct conns *owner;
	struct check *check; /* NULL: free */
	enum phase phase;
	uint32_t seq;
	usec_t sent;
	struct watch watch;
	struct timer timer;
	struct tls *tls; /* owned; NULL: plain */
	char request[REQUEST_ROOM];
	size_t request_len, done; /* done: bytes of it that are sent */
	uint8_t answer[ANSWER_ROOM];
	size_t answer_len, drained;
};

struct conns {
	struct probe_kind kind;
	const struct env *env;
	probe_fn *fn;
	void *ctx;
	enum conf_probe what;
	usec_t drained; /* the turn of the loop in which it was */
	size_t open; /* connections there are */
	struct conn list[CONNS_MAX];
};

static void conn_end(struct conn *c, bool in_peace)
{
	int fd = c->watch.fd;

	timer_stop(&c->timer);
	watch_stop(&c->watch);
	tls_free(c->tls);
	c->tls = NULL;
	c->check = NULL;
	c->owner->open--;
	if (in_peace)
		tcpsock_close(fd);
	else
		tcpsock_abort(fd);
}

static struct probe_answer answer_of(const struct conn *c, enum probe_verdict verdict,
				     bool by_target)
{
	const struct check *check = c->check;

	return (struct probe_answer){ .verdict = verdict,
				      .index = check->index,
				      .seq = c->seq,
				      .src = by_target ? check->conf->health.target
						       : (struct addr){ 0 },
				      .device = check->path->index,
				      .sent = c->sent,
				      .at = clock_now() };
}

/* It is over before it is told, since that may lead back here. */
static void conn_tell(struct conn *c, enum probe_verdict verdict, bool by_target)
{
	const struct probe_answer a = answer_of(c, verdict, by_target);
	struct conns *k = c->owner;

	conn_end(c, false);
	k->fn(k->ctx, &a);
}

/* No answer, and why. */
__attribute__((format(printf, 2, 3))) static void conn_fail(struct conn *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(c->check->detail, sizeof(c->check->detail), fmt, ap);
	va_end(ap);
	conn_tell(c, PROBE_NOTHING, false);
}

static void expect(struct conn *c, bool want_write)
{
	int fd = c->watch.fd;

	watch_stop(&c->watch);
	watch_start(&c->watch, fd, want_write);
}

/* The rest of the answer, unseen: a reset in the middle of it would be an error to the server. */
static void drain(struct conn *c)
{
	uint8_t nobody[2048];

	for (unsigned i = 0; i < DRAIN_MOST / sizeof(nobody); i++) {
		ssize_t n = c->tls ? tls_recv(c->tls, nobody, sizeof(nobody))
				   : tcpsock_recv(c->watch.fd, nobody, sizeof(nobody));

		if (n == -EAGAIN) {
			expect(c, c->tls && tls_wants_write(c->tls));
			return;
		}
		if (n > 0)
			c->drained += (size_t)n;
		if (n <= 0 || c->drained >= DRAIN_MOST)
			break;
	}
	conn_end(c, true);
}

static void judge(struct conn *c, int status)
{
	bool good = status >= STATUS_GOOD_FIRST && status <= STATUS_GOOD_LAST;
	const struct probe_answer a = answer_of(c, good ? PROBE_REPLY : PROBE_REFUSED, true);
	struct conns *k = c->owner;

	if (!good)
		(void)snprintf(c->check->detail, sizeof(c->check->detail), "HTTP status %d",
			       status);
	c->phase = PHASE_DRAIN;
	drain(c);
	k->fn(k->ctx, &a);
}

static void receive(struct conn *c)
{
	uint8_t *at = c->answer + c->answer_len;
	size_t room = sizeof(c->answer) - c->answer_len;
	ssize_t n = c->tls ? tls_recv(c->tls, at, room) : tcpsock_recv(c->watch.fd, at, room);
	int status;

	if (n == -EAGAIN) {
		expect(c, c->tls && tls_wants_write(c->tls));
		return;
	}
	if (n <= 0) {
		conn_fail(c, "the server closed the connection without an answer");
		return;
	}
	c->answer_len += (size_t)n;
	status = http_status_parse((struct view){ c->answer, c->answer_len });
	if (status > 0)
		judge(c, status);
	else if (status == -EBADMSG)
		conn_fail(c, "what answers does not speak HTTP");
	else
		expect(c, false);
}

static void send_request(struct conn *c)
{
	const char *at = c->request + c->done;
	size_t len = c->request_len - c->done;
	ssize_t n = c->tls ? tls_send(c->tls, at, len) : tcpsock_send(c->watch.fd, at, len);

	if (n > 0)
		c->done += (size_t)n;
	if (n <= 0 && n != -EAGAIN) {
		conn_fail(c, "the server closed the connection before the request");
		return;
	}
	if (c->done < c->request_len) {
		expect(c, !c->tls || tls_wants_write(c->tls));
		return;
	}
	c->phase = PHASE_RECEIVE;
	expect(c, false);
}

static void handshake(struct conn *c)
{
	struct err err;
	int rc = tls_handshake(c->tls, &err);

	if (rc == -EAGAIN) {
		expect(c, tls_wants_write(c->tls));
	} else if (rc < 0) {
		conn_fail(c, "%s", err.text);
	} else {
		c->phase = PHASE_SEND;
		send_request(c);
	}
}

static void failed_to_connect(struct conn *c, int error)
{
	if (error == -ECONNREFUSED && c->check->conf->health.refused_is_good) {
		conn_tell(c, PROBE_REPLY, true);
	} else if (error == -ECONNREFUSED) {
		(void)snprintf(c->check->detail, sizeof(c->check->detail),
			       "connection refused at port %u", c->check->conf->health.port);
		conn_tell(c, PROBE_REFUSED, true);
	} else if (error == -EHOSTUNREACH || error == -ENETUNREACH) {
		(void)snprintf(c->check->detail, sizeof(c->check->detail), "%s", strerror(-error));
		conn_tell(c, PROBE_UNREACHABLE, false);
	} else {
		conn_fail(c, "connecting failed: %s", strerror(-error));
	}
}

static void connected(struct conn *c)
{
	int error = tcpsock_error(c->watch.fd);
	const struct conf_health *h = &c->check->conf->health;
	char target[ADDR_TEXT];

	if (error == -EINPROGRESS)
		return;
	if (error) {
		failed_to_connect(c, error);
	} else if (c->owner->what == CONF_PROBE_TCP) {
		conn_tell(c, PROBE_REPLY, true);
	} else if (c->owner->what == CONF_PROBE_HTTP) {
		c->phase = PHASE_SEND;
		send_request(c);
	} else {
		c->tls = tls_new(c->check->probe, c->watch.fd,
				 *h->url_host ? h->url_host : addr_format(&h->target, target));
		c->phase = PHASE_HANDSHAKE;
		if (c->tls)
			handshake(c);
		else
			conn_fail(c, "not enough memory for TLS");
	}
}

static void on_ready(struct watch *w)
{
	struct conn *c = container_of(w, struct conn, watch);

	switch (c->phase) {
	case PHASE_CONNECT:
		connected(c);
		break;
	case PHASE_HANDSHAKE:
		handshake(c);
		break;
	case PHASE_SEND:
		send_request(c);
		break;
	case PHASE_RECEIVE:
		receive(c);
		break;
	case PHASE_DRAIN:
		drain(c);
		break;
	}
}

static void on_late(struct timer *t)
{
	struct conn *c = container_of(t, struct conn, timer);
	static const char *const what[] = { "no connection", "no TLS handshake",
					    "the server does not read", "no answer" };

	if (c->phase == PHASE_DRAIN)
		conn_end(c, false);
	else
		conn_fail(c, "%s in time", what[c->phase]);
}

/* The oldest of a check that has as many as it may have; else a free one; else the oldest of all.
 */
static struct conn *make_room(struct conns *k, const struct check *check)
{
	struct conn *free_one = NULL, *oldest = NULL;
	struct conn *oldest_any = NULL; /* of whatever check: the dead ones', mostly */
	unsigned count = 0;

	for (size_t i = 0; i < CONNS_MAX; i++) {
		struct conn *c = &k->list[i];

		if (c->check && (!oldest_any || c->sent < oldest_any->sent))
			oldest_any = c;

		if (!c->check) {
			free_one = free_one ? free_one : c;
		} else if (c->check == check) {
			count++;
			oldest = !oldest || c->sent < oldest->sent ? c : oldest;
		}
	}
	if (count < CHECK_CONNS && free_one)
		return free_one;
	if (count < CHECK_CONNS)
		oldest = oldest_any;
	if (oldest->phase == PHASE_DRAIN)
		conn_end(oldest, false);
	else
		conn_fail(oldest, "no answer in time");
	return oldest;
}

/* Names and paths were checked: they end no line. */
static size_t write_request(const struct conf_health *h, char *out, size_t cap)
{
	bool v6 = h->target.family == ADDR_V6 && !*h->url_host;
	uint16_t usual = h->kind == CONF_PROBE_HTTPS ? PORT_HTTPS : PORT_HTTP;
	char target[ADDR_TEXT], port[8] = "";
	int n;

	if (h->port != usual)
		(void)snprintf(port, sizeof(port), ":%u", h->port);
	n = snprintf(out, cap,
		     "GET %s HTTP/1.1\r\nHost: %s%s%s%s\r\nUser-Agent: futae\r\nAccept: */*\r\n"
		     "Connection: close\r\n\r\n",
		     h->url_path, v6 ? "[" : "",
		     *h->url_host ? h->url_host : addr_format(&h->target, target), v6 ? "]" : "",
		     port);
	return n > 0 && (size_t)n < cap ? (size_t)n : 0;
}

static int conns_send(struct probe_kind *kind, struct check *check)
{
	struct conns *k = container_of(kind, struct conns, kind);
	const struct conf_health *h = &check->conf->health;
	const struct endpoint to = { h->target, h->port };
	struct conn *c = make_room(k, check);
	int fd = c ? tcpsock_connect(check->path->device, &h->source, &to) : -EAGAIN;

	if (fd < 0)
		return fd;
	c->check = check;
	c->phase = PHASE_CONNECT;
	c->seq = check->seq;
	c->sent = clock_now();
	c->done = c->answer_len = c->drained = 0;
	c->request_len =
		k->what == CONF_PROBE_TCP ? 0 : write_request(h, c->request, sizeof(c->request));
	k->open++;
	watch_start(&c->watch, fd, true);
	timer_at(&c->timer, usec_add(c->sent, usec_min(h->detection.silence, LONGEST)));
	return 0;
}

static void end_all(struct conns *k, const struct check *check)
{
	for (size_t i = 0; i < CONNS_MAX; i++)
		if (k->list[i].check && (!check || k->list[i].check == check))
			conn_end(&k->list[i], false);
}

static void conns_stop(struct probe_kind *kind, struct check *check)
{
	struct conns *k = container_of(kind, struct conns, kind);

	end_all(k, check);
	tls_trust_free(check->probe);
	check->probe = NULL;
}

static int conns_start(struct probe_kind *kind, struct check *check)
{
	struct conns *k = container_of(kind, struct conns, kind);
	const struct conf_health *h = &check->conf->health;
	struct err err;

	conns_stop(kind, check);
	if (k->what != CONF_PROBE_HTTPS)
		return 0;
	check->probe = tls_trust_new((struct view){ h->ca.data, h->ca.len }, h->verify, &err);
	if (check->probe)
		return 0;
	log_event(LOGL_ERROR, "health.tls", "tunnel=%s error=\"%s\"", check->path->name, err.text);
	return -EINVAL;
}

/* What has come about in this turn; once for all checks. */
static void conns_drain(struct probe_kind *kind)
{
	struct conns *k = container_of(kind, struct conns, kind);
	static struct pollfd fds[CONNS_MAX];
	static struct conn *whose[CONNS_MAX];
	nfds_t n = 0;

	if (!k->open || k->drained == loop_now(k->env->loop))
		return;
	k->drained = loop_now(k->env->loop);
	for (size_t i = 0; i < CONNS_MAX; i++) {
		struct conn *c = &k->list[i];

		if (!c->check)
			continue;
		whose[n] = c;
		fds[n++] =
			(struct pollfd){ .fd = c->watch.fd,
					 .events = c->phase == PHASE_CONNECT ? POLLOUT : POLLIN };
	}
	if (poll(fds, n, 0) <= 0)
		return;
	for (nfds_t i = 0; i < n; i++)
		if (fds[i].revents && whose[i]->check && whose[i]->watch.fd == fds[i].fd)
			on_ready(&whose[i]->watch);
}

static void conns_free(struct probe_kind *kind)
{
	struct conns *k = container_of(kind, struct conns, kind);

	end_all(k, NULL);
	free(k);
}

static const struct probe_ops conns_ops = {
	.free = conns_free,
	.start = conns_start,
	.stop = conns_stop,
	.send = conns_send,
	.drain = conns_drain,
};

static struct probe_kind *conns_new(const struct env *env, probe_fn *fn, void *ctx,
				    enum conf_probe what)
{
	struct conns *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->kind.ops = &conns_ops;
	k->env = env;
	k->fn = fn;
	k->ctx = ctx;
	k->what = what;
	for (size_t i = 0; i < CONNS_MAX; i++) {
		k->list[i].owner = k;
		watch_init(&k->list[i].watch, env->loop, on_ready);
		timer_init(&k->list[i].timer, env->loop, on_late);
	}
	return &k->kind;
}

struct probe_kind *probe_tcp_new(const struct env *env, probe_fn *fn, void *ctx)
{
	return conns_new(env, fn, ctx, CONF_PROBE_TCP);
}

struct probe_kind *probe_http_new(const struct env *env, probe_fn *fn, void *ctx)
{
	return conns_new(env, fn, ctx, CONF_PROBE_HTTP);
}

struct probe_kind *probe_https_new(const struct env *env, probe_fn *fn, void *ctx)
{
	return conns_new(env, fn, ctx, CONF_PROBE_HTTPS);
}
