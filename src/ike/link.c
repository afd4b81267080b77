/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/link.h"

#include "base/log.h"
#include "io/seqpkt.h"
#include "wire/ipc_msg.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SURE_MSEC 250 /* futae-esp drains its socket within a millisecond unless it is stuck */

static struct {
	pthread_mutex_t lock; /* held while sending, so that messages go out whole and in order */
	int fd; /* -1: no futae-esp */
	int polled; /* what the receiver sleeps on: only the receiver closes it */
	int wake;
} here = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1, .polled = -1, .wake = -1 };

int link_init(void)
{
	here.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return here.wake < 0 ? -errno : 0;
}

void link_wake(void)
{
	/* Fails only when the counter is full, and then it is awake already. */
	(void)!write(here.wake, &(uint64_t){ 1 }, sizeof(uint64_t));
}

static int send_locked(const void *msg, size_t len, bool must)
{
	struct pollfd p = { .fd = here.fd, .events = POLLOUT };
	int r;

	if (here.fd < 0)
		return -ENOTCONN;
	r = seqpkt_send(here.fd, msg, len, NULL, 0);
	if (r == -EAGAIN && must && poll(&p, 1, SURE_MSEC) > 0)
		r = seqpkt_send(here.fd, msg, len, NULL, 0);
	return r;
}

void link_replace(int fd)
{
	uint8_t flush[16];
	ssize_t n = ipc_empty_encode(IPC_SA_FLUSH, flush, sizeof(flush));

	pthread_mutex_lock(&here.lock);
	/* The receiver may be asleep on the old one; it closes it when it wakes. */
	if (here.fd >= 0 && here.fd != here.polled)
		close(here.fd);
	here.fd = fd;
	if (n > 0)
		(void)send_locked(flush, (size_t)n, false);
	pthread_mutex_unlock(&here.lock);
	link_wake();
}

int link_send(const void *msg, size_t len, bool must)
{
	int r;

	pthread_mutex_lock(&here.lock);
	r = send_locked(msg, len, must);
	pthread_mutex_unlock(&here.lock);
	return r;
}

bool link_is_up(void)
{
	bool up;

	pthread_mutex_lock(&here.lock);
	up = here.fd >= 0;
	pthread_mutex_unlock(&here.lock);
	return up;
}

/* The receiver's only way to learn of a new socket, and the only place that closes an old one. */
static int current_fd(void)
{
	int fd;

	pthread_mutex_lock(&here.lock);
	if (here.polled >= 0 && here.polled != here.fd)
		close(here.polled);
	here.polled = fd = here.fd;
	pthread_mutex_unlock(&here.lock);
	return fd;
}

void link_wait(void)
{
	struct pollfd p[2] = { { .fd = here.wake, .events = POLLIN },
			       { .fd = current_fd(), .events = POLLIN } };
	uint64_t count;

	if (poll(p, 2, -1) > 0 && p[0].revents)
		(void)!read(here.wake, &count, sizeof(count));
}

static void lost(int fd)
{
	pthread_mutex_lock(&here.lock);
	close(fd);
	here.polled = -1;
	if (here.fd == fd)
		here.fd = -1; /* futaed starts futae-esp again and sends us the next one */
	pthread_mutex_unlock(&here.lock);
	log_event(LOGL_NOTICE, "esp.gone", "SAs are set up again when it is back");
}

int link_take(void *buf, size_t cap, struct view *out)
{
	int fd = current_fd(), r;
	struct seqpkt_msg msg;

	if (fd < 0)
		return 0;
	r = seqpkt_recv(fd, buf, cap, &msg);
	if (r == 1) {
		seqpkt_close_fds(&msg); /* futae-esp has none to give */
		*out = msg.data;
		return 1;
	}
	if (r != -EAGAIN && r != -EMSGSIZE && r != -EINTR)
		lost(fd);
	return 0;
}
