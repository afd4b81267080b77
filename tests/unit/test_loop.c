/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loop never fires a timer early, says how late it was, and hears fds, signals and children. */
#include "io/loop.h"

#include "base/list.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC

static struct loop *loop;

struct shot {
	struct timer timer;
	usec_t fired; /* 0: not yet */
	unsigned again; /* times to re-arm itself, each 1 ms on */
	unsigned early;
	bool last;
};

static void on_shot(struct timer *t)
{
	struct shot *s = container_of(t, struct shot, timer);

	s->fired = clock_now();
	assert_true(t->at == USEC_NEVER);
	if (s->fired < t->due)
		s->early++;
	if (s->again > 0) {
		s->again--;
		timer_at(t, t->due + MS);
	} else if (s->last) {
		loop_stop(loop);
	}
}

static int open_loop(void **state)
{
	(void)state;
	loop = loop_new();
	return loop ? 0 : -1;
}

static int close_loop(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

static void timers_fire_in_order_and_never_early(void **state)
{
	struct shot s[4] = { { .again = 20 }, { .last = true } };
	usec_t start = clock_now();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(s); i++)
		timer_init(&s[i].timer, loop, on_shot);
	timer_at(&s[0].timer, start + 2 * MS);
	timer_at(&s[1].timer, start + 60 * MS);
	timer_at(&s[2].timer, start + 5 * MS);
	timer_at(&s[2].timer, start + 31 * MS + 7); /* moved */
	timer_at(&s[3].timer, start + 8 * MS);
	timer_stop(&s[3].timer);
	loop_run(loop);
	for (size_t i = 0; i < ARRAY_LEN(s); i++)
		assert_int_equal(s[i].early, 0);
	assert_int_equal(s[0].again, 0);
	assert_true(s[0].fired >= start + 22 * MS);
	assert_true(s[2].fired >= start + 31 * MS + 7);
	assert_true(s[1].fired >= s[2].fired && s[1].fired >= start + 60 * MS);
	assert_true(s[3].fired == 0);
}

static void a_deadline_in_the_past_fires_next_turn(void **state)
{
	struct shot s = { .last = true };

	(void)state;
	timer_init(&s.timer, loop, on_shot);
	timer_at(&s.timer, 1);
	assert_true(s.fired == 0); /* not from within timer_at() */
	loop_run(loop);
	assert_true(s.fired > 0);
	assert_true(loop_take_lateness(loop) < USEC_PER_SEC); /* not since boot */
}

static void on_busy(struct timer *t)
{
	usec_t now = loop_now(loop), until = clock_now() + 30 * MS;

	(void)t;
	while (clock_now() < until)
		continue;
	assert_true(loop_now(loop) == now); /* one time for the whole turn */
}

static void lateness_is_the_worst_since_taken(void **state)
{
	struct timer busy;
	struct shot s = { .last = true };
	usec_t start = clock_now();

	(void)state;
	timer_init(&busy, loop, on_busy);
	timer_init(&s.timer, loop, on_shot);
	timer_at(&busy, start + 1 * MS);
	timer_at(&s.timer, start + 10 * MS);
	loop_run(loop);
	assert_true(loop_take_lateness(loop) >= 15 * MS);
	assert_true(loop_take_lateness(loop) == 0);
}

static unsigned watched;

static void on_pipe(struct watch *w)
{
	char c;

	watched++;
	if (read(w->fd, &c, 1) <= 0) { /* the other end is closed */
		watch_stop(w);
		loop_stop(loop);
	}
}

static void on_writable(struct watch *w)
{
	assert_int_equal(write(w->fd, "x", 1), 1);
	(void)close(w->fd);
	watch_stop(w);
}

static void watches_tell_of_data_room_and_end(void **state)
{
	struct watch in, out;
	int fds[2];

	(void)state;
	watched = 0;
	assert_int_equal(pipe(fds), 0);
	watch_init(&in, loop, on_pipe);
	watch_init(&out, loop, on_writable);
	watch_start(&in, fds[0], false);
	watch_start(&out, fds[1], true);
	loop_run(loop);
	assert_int_equal(watched, 2);
	assert_int_equal(in.fd, -1);
	watch_stop(&in); /* always allowed */
	(void)close(fds[0]);
}

static unsigned signalled;

static void on_usr1(struct signal_watch *s)
{
	(void)s;
	signalled++;
	loop_stop(loop);
}

static void signals_arrive_in_the_loop(void **state)
{
	struct signal_watch s;

	(void)state;
	signalled = 0;
	signal_watch_start(&s, loop, SIGUSR1, on_usr1);
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(signalled, 0);
	loop_run(loop);
	assert_int_equal(signalled, 1);
	ev_signal_stop(EV_DEFAULT_ & s.ev);
}

static pid_t dead;
static int dead_status;

static void on_dead(struct child_watch *c, pid_t pid, int status)
{
	assert_ptr_equal(c->loop, loop);
	dead = pid;
	dead_status = status;
	loop_stop(loop);
}

static void children_are_reaped(void **state)
{
	struct child_watch c = { 0 };
	pid_t pid = fork();

	(void)state;
	child_watch_stop(&c); /* allowed before the start, too */
	if (pid == 0)
		_exit(7);
	assert_true(pid > 0);
	child_watch_start(&c, loop, pid, on_dead);
	loop_run(loop);
	assert_int_equal(dead, pid);
	assert_true(WIFEXITED(dead_status));
	assert_int_equal(WEXITSTATUS(dead_status), 7);
	child_watch_stop(&c);
}

#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, open_loop, close_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOOP_TEST(timers_fire_in_order_and_never_early),
		LOOP_TEST(a_deadline_in_the_past_fires_next_turn),
		LOOP_TEST(lateness_is_the_worst_since_taken),
		LOOP_TEST(watches_tell_of_data_room_and_end),
		LOOP_TEST(signals_arrive_in_the_loop),
		LOOP_TEST(children_are_reaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
