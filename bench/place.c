/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads of one process in different network namespaces, and one clock for all of them. */
#include "bench/place.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool place_parse(struct place *p, char *text, uint16_t port)
{
	char *address = strchr(text, '=');

	if (!address)
		return false;
	*address++ = 0;
	p->netns = text;
	p->addr.sin_family = AF_INET;
	p->addr.sin_port = htons(port);
	return inet_pton(AF_INET, address, &p->addr.sin_addr) == 1;
}

bool place_parse_cpus(const char *text, struct place *a, struct place *b)
{
	char *end;

	a->cpu = (int)strtol(text, &end, 10);
	if (end == text || *end != ',')
		return false;
	text = end + 1;
	b->cpu = (int)strtol(text, &end, 10);
	return end != text && !*end;
}

struct sockaddr_in place_nth(const struct place *p, unsigned n)
{
	struct sockaddr_in addr = p->addr;

	addr.sin_addr.s_addr = htonl(ntohl(addr.sin_addr.s_addr) + n);
	return addr;
}

void place_fail(const char *what)
{
	(void)fprintf(stderr, "blast: %s: %s\n", what, strerror(errno));
	exit(1);
}

uint64_t place_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

void place_sleep_until(uint64_t nsec)
{
	struct timespec ts = { (time_t)(nsec / 1000000000u), (long)(nsec % 1000000000u) };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

void place_enter(const struct place *p)
{
	char path[4096];
	cpu_set_t set;
	int fd;

	(void)snprintf(path, sizeof(path), "%s%s", strchr(p->netns, '/') ? "" : "/run/netns/",
		       p->netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		place_fail(path);
	(void)close(fd);
	if (p->cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((unsigned)p->cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) < 0)
		place_fail("sched_setaffinity");
}
