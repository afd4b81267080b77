/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "io/nl_lookout.h"

#include "base/list.h"
#include "io/nl.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RECV_BYTES (1 << 20)
#define PER_TURN 64 /* datagrams; a dump has some hundred routes in each */
#define SOON (5 * USEC_PER_MSEC) /* a change seldom comes alone */
#define TORN_MAX 5 /* then what was read must do */
#define GAP (50 * USEC_PER_MSEC) /* between two readings, however much is told */

struct nl_lookout {
	struct loop *loop;
	struct nl *nl;
	struct nl_lookout_calls calls;
	struct mnl_socket *news, *dump;
	struct watch news_watch, dump_watch;
	struct timer timer;
	usec_t read_at; /* when the last reading began */
	struct nl_want *wants;
	size_t count;
	bool dirty, reading, links;
	unsigned torn; /* readings in a row during which it changed */
	int family; /* being read: AF_INET, then AF_INET6 */
	bool stale; /* what is being read is of no use */
	_Alignas(NLMSG_ALIGNTO) uint8_t buf[32768];
};

/* One route as the kernel tells it. */
struct told {
	const struct rtmsg *m;
	struct prefix to;
	uint32_t table, nexthop_id;
	int index; /* 0: none told */
	const struct nlattr *multipath;
};

static bool parse(const struct nlmsghdr *h, struct told *t)
{
	struct nl_attrs it;
	const struct nlattr *a;

	if (mnl_nlmsg_get_payload_len(h) < sizeof(*t->m))
		return false;
	*t = (struct told){ .m = mnl_nlmsg_get_payload(h) };
	t->to.addr.family = t->m->rtm_family == AF_INET    ? ADDR_V4
			    : t->m->rtm_family == AF_INET6 ? ADDR_V6
							   : ADDR_NONE;
	t->to.len = t->m->rtm_dst_len;
	t->table = t->m->rtm_table;
	it = nl_attrs_of(h, sizeof(*t->m));
	while ((a = nl_attrs_next(&it))) {
		size_t len = mnl_attr_get_payload_len(a);

		switch (mnl_attr_get_type(a)) {
		case RTA_DST:
			if (len <= sizeof(t->to.addr.bytes))
				memcpy(t->to.addr.bytes, mnl_attr_get_payload(a), len);
			break;
		case RTA_TABLE:
			t->table = len >= 4 ? mnl_attr_get_u32(a) : t->table;
			break;
		case RTA_NH_ID:
			t->nexthop_id = len >= 4 ? mnl_attr_get_u32(a) : 0;
			break;
		case RTA_OIF:
			t->index = len >= 4 ? (int)mnl_attr_get_u32(a) : 0;
			break;
		case RTA_MULTIPATH:
			t->multipath = a;
			break;
		default:
			break;
		}
	}
	return t->to.addr.family != ADDR_NONE;
}

static bool is_wanted(const struct nl_want *w, const struct told *t)
{
	return w->table == t->table && prefix_equal(&w->to, &t->to);
}

static bool is_alive(unsigned flags)
{
	return !(flags & (RTNH_F_DEAD | RTNH_F_LINKDOWN));
}

/* By any of several ways; `index` 0: by whichever. */
static bool goes_by_one_of(const struct nlattr *multipath, int index)
{
	const uint8_t *data = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);

	while (left >= sizeof(struct rtnexthop)) {
		struct rtnexthop hop;
		size_t len;

		memcpy(&hop, data, sizeof(hop));
		len = RTNH_ALIGN(hop.rtnh_len);
		if (len < sizeof(hop))
			return false;
		if (is_alive(hop.rtnh_flags) && (!index || hop.rtnh_ifindex == index))
			return true;
		if (len >= left)
			return false;
		data += len;
		left -= len;
	}
	return false;
}

/* A nexthop object of somebody else, of which routes tell the number only. */
struct object {
	uint32_t id;
	int index;
	bool found, again;
	uint32_t members[NL_GROUP_MAX];
	unsigned count;
};

static void take_object(void *ctx, const struct nl_nexthop *nh)
{
	struct object *o = ctx;

	if (nh->id == o->id) {
		o->found |= nh->index == o->index && nh->index;
		for (o->count = 0; o->count < nh->group_count; o->count++)
			o->members[o->count] = nh->group[o->count].id;
	}
	for (unsigned i = 0; i < o->count; i++)
		o->found |= nh->id == o->members[i] && nh->index == o->index && nh->index;
}

/* Twice, since a group may be told before its members. */
static bool object_goes_by(struct nl *nl, uint32_t id, int index)
{
	struct object o = { .id = id, .index = index };

	for (unsigned i = 0; i < 2 && !o.found; i++)
		if (nl_nexthop_dump(nl, take_object, &o) < 0)
			return false;
	return o.found;
}

static bool leads_somewhere(const struct nl_lookout *l, const struct nl_want *w,
			    const struct told *t)
{
	int index = *w->device ? (int)if_nametoindex(w->device) : 0;

	if (t->m->rtm_type == RTN_BLACKHOLE || t->m->rtm_type == RTN_UNREACHABLE ||
	    t->m->rtm_type == RTN_PROHIBIT || t->m->rtm_type == RTN_THROW || (*w->device && !index))
		return false;
	if (t->multipath)
		return goes_by_one_of(t->multipath, index);
	if (!is_alive(t->m->rtm_flags))
		return false;
	if (index && t->nexthop_id && !t->index)
		return object_goes_by(l->nl, t->nexthop_id, index);
	return !index || t->index == index;
}

static void read_soon(struct nl_lookout *l)
{
	usec_t now = loop_now(l->loop);

	l->dirty = true;
	if (!l->reading && l->timer.at == USEC_NEVER)
		timer_at(&l->timer, usec_max(usec_add(now, SOON), usec_add(l->read_at, GAP)));
}

static void take_news(struct nl_lookout *l, const struct nlmsghdr *h)
{
	struct told t;

	switch (h->nlmsg_type) {
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		for (size_t i = 0; parse(h, &t) && i < l->count; i++)
			l->dirty |= is_wanted(&l->wants[i], &t);
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
	case RTM_NEWADDR:
	case RTM_DELADDR:
		l->links = true;
		l->dirty = true;
		break;
	default:
		l->dirty = true;
		break;
	}
}

static void on_news(struct watch *w)
{
	struct nl_lookout *l = container_of(w, struct nl_lookout, news_watch);

	for (int i = 0; i < PER_TURN; i++) {
		ssize_t n = recv(w->fd, l->buf, sizeof(l->buf), MSG_DONTWAIT | MSG_TRUNC);
		const struct nlmsghdr *h = (const void *)l->buf;
		int left;

		if (n < 0 && errno != ENOBUFS && errno != EINTR)
			break;
		/* There was more than fits: anything may have happened. */
		if (n < 0 || (size_t)n > sizeof(l->buf)) {
			l->dirty = l->links = true;
			continue;
		}
		for (left = (int)n; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left))
			take_news(l, h);
	}
	if (l->dirty || l->links)
		read_soon(l);
}

static bool wants_family(const struct nl_lookout *l, int family)
{
	for (size_t i = 0; i < l->count; i++)
		if (addr_to_af(l->wants[i].to.addr.family) == family)
			return true;
	return false;
}

/* The next family that is wanted: asked for.  False when there is none. */
static bool ask_next(struct nl_lookout *l)
{
	struct {
		struct nlmsghdr h;
		struct rtmsg m;
	} ask = { .h = { .nlmsg_len = sizeof(ask),
			 .nlmsg_type = RTM_GETROUTE,
			 .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP } };

	do
		l->family = l->family == AF_UNSPEC ? AF_INET
			    : l->family == AF_INET ? AF_INET6
						   : AF_UNSPEC;
	while (l->family != AF_UNSPEC && !wants_family(l, l->family));
	if (l->family == AF_UNSPEC)
		return false;
	ask.m.rtm_family = (uint8_t)l->family;
	return mnl_socket_sendto(l->dump, &ask, sizeof(ask)) >= 0;
}

static void finish(struct nl_lookout *l)
{
	bool use = !l->stale || l->torn >= TORN_MAX;

	l->reading = l->stale = false;
	l->torn = use ? 0 : l->torn + 1;
	for (size_t i = 0; use && i < l->count; i++)
		l->wants[i].there = l->wants[i].seen;
	if (use)
		l->calls.routes(l->calls.ctx);
	if (l->dirty)
		read_soon(l);
}

static void take_route(struct nl_lookout *l, const struct nlmsghdr *h)
{
	struct told t;

	if (h->nlmsg_type != RTM_NEWROUTE || !parse(h, &t))
		return;
	for (size_t i = 0; i < l->count; i++)
		if (!l->wants[i].seen && is_wanted(&l->wants[i], &t))
			l->wants[i].seen = leads_somewhere(l, &l->wants[i], &t);
}

/* Of a dump's datagram; false at its end. */
static bool take_dump(struct nl_lookout *l, size_t n)
{
	const struct nlmsghdr *h = (const void *)l->buf;

	for (int left = (int)n; mnl_nlmsg_ok(h, left); h = mnl_nlmsg_next(h, &left)) {
		/* It changed while it was told: what is known of it is neither old nor new. */
		if (h->nlmsg_flags & NLM_F_DUMP_INTR)
			l->dirty = l->stale = true;
		if (h->nlmsg_type == NLMSG_DONE || h->nlmsg_type == NLMSG_ERROR)
			return false;
		take_route(l, h);
	}
	return true;
}

static void on_dump(struct watch *w)
{
	struct nl_lookout *l = container_of(w, struct nl_lookout, dump_watch);

	for (int i = 0; i < PER_TURN && l->reading; i++) {
		ssize_t n = recv(w->fd, l->buf, sizeof(l->buf), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if ((n < 0 || !take_dump(l, (size_t)n)) && !ask_next(l))
			finish(l);
	}
}

static void on_timer(struct timer *t)
{
	struct nl_lookout *l = container_of(t, struct nl_lookout, timer);

	if (l->links) {
		l->links = false;
		l->calls.links(l->calls.ctx);
	}
	if (l->reading || !l->dirty)
		return;
	l->dirty = false;
	l->reading = true;
	l->read_at = loop_now(l->loop);
	l->family = AF_UNSPEC;
	for (size_t i = 0; i < l->count; i++)
		l->wants[i].seen = false;
	if (!ask_next(l))
		finish(l);
}

void nl_lookout_set(struct nl_lookout *l, struct nl_want *wants, size_t count)
{
	l->wants = wants;
	l->count = count;
	l->dirty = true;
	l->torn = 0;
	l->stale = l->reading;
	if (!l->reading)
		timer_at(&l->timer, loop_now(l->loop));
}

static int open_news(struct nl_lookout *l)
{
	static const int groups[] = { RTNLGRP_LINK,       RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
				      RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE,  RTNLGRP_NEXTHOP };
	int room = RECV_BYTES, fd;

	l->news = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!l->news)
		return -errno;
	fd = mnl_socket_get_fd(l->news);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
	if (mnl_socket_bind(l->news, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &groups[i],
			       sizeof(groups[i])) < 0)
			return -errno;
	watch_start(&l->news_watch, fd, false);
	return 0;
}

static int open_dump(struct nl_lookout *l)
{
	l->dump = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!l->dump || mnl_socket_bind(l->dump, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	watch_start(&l->dump_watch, mnl_socket_get_fd(l->dump), false);
	return 0;
}

struct nl_lookout *nl_lookout_new(struct loop *loop, struct nl *nl,
				  const struct nl_lookout_calls *calls, struct err *err)
{
	struct nl_lookout *l = calloc(1, sizeof(*l));
	int rc;

	if (!l) {
		err_set(err, -ENOMEM, "not enough memory");
		return NULL;
	}
	l->loop = loop;
	l->nl = nl;
	l->calls = *calls;
	watch_init(&l->news_watch, loop, on_news);
	watch_init(&l->dump_watch, loop, on_dump);
	timer_init(&l->timer, loop, on_timer);
	rc = open_news(l);
	rc = rc ? rc : open_dump(l);
	if (rc == 0)
		return l;
	nl_lookout_free(l);
	err_set(err, rc, "cannot watch the kernel's routes: %s", strerror(-rc));
	return NULL;
}

void nl_lookout_free(struct nl_lookout *l)
{
	if (!l)
		return;
	watch_stop(&l->news_watch);
	watch_stop(&l->dump_watch);
	timer_stop(&l->timer);
	if (l->news)
		(void)mnl_socket_close(l->news);
	if (l->dump)
		(void)mnl_socket_close(l->dump);
	free(l);
}
