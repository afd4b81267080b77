/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes, one by one or hundreds to a message. */
#include "io/netlink.h"

#include "io/nl.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define BATCH 256
#define IPV6_METRIC 1024
#define ROUTE_BYTES 128 /* the longest request of put_route() */

_Static_assert(BATCH *ROUTE_BYTES <= NL_OUT_BYTES, "a batch fits the buffer");

static uint8_t scope_of(const struct nl_route *r)
{
	/* IPv4 wants to be told that no gateway is between; IPv6 does not care. */
	if (r->to.addr.family == ADDR_V4 && r->nexthop_id == 0 && !r->blackhole)
		return RT_SCOPE_LINK;
	return RT_SCOPE_UNIVERSE;
}

/*
 * What tells a route from the others: family, destination, table, metric.  IPv6 makes 1024 of
 * metric 0 when adding, and "any metric" when deleting: we always mean 1024.
 */
static void put_key(struct nlmsghdr *h, const struct nl_route *r)
{
	uint32_t metric = r->metric;

	if (r->to.len > 0)
		nl_put_addr(h, RTA_DST, &r->to.addr);
	mnl_attr_put_u32(h, RTA_TABLE, r->table);
	if (metric == 0 && r->to.addr.family == ADDR_V6)
		metric = IPV6_METRIC;
	if (metric != 0)
		mnl_attr_put_u32(h, RTA_PRIORITY, metric);
}

static void put_path(struct nlmsghdr *h, const struct nl_route *r)
{
	if (r->nexthop_id != 0)
		mnl_attr_put_u32(h, RTA_NH_ID, r->nexthop_id);
	else if (r->index != 0 && !r->blackhole)
		mnl_attr_put_u32(h, RTA_OIF, (uint32_t)r->index);
}

static void put_route(struct nlmsghdr *h, const struct nl_route *r)
{
	put_key(h, r);
	put_path(h, r);
	if (r->source.family != ADDR_NONE)
		nl_put_addr(h, RTA_PREFSRC, &r->source);
}

static struct rtmsg set_message(const struct nl_route *r)
{
	return (struct rtmsg){ .rtm_family = (uint8_t)addr_to_af(r->to.addr.family),
			       .rtm_dst_len = r->to.len,
			       .rtm_protocol = r->protocol,
			       .rtm_scope = scope_of(r),
			       .rtm_type = r->blackhole ? RTN_BLACKHOLE : RTN_UNICAST };
}

static int set_error(const struct nl *nl, int rc, const struct nl_route *r, struct err *err)
{
	char text[PREFIX_TEXT];

	return nl_fail(nl, rc, err, "route %s in table %u cannot be written",
		       prefix_format(&r->to, text), r->table);
}

int nl_route_set(struct nl *nl, const struct nl_route *r, struct err *err)
{
	return nl_route_set_many(nl, r, 1, err);
}

/* Only the last one is acknowledged; errors of the others come unasked. */
static int set_batch(struct nl *nl, const struct nl_route *r, size_t n, struct err *err)
{
	size_t len = 0;
	int rc;

	nl->first = nl->seq + 1;
	for (size_t i = 0; i < n; i++) {
		struct nlmsghdr *h = mnl_nlmsg_put_header(nl->out + len);
		struct rtmsg m = set_message(&r[i]);

		h->nlmsg_type = RTM_NEWROUTE;
		h->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_REPLACE;
		if (i == n - 1)
			h->nlmsg_flags |= NLM_F_ACK;
		h->nlmsg_seq = ++nl->seq;
		memcpy(mnl_nlmsg_put_extra_header(h, sizeof(m)), &m, sizeof(m));
		put_route(h, &r[i]);
		len += NLMSG_ALIGN(h->nlmsg_len);
	}
	rc = nl_commit_batch(nl, len);
	if (rc < 0)
		return set_error(nl, rc, &r[nl->failed ? nl->failed - nl->first : 0], err);
	return 0;
}

int nl_route_set_many(struct nl *nl, const struct nl_route *r, size_t n, struct err *err)
{
	for (size_t done = 0; done < n; done += BATCH) {
		size_t now = n - done < BATCH ? n - done : BATCH;
		int rc = set_batch(nl, r + done, now, err);

		if (rc < 0)
			return rc;
	}
	return 0;
}

int nl_route_del(struct nl *nl, const struct nl_route *r, struct err *err)
{
	/* NOWHERE: of any scope */
	const struct rtmsg m = { .rtm_family = (uint8_t)addr_to_af(r->to.addr.family),
				 .rtm_dst_len = r->to.len,
				 .rtm_protocol = r->protocol,
				 .rtm_scope = RT_SCOPE_NOWHERE,
				 .rtm_type = r->blackhole ? RTN_BLACKHOLE : RTN_UNICAST };
	struct nlmsghdr *h = nl_begin(nl, RTM_DELROUTE, 0, &m, sizeof(m));
	char text[PREFIX_TEXT];
	int rc;

	put_key(h, r);
	/* To delete, IPv4 takes metric 0 for any: without more it would hit a marker behind it. */
	if (r->metric == 0)
		put_path(h, r);
	rc = nl_commit(nl, h);
	/* No such route; no such table */
	if (rc < 0 && rc != -ESRCH && rc != -ENOENT)
		return nl_fail(nl, rc, err, "route %s in table %u cannot be removed",
			       prefix_format(&r->to, text), r->table);
	return 0;
}

struct each {
	void (*fn)(void *ctx, const struct nl_route *r);
	void *ctx;
	uint32_t table;
	uint8_t protocol;
};

static void take_attr(const struct nlattr *a, const struct rtmsg *m, struct nl_route *out)
{
	bool number = mnl_attr_get_payload_len(a) == sizeof(uint32_t);

	switch (mnl_attr_get_type(a)) {
	case RTA_DST:
		out->to.addr = nl_get_addr(a, m->rtm_family);
		break;
	case RTA_PREFSRC:
		out->source = nl_get_addr(a, m->rtm_family);
		break;
	case RTA_TABLE:
		out->table = number ? mnl_attr_get_u32(a) : out->table;
		break;
	case RTA_PRIORITY:
		out->metric = number ? mnl_attr_get_u32(a) : 0;
		break;
	case RTA_NH_ID:
		out->nexthop_id = number ? mnl_attr_get_u32(a) : 0;
		break;
	case RTA_OIF:
		out->index = number ? (int)mnl_attr_get_u32(a) : 0;
		break;
	default:
		break;
	}
}

static bool parse(const struct nlmsghdr *h, struct nl_route *out)
{
	const struct rtmsg *m = mnl_nlmsg_get_payload(h);
	struct nl_attrs it;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return false;
	if (m->rtm_flags & RTM_F_CLONED || nl_family(m->rtm_family) == ADDR_NONE)
		return false;
	*out = (struct nl_route){ .to = { { .family = nl_family(m->rtm_family) }, m->rtm_dst_len },
				  .table = m->rtm_table,
				  .blackhole = m->rtm_type == RTN_BLACKHOLE,
				  .protocol = m->rtm_protocol };
	it = nl_attrs_of(h, sizeof(*m));
	while ((a = nl_attrs_next(&it)))
		take_attr(a, m, out);
	/* The kernel also tells what the nexthop object is made of, and lo for a blackhole.
	 * Reported is what was asked for. */
	if (out->nexthop_id != 0)
		out->blackhole = false;
	if (out->nexthop_id != 0 || out->blackhole)
		out->index = 0;
	return true;
}

static void take_each(void *ctx, const struct nlmsghdr *h)
{
	const struct each *each = ctx;
	struct nl_route r;

	/* Kernels before 4.20 do not filter. */
	if (parse(h, &r) && (each->table == 0 || r.table == each->table) &&
	    (each->protocol == 0 || r.protocol == each->protocol))
		each->fn(each->ctx, &r);
}

static int dump_family(struct nl *nl, uint8_t af, struct each *each)
{
	const struct rtmsg m = { .rtm_family = af, .rtm_protocol = each->protocol };
	struct nlmsghdr *h = nl_begin(nl, RTM_GETROUTE, NLM_F_DUMP, &m, sizeof(m));
	int rc;

	if (each->table != 0)
		mnl_attr_put_u32(h, RTA_TABLE, each->table);
	rc = nl_commit_ask(nl, h, take_each, each);
	return rc == -ENOENT ? 0 : rc; /* a table that nobody has put anything into */
}

int nl_route_dump(struct nl *nl, uint32_t table, uint8_t protocol,
		  void (*fn)(void *ctx, const struct nl_route *r), void *ctx)
{
	struct each each = { fn, ctx, table, protocol };
	int rc = dump_family(nl, AF_INET, &each);

	if (rc < 0)
		return rc;
	rc = dump_family(nl, AF_INET6, &each);
	return rc == -EAFNOSUPPORT ? 0 : rc; /* a kernel without IPv6 */
}
