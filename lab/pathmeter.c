/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pathmeter: how long is nothing heard?  Sends numbered packets between two network
 * namespaces, both ways, one each millisecond, each direction measured on its own: both
 * ends read the same clock.  Runs until it is told to stop (see tell.c), then prints JSON:
 *
 *     mark NAME    remembers the moment; that of "fault" splits before from after
 *     stop         stops sending, waits for what is under way, prints, ends
 */
#include "base/addr.h"
#include "base/list.h"
#include "lab/arrivals.h"
#include "lab/control.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT 7007
#define CAPACITY UINT32_C(600000) /* packets: ten minutes */
#define DRAIN (500 * USEC_PER_MSEC) /* how long packets may be under way after the last */
#define MARKS_MAX 16
#define HEADERS 28 /* IP and UDP */
#define BYTES_DEFAULT 128 /* an ordinary small packet, with its headers */

struct packet {
	uint64_t run; /* random, so that nobody else's packets count */
	uint32_t direction, number;
	uint8_t padding[1400 - 16 - HEADERS]; /* of which only m->bytes are sent */
};

struct meter {
	struct endpoint end[2];
	int fd[2];
	struct arrivals way[2]; /* way[0] is from end[0] to end[1] */
	const char *name[2]; /* of the two ways */
	struct control control;
	usec_t interval;
	size_t bytes; /* of a packet with its headers */
	uint64_t run;
	_Atomic bool stop;
	usec_t sender_gap; /* the sender's longest pause between two packets */
	usec_t fault, last_sent;
	struct {
		char name[32];
		usec_t at;
	} marks[MARKS_MAX];
	size_t mark_count;
};

static usec_t now_usec(clockid_t clock)
{
	struct timespec ts;

	(void)clock_gettime(clock, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

/* "/run/netns/ecs=172.16.41.1": opens the socket of one end inside that namespace. */
static int end_open(struct meter *m, size_t i, char *arg)
{
	char *equals = strrchr(arg, '=');
	int one = 1, bytes = 1 << 20, ns, rc;
	struct sockaddr_storage ss;
	size_t len;

	if (!equals || !addr_parse(equals + 1, &m->end[i].addr))
		return -EINVAL;
	*equals = '\0';
	m->end[i].port = PORT;
	len = endpoint_to_sockaddr(&m->end[i], &ss);
	ns = open(arg, O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		return -errno;
	rc = setns(ns, CLONE_NEWNET) ? -errno : 0;
	close(ns);
	if (rc)
		return rc;
	m->fd[i] = socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (m->fd[i] < 0 || bind(m->fd[i], (struct sockaddr *)&ss, (socklen_t)len) ||
	    setsockopt(m->fd[i], SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) ||
	    setsockopt(m->fd[i], IPPROTO_IP, IP_RECVTTL, &one, sizeof(one)))
		return -errno;
	if (setsockopt(m->fd[i], SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		(void)setsockopt(m->fd[i], SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	return 0;
}

static void send_both(struct meter *m, size_t number)
{
	for (size_t i = 0; i < 2; i++) {
		struct packet p = { .run = m->run,
				    .direction = (uint32_t)i,
				    .number = (uint32_t)number };
		struct sockaddr_storage to;
		size_t len = endpoint_to_sockaddr(&m->end[!i], &to);

		m->way[i].sent_at[number] = now_usec(CLOCK_MONOTONIC);
		m->way[i].sent = number + 1;
		/* One that the kernel refuses (no route) is lost like any other. */
		(void)sendto(m->fd[i], &p, m->bytes - HEADERS, MSG_DONTWAIT, (struct sockaddr *)&to,
			     (socklen_t)len);
	}
}

/* Packet n is due at start + n * interval: a late one does not make the next one late. */
static void *sender(void *arg)
{
	struct meter *m = arg;
	usec_t start = now_usec(CLOCK_MONOTONIC), previous = start;

	for (size_t n = 0; n < CAPACITY && !m->stop; n++) {
		usec_t due = start + n * m->interval, now;
		struct timespec ts = { .tv_sec = (time_t)(due / USEC_PER_SEC),
				       .tv_nsec = (long)(due % USEC_PER_SEC) * 1000 };

		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
			;
		now = now_usec(CLOCK_MONOTONIC);
		m->sender_gap = usec_max(m->sender_gap, now - previous);
		previous = now;
		send_both(m, n);
	}
	m->last_sent = previous;
	return NULL;
}

/*
 * When the packet came in, as the kernel noted it: whether we were late to read it must not
 * matter.  The kernel notes the time of day; how long ago that was carries over.
 */
static usec_t arrival_time(struct msghdr *msg, unsigned *ttl)
{
	usec_t now = now_usec(CLOCK_MONOTONIC), today = now_usec(CLOCK_REALTIME), age = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		struct timespec ts;
		int value;

		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
			age = usec_since((usec_t)ts.tv_sec * USEC_PER_SEC +
						 (usec_t)ts.tv_nsec / 1000,
					 today);
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TTL) {
			memcpy(&value, CMSG_DATA(c), sizeof(value));
			*ttl = (unsigned)value;
		}
	}
	/* An age of a second is the time of day being set, not a packet that waited. */
	return age < USEC_PER_SEC ? now - age : now;
}

static void receive(struct meter *m, size_t end)
{
	for (;;) {
		struct packet p;
		struct iovec iov = { &p, sizeof(p) };
		union {
			struct cmsghdr align;
			char data[256];
		} u;
		struct msghdr msg = { .msg_iov = &iov,
				      .msg_iovlen = 1,
				      .msg_control = &u,
				      .msg_controllen = sizeof(u) };
		ssize_t n = recvmsg(m->fd[end], &msg, MSG_DONTWAIT);
		unsigned ttl = 0;
		usec_t at;

		if (n < 0)
			return;
		at = arrival_time(&msg, &ttl);
		if ((size_t)n == m->bytes - HEADERS && p.run == m->run && p.direction == !end)
			arrivals_add(&m->way[!end], p.number, at, ttl);
	}
}

static void mark(struct meter *m, const char *name)
{
	char answer[64];
	usec_t now = now_usec(CLOCK_MONOTONIC);

	if (m->mark_count == MARKS_MAX || strlen(name) >= sizeof(m->marks[0].name)) {
		control_answer(&m->control, "error: too many marks, or too long a name");
		return;
	}
	(void)snprintf(m->marks[m->mark_count].name, sizeof(m->marks[0].name), "%s", name);
	m->marks[m->mark_count++].at = now;
	if (!strcmp(name, "fault"))
		m->fault = now;
	(void)snprintf(answer, sizeof(answer), "%llu", (unsigned long long)now);
	control_answer(&m->control, answer);
}

static void obey(struct meter *m)
{
	char text[CONTROL_TEXT];

	if (!control_read(&m->control, text))
		return;
	if (!strncmp(text, "mark ", 5)) {
		mark(m, text + 5);
		return;
	}
	if (!strcmp(text, "stop"))
		m->stop = true;
	control_answer(&m->control, m->stop ? "stopping" : "error: say mark NAME, or stop");
}

static void receive_until(struct meter *m, usec_t until)
{
	while (!m->stop || now_usec(CLOCK_MONOTONIC) < until) {
		struct pollfd fds[] = {
			{ .fd = m->fd[0], .events = POLLIN },
			{ .fd = m->fd[1], .events = POLLIN },
			{ .fd = control_fd(&m->control), .events = POLLIN },
		};

		if (poll(fds, ARRAY_LEN(fds), until ? 20 : -1) < 0)
			continue;
		for (size_t i = 0; i < 2; i++)
			if (fds[i].revents)
				receive(m, i);
		if (fds[2].revents)
			obey(m);
	}
}

static void print_report(const struct meter *m)
{
	json_t *root = json_object(), *marks = json_object();
	usec_t fault = m->fault ? m->fault : m->way[0].sent_at[0];

	for (size_t i = 0; i < m->mark_count; i++)
		(void)json_object_set_new(marks, m->marks[i].name,
					  json_integer((json_int_t)m->marks[i].at));
	(void)json_object_set_new(root, "fault_usec", json_integer((json_int_t)fault));
	(void)json_object_set_new(root, "marks_usec", marks);
	(void)json_object_set_new(root, "interval_ms", json_real((double)m->interval / 1000.0));
	(void)json_object_set_new(root, "meter_late_ms",
				  json_real((double)usec_since(m->interval, m->sender_gap) /
					    1000.0));
	for (size_t i = 0; i < 2; i++)
		(void)json_object_set_new(root, m->name[i],
					  arrivals_report(&m->way[i], fault, m->last_sent));
	(void)json_dumpf(root, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
	(void)putchar('\n');
	json_decref(root);
}

static int parse_args(struct meter *m, int argc, char *argv[], const char **control)
{
	static const struct option options[] = {
		{ "a", required_argument, NULL, 'a' },
		{ "b", required_argument, NULL, 'b' },
		{ "a-to-b", required_argument, NULL, 'A' },
		{ "b-to-a", required_argument, NULL, 'B' },
		{ "control", required_argument, NULL, 'c' },
		{ "interval-usec", required_argument, NULL, 'i' },
		{ "bytes", required_argument, NULL, 's' },
		{ 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		int err = c == '?' ? -EINVAL : 0;

		if (c == 'a' || c == 'b')
			err = end_open(m, (size_t)(c - 'a'), optarg);
		else if (c == 'A' || c == 'B')
			m->name[c - 'A'] = optarg;
		else if (c == 'c')
			*control = optarg;
		else if (c == 'i')
			m->interval = strtoull(optarg, NULL, 10);
		else if (c == 's')
			m->bytes = strtoull(optarg, NULL, 10);
		if (err)
			return err;
	}
	return m->fd[0] >= 0 && m->fd[1] >= 0 && *control && m->interval >= 100 &&
			       m->bytes >= HEADERS + offsetof(struct packet, padding) &&
			       m->bytes <= HEADERS + sizeof(struct packet)
		       ? 0
		       : -EINVAL;
}

/* Measuring comes before what is measured, where that is allowed. */
static void be_first(void)
{
	struct sched_param sp = { .sched_priority = 61 };

	(void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	if (sched_setscheduler(0, SCHED_FIFO, &sp) == 0)
		(void)mlockall(MCL_CURRENT);
}

int main(int argc, char *argv[])
{
	struct meter m = { .fd = { -1, -1 },
			   .name = { "a_to_b", "b_to_a" },
			   .interval = USEC_PER_MSEC,
			   .bytes = BYTES_DEFAULT };
	const char *control = NULL;
	pthread_t thread;
	int err = parse_args(&m, argc, argv, &control);

	if (!err)
		err = control_open(&m.control, control);
	for (size_t i = 0; i < 2 && !err; i++)
		err = arrivals_init(&m.way[i], CAPACITY);
	if (!err && getrandom(&m.run, sizeof(m.run), 0) != sizeof(m.run))
		err = -EIO;
	if (err) {
		(void)fprintf(stderr,
			      "pathmeter: %s\nusage: pathmeter --a NETNS=ADDRESS --b "
			      "NETNS=ADDRESS --control SOCKET [--a-to-b NAME] [--b-to-a "
			      "NAME] [--interval-usec N] [--bytes N]\n",
			      strerror(-err));
		return 2;
	}
	be_first();
	err = pthread_create(&thread, NULL, sender, &m);
	if (err) {
		(void)fprintf(stderr, "pathmeter: %s\n", strerror(err));
		return 1;
	}
	receive_until(&m, 0);
	(void)pthread_join(thread, NULL);
	receive_until(&m, now_usec(CLOCK_MONOTONIC) + DRAIN);
	print_report(&m);
	for (size_t i = 0; i < 2; i++)
		arrivals_done(&m.way[i]);
	control_close(&m.control);
	return 0;
}
