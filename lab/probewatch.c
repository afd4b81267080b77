/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probewatch: how long are health checks under way?  Listens at a tunnel's device, inside its
 * namespace, to the replies to one address as the kernel stamped them.  Each carries its probe's
 * number and when futaed made it (icmp_build_request()): what is measured is the way from there
 * through the tunnel and back.  Ends on SIGTERM and prints JSON.
 *
 *     probewatch NETNS DEVICE SOURCE-ADDRESS
 */
#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES 100000u /* of one run: more than an hour of fast probes */
#define IP_MIN 20
#define REPLY 0
#define NUMBER_AT (IP_MIN + 8 + 12) /* behind ICMP's header, the cookie and the check's number */
#define SENT_AT (NUMBER_AT + 4)
#define ALL (SENT_AT + 8)

static usec_t took[SAMPLES];
static size_t count;
static uint32_t first, last; /* numbers of probes that were answered */
static volatile sig_atomic_t stopping;

static void on_signal(int sig)
{
	(void)sig;
	stopping = 1;
}

static void die(const char *what)
{
	(void)fprintf(stderr, "probewatch: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Nothing but ICMP over IPv4 may wake us: this is looked at for every packet of the tunnel. */
static int tap_open(const char *netns, const char *device)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x45, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_ICMP, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 128),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog filter = { sizeof(code) / sizeof(code[0]), code };
	struct sockaddr_ll ll = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL) };
	int ns = open(netns, O_RDONLY | O_CLOEXEC), one = 1, fd;

	if (ns < 0 || setns(ns, CLONE_NEWNET) < 0)
		die(netns);
	close(ns);
	ll.sll_ifindex = (int)if_nametoindex(device);
	fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (!ll.sll_ifindex || fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof(filter)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		die(device);
	return fd;
}

static usec_t usec_of(const struct timespec *ts)
{
	return (usec_t)ts->tv_sec * USEC_PER_SEC + (usec_t)ts->tv_nsec / 1000;
}

/* The kernel's stamps are of the clock on the wall, futaed's of the one that never jumps. */
static usec_t stamp_of(struct msghdr *m)
{
	struct timespec ts = { 0, 0 }, wall, steady;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS)
			memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	(void)clock_gettime(CLOCK_REALTIME, &wall);
	(void)clock_gettime(CLOCK_MONOTONIC, &steady);
	return usec_of(&steady) - (usec_of(&wall) - usec_of(&ts));
}

static void take(const uint8_t *ip, size_t len, usec_t at, const struct addr *source)
{
	struct addr dst = addr_from_bytes(ADDR_V4, ip + 16);
	struct rbuf r = rbuf_of(ip, len);
	uint32_t number;
	usec_t sent;

	if (len < ALL || ip[IP_MIN] != REPLY || !addr_equal(&dst, source) || count == SAMPLES)
		return;
	(void)rbuf_view(&r, NUMBER_AT);
	number = rbuf_u32(&r);
	sent = rbuf_u64(&r);
	if (count == 0)
		first = number;
	last = number > last ? number : last;
	took[count++] = at > sent ? at - sent : 0;
}

static void listen_to(int fd, const struct addr *source)
{
	while (!stopping) {
		uint8_t data[128];
		_Alignas(struct cmsghdr) uint8_t control[128];
		struct iovec iov = { data, sizeof(data) };
		struct msghdr m = { .msg_iov = &iov,
				    .msg_iovlen = 1,
				    .msg_control = control,
				    .msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(fd, &m, 0);

		if (n > 0)
			take(data, (size_t)n, stamp_of(&m), source);
	}
}

static int compare(const void *x, const void *y)
{
	usec_t a = *(const usec_t *)x, b = *(const usec_t *)y;

	return a < b ? -1 : a > b;
}

static double msec_at(size_t i)
{
	return count ? (double)took[i] / 1000.0 : 0.0;
}

/* Lost is what is missing between the first answer and the last. */
static void report(void)
{
	size_t sent = count ? last - first + 1 : 0, middle = count / 2, late = count * 99 / 100;

	qsort(took, count, sizeof(took[0]), compare);
	printf("{\"probes\":%zu,\"lost\":%zu,\"delay_ms\":{\"min\":%.3f,\"p50\":%.3f,"
	       "\"p99\":%.3f,\"max\":%.3f}}\n",
	       sent, sent > count ? sent - count : 0, msec_at(0), msec_at(middle), msec_at(late),
	       msec_at(count - 1));
}

int main(int argc, char *argv[])
{
	struct sigaction stop = { .sa_handler = on_signal }; /* no SA_RESTART: it ends recvmsg() */
	struct addr source;
	int fd;

	if (argc != 4 || !addr_parse(argv[3], &source)) {
		(void)fprintf(stderr, "usage: probewatch NETNS DEVICE SOURCE-ADDRESS\n");
		return 2;
	}
	(void)sigaction(SIGTERM, &stop, NULL);
	fd = tap_open(argv[1], argv[2]);
	(void)fprintf(stderr, "probewatch: listening\n");
	listen_to(fd, &source);
	report();
	return 0;
}
