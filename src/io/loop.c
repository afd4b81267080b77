/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libev counts in doubles from its own idea of now, and epoll in whole milliseconds.  We
 * keep the absolute deadline ourselves: whatever libev makes of it, a timer's callback
 * never runs before its time, and at most about a millisecond after on an idle machine.
 */
#include "io/loop.h"

#include "base/list.h"

#include <stdlib.h>
#include <time.h>

struct loop {
	struct ev_loop *ev;
	ev_check turn;
	ev_prepare turn_end;
	void (*at_turn_end)(void *ctx);
	void *ctx;
	bool running;
	usec_t now; /* at the start of this turn */
	usec_t lateness; /* the worst since it was last taken */
};

static usec_t read_clock(clockid_t id)
{
	struct timespec ts;

	(void)clock_gettime(id, &ts); /* cannot fail for these clocks */
	return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

usec_t clock_now(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

usec_t clock_asleep(void)
{
	usec_t now = clock_now();

	return usec_since(now, read_clock(CLOCK_BOOTTIME));
}

static void on_turn(struct ev_loop *ev, ev_check *w, int revents)
{
	struct loop *loop = container_of(w, struct loop, turn);

	(void)ev;
	(void)revents;
	loop->now = clock_now();
}

static void on_turn_end(struct ev_loop *ev, ev_prepare *w, int revents)
{
	struct loop *loop = container_of(w, struct loop, turn_end);

	(void)ev;
	(void)revents;
	loop->at_turn_end(loop->ctx);
}

void loop_at_turn_end(struct loop *loop, void (*fn)(void *ctx), void *ctx)
{
	loop->at_turn_end = fn;
	loop->ctx = ctx;
	ev_prepare_init(&loop->turn_end, on_turn_end);
	ev_prepare_start(loop->ev, &loop->turn_end);
}

struct loop *loop_new(void)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (!loop)
		return NULL;
	/* The default loop, since only that one hears of children.  No LIBEV_FLAGS from outside. */
	loop->ev = ev_default_loop(EVFLAG_NOENV | EVBACKEND_EPOLL);
	if (!loop->ev) {
		free(loop);
		return NULL;
	}
	/* Goes before all other callbacks of a turn, so that they agree on the time. */
	ev_check_init(&loop->turn, on_turn);
	ev_set_priority(&loop->turn, EV_MAXPRI);
	ev_check_start(loop->ev, &loop->turn);
	return loop;
}

void loop_free(struct loop *loop)
{
	if (!loop)
		return;
	ev_check_stop(loop->ev, &loop->turn);
	if (loop->at_turn_end)
		ev_prepare_stop(loop->ev, &loop->turn_end);
	ev_loop_destroy(loop->ev);
	free(loop);
}

void loop_run(struct loop *loop)
{
	loop->now = clock_now();
	loop->running = true;
	(void)ev_run(loop->ev, 0);
	loop->running = false;
}

void loop_stop(struct loop *loop)
{
	ev_break(loop->ev, EVBREAK_ALL);
}

usec_t loop_now(const struct loop *loop)
{
	return loop->running ? loop->now : clock_now();
}

usec_t loop_take_lateness(struct loop *loop)
{
	usec_t worst = loop->lateness;

	loop->lateness = 0;
	return worst;
}

/* Hands the deadline to libev, which wants it relative to the time it last looked: in a turn, that
 * is when the turn began. */
static void arm(struct timer *t, usec_t now)
{
	usec_t from = t->loop->running ? t->loop->now : now;
	double after = t->at > from ? (double)(t->at - from) / (double)USEC_PER_SEC : 0.;

	if (!t->loop->running)
		ev_now_update(t->loop->ev);
	t->armed = t->at;
	ev_timer_set(&t->ev, after, 0.);
	ev_timer_start(t->loop->ev, &t->ev);
}

static void on_timer(struct ev_loop *ev, ev_timer *w, int revents)
{
	struct timer *t = container_of(w, struct timer, ev);
	usec_t now = clock_now();

	(void)ev;
	(void)revents;
	if (now < t->at) { /* libev's rounding */
		arm(t, now);
		return;
	}
	t->loop->lateness = usec_max(t->loop->lateness, now - t->due);
	t->at = USEC_NEVER;
	t->fn(t);
}

void timer_init(struct timer *t, struct loop *loop, void (*fn)(struct timer *t))
{
	*t = (struct timer){ .loop = loop, .at = USEC_NEVER, .fn = fn };
	ev_init(&t->ev, on_timer);
}

void timer_at(struct timer *t, usec_t at)
{
	usec_t now;

	t->at = at;
	if (at == USEC_NEVER) {
		ev_timer_stop(t->loop->ev, &t->ev);
		return;
	}
	now = clock_now();
	t->due = usec_max(at, now);
	/* Most deadlines are moved away long before they come: libev may wake us at the old one,
	 * and hears of the new one then. */
	if (ev_is_active(&t->ev) && t->armed <= at)
		return;
	ev_timer_stop(t->loop->ev, &t->ev);
	arm(t, now);
}

void timer_stop(struct timer *t)
{
	timer_at(t, USEC_NEVER);
}

static void on_watch(struct ev_loop *ev, ev_io *w, int revents)
{
	struct watch *watch = container_of(w, struct watch, ev);

	(void)ev;
	(void)revents;
	watch->fn(watch);
}

void watch_init(struct watch *w, struct loop *loop, void (*fn)(struct watch *w))
{
	*w = (struct watch){ .loop = loop, .fd = -1, .fn = fn };
	ev_init(&w->ev, on_watch);
}

void watch_first(struct watch *w)
{
	ev_set_priority(&w->ev, EV_MAXPRI);
}

void watch_start(struct watch *w, int fd, bool want_write)
{
	ev_io_stop(w->loop->ev, &w->ev);
	w->fd = fd;
	ev_io_set(&w->ev, fd, want_write ? EV_READ | EV_WRITE : EV_READ);
	ev_io_start(w->loop->ev, &w->ev);
}

void watch_stop(struct watch *w)
{
	ev_io_stop(w->loop->ev, &w->ev);
	w->fd = -1;
}

static void on_signal(struct ev_loop *ev, ev_signal *w, int revents)
{
	struct signal_watch *s = container_of(w, struct signal_watch, ev);

	(void)ev;
	(void)revents;
	s->fn(s);
}

void signal_watch_start(struct signal_watch *s, struct loop *loop, int signo,
			void (*fn)(struct signal_watch *s))
{
	s->fn = fn;
	ev_signal_init(&s->ev, on_signal, signo);
	ev_signal_start(loop->ev, &s->ev);
}

static void on_child(struct ev_loop *ev, ev_child *w, int revents)
{
	struct child_watch *c = container_of(w, struct child_watch, ev);

	(void)revents;
	ev_child_stop(ev, w); /* the pid may soon be somebody else's */
	c->fn(c, w->rpid, w->rstatus);
}

void child_watch_start(struct child_watch *c, struct loop *loop, pid_t pid,
		       void (*fn)(struct child_watch *c, pid_t pid, int status))
{
	c->loop = loop;
	c->fn = fn;
	ev_child_init(&c->ev, on_child, pid, 0);
	ev_child_start(loop->ev, &c->ev);
}

void child_watch_stop(struct child_watch *c)
{
	if (c->loop) /* never started: nothing to stop */
		ev_child_stop(c->loop->ev, &c->ev);
}
