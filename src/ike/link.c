/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/link.h"

#include "base/log.h"
#include "io/seqpkt.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SURE_MSEC 250 /* futae-esp drains its socket within a millisecond unless it is stuck */

struct end {
	int fd; /* -1: no such futae-esp */
	int polled; /* what the receiver sleeps on: only the receiver closes it */
};

static struct {
	pthread_mutex_t lock; /* held while sending, so that messages go out whole and in order */
	struct end end[IPC_WORKERS_MAX];
	unsigned workers;
	unsigned turn; /* whom the receiver asks first: none may keep the others waiting */
	int wake;
} here = { .lock = PTHREAD_MUTEX_INITIALIZER, .workers = 1, .wake = -1 };

int link_init(void)
{
	for (unsigned i = 0; i < IPC_WORKERS_MAX; i++)
		here.end[i] = (struct end){ -1, -1 };
	here.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return here.wake < 0 ? -errno : 0;
}

void link_wake(void)
{
	/* Fails only when the counter is full, and then it is awake already. */
	(void)!write(here.wake, &(uint64_t){ 1 }, sizeof(uint64_t));
}

static int send_locked(const struct end *e, const void *msg, size_t len, bool must)
{
	struct pollfd p = { .fd = e->fd, .events = POLLOUT };
	int r;

	if (e->fd < 0)
		return -ENOTCONN;
	r = seqpkt_send(e->fd, msg, len, NULL, 0);
	if (r == -EAGAIN && must && poll(&p, 1, SURE_MSEC) > 0)
		r = seqpkt_send(e->fd, msg, len, NULL, 0);
	return r;
}

void link_replace(struct ipc_worker worker, int fd)
{
	struct end *e = &here.end[worker.number];
	uint8_t flush[16];
	ssize_t n = ipc_empty_encode(IPC_SA_FLUSH, flush, sizeof(flush));

	pthread_mutex_lock(&here.lock);
	/* The receiver may be asleep on the old one; it closes it when it wakes. */
	if (e->fd >= 0 && e->fd != e->polled)
		close(e->fd);
	e->fd = fd;
	here.workers = worker.count;
	if (n > 0)
		(void)send_locked(e, flush, (size_t)n, false);
	pthread_mutex_unlock(&here.lock);
	link_wake();
}

unsigned link_workers(void)
{
	unsigned n;

	pthread_mutex_lock(&here.lock);
	n = here.workers;
	pthread_mutex_unlock(&here.lock);
	return n;
}

int link_send(unsigned worker, const void *msg, size_t len, bool must)
{
	int r;

	pthread_mutex_lock(&here.lock);
	r = send_locked(&here.end[worker], msg, len, must);
	pthread_mutex_unlock(&here.lock);
	return r;
}

bool link_is_up(void)
{
	bool up = false;

	pthread_mutex_lock(&here.lock);
	for (unsigned i = 0; i < here.workers; i++)
		up |= here.end[i].fd >= 0;
	pthread_mutex_unlock(&here.lock);
	return up;
}

/* The receiver's only way to learn of a new socket, and the only place that closes an old one. */
static int current_fd(struct end *e)
{
	int fd;

	pthread_mutex_lock(&here.lock);
	if (e->polled >= 0 && e->polled != e->fd)
		close(e->polled);
	e->polled = fd = e->fd;
	pthread_mutex_unlock(&here.lock);
	return fd;
}

void link_wait(void)
{
	struct pollfd p[1 + IPC_WORKERS_MAX] = { { .fd = here.wake, .events = POLLIN } };
	unsigned workers = link_workers();
	uint64_t count;

	for (unsigned i = 0; i < workers; i++)
		p[1 + i] = (struct pollfd){ current_fd(&here.end[i]), POLLIN, 0 };
	if (poll(p, 1 + workers, -1) > 0 && p[0].revents)
		(void)!read(here.wake, &count, sizeof(count));
}

static void lost(struct end *e, int fd)
{
	pthread_mutex_lock(&here.lock);
	close(fd);
	e->polled = -1;
	if (e->fd == fd)
		e->fd = -1; /* futaed starts futae-esp again and sends us the next one */
	pthread_mutex_unlock(&here.lock);
	log_event(LOGL_NOTICE, "esp.gone", "worker=%td SAs are set up again when it is back",
		  e - here.end);
}

static int take_from(struct end *e, void *buf, size_t cap, struct view *out)
{
	int fd = current_fd(e), r;
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
		lost(e, fd);
	return 0;
}

int link_take(void *buf, size_t cap, struct view *out, unsigned *worker)
{
	unsigned workers = link_workers();

	for (unsigned i = 0; i < workers; i++) {
		unsigned k = here.turn++ % workers;

		if (take_from(&here.end[k], buf, cap, out)) {
			*worker = k;
			return 1;
		}
	}
	return 0;
}
