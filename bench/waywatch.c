/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * waywatch: how often does a router change its mind?  Asks the kernel itself, so that it counts
 * the same for every program that moves routes and addresses, by whatever means:
 *
 *     waywatch FROM DEVICE TO [ADDRESS]
 *
 * Whenever links, addresses, routes or nexthops of this namespace change, it looks up the way of
 * a packet that comes from FROM by DEVICE and goes to TO, and whether ADDRESS is served here (it is
 * on a device that is up and running).  Each change of the answer is a line: USEC (monotonic) and
 * "way NAME" or "way none", "vip yes" or "vip no".  The first lines say how it is at the start.
 */
#include "base/clock.h"
#include "base/list.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define RECEIVE_BYTES (4 << 20)

struct watch {
	struct mnl_socket *ask;
	struct in_addr from, to, vip;
	unsigned in; /* ifindex */
	bool has_vip;
	unsigned seq;
	/* what was said last */
	unsigned way; /* ifindex; 0: none */
	bool served;
};

static usec_t now_usec(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (usec_t)ts.tv_sec * USEC_PER_SEC + (usec_t)ts.tv_nsec / 1000;
}

static struct nlmsghdr *begin(struct watch *w, void *buf, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *h = mnl_nlmsg_put_header(buf);

	h->nlmsg_type = type;
	h->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	h->nlmsg_seq = ++w->seq;
	return h;
}

/* Sends and gives each answer to fn; false when the kernel says no. */
static bool talk(struct watch *w, const struct nlmsghdr *h, mnl_cb_t fn, void *ctx)
{
	static char buf[1 << 16];
	unsigned seq = h->nlmsg_seq;
	int r = 1;

	if (mnl_socket_sendto(w->ask, h, h->nlmsg_len) < 0)
		return false;
	while (r > 0) {
		ssize_t n = mnl_socket_recvfrom(w->ask, buf, sizeof(buf));

		if (n < 0)
			return false;
		r = mnl_cb_run(buf, (size_t)n, seq, mnl_socket_get_portid(w->ask), fn, ctx);
	}
	return r == 0;
}

static const struct nlattr *find(const struct nlmsghdr *h, size_t header, uint16_t type)
{
	const char *end = mnl_nlmsg_get_payload_tail(h);
	const struct nlattr *a = mnl_nlmsg_get_payload_offset(h, header);

	for (; mnl_attr_ok(a, (int)(end - (const char *)a)); a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == type)
			return a;
	return NULL;
}

static int take_way(const struct nlmsghdr *h, void *ctx)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *oif = find(h, sizeof(*m), RTA_OIF);
	unsigned *out = ctx;

	if (h->nlmsg_type == RTM_NEWROUTE && m->rtm_type == RTN_UNICAST && oif)
		*out = mnl_attr_get_u32(oif);
	return MNL_CB_STOP;
}

/* The device a forwarded packet would leave by, 0: it would not. */
static unsigned look_way(struct watch *w)
{
	char buf[256];
	struct nlmsghdr *h = begin(w, buf, RTM_GETROUTE, 0);
	struct rtmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	unsigned way = 0;

	m->rtm_family = AF_INET;
	m->rtm_dst_len = m->rtm_src_len = 32;
	mnl_attr_put_u32(h, RTA_DST, w->to.s_addr);
	mnl_attr_put_u32(h, RTA_SRC, w->from.s_addr);
	mnl_attr_put_u32(h, RTA_IIF, w->in);
	(void)talk(w, h, take_way, &way);
	return way;
}

struct holder {
	struct in_addr addr;
	unsigned index[8];
	size_t count;
};

static int take_addr(const struct nlmsghdr *h, void *ctx)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	const struct nlattr *a = find(h, sizeof(*m), IFA_LOCAL);
	struct holder *out = ctx;

	if (h->nlmsg_type == RTM_NEWADDR && a && mnl_attr_get_u32(a) == out->addr.s_addr &&
	    out->count < ARRAY_LEN(out->index))
		out->index[out->count++] = m->ifa_index;
	return MNL_CB_OK;
}

static int take_link(const struct nlmsghdr *h, void *ctx)
{
	const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
	const unsigned both = IFF_UP | IFF_RUNNING;
	bool *out = ctx;

	*out = (m->ifi_flags & both) == both;
	return MNL_CB_STOP;
}

static bool is_running(struct watch *w, unsigned index)
{
	char buf[256];
	struct nlmsghdr *h = begin(w, buf, RTM_GETLINK, 0);
	struct ifinfomsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	bool running = false;

	m->ifi_index = (int)index;
	(void)talk(w, h, take_link, &running);
	return running;
}

static bool look_served(struct watch *w)
{
	char buf[256];
	struct nlmsghdr *h = begin(w, buf, RTM_GETADDR, NLM_F_DUMP);
	struct ifaddrmsg *m = mnl_nlmsg_put_extra_header(h, sizeof(*m));
	struct holder holder = { .addr = w->vip };

	m->ifa_family = AF_INET;
	(void)talk(w, h, take_addr, &holder);
	for (size_t i = 0; i < holder.count; i++)
		if (is_running(w, holder.index[i]))
			return true;
	return false;
}

static void look(struct watch *w, bool first)
{
	unsigned long long now = now_usec();
	unsigned way = look_way(w);
	bool served = w->has_vip && look_served(w);
	char name[IF_NAMESIZE] = "gone";

	if (first || way != w->way) {
		if (way)
			(void)if_indextoname(way, name);
		(void)printf("%llu way %s\n", now, way ? name : "none");
	}
	if (w->has_vip && (first || served != w->served))
		(void)printf("%llu vip %s\n", now, served ? "yes" : "no");
	w->way = way;
	w->served = served;
}

static struct mnl_socket *monitor(void)
{
	static const int groups[] = { RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE,
				      RTNLGRP_NEXTHOP };
	struct mnl_socket *s = mnl_socket_open(NETLINK_ROUTE);
	int bytes = RECEIVE_BYTES;

	if (!s || mnl_socket_bind(s, 0, MNL_SOCKET_AUTOPID))
		return NULL;
	(void)setsockopt(mnl_socket_get_fd(s), SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		int group = groups[i];

		if (mnl_socket_setsockopt(s, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)))
			return NULL;
	}
	return s;
}

static bool parse(struct watch *w, int argc, char *argv[])
{
	if (argc < 4 || argc > 5)
		return false;
	w->in = if_nametoindex(argv[2]);
	w->has_vip = argc == 5;
	return w->in && inet_pton(AF_INET, argv[1], &w->from) == 1 &&
	       inet_pton(AF_INET, argv[3], &w->to) == 1 &&
	       (!w->has_vip || inet_pton(AF_INET, argv[4], &w->vip) == 1);
}

int main(int argc, char *argv[])
{
	/* Ahead of whom it watches, or it would miss what is undone at once. */
	const struct sched_param first = { .sched_priority = 60 };
	struct watch w = { 0 };
	struct mnl_socket *events = monitor();
	static char buf[1 << 16];

	if (!parse(&w, argc, argv)) {
		(void)fprintf(stderr, "usage: waywatch FROM DEVICE TO [ADDRESS]\n");
		return 2;
	}
	w.ask = mnl_socket_open(NETLINK_ROUTE);
	if (!events || !w.ask || mnl_socket_bind(w.ask, 0, MNL_SOCKET_AUTOPID)) {
		(void)fprintf(stderr, "waywatch: %s\n", strerror(errno));
		return 1;
	}
	(void)sched_setscheduler(0, SCHED_FIFO, &first);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	look(&w, true);
	for (;;) {
		ssize_t n = mnl_socket_recvfrom(events, buf, sizeof(buf));

		/* More news than there was room for: what counts is how it is now. */
		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			return 1;
		look(&w, false);
	}
}
