/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: a thin coat over libev.  Everything a process does happens in one of
 * these callbacks.  Objects are embedded in their owner; *_stop() is always allowed.
 */
#ifndef IO_LOOP_H
#define IO_LOOP_H

#include "base/clock.h"

#include <ev.h>
#include <stdbool.h>
#include <sys/types.h>

struct loop;

struct loop *loop_new(void);
void loop_free(struct loop *loop);
void loop_run(struct loop *loop); /* until loop_stop() */
void loop_stop(struct loop *loop);
/* Calls fn at the end of each turn, before the loop waits for the next. */
void loop_at_turn_end(struct loop *loop, void (*fn)(void *ctx), void *ctx);
/* CLOCK_MONOTONIC as read at the start of this turn, and read now */
usec_t loop_now(const struct loop *loop);
usec_t clock_now(void);
/* How long this machine has been suspended since it was started: clock_now() does not count that.
 */
usec_t clock_asleep(void);
/* How late the loop has been: the worst lateness of any timer since the last call, in usec. */
usec_t loop_take_lateness(struct loop *loop);

struct timer {
	ev_timer ev;
	struct loop *loop;
	usec_t at; /* USEC_NEVER: not armed */
	usec_t armed; /* when libev wakes us: at, or an earlier one */
	usec_t due; /* for lateness: `at`, or when it was armed, whichever is later */
	void (*fn)(struct timer *t);
};

void timer_init(struct timer *t, struct loop *loop, void (*fn)(struct timer *t));
void timer_at(struct timer *t,
	      usec_t at); /* absolute; USEC_NEVER stops; the past fires next turn */
void timer_stop(struct timer *t);

struct watch {
	ev_io ev;
	struct loop *loop;
	int fd;
	void (*fn)(
		struct watch *w); /* readable, or writable where that was asked for, or hung up */
};

void watch_init(struct watch *w, struct loop *loop, void (*fn)(struct watch *w));
/* Ahead of all other watches of a turn; call it while stopped. */
void watch_first(struct watch *w);
void watch_start(struct watch *w, int fd,
		 bool want_write); /* always readable, also writable if asked */
void watch_stop(struct watch *w); /* does not close the fd */

struct signal_watch {
	ev_signal ev;
	void (*fn)(struct signal_watch *s);
};

void signal_watch_start(struct signal_watch *s, struct loop *loop, int signo,
			void (*fn)(struct signal_watch *s));

struct child_watch {
	ev_child ev;
	struct loop *loop;
	void (*fn)(struct child_watch *c, pid_t pid, int status); /* waitpid() status */
};

void child_watch_start(struct child_watch *c, struct loop *loop, pid_t pid,
		       void (*fn)(struct child_watch *c, pid_t pid, int status));
void child_watch_stop(struct child_watch *c);

#endif
