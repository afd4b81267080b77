/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a started program gets and does not get, and that rights are gone for good.  The
 * program started is this one: its first argument says what it is to look at.
 */
#include "io/proc.h"

#include "base/list.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define WAIT_MSEC 10000

static const char *self;

/* In the child.  Each answers by exit code: 0 is as it should be. */

static int child_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned others = 0;
	struct dirent *e;

	while (dir && (e = readdir(dir)))
		if (e->d_name[0] != '.' && strtol(e->d_name, NULL, 10) > 4 &&
		    strtol(e->d_name, NULL, 10) != dirfd(dir))
			others++;
	if (!dir || others > 0 || closedir(dir) < 0)
		return 1;
	return write(3, "three", 5) == 5 && write(4, "four", 4) == 4 ? 0 : 2;
}

static int child_signals(void)
{
	struct sigaction pipe_action;
	sigset_t mask;

	if (sigprocmask(SIG_SETMASK, NULL, &mask) < 0 || sigismember(&mask, SIGTERM))
		return 1;
	if (sigaction(SIGPIPE, NULL, &pipe_action) < 0 || pipe_action.sa_handler != SIG_DFL)
		return 2;
	return sched_getscheduler(0) == SCHED_OTHER ? 0 : 3;
}

/* Holds descriptor 3 until it is killed; ends by itself long after the test has given up. */
static int child_hold(bool dropped, bool wish)
{
	if (dropped && proc_drop_all("nobody", NULL) < 0)
		return 1;
	if (wish && proc_die_with_parent(3, NULL) < 0)
		return 3;
	if (write(3, "r", 1) != 1)
		return 2;
	(void)alarm(60);
	(void)pause();
	return 0;
}

static int child_main(const char *what)
{
	if (strcmp(what, "fds") == 0)
		return child_fds();
	if (strcmp(what, "signals") == 0)
		return child_signals();
	return child_hold(strcmp(what, "hold") != 0, strcmp(what, "hold-wish") == 0);
}

static int exit_code_of(pid_t pid)
{
	int status;

	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect_read(int fd, const char *text)
{
	char buf[16];

	assert_int_equal(read(fd, buf, sizeof(buf)), strlen(text));
	assert_memory_equal(buf, text, strlen(text));
}

static void spawn_gives_exactly_these_descriptors(void **state)
{
	const char *const argv[] = { self, "fds", NULL };
	int a[2], b[2], swapped[2];

	(void)state;
	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0); /* without close-on-exec: must not get through */
	/* The second goes to 3, where with luck the first lies: none may be lost on the way. */
	swapped[0] = b[1];
	swapped[1] = a[1];
	assert_int_equal(exit_code_of(proc_spawn(argv, swapped, 2, false, NULL)), 0);
	expect_read(b[0], "three");
	expect_read(a[0], "four");
	for (int i = 0; i < 2; i++) {
		(void)close(a[i]);
		(void)close(b[i]);
	}
}

static void spawn_resets_signals(void **state)
{
	const char *const argv[] = { self, "signals", NULL };
	sigset_t term, old;
	int code;

	(void)state;
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &term, &old), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	code = exit_code_of(proc_spawn(argv, NULL, 0, false, NULL));
	(void)signal(SIGPIPE, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &old, NULL);
	assert_int_equal(code, 0);
}

static void spawn_tells_why_not(void **state)
{
	const char *const argv[] = { "/nonexistent/program", NULL };
	struct err err = { "" };

	(void)state;
	assert_int_equal(proc_spawn(argv, NULL, 0, false, &err), -ENOENT);
	assert_non_null(strstr(err.text, "/nonexistent/program"));
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie */
}

/* A parent in between starts the child and is killed; the child's end of the pipe must close. */
static void check_dies_with_parent(const char *mode, void (*prepare)(void))
{
	const char *const argv[] = { self, mode, NULL };
	struct pollfd gone;
	int p[2];
	pid_t between;

	assert_int_equal(pipe(p), 0);
	between = fork();
	if (between == 0) {
		if (prepare)
			prepare();
		if (proc_spawn(argv, &p[1], 1, true, NULL) < 0)
			_exit(1);
		(void)close(p[1]);
		(void)pause();
		_exit(0);
	}
	assert_true(between > 0);
	(void)close(p[1]);
	expect_read(p[0], "r");
	assert_int_equal(kill(between, SIGKILL), 0);
	assert_int_equal(waitpid(between, NULL, 0), between);
	gone = (struct pollfd){ .fd = p[0], .events = POLLIN };
	assert_int_equal(poll(&gone, 1, WAIT_MSEC), 1);
	assert_true(gone.revents & POLLHUP);
	(void)close(p[0]);
}

static void a_child_dies_with_its_parent(void **state)
{
	(void)state;
	check_dies_with_parent("hold", NULL);
}

/* Becoming another user makes the kernel forget that wish. */
static void a_child_without_rights_still_dies_with_its_parent(void **state)
{
	(void)state;
	check_dies_with_parent("hold-dropped", NULL);
}

/* As futaed is: without a right that a program it starts as root gets back. */
static void give_up_nice(void)
{
	const cap_value_t nice = CAP_SYS_NICE;
	cap_t caps = cap_get_proc();

	if (!caps || cap_set_flag(caps, CAP_EFFECTIVE, 1, &nice, CAP_CLEAR) < 0 ||
	    cap_set_flag(caps, CAP_PERMITTED, 1, &nice, CAP_CLEAR) < 0 || cap_set_proc(caps) < 0)
		_exit(1);
	(void)cap_free(caps);
}

/* So does gaining a capability by being started: the child itself has to wish. */
static void a_child_that_gains_rights_dies_when_it_wishes(void **state)
{
	(void)state;
	check_dies_with_parent("hold-wish", give_up_nice);
}

static void a_wish_comes_too_late_for_a_dead_parent(void **state)
{
	struct err err = { "" };
	int p[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, p), 0);
	assert_int_equal(proc_die_with_parent(p[0], &err), 0);
	(void)close(p[1]);
	assert_int_equal(proc_die_with_parent(p[0], &err), -ESRCH);
	(void)close(p[0]);
	assert_int_equal(prctl(PR_SET_PDEATHSIG, 0), 0);
}

static bool has_any_capability(void)
{
	cap_t now = cap_get_proc(), none = cap_init();
	bool any = !now || !none || cap_compare(now, none) != 0;

	(void)cap_free(now);
	(void)cap_free(none);
	return any;
}

/* In a forked process: 0, or the number of what is still there. */
static int dropped_is_dropped(bool was_root)
{
	struct proc_user who;
	struct err err = { "" };
	struct rlimit core;

	if (proc_user_find("no-such-user", &who, &err) < 0)
		return 12;
	if (was_root && (who.kind != PROC_USER_NUMBER || !proc_user_is_number(who.uid)))
		return 13;
	if (proc_drop_all("no-such-user", &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	if (has_any_capability())
		return 2;
	if (was_root && (getuid() != who.uid || getgid() != who.gid || getgroups(0, NULL) != 0))
		return 3;
	if (was_root && cap_get_bound(CAP_NET_RAW) != 0)
		return 4;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl(PR_GET_DUMPABLE) != 0)
		return 5;
	if (getrlimit(RLIMIT_CORE, &core) < 0 || core.rlim_max != 0)
		return 6;
	if (was_root && setuid(0) == 0)
		return 7;
	return 0;
}

static void drop_all_leaves_nothing(void **state)
{
	/* Root of a namespace with few ids mapped is the next test's matter. */
	bool root = geteuid() == 0 && getgroups(0, NULL) >= 0 && !getenv("IN_WORLD");
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(dropped_is_dropped(root));
	assert_int_equal(exit_code_of(pid), 0);
}

static bool write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		(void)close(fd);
	return good;
}

/* 77: no user namespaces here. */
static int dropped_inside_user_namespace(void)
{
	char uid_map[32], gid_map[32];

	(void)snprintf(uid_map, sizeof(uid_map), "0 %u 1", (unsigned)geteuid());
	(void)snprintf(gid_map, sizeof(gid_map), "0 %u 1", (unsigned)getegid());
	if (unshare(CLONE_NEWUSER) < 0 || !write_text("/proc/self/setgroups", "deny") ||
	    !write_text("/proc/self/uid_map", uid_map) ||
	    !write_text("/proc/self/gid_map", gid_map))
		return 77;
	if (geteuid() != 0 || cap_get_bound(CAP_NET_RAW) != 1)
		return 8;
	if (dropped_is_dropped(false) != 0)
		return 9;
	if (cap_get_bound(CAP_NET_RAW) != 0)
		return 10;
	return getuid() == 0 ? 0 : 11; /* no other user exists there */
}

static void drop_all_works_where_only_root_is_mapped(void **state)
{
	pid_t pid = fork();
	int code;

	(void)state;
	if (pid == 0)
		_exit(dropped_inside_user_namespace());
	code = exit_code_of(pid);
	if (code == 77)
		skip();
	assert_int_equal(code, 0);
}

/* As containers have it: the larger of the numbers does not exist there. */
static int dropped_among_16_bits(int told, int ready)
{
	struct proc_user who;
	struct err err = { "" };
	char c = 0;

	if (geteuid() != 0 || proc_user_find("no-such-user", &who, &err) < 0 ||
	    unshare(CLONE_NEWUSER) < 0 || write(ready, "r", 1) != 1 || read(told, &c, 1) != 1 ||
	    c != 'y')
		return 77;
	if (proc_user_find("no-such-user", &who, &err) < 0 || who.uid > 65535)
		return 20;
	return dropped_is_dropped(true);
}

/* Only who has rights outside may map more than himself. */
static bool map_16_bits(pid_t pid)
{
	char uids[64], gids[64];

	(void)snprintf(uids, sizeof(uids), "/proc/%d/uid_map", (int)pid);
	(void)snprintf(gids, sizeof(gids), "/proc/%d/gid_map", (int)pid);
	return write_text(uids, "0 0 65536") && write_text(gids, "0 0 65536");
}

static void drop_all_finds_a_number_in_a_container(void **state)
{
	int tell[2], ready[2], code;
	pid_t pid;
	char c;

	(void)state;
	assert_int_equal(pipe(tell), 0);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0)
		_exit(dropped_among_16_bits(tell[0], ready[1]));
	(void)close(ready[1]);
	if (read(ready[0], &c, 1) == 1)
		assert_int_equal(write(tell[1], map_16_bits(pid) ? "y" : "n", 1), 1);
	code = exit_code_of(pid);
	(void)close(ready[0]);
	(void)close(tell[0]);
	(void)close(tell[1]);
	if (code == 77)
		skip();
	assert_int_equal(code, 0);
}

static int kept_is_net(void)
{
	static const cap_value_t kept[] = { CAP_NET_ADMIN, CAP_NET_RAW },
				 lost[] = { CAP_SYS_ADMIN, CAP_SETUID };
	struct err err = { "" };
	cap_flag_value_t v;
	cap_t now;
	int bad = 0;

	if (proc_keep_net(&err) < 0)
		return 1;
	now = cap_get_proc();
	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (cap_get_flag(now, kept[i], CAP_EFFECTIVE, &v) < 0 || v != CAP_SET)
			bad = 2;
	for (size_t i = 0; i < ARRAY_LEN(lost); i++)
		if (cap_get_flag(now, lost[i], CAP_PERMITTED, &v) < 0 || v != CAP_CLEAR)
			bad = 3;
	(void)cap_free(now);
	/* A sibling started from here must be able to give up its user. */
	if (cap_get_bound(CAP_SYS_ADMIN) != 0 || cap_get_bound(CAP_SETUID) != 1)
		bad = 4;
	return bad;
}

static void keep_net_keeps_only_that(void **state)
{
	cap_t now = cap_get_proc();
	cap_flag_value_t v = CAP_CLEAR;
	struct err err = { "" };
	pid_t pid;

	(void)state;
	(void)cap_get_flag(now, CAP_NET_ADMIN, CAP_PERMITTED, &v);
	(void)cap_free(now);
	if (v == CAP_CLEAR) {
		assert_int_equal(proc_keep_net(&err), -EPERM);
		assert_non_null(strstr(err.text, "root"));
		return;
	}
	pid = fork();
	if (pid == 0)
		_exit(kept_is_net());
	assert_int_equal(exit_code_of(pid), 0);
}

/* 0: real time and then normal again in what it starts; 77: refused, with words. */
static int realtime_and_not_inherited(void)
{
	const char *const argv[] = { self, "signals", NULL };
	struct err err = { "" };
	int rc = proc_realtime(10, &err), status;
	void *memory;
	pid_t pid;

	if (rc < 0)
		return err.text[0] != '\0' ? 77 : 1;
	if ((sched_getscheduler(0) & ~SCHED_RESET_ON_FORK) != SCHED_FIFO)
		return 2;
	memory = malloc(1 << 20); /* the lock must not make memory scarce */
	if (!memory)
		return 3;
	free(memory);
	pid = proc_spawn(argv, NULL, 0, false, &err);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 4;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 5;
}

static void realtime_works_or_says_why_not(void **state)
{
	pid_t pid = fork();
	int code;

	(void)state;
	if (pid == 0)
		_exit(realtime_and_not_inherited());
	code = exit_code_of(pid);
	assert_true(code == 0 || code == 77);
}

static void own_dir_is_where_this_program_lies(void **state)
{
	char dir[4096], real[4096], *slash;

	(void)state;
	assert_non_null(realpath(self, real));
	slash = strrchr(real, '/');
	*slash = '\0';
	assert_int_equal(proc_own_dir(dir, sizeof(dir)), 0);
	assert_string_equal(dir, real);
	assert_int_equal(proc_own_dir(dir, 3), -ENAMETOOLONG);
}

static void sysctls_are_read_and_left_alone_when_right(void **state)
{
	char release[256];
	struct err err = { "" };

	(void)state;
	assert_int_equal(proc_sysctl_get("kernel/osrelease", release, sizeof(release)), 0);
	assert_null(strchr(release, '\n'));
	assert_int_equal(proc_sysctl_get("kernel/osrelease", release, 2), -ENAMETOOLONG);
	/* Nobody may write this one, but it already is what we want. */
	assert_int_equal(proc_sysctl_set("kernel/osrelease", release, &err), 0);
	assert_true(proc_sysctl_set("kernel/osrelease", "0.01", &err) < 0);
	assert_non_null(strstr(err.text, "kernel/osrelease"));
	assert_int_equal(proc_sysctl_get("no/such/thing", release, sizeof(release)), -ENOENT);
}

static void files_are_read_whole_or_not(void **state)
{
	char path[] = "/tmp/futae-test-XXXXXX";
	struct err err = { "" };
	unsigned char *data;
	size_t len;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "secret\n", 7), 7);
	(void)close(fd);
	assert_int_equal(proc_read_file(path, 7, &data, &len, &err), 0);
	assert_int_equal(len, 7);
	assert_string_equal((char *)data, "secret\n");
	free(data);
	assert_int_equal(proc_read_file(path, 6, &data, &len, &err), -EFBIG);
	assert_non_null(strstr(err.text, path));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(proc_read_file(path, 7, &data, &len, &err), -ENOENT);
	assert_int_equal(proc_read_file("/", 7, &data, &len, &err), -EISDIR);
	assert_int_equal(proc_read_file("/dev/null", 7, &data, &len, &err), -ESPIPE);
	/* Sizes of 0 that are not empty */
	assert_int_equal(proc_read_file("/proc/self/status", 65536, &data, &len, &err), 0);
	assert_true(len > 0);
	free(data);
	assert_int_equal(proc_read_file("/proc/self/status", 5, &data, &len, &err), -EFBIG);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spawn_gives_exactly_these_descriptors),
		cmocka_unit_test(spawn_resets_signals),
		cmocka_unit_test(spawn_tells_why_not),
		cmocka_unit_test(a_child_dies_with_its_parent),
		cmocka_unit_test(a_child_without_rights_still_dies_with_its_parent),
		cmocka_unit_test(a_child_that_gains_rights_dies_when_it_wishes),
		cmocka_unit_test(a_wish_comes_too_late_for_a_dead_parent),
		cmocka_unit_test(drop_all_leaves_nothing),
		cmocka_unit_test(drop_all_works_where_only_root_is_mapped),
		cmocka_unit_test(drop_all_finds_a_number_in_a_container),
		cmocka_unit_test(keep_net_keeps_only_that),
		cmocka_unit_test(realtime_works_or_says_why_not),
		cmocka_unit_test(own_dir_is_where_this_program_lies),
		cmocka_unit_test(sysctls_are_read_and_left_alone_when_right),
		cmocka_unit_test(files_are_read_whole_or_not),
	};

	self = argv[0];
	if (argc > 1)
		return child_main(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
