/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole command against a daemon that says what a row of a table says: a child process
 * that listens at a socket of its own, reads one line and writes the row's bytes.
 */
#include "cli/cli.h"

#include "base/list.h"
#include "io/unixsock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct daemon {
	char dir[64], path[96];
	pid_t pid; /* -1: nobody listens */
};

/* In the child: exits 0 when it was asked exactly `ask`. */
static void serve(int listener, const char *ask, const char *answer)
{
	struct pollfd p = { .fd = listener, .events = POLLIN };
	char line[1024];
	size_t len = 0;
	int fd;

	(void)alarm(20);
	(void)poll(&p, 1, -1);
	fd = unixsock_accept(listener);
	while (fd >= 0 && (!len || line[len - 1] != '\n')) {
		p.fd = fd;
		(void)poll(&p, 1, -1);
		if (len == sizeof(line) - 1 || recv(fd, line + len, 1, 0) != 1)
			_exit(2);
		len++;
	}
	line[len] = '\0';
	/* In two pieces: lines do not come as they were sent. */
	(void)send(fd, answer, strlen(answer) / 2, MSG_NOSIGNAL);
	(void)send(fd, answer + strlen(answer) / 2, strlen(answer) - strlen(answer) / 2,
		   MSG_NOSIGNAL);
	_exit(strcmp(line, ask) != 0);
}

static void start(struct daemon *d, const char *ask, const char *answer)
{
	struct err err;
	int listener;

	(void)snprintf(d->dir, sizeof(d->dir), "/tmp/cli-XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	(void)snprintf(d->path, sizeof(d->path), "%s/s", d->dir);
	d->pid = -1;
	if (!ask)
		return;
	listener = unixsock_listen(d->path, "futae", &err);
	assert_true(listener >= 0);
	d->pid = fork();
	assert_true(d->pid >= 0);
	if (d->pid == 0)
		serve(listener, ask, answer);
	close(listener);
}

static void stop(struct daemon *d)
{
	int status = 0;

	if (d->pid > 0) {
		assert_int_equal(waitpid(d->pid, &status, 0), d->pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_int_equal(unlink(d->path), 0);
	}
	assert_int_equal(rmdir(d->dir), 0);
}

static const struct row {
	const char *words[6];
	const char *ask, *answer; /* NULL: there is no daemon */
	enum cli_exit want;
	const char *out, *err; /* err: a part of it; NULL: nothing */
} rows[] = {
	{ { "status" },
	  "{\"verb\":\"status\",\"args\":{}}\n",
	  "{\"ok\":true,\"data\":{\"node\":\"a\",\"tunnels\":[{\"name\":\"t\",\"usable\":true}]}}"
	  "\n",
	  CLI_OK,
	  "a: futae -, up -\nconfiguration -, loaded - ago\n\nTUNNEL  HEALTH  USABLE  IKE\n"
	  "t       -       yes     -\n\nno problems\n",
	  NULL },
	{ { "status", "--json" },
	  "{\"verb\":\"status\",\"args\":{}}\n",
	  "{\"ok\":true,\"data\":{\"tunnels\":[{\"usable\":false,\"rtt\":512.3}]}}\n",
	  CLI_SOMETHING_DOWN,
	  "{\n  \"tunnels\": [\n    {\n      \"usable\": false,\n      \"rtt\": 512.3\n    }\n  "
	  "]\n}\n",
	  NULL },
	{ { "switch", "r", "auto" },
	  "{\"verb\":\"switch\",\"args\":{\"route\":\"r\",\"tunnel\":\"auto\"}}\n",
	  "{\"ok\":true,\"data\":{}}\n",
	  CLI_OK,
	  "done\n",
	  NULL },
	{ { "reload" },
	  "{\"verb\":\"reload\",\"args\":{}}\n",
	  "{\"ok\":true}\n",
	  CLI_OK,
	  "the configuration is loaded\n",
	  NULL },
	{ { "rekey", "x" },
	  "{\"verb\":\"rekey\",\"args\":{\"tunnel\":\"x\"}}\n",
	  "{\"ok\":false,\"error\":\"there is no tunnel x\\u001b\"}\n",
	  CLI_REFUSED,
	  "",
	  "futae: there is no tunnel x?\n" },
	{ { "events", "-f" },
	  "{\"verb\":\"events\",\"args\":{\"follow\":true}}\n",
	  "{\"ok\":true,\"data\":{\"events\":[{\"id\":1,\"event\":\"a\",\"text\":\"b\"}]}}\n"
	  "{\"id\":2,\"event\":\"c\",\"text\":\"d\"}\n",
	  CLI_NO_DAEMON,
	  "-  -        a b\n-  -        c d\n",
	  "futaed has closed the connection" },
	{ { "events", "-f", "--json" },
	  "{\"verb\":\"events\",\"args\":{\"follow\":true}}\n",
	  "{\"ok\":true,\"data\":{\"events\":[{\"id\":1}]}}\n{\"id\":2}\n",
	  CLI_NO_DAEMON,
	  "{\"id\":1}\n{\"id\":2}\n",
	  "futaed has closed the connection" },
	{ { "status" },
	  "{\"verb\":\"status\",\"args\":{}}\n",
	  "{\"ok\":true",
	  CLI_NO_DAEMON,
	  "",
	  "futaed has closed the connection" },
	{ { "status" },
	  "{\"verb\":\"status\",\"args\":{}}\n",
	  "SSH-2.0-x\n",
	  CLI_NO_DAEMON,
	  "",
	  "futaed's answer is not JSON" },
	{ { "status" },
	  "{\"verb\":\"status\",\"args\":{}}\n",
	  "[]\n",
	  CLI_NO_DAEMON,
	  "",
	  "futaed's answer makes no sense" },
	{ { "status" }, NULL, NULL, CLI_NO_DAEMON, "", "cannot reach futaed at /tmp/cli-" },
	{ { "statsu" }, NULL, NULL, CLI_USAGE, "", "did you mean 'status'?" },
	{ { "check", "/nonexistent/x" }, NULL, NULL, CLI_BAD_CONFIG, NULL, NULL }, /* its words are
										      conf's own */
	{ { "version" }, NULL, NULL, CLI_OK, "futae " FUTAE_VERSION "\n", NULL },
};

static void run(const struct row *row, const char *socket)
{
	char *argv[10] = { strdup("futae"), strdup("--socket"), strdup(socket) };
	char *text = NULL, *errors = NULL;
	size_t text_size = 0, errors_size = 0;
	struct term out = { open_memstream(&text, &text_size), false };
	struct term err = { open_memstream(&errors, &errors_size), false };
	int argc = 3;
	enum cli_exit status;

	for (size_t i = 0; i < ARRAY_LEN(row->words) && row->words[i]; i++)
		argv[argc++] = strdup(row->words[i]);
	status = cli_run(argc, argv, &out, &err);
	assert_int_equal(fclose(out.file), 0);
	assert_int_equal(fclose(err.file), 0);
	assert_int_equal(status, row->want);
	if (row->out)
		assert_string_equal(text, row->out);
	else
		assert_true(text_size > 0);
	if (row->err)
		assert_non_null(strstr(errors, row->err));
	else
		assert_string_equal(errors, "");
	free(text);
	free(errors);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
}

static void does_what_it_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct daemon d;

		start(&d, rows[i].ask, rows[i].answer);
		run(&rows[i], d.path);
		stop(&d);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(does_what_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
