/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TCP through many tunnels at once: how much arrives?  Streams from and to addresses a stride
 * apart, one address each, as iperf3 cannot have them in one process.  Sender and receiver are two
 * threads of this process, in two network namespaces.  Time begins when all are connected.
 */
#include "bench/cpu_of.h"
#include "bench/place.h"

#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 7008
#define CHUNK (128 * 1024)
#define EVENTS 64

struct run {
	struct place from, to;
	unsigned streams, stride;
	double seconds;
	struct cpu_of cpu;
	_Atomic bool listening;
	_Atomic uint64_t received;
};

static const char usage[] =
	"usage: tcpblast --from NETNS=ADDRESS --to NETNS=ADDRESS [OPTIONS]\n"
	"\n"
	"  --streams N      connections (4)\n"
	"  --stride N       from one's addresses to the next one's (0: all have the same)\n"
	"  --seconds S      (3)\n"
	"  --cpus A,B       where sender and receiver run\n"
	"  --pids P,P,..    whose processor time counts\n";

static char buffer[CHUNK];

static noreturn void wrong_use(void)
{
	(void)fputs(usage, stderr);
	exit(64);
}

static void watch(int epoll, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.fd = fd };

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		place_fail("epoll_ctl");
}

static int listener(const struct run *r)
{
	struct sockaddr_in any = r->to.addr;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	any.sin_addr.s_addr = htonl(INADDR_ANY);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0 ||
	    listen(fd, 4096) < 0)
		place_fail("listen");
	return fd;
}

/* A new stream at the door, or bytes of one that is here. */
static void take(struct run *r, int epoll, int door, int fd)
{
	static char sink[CHUNK];
	ssize_t got;

	if (fd == door) {
		fd = accept4(door, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0)
			watch(epoll, fd, EPOLLIN);
		return;
	}
	got = recv(fd, sink, sizeof(sink), 0);
	if (got > 0)
		atomic_fetch_add(&r->received, (uint64_t)got);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		(void)close(fd);
}

static void *receive(void *arg)
{
	struct run *r = arg;
	struct epoll_event events[EVENTS];

	place_enter(&r->to);
	int epoll = epoll_create1(EPOLL_CLOEXEC), door = listener(r);
	watch(epoll, door, EPOLLIN);
	atomic_store(&r->listening, true);
	for (int n; (n = epoll_wait(epoll, events, EVENTS, -1)) >= 0 || errno == EINTR;)
		for (int i = 0; i < n; i++)
			take(r, epoll, door, events[i].data.fd);
	place_fail("epoll_wait");
}

static void stream_open(const struct run *r, int epoll, unsigned i)
{
	struct sockaddr_in from = place_nth(&r->from, i * r->stride);
	struct sockaddr_in to = place_nth(&r->to, i * r->stride);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	from.sin_port = 0;
	if (fd < 0 || bind(fd, (const struct sockaddr *)&from, sizeof(from)) < 0 ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		place_fail("connect");
	watch(epoll, fd, EPOLLOUT);
}

static void send_until(int epoll, uint64_t end)
{
	struct epoll_event events[EVENTS];

	while (place_now() < end) {
		int n = epoll_wait(epoll, events, EVENTS, 10);

		for (int i = 0; i < n; i++)
			if (send(events[i].data.fd, buffer, sizeof(buffer),
				 MSG_DONTWAIT | MSG_NOSIGNAL) < 0 &&
			    errno != EAGAIN && errno != EINTR)
				place_fail("send");
	}
}

static void parse(int argc, char **argv, struct run *r)
{
	static const struct option options[] = {
		{ "from", 1, 0, 'f' },    { "to", 1, 0, 't' },
		{ "streams", 1, 0, 'n' }, { "stride", 1, 0, 's' },
		{ "cpus", 1, 0, 'c' },    { "seconds", 1, 0, 'S' },
		{ "pids", 1, 0, 'p' },    { 0 },
	};
	bool good = true;

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		switch (c) {
		case 'f':
			good &= place_parse(&r->from, optarg, 0);
			break;
		case 't':
			good &= place_parse(&r->to, optarg, PORT);
			break;
		case 'n':
			r->streams = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 's':
			r->stride = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 'S':
			r->seconds = strtod(optarg, NULL);
			break;
		case 'c':
			good &= place_parse_cpus(optarg, &r->from, &r->to);
			break;
		case 'p':
			good &= cpu_of_parse(&r->cpu, optarg);
			break;
		default:
			good = false;
		}
	}
	if (!good || !r->from.netns || !r->to.netns || !r->streams || r->seconds <= 0)
		wrong_use();
}

int main(int argc, char **argv)
{
	static struct run r = { .streams = 4, .seconds = 3, .from.cpu = -1, .to.cpu = -1 };
	uint64_t start, bytes, cpu_ns, nsec;
	pthread_t receiver;
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	parse(argc, argv, &r);
	errno = pthread_create(&receiver, NULL, receive, &r);
	if (errno || epoll < 0)
		place_fail("starting");
	while (!atomic_load(&r.listening))
		place_sleep_until(place_now() + 1000000);
	place_enter(&r.from);
	for (unsigned i = 0; i < r.streams; i++)
		stream_open(&r, epoll, i);
	cpu_ns = cpu_of_read(&r.cpu);
	bytes = atomic_load(&r.received);
	start = place_now();
	send_until(epoll, start + (uint64_t)(r.seconds * 1e9));
	bytes = atomic_load(&r.received) - bytes;
	nsec = place_now() - start;
	cpu_ns = cpu_of_read(&r.cpu) - cpu_ns;
	printf("{\"gbit_per_second\": %.4f, \"cpu_ns_per_byte\": %.3f}\n",
	       (double)bytes * 8 / (double)nsec, bytes ? (double)cpu_ns / (double)bytes : 0);
	return 0;
}
