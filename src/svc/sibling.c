/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/sibling.h"

#include "base/list.h"
#include "base/log.h"
#include "base/secret.h"
#include "io/pidfile.h"
#include "io/proc.h"
#include "io/seqpkt.h"
#include "wire/ipc_msg.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAUSE_FIRST (50 * USEC_PER_MSEC)
#define PAUSE_MOST (5 * USEC_PER_SEC)
#define CALM (10 * USEC_PER_SEC) /* alive this long: the next pause is the first again */
#define SOCKET_BYTES (4u << 20)
#define QUEUE_MOST (64u << 20) /* past this the child is beyond help and is started anew */

struct sibling_msg {
	struct sibling_msg *next;
	size_t nfds, len;
	int fds[SEQPKT_FDS];
	uint8_t data[]; /* may hold keys: wiped when freed */
};

static void msg_free(struct sibling_msg *m)
{
	for (size_t i = 0; i < m->nfds; i++)
		close(m->fds[i]);
	secret_free(m, sizeof(*m) + m->len);
}

static void queue_clear(struct sibling *s)
{
	while (s->out) {
		struct sibling_msg *m = s->out;

		s->out = m->next;
		msg_free(m);
	}
	s->out_end = &s->out;
	s->out_bytes = 0;
}

static void disconnect(struct sibling *s)
{
	if (s->fd >= 0) {
		watch_stop(&s->watch);
		close(s->fd);
		s->fd = -1;
	}
	queue_clear(s);
	s->batch_len = 0;
}

static void queue_flush(struct sibling *s)
{
	while (s->out) {
		struct sibling_msg *m = s->out;
		int r = seqpkt_send(s->fd, m->data, m->len, m->fds, m->nfds);

		if (r == -EAGAIN)
			return;
		s->out = m->next;
		if (!s->out)
			s->out_end = &s->out;
		s->out_bytes -= m->len;
		msg_free(m);
	}
	watch_start(&s->watch, s->fd, false);
}

static void queue_add(struct sibling *s, const void *data, size_t len, const int *fds, size_t nfds)
{
	struct sibling_msg *m = calloc(1, sizeof(*m) + len);

	if (!m || s->out_bytes + len > QUEUE_MOST || nfds > SEQPKT_FDS) {
		log_event(LOGL_ERROR, "process.stuck", "name=%s queued=%zu", s->name, s->out_bytes);
		free(m);
		if (s->pid > 0)
			(void)kill(s->pid, SIGKILL);
		return;
	}
	for (; m->nfds < nfds; m->nfds++)
		m->fds[m->nfds] = dup(fds[m->nfds]);
	m->len = len;
	memcpy(m->data, data, len);
	*s->out_end = m;
	s->out_end = &m->next;
	s->out_bytes += len;
	watch_start(&s->watch, s->fd, true);
}

void sibling_send(struct sibling *s, const void *data, size_t len, const int *fds, size_t nfds)
{
	if (s->fd < 0)
		return; /* it is told everything when it is back */
	if (!s->out) {
		int r = seqpkt_send(s->fd, data, len, fds, nfds);

		if (r == 0 || r == -EPIPE)
			return;
		if (r != -EAGAIN) {
			log_event(LOGL_ERROR, "process.send", "name=%s error=\"%s\"", s->name,
				  strerror(-r));
			return;
		}
	}
	queue_add(s, data, len, fds, nfds);
}

void sibling_flush(struct sibling *s)
{
	if (s->batch_len && s->fd >= 0 && !s->out)
		(void)seqpkt_send(s->fd, s->batch, s->batch_len, NULL, 0);
	s->batch_len = 0;
}

int sibling_send_soon(struct sibling *s, struct view message)
{
	ssize_t n;

	if (s->fd < 0)
		return -ENOTCONN;
	if (s->out)
		return -EAGAIN;
	n = ipc_batch_add(message, s->batch, s->batch_len, sizeof(s->batch));
	if (n < 0) {
		sibling_flush(s);
		n = ipc_batch_add(message, s->batch, 0, sizeof(s->batch));
	}
	if (n < 0)
		return (int)n;
	s->batch_len = (size_t)n;
	return 0;
}

static void readable(struct watch *w)
{
	static uint8_t buf[IPC_MSG_MAX];
	struct sibling *s = container_of(w, struct sibling, watch);

	if (s->out)
		queue_flush(s);
	/* Bounded, so that a sibling that talks without end cannot hold up a failover. */
	for (unsigned i = 0; i < 64 && s->fd >= 0; i++) {
		struct seqpkt_msg m;
		int r = seqpkt_recv(s->fd, buf, sizeof(buf), &m);

		if (r == -EAGAIN)
			return;
		if (r <= 0) {
			disconnect(s);
			return; /* the child watch sees it end, and starts it again */
		}
		seqpkt_close_fds(&m); /* nobody sends fds to futaed */
		s->message(s, m.data);
	}
}

static void start_again(struct timer *t)
{
	sibling_start(container_of(t, struct sibling, timer));
}

static void child_ended(struct child_watch *c, pid_t pid, int status)
{
	struct sibling *s = container_of(c, struct sibling, child);
	usec_t now = clock_now();

	child_watch_stop(c);
	s->pid = 0;
	disconnect(s);
	pidfile_remove(s->run_dir, s->name);
	if (s->stopping) {
		log_event(LOGL_INFO, "process.stopped", "name=%s pid=%d", s->name, (int)pid);
		return;
	}
	s->pause = usec_since(s->started_at, now) > CALM ? PAUSE_FIRST
							 : usec_min(2 * s->pause, PAUSE_MOST);
	log_event(LOGL_ERROR, "process.died", "name=%s pid=%d %s=%d restart_ms=%u", s->name,
		  (int)pid, WIFSIGNALED(status) ? "signal" : "status",
		  WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
		  (unsigned)(s->pause / USEC_PER_MSEC));
	s->restarts++;
	s->died(s);
	timer_at(&s->timer, now + s->pause);
}

void sibling_init(struct sibling *s, struct loop *loop, const char *name)
{
	memset(s, 0, sizeof(*s));
	s->name = name;
	s->loop = loop;
	s->fd = -1;
	s->pause = PAUSE_FIRST;
	s->out_end = &s->out;
	watch_init(&s->watch, loop, readable);
	timer_init(&s->timer, loop, start_again);
}

void sibling_start(struct sibling *s)
{
	struct err err;
	int pair[2], r = seqpkt_pair(pair, SOCKET_BYTES);

	s->started_at = clock_now();
	if (r == 0) {
		pid_t pid = proc_spawn(s->argv, &pair[1], 1, !s->outlives_us, &err);

		close(pair[1]);
		if (pid > 0) {
			s->pid = pid;
			s->fd = pair[0];
			if (pidfile_write(s->run_dir, s->name, pid, &err))
				log_event(LOGL_WARN, "process.pid_file", "error=\"%s\"", err.text);
			child_watch_start(&s->child, s->loop, pid, child_ended);
			watch_start(&s->watch, s->fd, false);
			log_event(LOGL_INFO, "process.started", "name=%s pid=%d", s->name,
				  (int)pid);
			s->started(s);
			return;
		}
		close(pair[0]);
	} else {
		err_set(&err, r, "cannot make a socket pair: %s", strerror(-r));
	}
	s->pause = usec_min(2 * s->pause, PAUSE_MOST);
	log_event(LOGL_ERROR, "process.start_failed", "name=%s error=\"%s\"", s->name, err.text);
	timer_at(&s->timer, s->started_at + s->pause);
}

void sibling_stop(struct sibling *s)
{
	s->stopping = true;
	timer_stop(&s->timer);
	if (s->pid > 0)
		(void)kill(s->pid, SIGTERM);
}

void sibling_done(struct sibling *s)
{
	timer_stop(&s->timer);
	if (s->pid > 0)
		child_watch_stop(&s->child);
	disconnect(s);
}
