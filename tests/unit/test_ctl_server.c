/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket with real sockets in a folder of its own.  Server and clients share this
 * process and its loop: each wait is "run the loop until there is a line", never a sleep.
 */
#include "ctl/server.h"

#include "base/list.h"
#include "ctl/events.h"
#include "io/loop.h"
#include "io/unixsock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define BIG ((size_t)1024 * 1024)
#define PATIENCE (20 * USEC_PER_SEC)

struct world {
	char dir[64], path[96];
	struct loop *loop;
	struct ctl_events *events;
	struct ctl_server *server;
	struct timer tick;
	int calls; /* of verb_count */
};

static int verb_echo(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	(void)ctx;
	(void)err;
	*data = json_deep_copy(args);
	return 0;
}

static int verb_fail(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	(void)ctx;
	(void)args;
	*data = json_object(); /* must not leak */
	return err_set(err, -EINVAL, "no tunnel '\xff'");
}

static int verb_count(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	struct world *w = ctx;

	(void)args;
	(void)err;
	w->calls++;
	*data = json_pack("{s:i}", "calls", w->calls);
	return 0;
}

static int verb_big(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	char *text = malloc(BIG + 1);

	(void)ctx;
	(void)args;
	(void)err;
	memset(text, 'x', BIG);
	text[BIG] = '\0';
	*data = json_pack("{s:s}", "text", text);
	free(text);
	return 0;
}

static int verb_nothing(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	(void)ctx;
	(void)args;
	(void)data;
	(void)err;
	return 0;
}

static const struct ctl_verb verbs[] = {
	{ "echo", false, verb_echo },       { "fail", false, verb_fail },
	{ "count", true, verb_count },      { "big", false, verb_big },
	{ "nothing", false, verb_nothing },
};

static void on_tick(struct timer *t)
{
	loop_stop(t->loop);
}

/* A few turns of the loop. */
static void spin(struct world *w)
{
	timer_at(&w->tick, clock_now() + USEC_PER_MSEC);
	loop_run(w->loop);
}

static struct ctl_options options_of(struct world *w)
{
	return (struct ctl_options){ .loop = w->loop,
				     .path = w->path,
				     .verbs = verbs,
				     .verb_count = ARRAY_LEN(verbs),
				     .ctx = w,
				     .events = w->events };
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct ctl_options options;
	struct err err;

	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/ctl-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->path, sizeof(w->path), "%s/control.sock", w->dir);
	w->loop = loop_new();
	w->events = ctl_events_new();
	timer_init(&w->tick, w->loop, on_tick);
	options = options_of(w);
	assert_int_equal(ctl_server_new(&options, &w->server, &err), 0);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;
	struct stat st;

	ctl_server_free(w->server);
	assert_int_equal(stat(w->path, &st), -1); /* it takes its socket away */
	ctl_events_free(w->events);
	timer_stop(&w->tick);
	loop_free(w->loop);
	assert_int_equal(rmdir(w->dir), 0);
	free(w);
	return 0;
}

static int client(struct world *w)
{
	struct err err;
	int fd = unixsock_connect(w->path, &err);

	assert_true(fd >= 0);
	return fd;
}

static void say(int fd, const char *text)
{
	assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* The next line, without its newline; NULL at the end of the stream. */
static char *hear(struct world *w, int fd)
{
	static char peeked[65536];
	usec_t end = clock_now() + PATIENCE;
	char *line = NULL, *grown;
	size_t len = 0;

	while (clock_now() < end) {
		ssize_t n = recv(fd, peeked, sizeof(peeked), MSG_DONTWAIT | MSG_PEEK);
		char *newline;

		if (n < 0) {
			spin(w);
			continue;
		}
		newline = memchr(peeked, '\n', (size_t)n);
		if (newline)
			n = newline - peeked + 1;
		grown = realloc(line, len + (size_t)n + 1);
		assert_non_null(grown);
		line = grown;
		assert_int_equal(recv(fd, line + len, (size_t)n, 0), n);
		len += (size_t)n;
		if (newline) {
			line[len - 1] = '\0';
			return line;
		}
		if (n == 0) {
			free(line);
			return NULL;
		}
	}
	free(line);
	fail_msg("no answer in time");
	return NULL;
}

static void expect(struct world *w, int fd, const char *want)
{
	char *line = hear(w, fd);

	assert_non_null(line);
	assert_string_equal(line, want);
	free(line);
}

static void expect_end(struct world *w, int fd)
{
	char *line = hear(w, fd);

	assert_null(line);
	close(fd);
}

static void answers(void **state)
{
	static const struct row {
		const char *ask, *want;
	} rows[] = {
		{ "{\"verb\":\"echo\",\"args\":{\"a\":[1,\"\xc3\xa9\"]}}\n",
		  "{\"ok\":true,\"data\":{\"a\":[1,\"\xc3\xa9\"]}}" },
		{ "{\"verb\":\"echo\"}\n", "{\"ok\":true,\"data\":{}}" },
		{ "{\"verb\":\"nothing\"}\r\n", "{\"ok\":true,\"data\":{}}" },
		{ "{\"verb\":\"fail\"}\n", "{\"ok\":false,\"error\":\"no tunnel '?'\"}" },
		{ "{\"verb\":\"nosuch\"}\n",
		  "{\"ok\":false,\"error\":\"there is no verb 'nosuch'\"}" },
		{ "{\"verb\":\"echo\",\"args\":[]}\n",
		  "{\"ok\":false,\"error\":\"args is not an object\"}" },
		{ "{\"verb\":\"events\",\"args\":{\"since\":-1}}\n",
		  "{\"ok\":false,\"error\":\"since is not a count; write a number from 0\"}" },
		{ "{\"verb\":\"events\",\"args\":{\"limit\":\"x\"}}\n",
		  "{\"ok\":false,\"error\":\"limit is not a count; write a number from 0\"}" },
	};
	struct world *w = *state;
	int fd = client(w);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		say(fd, rows[i].ask);
		expect(w, fd, rows[i].want);
	}
	close(fd);
}

/* Whatever is not a request gets an error, and the next request its answer. */
static void survives_garbage(void **state)
{
	static const char *const garbage[] = {
		"\n",
		"GET / HTTP/1.1\n",
		"{\n",
		"[]\n",
		"1\n",
		"{\"verb\":1}\n",
		"{\"verb\":null}\n",
		"\xff\xfe\n",
		"{\"verb\":\"echo\",\"verb\":\"echo\"}\n",
	};
	struct world *w = *state;
	int fd = client(w);
	char *line;

	for (size_t i = 0; i < ARRAY_LEN(garbage); i++) {
		say(fd, garbage[i]);
		line = hear(w, fd);
		assert_non_null(line);
		assert_memory_equal(line, "{\"ok\":false,\"error\":", 20);
		free(line);
	}
	assert_int_equal(send(fd, "{\"verb\":\"ec\0ho\"}\n", 17, 0), 17);
	line = hear(w, fd);
	assert_memory_equal(line, "{\"ok\":false", 11);
	free(line);
	say(fd, "{\"verb\":\"echo\"}\n");
	expect(w, fd, "{\"ok\":true,\"data\":{}}");
	close(fd);
}

static void refuses_deep_nesting(void **state)
{
	struct world *w = *state;
	int fd = client(w);
	char *line, deep[50002];

	memset(deep, '[', sizeof(deep));
	deep[sizeof(deep) - 2] = '\n';
	deep[sizeof(deep) - 1] = '\0';
	say(fd, deep);
	line = hear(w, fd);
	assert_memory_equal(line, "{\"ok\":false", 11);
	free(line);
	close(fd);
}

static void takes_requests_byte_by_byte(void **state)
{
	static const char ask[] = "{\"verb\":\"echo\",\"args\":{\"a\":1}}\n";
	struct world *w = *state;
	int fd = client(w);

	for (size_t i = 0; i < sizeof(ask) - 1; i++) {
		assert_int_equal(send(fd, &ask[i], 1, MSG_NOSIGNAL), 1);
		spin(w);
	}
	expect(w, fd, "{\"ok\":true,\"data\":{\"a\":1}}");
	close(fd);
}

static void ends_a_request_without_end(void **state)
{
	struct world *w = *state;
	int fd = client(w);
	char block[4096];
	size_t sent = 0;

	memset(block, 'x', sizeof(block));
	while (sent <= CTL_REQUEST_MAX) {
		ssize_t n = send(fd, block, sizeof(block), MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			sent += (size_t)n;
		else
			spin(w);
	}
	expect(w, fd, "{\"ok\": false, \"error\": \"the request is too long\"}");
	expect_end(w, fd);
}

/* Many requests in one go are answered in order, also to one who closes his side after asking. */
static void answers_all_that_was_asked(void **state)
{
	struct world *w = *state;
	int fd = client(w);

	char asks[500 * 17 + 1];

	for (size_t i = 0; i < 500; i++)
		memcpy(asks + i * 17, "{\"verb\":\"count\"}\n", 18);
	say(fd, asks);
	assert_int_equal(shutdown(fd, SHUT_WR), 0);
	for (int i = 1; i <= 500; i++) {
		char want[64];

		(void)snprintf(want, sizeof(want), "{\"ok\":true,\"data\":{\"calls\":%d}}", i);
		expect(w, fd, want);
	}
	expect_end(w, fd);
	assert_int_equal(w->calls, 500);
}

/* One that asks for much and reads nothing is dropped; others are answered all the while. */
static void drops_who_does_not_read(void **state)
{
	struct world *w = *state;
	int bad = client(w), good = client(w);
	struct pollfd p = { .fd = bad, .events = 0 };
	usec_t end = clock_now() + PATIENCE;

	for (int i = 0; i < 20; i++)
		say(bad, "{\"verb\":\"big\"}\n");
	while (poll(&p, 1, 0) == 0 && clock_now() < end) {
		say(good, "{\"verb\":\"echo\"}\n");
		expect(w, good, "{\"ok\":true,\"data\":{}}");
	}
	assert_true(p.revents & (POLLHUP | POLLERR));
	close(bad);
	close(good);
}

static void gives_a_slow_reader_all(void **state)
{
	struct world *w = *state;
	int fd = client(w);
	char *line;

	say(fd, "{\"verb\":\"big\"}\n{\"verb\":\"big\"}\n");
	for (int i = 0; i < 2; i++) {
		line = hear(w, fd);
		assert_int_equal(strlen(line),
				 BIG + strlen("{\"ok\":true,\"data\":{\"text\":\"\"}}"));
		free(line);
	}
	close(fd);
}

static void streams_events(void **state)
{
	struct world *w = *state;
	int fd = client(w);
	char *line;

	ctl_events_add(w->events, 1, LOGL_INFO, "first", "a=1");
	ctl_events_add(w->events, 2, LOGL_INFO, "second", "a=2");
	say(fd, "{\"verb\":\"events\",\"args\":{\"follow\":true,\"since\":1}}\n");
	expect(w, fd,
	       "{\"ok\":true,\"data\":{\"events\":[{\"id\":2,\"at\":\"1970-01-01T00:00:00."
	       "000002Z\","
	       "\"level\":\"info\",\"event\":\"second\",\"text\":\"a=2\"}]}}");
	ctl_events_add(w->events, 3, LOGL_WARN, "third", "a=3");
	expect(w, fd,
	       "{\"id\":3,\"at\":\"1970-01-01T00:00:00.000003Z\",\"level\":\"warning\","
	       "\"event\":\"third\",\"text\":\"a=3\"}");
	/* It may go on asking. */
	say(fd, "{\"verb\":\"nothing\"}\n");
	line = hear(w, fd);
	assert_string_equal(line, "{\"ok\":true,\"data\":{}}");
	free(line);
	close(fd);
	spin(w);
	ctl_events_add(w->events, 4, LOGL_INFO, "fourth", "nobody listens");
	spin(w);
}

static void drops_a_follower_who_does_not_read(void **state)
{
	struct world *w = *state;
	int fd = client(w);
	struct pollfd p = { .fd = fd, .events = 0 };
	usec_t end = clock_now() + PATIENCE;
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	say(fd, "{\"verb\":\"events\",\"args\":{\"follow\":true}}\n");
	free(hear(w, fd));
	while (poll(&p, 1, 0) == 0 && clock_now() < end) {
		for (int i = 0; i < 100; i++)
			ctl_events_add(w->events, 1, LOGL_INFO, "flood", text);
		spin(w);
	}
	assert_true(p.revents & (POLLHUP | POLLERR));
	close(fd);
}

static void has_room_for_so_many(void **state)
{
	struct world *w = *state;
	int fds[CTL_CLIENTS_MAX], extra;

	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++) {
		fds[i] = client(w);
		say(fds[i], "{\"verb\":\"echo\"}\n");
		expect(w, fds[i], "{\"ok\":true,\"data\":{}}");
	}
	extra = client(w);
	expect(w, extra, "{\"ok\": false, \"error\": \"too many clients; close some\"}");
	expect_end(w, extra);
	/* One leaves, one comes. */
	close(fds[7]);
	spin(w);
	fds[7] = client(w);
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++) {
		say(fds[i], "{\"verb\":\"echo\"}\n");
		expect(w, fds[i], "{\"ok\":true,\"data\":{}}");
		close(fds[i]);
	}
}

static void guards_its_place(void **state)
{
	struct world *w = *state;
	struct ctl_options options = options_of(w);
	struct ctl_server *second = NULL;
	char long_path[200];
	struct stat st;
	struct err err;

	assert_int_equal(stat(w->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(ctl_server_new(&options, &second, &err), -EADDRINUSE);
	assert_null(second);
	assert_non_null(strstr(err.text, "another program is listening"));
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	options.path = long_path;
	assert_int_equal(ctl_server_new(&options, &second, &err), -ENAMETOOLONG);
	options.path = "/nonexistent/control.sock";
	assert_int_equal(ctl_server_new(&options, &second, &err), -ENOENT);
}

/* What a killed daemon left behind does not stop the next one. */
static void replaces_a_dead_socket(void **state)
{
	struct world *w = *state;
	struct ctl_options options = options_of(w);
	struct ctl_server *next = NULL;
	char path[128];
	struct err err;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/old.sock", w->dir);
	fd = unixsock_listen(path, CTL_GROUP, &err);
	assert_true(fd >= 0);
	close(fd);
	options.path = path;
	options.events = NULL;
	assert_int_equal(ctl_server_new(&options, &next, &err), 0);
	ctl_server_free(next);
}

/* As root: another user is heard where he gets in, but may not write. */
static void lets_only_the_trusted_write(void **state)
{
	struct world *w = *state;
	int fd;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(w->dir, 0755), 0);
	assert_int_equal(chmod(w->path, 0666), 0);
	assert_int_equal(setegid(65534), 0);
	assert_int_equal(seteuid(65534), 0);
	fd = client(w);
	assert_int_equal(seteuid(0), 0);
	assert_int_equal(setegid(0), 0);
	say(fd, "{\"verb\":\"echo\"}\n");
	expect(w, fd, "{\"ok\":true,\"data\":{}}");
	say(fd, "{\"verb\":\"count\"}\n");
	expect(w, fd, "{\"ok\":false,\"error\":\"'count' is for root and the group futae\"}");
	assert_int_equal(w->calls, 0);
	close(fd);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		T(answers),
		T(survives_garbage),
		T(refuses_deep_nesting),
		T(takes_requests_byte_by_byte),
		T(ends_a_request_without_end),
		T(answers_all_that_was_asked),
		T(drops_who_does_not_read),
		T(gives_a_slow_reader_all),
		T(streams_events),
		T(drops_a_follower_who_does_not_read),
		T(has_room_for_so_many),
		T(guards_its_place),
		T(replaces_a_dead_socket),
		T(lets_only_the_trusted_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
