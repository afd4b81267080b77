/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices, and macvlans that carry a virtual router's MAC. */
#include "io/netlink.h"

#include "io/nl.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define LOWER_UP 0x10000u /* IFF_LOWER_UP: net/if.h does not have it, nor these (RFC 2863) */
#define OPER_UNKNOWN 0
#define OPER_UP 6

static void take_kind(const struct nlattr *info, struct nl_link *out)
{
	struct nl_attrs it = nl_attrs_in(info);
	const struct nlattr *a;

	while ((a = nl_attrs_next(&it)))
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND &&
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			(void)snprintf(out->kind, sizeof(out->kind), "%s", mnl_attr_get_str(a));
}

static void take_attr(const struct nlattr *a, struct nl_link *out)
{
	size_t len = mnl_attr_get_payload_len(a);

	switch (mnl_attr_get_type(a)) {
	case IFLA_IFNAME:
		if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			(void)snprintf(out->name, sizeof(out->name), "%s", mnl_attr_get_str(a));
		break;
	case IFLA_ADDRESS:
		if (len == sizeof(out->mac)) /* TUN has none, tunnels have an IP address */
			memcpy(out->mac, mnl_attr_get_payload(a), len);
		break;
	case IFLA_MTU:
		if (len >= sizeof(uint32_t))
			out->mtu = mnl_attr_get_u32(a);
		break;
	case IFLA_OPERSTATE:
		if (len >= sizeof(uint8_t))
			out->oper_up =
				mnl_attr_get_u8(a) == OPER_UP ||
				(mnl_attr_get_u8(a) == OPER_UNKNOWN && out->up && out->carrier);
		break;
	case IFLA_LINK:
		if (len >= sizeof(uint32_t))
			out->parent = (int)mnl_attr_get_u32(a);
		break;
	case IFLA_LINKINFO:
		take_kind(a, out);
		break;
	default:
		break;
	}
}

static bool parse(const struct nlmsghdr *h, struct nl_link *out)
{
	const struct ifinfomsg *m = mnl_nlmsg_get_payload(h);
	struct nl_attrs it;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return false;
	*out = (struct nl_link){ .index = m->ifi_index,
				 .up = m->ifi_flags & IFF_UP,
				 .carrier = m->ifi_flags & LOWER_UP };
	it = nl_attrs_of(h, sizeof(*m));
	while ((a = nl_attrs_next(&it)))
		take_attr(a, out);
	return true;
}

struct one {
	struct nl_link link;
	bool found;
};

static void take_one(void *ctx, const struct nlmsghdr *h)
{
	struct one *one = ctx;

	one->found = parse(h, &one->link) || one->found;
}

int nl_link_by_name(struct nl *nl, const char *name, struct nl_link *out)
{
	const struct ifinfomsg m = { 0 };
	struct nlmsghdr *h = nl_begin(nl, RTM_GETLINK, 0, &m, sizeof(m));
	struct one one = { .found = false };
	int rc;

	if (strlen(name) >= IFNAMSIZ)
		return -ENODEV;
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	mnl_attr_put_u32(h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	rc = nl_commit_ask(nl, h, take_one, &one);
	if (rc < 0)
		return rc;
	if (!one.found)
		return -ENODEV;
	*out = one.link;
	return 0;
}

struct each {
	void (*fn)(void *ctx, const struct nl_link *link);
	void *ctx;
};

static void take_each(void *ctx, const struct nlmsghdr *h)
{
	const struct each *each = ctx;
	struct nl_link link;

	if (parse(h, &link))
		each->fn(each->ctx, &link);
}

struct counter {
	uint64_t unicast;
	bool found;
};

static void take_counter(void *ctx, const struct nlmsghdr *h)
{
	struct counter *c = ctx;
	struct nl_attrs it = nl_attrs_of(h, sizeof(struct ifinfomsg));
	struct rtnl_link_stats64 stats;
	const struct nlattr *a;

	while ((a = nl_attrs_next(&it))) {
		if (mnl_attr_get_type(a) != IFLA_STATS64 ||
		    mnl_attr_get_payload_len(a) < offsetof(struct rtnl_link_stats64, collisions))
			continue;
		memcpy(&stats, mnl_attr_get_payload(a),
		       offsetof(struct rtnl_link_stats64, collisions));
		c->unicast = stats.rx_packets - stats.multicast;
		c->found = true;
	}
}

int nl_link_rx_unicast(struct nl *nl, int index, uint64_t *out)
{
	const struct ifinfomsg m = { .ifi_index = index };
	struct nlmsghdr *h = nl_begin(nl, RTM_GETLINK, 0, &m, sizeof(m));
	struct counter c = { .found = false };
	int rc;

	rc = nl_commit_ask(nl, h, take_counter, &c);
	if (rc == 0 && !c.found)
		rc = -ENODEV;
	if (rc == 0)
		*out = c.unicast;
	return rc;
}

int nl_link_dump(struct nl *nl, void (*fn)(void *ctx, const struct nl_link *link), void *ctx)
{
	const struct ifinfomsg m = { 0 };
	struct nlmsghdr *h = nl_begin(nl, RTM_GETLINK, NLM_F_DUMP, &m, sizeof(m));
	struct each each = { fn, ctx };

	mnl_attr_put_u32(h, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nl_commit_ask(nl, h, take_each, &each);
}

int nl_link_set(struct nl *nl, int index, bool up, uint32_t mtu, struct err *err)
{
	const struct ifinfomsg m = { .ifi_index = index,
				     .ifi_flags = up ? IFF_UP : 0,
				     .ifi_change = IFF_UP };
	struct nlmsghdr *h = nl_begin(nl, RTM_NEWLINK, 0, &m, sizeof(m));
	int rc;

	if (mtu > 0)
		mnl_attr_put_u32(h, IFLA_MTU, mtu);
	rc = nl_commit(nl, h);
	if (rc < 0)
		return nl_fail(nl, rc, err, "device %d cannot be set %s", index,
			       up ? "up" : "down");
	return 0;
}

/* Not by sysctl: that one tries the kernel's lock again and again, and whoever has it on our
 * processor never gets to run while a real-time process spins. */
int nl_link_no_ipv6_address(struct nl *nl, int index)
{
	const struct ifinfomsg m = { .ifi_index = index };
	struct nlmsghdr *h = nl_begin(nl, RTM_NEWLINK, 0, &m, sizeof(m));
	struct nlattr *spec = mnl_attr_nest_start(h, IFLA_AF_SPEC);
	struct nlattr *v6 = mnl_attr_nest_start(h, AF_INET6);

	mnl_attr_put_u8(h, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(h, v6);
	mnl_attr_nest_end(h, spec);
	return nl_commit(nl, h);
}

int nl_link_del(struct nl *nl, int index, struct err *err)
{
	const struct ifinfomsg m = { .ifi_index = index };
	struct nlmsghdr *h = nl_begin(nl, RTM_DELLINK, 0, &m, sizeof(m));
	int rc = nl_commit(nl, h);

	if (rc < 0 && rc != -ENODEV)
		return nl_fail(nl, rc, err, "device %d cannot be removed", index);
	return 0;
}

int nl_macvlan_add(struct nl *nl, const char *name, int parent, const uint8_t mac[static 6],
		   int *index, struct err *err)
{
	const struct ifinfomsg m = { 0 };
	struct nlmsghdr *h = nl_begin(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &m, sizeof(m));
	struct nlattr *info, *data;
	struct nl_link link = { 0 };
	int rc;

	if (strlen(name) >= IFNAMSIZ)
		return err_set(err, -EINVAL, "device name %s is longer than %d letters", name,
			       IFNAMSIZ - 1);
	mnl_attr_put_strz(h, IFLA_IFNAME, name);
	mnl_attr_put_u32(h, IFLA_LINK, (uint32_t)parent);
	mnl_attr_put(h, IFLA_ADDRESS, 6, mac);
	info = mnl_attr_nest_start(h, IFLA_LINKINFO);
	mnl_attr_put_strz(h, IFLA_INFO_KIND, "macvlan");
	data = mnl_attr_nest_start(h, IFLA_INFO_DATA);
	mnl_attr_put_u32(h, IFLA_MACVLAN_MODE, MACVLAN_MODE_PRIVATE);
	mnl_attr_nest_end(h, data);
	mnl_attr_nest_end(h, info);
	rc = nl_commit(nl, h);
	if (rc == 0)
		rc = nl_link_by_name(nl, name, &link);
	if (rc < 0)
		return nl_fail(nl, rc, err, "macvlan %s on device %d cannot be made", name, parent);
	*index = link.index;
	return 0;
}
