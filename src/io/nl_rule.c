/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policy rules: which table a packet's route is looked up in. */
#include "io/netlink.h"

#include "io/nl.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <sys/socket.h>

struct each {
	void (*fn)(void *ctx, const struct nl_rule *r);
	void *ctx;
	uint8_t protocol;
};

static void take_number(const struct nlattr *a, struct nl_rule *out)
{
	uint16_t type = mnl_attr_get_type(a);

	if (type == FRA_PRIORITY && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
		out->priority = mnl_attr_get_u32(a);
	else if (type == FRA_TABLE && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
		out->table = mnl_attr_get_u32(a);
	else if (type == FRA_IP_PROTO && mnl_attr_validate(a, MNL_TYPE_U8) >= 0)
		out->ip_proto = mnl_attr_get_u8(a);
	else if (type == FRA_PROTOCOL && mnl_attr_validate(a, MNL_TYPE_U8) >= 0)
		out->protocol = mnl_attr_get_u8(a);
}

static bool parse(const struct nlmsghdr *h, struct nl_rule *out)
{
	const struct fib_rule_hdr *m = mnl_nlmsg_get_payload(h);
	struct nl_attrs it;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWRULE || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return false;
	if (m->action != FR_ACT_TO_TBL)
		return false;
	*out = (struct nl_rule){ .family = nl_family(m->family), .table = m->table };
	it = nl_attrs_of(h, sizeof(*m));
	while ((a = nl_attrs_next(&it))) {
		uint16_t type = mnl_attr_get_type(a);

		if (type == FRA_SRC)
			out->from = (struct prefix){ nl_get_addr(a, m->family), m->src_len };
		else if (type == FRA_DST)
			out->to = (struct prefix){ nl_get_addr(a, m->family), m->dst_len };
		else if (type == FRA_OIFNAME && mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			(void)snprintf(out->out_device, sizeof(out->out_device), "%s",
				       mnl_attr_get_str(a));
		else
			take_number(a, out);
	}
	return out->family != ADDR_NONE;
}

static void take_each(void *ctx, const struct nlmsghdr *h)
{
	const struct each *each = ctx;
	struct nl_rule r;

	if (parse(h, &r) && (each->protocol == 0 || r.protocol == each->protocol))
		each->fn(each->ctx, &r);
}

int nl_rule_dump(struct nl *nl, uint8_t protocol, void (*fn)(void *ctx, const struct nl_rule *r),
		 void *ctx)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct each each = { fn, ctx, protocol };

	/* One by one: AF_UNSPEC would bring those of multicast routing, too. */
	for (size_t i = 0; i < sizeof(families); i++) {
		const struct fib_rule_hdr m = { .family = families[i] };
		struct nlmsghdr *h = nl_begin(nl, RTM_GETRULE, NLM_F_DUMP, &m, sizeof(m));
		int rc = nl_commit_ask(nl, h, take_each, &each);

		if (rc == -EAFNOSUPPORT && families[i] == AF_INET6) /* a kernel without IPv6 */
			rc = 0;
		if (rc < 0)
			return rc;
	}
	return 0;
}

static struct nlmsghdr *begin(struct nl *nl, uint16_t type, unsigned flags, const struct nl_rule *r)
{
	bool from = r->from.addr.family != ADDR_NONE, to = r->to.addr.family != ADDR_NONE;
	const struct fib_rule_hdr m = { .family = (uint8_t)addr_to_af(r->family),
					.src_len = from ? r->from.len : 0,
					.dst_len = to ? r->to.len : 0,
					.action = FR_ACT_TO_TBL };
	struct nlmsghdr *h = nl_begin(nl, type, flags, &m, sizeof(m));

	/* Of length 0 it selects everything, and the kernel wants no address with it. */
	if (m.src_len > 0)
		nl_put_addr(h, FRA_SRC, &r->from.addr);
	if (m.dst_len > 0)
		nl_put_addr(h, FRA_DST, &r->to.addr);
	if (r->priority != 0)
		mnl_attr_put_u32(h, FRA_PRIORITY, r->priority);
	if (r->table != 0)
		mnl_attr_put_u32(h, FRA_TABLE, r->table);
	if (*r->out_device)
		mnl_attr_put_strz(h, FRA_OIFNAME, r->out_device);
	if (r->ip_proto != 0)
		mnl_attr_put_u8(h, FRA_IP_PROTO, r->ip_proto);
	if (r->protocol != 0)
		mnl_attr_put_u8(h, FRA_PROTOCOL, r->protocol);
	return h;
}

int nl_rule_add(struct nl *nl, const struct nl_rule *r, struct err *err)
{
	struct nlmsghdr *h = begin(nl, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, r);
	int rc = nl_commit(nl, h);

	if (rc < 0 && rc != -EEXIST)
		return nl_fail(nl, rc, err, "rule %u for table %u cannot be added", r->priority,
			       r->table);
	return 0;
}

int nl_rule_del(struct nl *nl, const struct nl_rule *r, struct err *err)
{
	struct nlmsghdr *h = begin(nl, RTM_DELRULE, 0, r);
	int rc = nl_commit(nl, h);

	if (rc < 0 && rc != -ENOENT)
		return nl_fail(nl, rc, err, "rule %u for table %u cannot be removed", r->priority,
			       r->table);
	return 0;
}
