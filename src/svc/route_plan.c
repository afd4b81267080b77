/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/route_plan.h"

#include "conf/model.h"

#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>

/*
 * Ids: devices and blackholes below groups, so that in ascending order members come first.
 * Each takes two, IPv4 and IPv6: a nexthop belongs to one family.
 */
#define ID_BLACKHOLE FIB_ID_FIRST /* if_ids start at 1, so these two are free */
#define ID_DEVICE(if_id) (FIB_ID_FIRST + 2 * (if_id))
#define ID_GROUP(slot) (FIB_ID_FIRST + 0x100000 + 2 * (slot))
/* Tables: above what people number by hand. */
#define TABLE_POLICY(slot) (0x66750000u + (slot))
#define TABLE_PIN(if_id) (0x66760000u + (if_id))
#define METRIC_V6 1024 /* what the kernel makes of "no metric" for IPv6 */

static const enum addr_family families[] = { ADDR_V4, ADDR_V6 };

static uint32_t id_for(uint32_t id, enum addr_family family)
{
	return family == ADDR_V6 ? id + 1 : id;
}

uint32_t route_group_id(const struct route *r, enum addr_family family)
{
	return id_for(ID_GROUP(r->slot), family);
}

static bool route_has(const struct route *r, enum addr_family family)
{
	return family == ADDR_V4 ? r->v4 : r->v6;
}

struct nl_nexthop route_plan_group(const struct route *r, enum addr_family family, uint8_t protocol)
{
	struct nl_nexthop nh = { .id = route_group_id(r, family),
				 .family = ADDR_NONE,
				 .protocol = protocol };

	for (unsigned i = 0; i < r->choice.count; i++) {
		const struct path *p = r->members[r->choice.use[i].member];

		if (!p || !p->index)
			continue;
		nh.group[nh.group_count].id = id_for(ID_DEVICE(p->if_id), family);
		nh.group[nh.group_count++].weight = r->choice.use[i].weight;
	}
	if (!nh.group_count) {
		nh.group[0].id = id_for(ID_BLACKHOLE, family);
		nh.group[0].weight = 1;
		nh.group_count = 1;
	}
	return nh;
}

static void plan_nexthops(struct fib_plan *plan, const struct conf *conf, const struct paths *paths,
			  struct route *const *routes, size_t count, enum addr_family family)
{
	struct nl_nexthop nh = { .id = id_for(ID_BLACKHOLE, family),
				 .family = family,
				 .blackhole = true,
				 .protocol = conf->kernel.protocol };

	fib_plan_nexthop(plan, &nh);
	nh.blackhole = false;
	for (size_t i = 0; i < paths->count; i++)
		if (paths->list[i]->index) {
			nh.id = id_for(ID_DEVICE(paths->list[i]->if_id), family);
			nh.index = paths->list[i]->index;
			fib_plan_nexthop(plan, &nh);
		}
	for (size_t i = 0; i < count; i++)
		if (route_has(routes[i], family)) {
			nh = route_plan_group(routes[i], family, conf->kernel.protocol);
			fib_plan_nexthop(plan, &nh);
		}
}

/*
 * Our own packets' source: as configured, else the probe source where that is one of the
 * node's addresses.  Then a traceroute shows the router by the name that people know it by.
 */
static struct addr source_of(const struct route *r, enum addr_family family)
{
	if (r->conf->source.family == family)
		return r->conf->source;
	for (size_t i = 0; i < r->member_count; i++)
		if (r->members[i] && r->members[i]->own_source.family == family)
			return r->members[i]->own_source;
	return (struct addr){ 0 };
}

static void plan_route(struct fib_plan *plan, const struct conf *conf, const struct route *r)
{
	const struct conf_kernel *k = &conf->kernel;
	bool policy = r->conf->from.addr.family != ADDR_NONE;

	for (size_t i = 0; i < r->conf->to_count; i++) {
		enum addr_family family = r->conf->to[i].addr.family;
		struct nl_route n = { .to = r->conf->to[i],
				      .table = policy ? TABLE_POLICY(r->slot) : k->table,
				      .metric = family == ADDR_V6 ? METRIC_V6 : 0,
				      .nexthop_id = route_group_id(r, family),
				      .source = source_of(r, family),
				      .protocol = k->protocol };

		fib_plan_route(plan, &n);
		/* A policy route's guard must not stop the other sources. */
		n = (struct nl_route){ .to = r->conf->to[i],
				       .table = policy ? TABLE_POLICY(r->slot) : RT_TABLE_MAIN,
				       .metric = k->guard_metric,
				       .blackhole = true,
				       .protocol = k->protocol };
		fib_plan_route(plan, &n);
		n.table = RT_TABLE_MAIN;
		n.metric = k->publish_metric;
		if (r->published)
			fib_plan_route(plan, &n);
	}
}

static void plan_rules(struct fib_plan *plan, const struct conf *conf, const struct route *r,
		       enum addr_family family)
{
	struct nl_rule rule = { .family = family,
				.priority = conf->kernel.rule_priority,
				.table = conf->kernel.table,
				.protocol = conf->kernel.protocol };

	if (r->conf->from.addr.family == family) {
		rule.priority--;
		rule.table = TABLE_POLICY(r->slot);
		rule.from = r->conf->from;
	}
	fib_plan_rule(plan, &rule);
}

/*
 * Its check connects by the kernel's own TCP, which needs a route by the device also while the
 * tunnel carries nothing.  The rule is for sockets that are bound to the device: no other traffic
 * sees it.
 */
static bool connects(const struct conf_tunnel *t)
{
	const struct conf_health *h = &t->health;

	return h->enabled && (h->kind == CONF_PROBE_TCP || h->kind == CONF_PROBE_HTTP ||
			      h->kind == CONF_PROBE_HTTPS);
}

/*
 * What a host behind us answers to the peer's probe goes back by the tunnel that the peer
 * probes: its router's address is the target of our own check of that tunnel.  Only ICMP is
 * pinned; other traffic to that address follows the route set.
 */
static void plan_probes(struct fib_plan *plan, const struct conf *conf, const struct conf_tunnel *t,
			const struct paths *paths)
{
	const struct path *p = paths_by_name(paths, t->name);
	enum addr_family family = t->health.target.family;
	struct nl_route route = { .to = { .addr = { .family = family } },
				  .table = TABLE_PIN(t->if_id),
				  .metric = family == ADDR_V6 ? METRIC_V6 : 0,
				  .nexthop_id = id_for(ID_DEVICE(t->if_id), family),
				  .protocol = conf->kernel.protocol };
	struct nl_rule rule = { .family = family,
				.priority = conf->kernel.rule_priority - 2,
				.table = TABLE_PIN(t->if_id),
				.to = prefix_of_host(&t->health.target),
				.ip_proto = family == ADDR_V6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
				.protocol = conf->kernel.protocol };

	if (!t->health.enabled || !p || !p->index)
		return;
	if (t->health.pin || connects(t))
		fib_plan_route(plan, &route);
	if (t->health.pin)
		fib_plan_rule(plan, &rule);
	if (!connects(t))
		return;
	rule.ip_proto = IPPROTO_TCP;
	(void)snprintf(rule.out_device, sizeof(rule.out_device), "%s", p->device);
	fib_plan_rule(plan, &rule);
}

static bool uses_family(const struct conf *conf, struct route *const *routes, size_t count,
			enum addr_family family)
{
	for (size_t i = 0; i < count; i++)
		if (route_has(routes[i], family))
			return true;
	for (size_t i = 0; i < conf->tunnel_count; i++)
		if ((conf->tunnels[i].health.pin || connects(&conf->tunnels[i])) &&
		    conf->tunnels[i].health.target.family == family)
			return true;
	return false;
}

/* The general rule is asked for once, however many routes want it. */
static void plan_family_rules(struct fib_plan *plan, const struct conf *conf,
			      struct route *const *routes, size_t count, enum addr_family family)
{
	bool general = false;

	for (size_t i = 0; i < count; i++) {
		bool policy = routes[i]->conf->from.addr.family != ADDR_NONE;

		if (!route_has(routes[i], family) || (!policy && general))
			continue;
		general = general || !policy;
		plan_rules(plan, conf, routes[i], family);
	}
}

void route_plan_fill(struct fib_plan *plan, const struct conf *conf, const struct paths *paths,
		     struct route *const *routes, size_t count)
{
	for (size_t f = 0; f < 2; f++) {
		if (!uses_family(conf, routes, count, families[f]))
			continue;
		plan_nexthops(plan, conf, paths, routes, count, families[f]);
		plan_family_rules(plan, conf, routes, count, families[f]);
	}
	for (size_t i = 0; i < count; i++)
		plan_route(plan, conf, routes[i]);
	for (size_t i = 0; i < conf->tunnel_count; i++)
		plan_probes(plan, conf, &conf->tunnels[i], paths);
}
