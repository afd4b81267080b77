/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ratemeter: what arrives at two devices, each in its namespace, as the kernel counts it.  Prints
 * a line for each interval until SIGTERM: microseconds of the monotonic clock, bytes received by
 * the first device so far, bytes received by the second.
 *
 *     ratemeter INTERVAL_MS NETNS=DEVICE NETNS=DEVICE
 */
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct gauge {
	int fd; /* /proc/net/dev of its namespace */
	char word[IFNAMSIZ + 2]; /* the device's line starts with it */
};

static void die(const char *what)
{
	(void)fprintf(stderr, "ratemeter: %s: %s\n", what, strerror(errno));
	exit(1);
}

static struct gauge gauge_open(char *arg)
{
	struct gauge g = { .fd = -1 };
	char *equals = strrchr(arg, '=');
	int ns;

	if (!equals)
		die("NETNS=DEVICE is wanted");
	*equals = '\0';
	(void)snprintf(g.word, sizeof(g.word), "%.15s:", equals + 1);
	ns = open(arg, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || setns(ns, CLONE_NEWNET) < 0)
		die(arg);
	close(ns);
	/* The file stays that of this namespace, wherever we go next. */
	g.fd = open("/proc/thread-self/net/dev", O_RDONLY | O_CLOEXEC);
	if (g.fd < 0)
		die("/proc/thread-self/net/dev");
	return g;
}

static uint64_t rx_bytes(const struct gauge *g)
{
	char text[8192];
	ssize_t n = pread(g->fd, text, sizeof(text) - 1, 0);
	const char *line;

	text[n > 0 ? n : 0] = '\0';
	line = strstr(text, g->word);
	return line ? strtoull(line + strlen(g->word), NULL, 10) : 0;
}

int main(int argc, char *argv[])
{
	unsigned long interval = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
	struct sched_param sp = { .sched_priority = 61 };
	struct timespec at;
	struct gauge g[2];

	if (interval == 0 || interval > 10000) {
		(void)fprintf(stderr, "usage: ratemeter INTERVAL_MS NETNS=DEVICE NETNS=DEVICE\n");
		return 2;
	}
	for (int i = 0; i < 2; i++)
		g[i] = gauge_open(argv[2 + i]);
	(void)sched_setscheduler(0, SCHED_FIFO, &sp); /* it does its best without the right */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	for (;;) {
		struct timespec now;
		uint64_t a = rx_bytes(&g[0]), b = rx_bytes(&g[1]);

		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		       (uint64_t)now.tv_sec * USEC_PER_SEC + (uint64_t)now.tv_nsec / 1000, a, b);
		at.tv_nsec += (long)interval % 1000 * 1000000;
		at.tv_sec += (long)interval / 1000 + at.tv_nsec / 1000000000;
		at.tv_nsec %= 1000000000;
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) == EINTR)
			;
	}
}
