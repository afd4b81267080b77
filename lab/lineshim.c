/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lineshim: joins two network devices into one line, in user space, because not every
 * kernel has netem.  Rate, queue, delay, jitter, loss, bursts, reordering and duplicates are
 * set on the command line and, like the faults, at run time over a socket (see tell.c):
 *
 *     cut | drop-esp | heal     what the line does to frames, both ways
 *     cut-a | cut-b             only to those that come in by that device
 *     set delay_ms=20 loss=1    chances are percent
 *     set rate_mbit=100 queue_ms=20
 *     set mtu=1200              larger IP packets vanish, and nobody says so
 *     stats                     counters, as JSON
 *
 * It also counts what crosses the line in the clear.
 */
#include "base/addr.h"
#include "base/list.h"
#include "lab/accessq.h"
#include "lab/control.h"
#include "lab/frameq.h"
#include "lab/line.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define QUEUE_FRAMES 16384
#define BATCH 64
/* Frames that a busy line takes in, and sends, at once, as a network card would: each wake-up costs
 * more than a frame. */
#define BUSY_FRAMES 2
#define MODERATION ((usec_t)250)
/* How far ahead it is settled which frame is next: so long an urgent one may have to wait. */
#define AHEAD ((usec_t)400)
#define INNER_MAX 8
#define SOCKET_BYTES (4 << 20)

struct port {
	const char *device;
	int fd;
	struct line_dir dir; /* of the frames that come in here */
	struct accessq *access; /* in which they wait for the line */
	uint64_t received, sent, ruled, lost, doubled;
	uint64_t congested; /* dropped, because the line cannot carry so much */
	uint64_t refused; /* by the device they leave by: the far end has no power */
	uint64_t overflow; /* dropped by us: we cannot */
};

struct shim {
	struct port port[2]; /* a frame that comes in by one leaves by the other */
	struct control control;
	struct frameq *queue;
	struct line_cfg cfg;
	enum line_rule rule;
	usec_t rule_since; /* 0: from the start */
	struct prefix inner[INNER_MAX];
	size_t inner_count;
	uint64_t clear;
};

static usec_t now_usec(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

static int port_open(struct port *p)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int one = 1, bytes = SOCKET_BYTES;

	ll.sll_ifindex = (int)if_nametoindex(p->device);
	if (!ll.sll_ifindex)
		return -errno;
	/* Protocol 0 until bound: frames of other devices must not slip in between. */
	p->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (p->fd < 0)
		return -errno;
	if (setsockopt(p->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) ||
	    bind(p->fd, (struct sockaddr *)&ll, sizeof(ll)))
		return -errno;
	/* Only faster; the line works without. */
	(void)setsockopt(p->fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
	if (setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
		(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (getrandom(&p->dir.rng, sizeof(p->dir.rng), 0) != sizeof(p->dir.rng))
		return -errno;
	p->dir.rng |= 1;
	return 0;
}

/* The frame is on the line: its last bit left at `at`. */
static void carry(struct shim *s, unsigned from, struct view frame, usec_t at)
{
	struct port *p = &s->port[from];
	struct line_verdict v = line_decide(&s->cfg, &p->dir, at);

	p->lost += v.copies == 0;
	p->doubled += v.copies > 1;
	for (unsigned i = 0; i < v.copies; i++)
		if (!frameq_push(s->queue, frame, !from, v.due[i]))
			p->overflow++;
}

static void take(struct shim *s, unsigned from, struct view frame, usec_t now)
{
	struct port *p = &s->port[from];

	p->received++;
	if (frame_is_clear(frame, s->inner, s->inner_count))
		s->clear++;
	if (line_takes(&s->cfg, s->rule, from, frame))
		p->ruled++;
	else if (s->cfg.access.rate <= 0)
		carry(s, from, frame, now);
	else if (!accessq_push(p->access, &s->cfg.access, frame, frame_is_urgent(frame), now))
		p->congested++;
}

/* What the line has room for by now, and a little ahead. */
static void transmit(struct shim *s)
{
	usec_t until = now_usec() + AHEAD, at;
	struct view frame;

	for (unsigned i = 0; i < 2; i++)
		while (accessq_next(s->port[i].access, &s->cfg.access, until, &frame, &at))
			carry(s, i, frame, at);
}

/* How many frames it was. */
static unsigned port_read(struct shim *s, unsigned from)
{
	static uint8_t data[BATCH][FRAME_MAX];
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
	usec_t now = now_usec();
	int n;

	memset(msg, 0, sizeof(msg));
	for (size_t i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], FRAME_MAX };
		msg[i].msg_hdr.msg_iov = &iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	n = recvmmsg(s->port[from].fd, msg, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++) {
		if (msg[i].msg_hdr.msg_flags & MSG_TRUNC)
			s->port[from].overflow++;
		else
			take(s, from, (struct view){ data[i], msg[i].msg_len }, now);
	}
	return n > 0 ? (unsigned)n : 0;
}

/* Frames that leave together by one port. */
struct parcel {
	struct iovec iov[BATCH];
	struct mmsghdr msg[BATCH];
	unsigned count;
};

static void parcel_send(struct shim *s, unsigned out, struct parcel *parcel)
{
	unsigned done = 0;

	while (done < parcel->count) {
		int n = sendmmsg(s->port[out].fd, &parcel->msg[done], parcel->count - done,
				 MSG_DONTWAIT);

		if (n > 0)
			s->port[out].sent += (unsigned)n;
		else
			s->port[!out].refused++;
		done += n > 0 ? (unsigned)n : 1;
	}
	parcel->count = 0;
}

/*
 * A cut also takes what is on the line at that moment: light in a fibre does not arrive either.
 * The frames stay where they are until the next push, which is after they were sent.
 */
static unsigned send_due(struct shim *s)
{
	static struct parcel parcel[2];
	usec_t now = now_usec();
	unsigned out, total = 0;

	for (; frameq_due(s->queue) <= now; total++) {
		struct view frame = frameq_pop(s->queue, &out);
		struct parcel *p = &parcel[out];

		if (s->rule == LINE_CUT || s->rule == (out == 1 ? LINE_CUT_A : LINE_CUT_B)) {
			s->port[!out].ruled++;
			continue;
		}
		p->iov[p->count] = (struct iovec){ (void *)(uintptr_t)frame.data, frame.len };
		p->msg[p->count].msg_hdr =
			(struct msghdr){ .msg_iov = &p->iov[p->count], .msg_iovlen = 1 };
		if (++p->count == BATCH)
			parcel_send(s, out, p);
	}
	parcel_send(s, 0, &parcel[0]);
	parcel_send(s, 1, &parcel[1]);
	return total;
}

/* What the kernel had no room for, because we did not read: that is no line's doing either. */
static void count_missed(struct port *p)
{
	struct tpacket_stats st;
	socklen_t len = sizeof(st);

	if (getsockopt(p->fd, SOL_PACKET, PACKET_STATISTICS, &st, &len) == 0)
		p->overflow += st.tp_drops; /* reading them resets them */
}

static int port_stats(struct port *p, char *out, size_t size)
{
	count_missed(p);
	return snprintf(out, size,
			",\"%s\":{\"received\":%" PRIu64 ",\"sent\":%" PRIu64 ",\"ruled\":%" PRIu64
			",\"lost\":%" PRIu64 ",\"doubled\":%" PRIu64 ",\"congested\":%" PRIu64
			",\"refused\":%" PRIu64 ",\"overflow\":%" PRIu64 "}",
			p->device, p->received, p->sent, p->ruled, p->lost, p->doubled,
			p->congested, p->refused, p->overflow);
}

static void print_stats(struct shim *s, char *out, size_t size)
{
	int n = snprintf(out, size,
			 "{\"rule\":\"%s\",\"since_usec\":%" PRIu64 ",\"clear\":%" PRIu64,
			 line_rule_name(s->rule), s->rule_since, s->clear);

	for (size_t i = 0; i < ARRAY_LEN(s->port); i++)
		n += port_stats(&s->port[i], out + n, size - (size_t)n);
	(void)snprintf(out + n, size - (size_t)n, "}");
}

static bool set_words(struct line_cfg *cfg, char *words)
{
	struct line_cfg next = *cfg;
	char *save = NULL;

	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		if (!line_cfg_set(&next, w))
			return false;
	*cfg = next;
	return true;
}

static void rule_set(struct shim *s, enum line_rule rule)
{
	s->rule = rule;
	s->rule_since = now_usec();
}

static void obey(struct shim *s)
{
	char text[CONTROL_TEXT], answer[2 * CONTROL_TEXT];
	enum line_rule rule;

	if (!control_read(&s->control, text))
		return;
	if (line_rule_by_name(text, &rule))
		rule_set(s, rule);
	else if (strcmp(text, "stats") != 0 &&
		 (strncmp(text, "set ", 4) != 0 || !set_words(&s->cfg, text + 4))) {
		control_answer(&s->control, "error: say cut, cut-a, cut-b, drop-esp, heal, "
					    "stats, or set "
					    "KEY=NUMBER... with delay_ms, jitter_ms, loss, "
					    "reorder, duplicate, burst_enter, burst_leave, "
					    "burst_ms, gap_ms, rate_mbit, queue_ms, mtu");
		return;
	}
	print_stats(s, answer, sizeof(answer));
	control_answer(&s->control, answer);
}

/* When there is something to do, unless a frame comes in. */
static usec_t next_due(const struct shim *s)
{
	usec_t due = frameq_due(s->queue);

	for (size_t i = 0; i < ARRAY_LEN(s->port); i++) {
		usec_t at = accessq_due(s->port[i].access);

		due = usec_min(due, at < AHEAD ? 0 : at == USEC_NEVER ? at : at - AHEAD / 2);
	}
	return due;
}

static struct timespec timespec_of(usec_t t)
{
	return (struct timespec){ .tv_sec = (time_t)(t / USEC_PER_SEC),
				  .tv_nsec = (long)(t % USEC_PER_SEC) * 1000 };
}

/* One round; how many frames were moved in it. */
static unsigned work(struct shim *s)
{
	struct pollfd fds[] = {
		{ .fd = s->port[0].fd, .events = POLLIN },
		{ .fd = s->port[1].fd, .events = POLLIN },
		{ .fd = control_fd(&s->control), .events = POLLIN },
	};
	usec_t due = next_due(s), now = now_usec();
	struct timespec ts = timespec_of(due > now ? due - now : 0);
	unsigned moved = 0;

	if (ppoll(fds, ARRAY_LEN(fds), due == USEC_NEVER ? NULL : &ts, NULL) < 0)
		return 0; /* EINTR; the rest would be a bug that the next lines show */
	for (unsigned i = 0; i < 2; i++)
		if (fds[i].revents)
			moved += port_read(s, i);
	if (fds[2].revents)
		obey(s);
	transmit(s);
	return moved + send_due(s);
}

static void run(struct shim *s)
{
	struct timespec pause = timespec_of(MODERATION);

	for (;;)
		if (work(s) > BUSY_FRAMES)
			(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

/* A line is hardware: it does not wait for programs.  Without the right it does its best. */
static void be_hardware(void)
{
	struct sched_param sp = { .sched_priority = 60 };

	(void)prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	if (sched_setscheduler(0, SCHED_FIFO, &sp) == 0)
		(void)mlockall(MCL_CURRENT);
}

static int parse_args(struct shim *s, int argc, char *argv[], const char **control)
{
	static const struct option options[] = {
		{ "a", required_argument, NULL, 'a' },
		{ "b", required_argument, NULL, 'b' },
		{ "control", required_argument, NULL, 'c' },
		{ "inner", required_argument, NULL, 'i' },
		{ 0 },
	};

	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
		if (c == 'a' || c == 'b')
			s->port[c - 'a'].device = optarg;
		else if (c == 'c')
			*control = optarg;
		else if (c != 'i' || s->inner_count == INNER_MAX ||
			 !prefix_parse(optarg, &s->inner[s->inner_count++]))
			return -EINVAL;
	}
	for (int i = optind; i < argc; i++)
		if (!line_cfg_set(&s->cfg, argv[i]))
			return -EINVAL;
	return s->port[0].device && s->port[1].device && *control ? 0 : -EINVAL;
}

int main(int argc, char *argv[])
{
	struct shim s = { .cfg = { .delay = 5 * USEC_PER_MSEC,
				   .access.limit = 20 * USEC_PER_MSEC } };
	const char *control = NULL;
	int err;

	if (parse_args(&s, argc, argv, &control)) {
		(void)fprintf(stderr, "usage: lineshim --a DEVICE --b DEVICE --control SOCKET "
				      "[--inner PREFIX]... [KEY=NUMBER]...\n");
		return 2;
	}
	s.queue = frameq_new(QUEUE_FRAMES);
	s.port[0].access = accessq_new();
	s.port[1].access = accessq_new();
	if (!s.queue || !s.port[0].access || !s.port[1].access)
		return 1;
	be_hardware();
	for (size_t i = 0; i < 2; i++) {
		err = port_open(&s.port[i]);
		if (err) {
			(void)fprintf(stderr, "lineshim: %s: %s\n", s.port[i].device,
				      strerror(-err));
			return 1;
		}
	}
	err = control_open(&s.control, control);
	if (err) {
		(void)fprintf(stderr, "lineshim: %s: %s\n", control, strerror(-err));
		return 1;
	}
	run(&s);
}
