/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What we ask of and hear from the kernel's routing, by rtnetlink (libmnl).  One request,
 * one acknowledgement, all synchronous: 0 or -errno with the kernel's own words in *err.
 * "del" of what is not there is 0.  Dumps call back once per object.
 */
#ifndef IO_NETLINK_H
#define IO_NETLINK_H

#include "base/addr.h"
#include "base/err.h"
#include "io/loop.h"

#include <stdbool.h>
#include <stdint.h>

struct nl;

struct nl *nl_new(struct err *err);
void nl_free(struct nl *nl);

/* links */
struct nl_link {
	int index;
	char name[16];
	uint8_t mac[6];
	bool up, carrier; /* IFF_UP; IFF_LOWER_UP */
	bool oper_up; /* RFC 2863: up, or unknown and running (as of a TUN device) */
	uint32_t mtu;
	int parent; /* IFLA_LINK, 0: none */
	char kind[16]; /* "tun", "macvlan", "veth" ... */
};

int nl_link_by_name(struct nl *nl, const char *name, struct nl_link *out); /* -ENODEV: not there */
/* Packets that this device received for its own address: without multicast and broadcast. */
int nl_link_rx_unicast(struct nl *nl, int index, uint64_t *out);
int nl_link_dump(struct nl *nl, void (*fn)(void *ctx, const struct nl_link *link), void *ctx);
int nl_link_set(struct nl *nl, int index, bool up, uint32_t mtu /* 0: leave */, struct err *err);
/* The kernel makes up no IPv6 address for it, not even a link-local one; before it is set up. */
int nl_link_no_ipv6_address(struct nl *nl, int index);
int nl_link_del(struct nl *nl, int index, struct err *err);
/* macvlan in private mode on `parent` with this address; gives its index */
int nl_macvlan_add(struct nl *nl, const char *name, int parent, const uint8_t mac[static 6],
		   int *index, struct err *err);

/* addresses */
struct nl_address {
	int index; /* of the link */
	struct prefix local; /* .addr with host bits kept; .len as configured */
	bool tentative, permanent;
	uint8_t scope, proto;
};

int nl_address_dump(struct nl *nl, void (*fn)(void *ctx, const struct nl_address *a), void *ctx);
/* `addr/len` on a link; IPv6 without duplicate address detection */
int nl_address_add(struct nl *nl, int index, const struct addr *addr, uint8_t len, struct err *err);
int nl_address_del(struct nl *nl, int index, const struct addr *addr, uint8_t len, struct err *err);

/* policy rules; zero fields do not select */
struct nl_rule {
	enum addr_family family;
	uint32_t priority, table;
	struct prefix from, to; /* .addr.family ADDR_NONE: any */
	uint8_t ip_proto; /* IPPROTO_ICMP ... */
	char out_device[16]; /* what sockets bound to it send; "": any */
	uint8_t protocol; /* who made it */
};

int nl_rule_add(struct nl *nl, const struct nl_rule *r, struct err *err); /* -EEXIST is 0 */
int nl_rule_del(struct nl *nl, const struct nl_rule *r, struct err *err);
int nl_rule_dump(struct nl *nl, uint8_t protocol, void (*fn)(void *ctx, const struct nl_rule *r),
		 void *ctx);

/* nexthop objects */
#define NL_GROUP_MAX 64

struct nl_nexthop {
	uint32_t id;
	enum addr_family family;
	int index; /* device; 0 for a group or a blackhole */
	bool blackhole;
	unsigned group_count;
	struct {
		uint32_t id;
		unsigned weight; /* 1-256 */
	} group[NL_GROUP_MAX];
	uint8_t protocol;
};

int nl_nexthop_set(struct nl *nl, const struct nl_nexthop *nh,
		   struct err *err); /* create or replace */
int nl_nexthop_del(struct nl *nl, uint32_t id, struct err *err);
int nl_nexthop_dump(struct nl *nl, void (*fn)(void *ctx, const struct nl_nexthop *nh), void *ctx);

/* routes */
struct nl_route {
	struct prefix to;
	uint32_t table, metric;
	uint32_t nexthop_id; /* 0: none */
	int index; /* output device when there is no nexthop_id; 0: none */
	struct addr source; /* preferred; ADDR_NONE: the kernel chooses */
	bool blackhole;
	uint8_t protocol;
};

int nl_route_set(struct nl *nl, const struct nl_route *r, struct err *err); /* create or replace */
/* Many at once, a few hundred to a message; stops at the first error and says which. */
int nl_route_set_many(struct nl *nl, const struct nl_route *r, size_t n, struct err *err);
int nl_route_del(struct nl *nl, const struct nl_route *r, struct err *err);
/* The routes of this protocol in this table (0: any table). */
int nl_route_dump(struct nl *nl, uint32_t table, uint8_t protocol,
		  void (*fn)(void *ctx, const struct nl_route *r), void *ctx);

/*
 * Calls `fn` once, soon after anything of links, addresses, rules, routes or nexthops has
 * changed (or after an overrun): it says look again, not what changed.  Our own changes count too.
 */
struct nl_monitor;
struct nl_monitor *nl_monitor_new(struct loop *loop, void (*fn)(void *ctx), void *ctx,
				  struct err *err);
void nl_monitor_free(struct nl_monitor *m);

#endif
