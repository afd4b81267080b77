/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What futae-esp may not do any more once it is in its sandbox, tried in a child of ours. */
#include "esp/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__has_feature)
#define SANITIZED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static void allowed_things(void)
{
	void *p = malloc(1 << 20);

	if (!p || write(STDERR_FILENO, "", 0) != 0)
		_exit(1);
	free(p);
	/* told no, not shot */
	if (open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES)
		_exit(2);
	_exit(0);
}

static void open_a_socket(void)
{
	_exit(socket(AF_INET, SOCK_DGRAM, 0) >= 0 ? 3 : 4);
}

static void make_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	_exit(p != MAP_FAILED ? 3 : 4);
}

static void start_a_program(void)
{
	char *const argv[] = { NULL };

	_exit(execve("/bin/true", argv, argv) < 0 ? 4 : 3);
}

static int status_of(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		if (sandbox_enter(NULL) < 0)
			_exit(77);
		fn();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void the_loop_goes_on(void **state)
{
	int status = status_of(allowed_things);

	(void)state;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void all_else_ends_the_process(void **state)
{
	void (*const deeds[])(void) = { open_a_socket, make_code, start_a_program };

	(void)state;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		int status = status_of(deeds[i]);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), SIGSYS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_loop_goes_on),
		cmocka_unit_test(all_else_ends_the_process),
	};

	/* Sanitizers need more system calls than the loop: there the sandbox stays open. */
	if (SANITIZED) {
		puts("skip: the sandbox stays open in a sanitizer build");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
