/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A reader that does not read stops nobody, and what it missed is counted. */
#include "base/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define LINES 2000

static int real_stderr;

static void use(int fd)
{
	assert_int_equal(dup2(fd, STDERR_FILENO), STDERR_FILENO);
	log_init("test", LOGL_NOTICE);
}

static void say_lines(void)
{
	for (int i = 0; i < LINES; i++)
		log_event(LOGL_NOTICE, "test.line", "n=%d %0200d", i, 0);
}

/* All that is there, by lines: whole ones only.  Adds up what is said to be dropped. */
static unsigned long take_lines(int fd, unsigned long *dropped)
{
	static const char tells[] = "<4>test: log.dropped lines=";
	static char text[LINES * 300];
	size_t len = 0;
	ssize_t n;
	unsigned long lines = 0;

	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (strncmp(line, tells, sizeof(tells) - 1) == 0) {
			*dropped += strtoul(line + sizeof(tells) - 1, NULL, 10);
			continue;
		}
		assert_memory_equal(line, "<5>test: test.line n=", 21);
		assert_int_equal(line[strlen(line) - 1], '0');
		lines++;
	}
	return lines;
}

static void check_unread(int read_end, int write_end)
{
	unsigned long dropped = 0, lines;
	int flags = fcntl(write_end, F_GETFL);

	use(write_end);
	(void)alarm(10); /* ends the test where it would wait for ever */
	say_lines();
	(void)alarm(0);
	lines = take_lines(read_end, &dropped);
	assert_in_range(lines, 1, LINES - 1);
	assert_int_equal(dropped, 0); /* nothing could be said yet */
	log_event(LOGL_NOTICE, "test.line", "n=last 0");
	lines += take_lines(read_end, &dropped);
	assert_int_equal(lines + dropped, LINES + 1);
	/* Others who write there may wait as before. */
	assert_int_equal(fcntl(write_end, F_GETFL), flags);
	assert_int_equal(flags & O_NONBLOCK, 0);
	use(real_stderr);
	(void)close(read_end);
	(void)close(write_end);
}

static void unread_pipe(void **state)
{
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	check_unread(p[0], p[1]);
}

/* journald's */
static void unread_socket(void **state)
{
	int p[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p), 0);
	check_unread(p[0], p[1]);
}

static void a_file_takes_all(void **state)
{
	FILE *f = tmpfile();
	unsigned long dropped = 0;

	(void)state;
	assert_non_null(f);
	use(fileno(f));
	say_lines();
	use(real_stderr);
	assert_int_equal(lseek(fileno(f), 0, SEEK_SET), 0);
	assert_int_equal(take_lines(fileno(f), &dropped), LINES);
	assert_int_equal(dropped, 0);
	(void)fclose(f);
}

static void a_long_line_is_cut_and_ends(void **state)
{
	char words[1100], text[2000];
	int p[2];
	ssize_t n;

	(void)state;
	memset(words, 'x', sizeof(words) - 1);
	words[sizeof(words) - 1] = '\0';
	assert_int_equal(pipe(p), 0);
	use(p[1]);
	log_init("a-program-with-a-name-that-is-longer-than-any-of-ours", LOGL_NOTICE);
	log_event(LOGL_NOTICE, words, "%s", words);
	use(real_stderr);
	n = read(p[0], text, sizeof(text));
	assert_in_range(n, 1000, 1200);
	assert_int_equal(text[n - 1], '\n');
	(void)close(p[0]);
	(void)close(p[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unread_pipe),
		cmocka_unit_test(unread_socket),
		cmocka_unit_test(a_file_takes_all),
		cmocka_unit_test(a_long_line_is_cut_and_ends),
	};

	real_stderr = dup(STDERR_FILENO);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
