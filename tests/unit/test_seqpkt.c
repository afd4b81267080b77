/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages keep their borders and their descriptors, and no descriptor is ever leaked. */
#include "io/seqpkt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define ROOM ((size_t)256 * 1024)

static unsigned open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	(void)closedir(dir);
	return n;
}

static void expect_message(int fd, const char *text)
{
	struct seqpkt_msg m;
	char buf[64];

	assert_int_equal(seqpkt_recv(fd, buf, sizeof(buf), &m), 1);
	assert_int_equal(m.data.len, strlen(text));
	assert_memory_equal(m.data.data, text, strlen(text));
	assert_int_equal(m.nfds, 0);
}

static void messages_keep_their_borders(void **state)
{
	struct seqpkt_msg m;
	char buf[64];
	int p[2];

	(void)state;
	assert_int_equal(seqpkt_pair(p, ROOM), 0);
	assert_true(fcntl(p[0], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(seqpkt_recv(p[1], buf, sizeof(buf), &m), -EAGAIN);
	assert_int_equal(seqpkt_send(p[0], "one", 3, NULL, 0), 0);
	assert_int_equal(seqpkt_send(p[0], "second", 6, NULL, 0), 0);
	assert_int_equal(seqpkt_send(p[0], "", 0, NULL, 0), -EINVAL);
	expect_message(p[1], "one");
	expect_message(p[1], "second");
	assert_int_equal(seqpkt_send(p[0], "too long", 8, NULL, 0), 0);
	assert_int_equal(seqpkt_recv(p[1], buf, 7, &m), -EMSGSIZE);
	assert_int_equal(seqpkt_recv(p[1], buf, sizeof(buf), &m), -EAGAIN);
	(void)close(p[0]);
	(void)close(p[1]);
}

static void the_largest_message_passes(void **state)
{
	const size_t size = ROOM / 2;
	char *out = malloc(size), *in = calloc(1, size);
	struct seqpkt_msg m;
	int p[2];

	(void)state;
	assert_non_null(out);
	assert_non_null(in);
	memset(out, 0x5a, size);
	assert_int_equal(seqpkt_pair(p, ROOM), 0);
	assert_int_equal(seqpkt_send(p[0], out, size, NULL, 0), 0);
	assert_int_equal(seqpkt_recv(p[1], in, size, &m), 1);
	assert_int_equal(m.data.len, size);
	assert_memory_equal(in, out, size);
	free(out);
	free(in);
	(void)close(p[0]);
	(void)close(p[1]);
}

static void descriptors_travel(void **state)
{
	struct seqpkt_msg m;
	int p[2], pipes[SEQPKT_FDS + 1];
	unsigned before;
	char buf[8], c;

	(void)state;
	assert_int_equal(seqpkt_pair(p, ROOM), 0);
	for (size_t i = 0; i < SEQPKT_FDS; i += 2)
		assert_int_equal(pipe(pipes + i), 0);
	before = open_fds();
	assert_int_equal(seqpkt_send(p[0], "fds", 3, pipes, SEQPKT_FDS + 1), -EINVAL);
	assert_int_equal(seqpkt_send(p[0], "fds", 3, pipes, SEQPKT_FDS), 0);
	assert_int_equal(seqpkt_recv(p[1], buf, sizeof(buf), &m), 1);
	assert_int_equal(m.nfds, SEQPKT_FDS);
	assert_int_equal(open_fds(), before + SEQPKT_FDS);
	assert_true(fcntl(m.fds[1], F_GETFD) & FD_CLOEXEC);
	assert_int_equal(write(m.fds[1], "!", 1), 1); /* in order, and the same files */
	assert_int_equal(read(pipes[0], &c, 1), 1);
	seqpkt_close_fds(&m);
	assert_int_equal(m.nfds, 0);
	assert_int_equal(open_fds(), before);
	/* A message that does not fit takes its descriptors with it. */
	assert_int_equal(seqpkt_send(p[0], "fds", 3, pipes, 2), 0);
	assert_int_equal(seqpkt_recv(p[1], buf, 2, &m), -EMSGSIZE);
	assert_int_equal(open_fds(), before);
	for (size_t i = 0; i < SEQPKT_FDS; i++)
		(void)close(pipes[i]);
	(void)close(p[0]);
	(void)close(p[1]);
}

static void more_descriptors_than_allowed_are_refused(void **state)
{
	enum { MANY = SEQPKT_FDS + 3 };
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * MANY)];
	} control = { 0 };
	struct iovec iov = { .iov_base = (char[]){ 'x' }, .iov_len = 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	struct seqpkt_msg m;
	int p[2], fds[MANY];
	unsigned before;
	char buf[8];

	(void)state;
	assert_int_equal(seqpkt_pair(p, ROOM), 0);
	for (int i = 0; i < MANY; i++)
		fds[i] = p[0];
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(&control.head), fds, sizeof(fds));
	before = open_fds();
	assert_int_equal(sendmsg(p[0], &msg, 0), 1);
	assert_int_equal(seqpkt_recv(p[1], buf, sizeof(buf), &m), -EPROTO);
	assert_int_equal(open_fds(), before);
	(void)close(p[0]);
	(void)close(p[1]);
}

static void a_slow_peer_and_a_gone_peer_differ(void **state)
{
	char chunk[4096] = { 1 }, buf[4096];
	struct seqpkt_msg m;
	int p[2], rc, sent = 0;

	(void)state;
	assert_int_equal(seqpkt_pair(p, ROOM), 0);
	while ((rc = seqpkt_send(p[0], chunk, sizeof(chunk), NULL, 0)) == 0)
		assert_true(++sent < 10000);
	assert_int_equal(rc, -EAGAIN);
	assert_true((size_t)sent * sizeof(chunk) >= ROOM / 2);
	assert_int_equal(seqpkt_recv(p[1], buf, sizeof(buf), &m), 1);
	assert_int_equal(seqpkt_send(p[1], "bye", 3, NULL, 0), 0);
	(void)close(p[1]); /* without reading the rest */
	expect_message(p[0], "bye");
	assert_int_equal(seqpkt_recv(p[0], buf, sizeof(buf), &m), 0);
	assert_int_equal(seqpkt_send(p[0], "x", 1, NULL, 0), -EPIPE);
	(void)close(p[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_keep_their_borders),
		cmocka_unit_test(the_largest_message_passes),
		cmocka_unit_test(descriptors_travel),
		cmocka_unit_test(more_descriptors_than_allowed_are_refused),
		cmocka_unit_test(a_slow_peer_and_a_gone_peer_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
