/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nexthop objects and groups: all prefixes of a route set hang on one.
 *
 * The kernel deletes them without a word when their device loses carrier, and the routes with
 * the last one: look again by nl_nexthop_dump(), never trust what was once written.
 */
#include "io/netlink.h"

#include "io/nl.h"

#include <errno.h>
#include <linux/nexthop.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define WEIGHT_MAX 256

/* The wire carries the weight less one. */
static int put_group(struct nlmsghdr *h, const struct nl_nexthop *nh)
{
	struct nexthop_grp group[NL_GROUP_MAX] = { { 0 } };

	if (nh->group_count > NL_GROUP_MAX)
		return -E2BIG;
	for (unsigned i = 0; i < nh->group_count; i++) {
		if (nh->group[i].weight < 1 || nh->group[i].weight > WEIGHT_MAX)
			return -ERANGE;
		group[i].id = nh->group[i].id;
		group[i].weight = (uint8_t)(nh->group[i].weight - 1);
	}
	mnl_attr_put(h, NHA_GROUP, nh->group_count * sizeof(group[0]), group);
	return 0;
}

int nl_nexthop_set(struct nl *nl, const struct nl_nexthop *nh, struct err *err)
{
	bool group = nh->group_count > 0;
	/* A group takes its family from its members. */
	const struct nhmsg m = { .nh_family = (uint8_t)(group ? AF_UNSPEC : addr_to_af(nh->family)),
				 .nh_protocol = nh->protocol };
	struct nlmsghdr *h =
		nl_begin(nl, RTM_NEWNEXTHOP, NLM_F_CREATE | NLM_F_REPLACE, &m, sizeof(m));
	int rc = 0;

	mnl_attr_put_u32(h, NHA_ID, nh->id);
	if (group)
		rc = put_group(h, nh);
	else if (nh->blackhole)
		mnl_attr_put(h, NHA_BLACKHOLE, 0, NULL);
	else
		mnl_attr_put_u32(h, NHA_OIF, (uint32_t)nh->index);
	if (rc < 0)
		return err_set(err, rc, "nexthop group %u: up to %d members of weight 1 to %d",
			       nh->id, NL_GROUP_MAX, WEIGHT_MAX);
	rc = nl_commit(nl, h);
	if (rc < 0)
		return nl_fail(nl, rc, err, "nexthop %s%u cannot be written", group ? "group " : "",
			       nh->id);
	return 0;
}

int nl_nexthop_del(struct nl *nl, uint32_t id, struct err *err)
{
	const struct nhmsg m = { .nh_family = AF_UNSPEC };
	struct nlmsghdr *h = nl_begin(nl, RTM_DELNEXTHOP, 0, &m, sizeof(m));
	int rc;

	mnl_attr_put_u32(h, NHA_ID, id);
	rc = nl_commit(nl, h);
	if (rc < 0 && rc != -ENOENT)
		return nl_fail(nl, rc, err, "nexthop %u cannot be removed", id);
	return 0;
}

struct each {
	void (*fn)(void *ctx, const struct nl_nexthop *nh);
	void *ctx;
};

static void take_group(const struct nlattr *a, struct nl_nexthop *out)
{
	const uint8_t *data = mnl_attr_get_payload(a);
	size_t n = mnl_attr_get_payload_len(a) / sizeof(struct nexthop_grp);

	for (size_t i = 0; i < n && i < NL_GROUP_MAX; i++) {
		struct nexthop_grp g;

		memcpy(&g, data + i * sizeof(g), sizeof(g));
		out->group[i].id = g.id;
		out->group[i].weight = g.weight + 1u;
		out->group_count++;
	}
}

static bool parse(const struct nlmsghdr *h, struct nl_nexthop *out)
{
	const struct nhmsg *m = mnl_nlmsg_get_payload(h);
	struct nl_attrs it;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWNEXTHOP || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return false;
	*out = (struct nl_nexthop){ .family = nl_family(m->nh_family), .protocol = m->nh_protocol };
	it = nl_attrs_of(h, sizeof(*m));
	while ((a = nl_attrs_next(&it))) {
		uint16_t type = mnl_attr_get_type(a);

		if (type == NHA_ID && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
			out->id = mnl_attr_get_u32(a);
		else if (type == NHA_OIF && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
			out->index = (int)mnl_attr_get_u32(a);
		else if (type == NHA_BLACKHOLE)
			out->blackhole = true;
		else if (type == NHA_GROUP)
			take_group(a, out);
	}
	if (out->blackhole) /* the kernel says lo */
		out->index = 0;
	return out->id != 0;
}

static void take_each(void *ctx, const struct nlmsghdr *h)
{
	const struct each *each = ctx;
	struct nl_nexthop nh;

	if (parse(h, &nh))
		each->fn(each->ctx, &nh);
}

int nl_nexthop_dump(struct nl *nl, void (*fn)(void *ctx, const struct nl_nexthop *nh), void *ctx)
{
	const struct nhmsg m = { .nh_family = AF_UNSPEC };
	struct nlmsghdr *h = nl_begin(nl, RTM_GETNEXTHOP, NLM_F_DUMP, &m, sizeof(m));
	struct each each = { fn, ctx };

	return nl_commit_ask(nl, h, take_each, &each);
}
