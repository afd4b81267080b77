/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses on devices. */
#include "io/netlink.h"

#include "io/nl.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

struct each {
	void (*fn)(void *ctx, const struct nl_address *a);
	void *ctx;
};

static bool parse(const struct nlmsghdr *h, struct nl_address *out)
{
	const struct ifaddrmsg *m = mnl_nlmsg_get_payload(h);
	struct addr local = { .family = ADDR_NONE }, address = { .family = ADDR_NONE };
	uint32_t flags;
	uint8_t proto = 0;
	struct nl_attrs it;
	const struct nlattr *a;

	if (h->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(h) < sizeof(*m))
		return false;
	flags = m->ifa_flags;
	it = nl_attrs_of(h, sizeof(*m));
	while ((a = nl_attrs_next(&it))) {
		uint16_t type = mnl_attr_get_type(a);

		if (type == IFA_LOCAL)
			local = nl_get_addr(a, m->ifa_family);
		else if (type == IFA_ADDRESS)
			address = nl_get_addr(a, m->ifa_family);
		else if (type == IFA_FLAGS && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
			flags = mnl_attr_get_u32(a);
		else if (type == IFA_PROTO && mnl_attr_validate(a, MNL_TYPE_U8) >= 0)
			proto = mnl_attr_get_u8(a);
	}
	/* On a point-to-point link ADDRESS is the peer's. */
	if (local.family == ADDR_NONE)
		local = address;
	*out = (struct nl_address){ .index = (int)m->ifa_index,
				    .local = { local, m->ifa_prefixlen },
				    .tentative = flags & IFA_F_TENTATIVE,
				    .permanent = flags & IFA_F_PERMANENT,
				    .scope = m->ifa_scope,
				    .proto = proto };
	return local.family != ADDR_NONE;
}

static void take_each(void *ctx, const struct nlmsghdr *h)
{
	const struct each *each = ctx;
	struct nl_address a;

	if (parse(h, &a))
		each->fn(each->ctx, &a);
}

int nl_address_dump(struct nl *nl, void (*fn)(void *ctx, const struct nl_address *a), void *ctx)
{
	const struct ifaddrmsg m = { .ifa_family = AF_UNSPEC };
	struct nlmsghdr *h = nl_begin(nl, RTM_GETADDR, NLM_F_DUMP, &m, sizeof(m));
	struct each each = { fn, ctx };

	return nl_commit_ask(nl, h, take_each, &each);
}

static struct nlmsghdr *begin(struct nl *nl, uint16_t type, unsigned flags, int index,
			      const struct addr *addr, uint8_t len)
{
	const struct ifaddrmsg m = { .ifa_family = (uint8_t)addr_to_af(addr->family),
				     .ifa_prefixlen = len,
				     .ifa_index = (uint32_t)index };
	struct nlmsghdr *h = nl_begin(nl, type, flags, &m, sizeof(m));

	nl_put_addr(h, IFA_LOCAL, addr);
	return h;
}

int nl_address_add(struct nl *nl, int index, const struct addr *addr, uint8_t len, struct err *err)
{
	struct nlmsghdr *h = begin(nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, index, addr, len);
	char text[ADDR_TEXT];
	uint32_t flags = 0;
	int rc;

	nl_put_addr(h, IFA_ADDRESS, addr);
	/* A virtual address has to work at once, and whoever else had it is gone or is told so. */
	if (addr->family == ADDR_V6)
		flags |= IFA_F_NODAD;
	/* A host's address needs no route to its "network". */
	if (len == addr_bits(addr->family))
		flags |= IFA_F_NOPREFIXROUTE;
	if (flags != 0)
		mnl_attr_put_u32(h, IFA_FLAGS, flags);
	rc = nl_commit(nl, h);
	if (rc < 0)
		return nl_fail(nl, rc, err, "address %s/%u cannot be added to device %d",
			       addr_format(addr, text), len, index);
	return 0;
}

int nl_address_del(struct nl *nl, int index, const struct addr *addr, uint8_t len, struct err *err)
{
	struct nlmsghdr *h = begin(nl, RTM_DELADDR, 0, index, addr, len);
	char text[ADDR_TEXT];
	int rc = nl_commit(nl, h);

	if (rc < 0 && rc != -EADDRNOTAVAIL && rc != -ENODEV)
		return nl_fail(nl, rc, err, "address %s/%u cannot be removed from device %d",
			       addr_format(addr, text), len, index);
	return 0;
}
