/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/fib.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more element of an array in a plan; NULL (and plan->failed) without memory. */
static void *grow(struct fib_plan *plan, void **list, size_t *count, size_t *room, size_t size)
{
	if (*count == *room) {
		size_t more = *room ? 2 * *room : 64;
		void *bigger = reallocarray(*list, more, size);

		if (!bigger) {
			plan->failed = true;
			return NULL;
		}
		*list = bigger;
		*room = more;
	}
	return (char *)*list + size * (*count)++;
}

void fib_plan_nexthop(struct fib_plan *plan, const struct nl_nexthop *nh)
{
	void *list = plan->nexthops;
	struct nl_nexthop *slot =
		grow(plan, &list, &plan->nexthop_count, &plan->nexthop_room, sizeof(*nh));

	plan->nexthops = list;
	if (slot)
		*slot = *nh;
}

void fib_plan_rule(struct fib_plan *plan, const struct nl_rule *r)
{
	void *list = plan->rules;
	struct nl_rule *slot = grow(plan, &list, &plan->rule_count, &plan->rule_room, sizeof(*r));

	plan->rules = list;
	if (slot)
		*slot = *r;
}

void fib_plan_route(struct fib_plan *plan, const struct nl_route *r)
{
	void *list = plan->routes;
	struct nl_route *slot =
		grow(plan, &list, &plan->route_count, &plan->route_room, sizeof(*r));

	plan->routes = list;
	if (slot)
		*slot = *r;
}

void fib_plan_free(struct fib_plan *plan)
{
	free(plan->nexthops);
	free(plan->rules);
	free(plan->routes);
	memset(plan, 0, sizeof(*plan));
}

static void take_nexthop(void *ctx, const struct nl_nexthop *nh)
{
	if (nh->id >= FIB_ID_FIRST && nh->id <= FIB_ID_LAST)
		fib_plan_nexthop(ctx, nh);
}

static void take_rule(void *ctx, const struct nl_rule *r)
{
	fib_plan_rule(ctx, r);
}

static void take_route(void *ctx, const struct nl_route *r)
{
	fib_plan_route(ctx, r);
}

static bool nexthop_same(const struct nl_nexthop *a, const struct nl_nexthop *b)
{
	if (a->blackhole != b->blackhole || a->index != b->index ||
	    a->group_count != b->group_count)
		return false;
	for (unsigned i = 0; i < a->group_count; i++)
		if (a->group[i].id != b->group[i].id || a->group[i].weight != b->group[i].weight)
			return false;
	/* The kernel reports groups without a family. */
	return a->group_count || a->family == b->family;
}

static int prefix_order(const struct prefix *a, const struct prefix *b)
{
	int c = addr_compare(&a->addr, &b->addr);

	return c ? c : (int)a->len - (int)b->len;
}

static int number_order(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

/* What tells two routes apart in the kernel. */
static int route_order(const void *pa, const void *pb)
{
	const struct nl_route *a = pa, *b = pb;
	int c = number_order(a->table, b->table);

	c = c ? c : prefix_order(&a->to, &b->to);
	return c ? c : number_order(a->metric, b->metric);
}

static bool route_same(const struct nl_route *a, const struct nl_route *b)
{
	return a->blackhole == b->blackhole && a->nexthop_id == b->nexthop_id &&
	       addr_equal(&a->source, &b->source) && (a->nexthop_id || a->index == b->index);
}

static bool rule_same(const struct nl_rule *a, const struct nl_rule *b)
{
	return a->family == b->family && a->priority == b->priority && a->table == b->table &&
	       a->ip_proto == b->ip_proto && !strcmp(a->out_device, b->out_device) &&
	       prefix_order(&a->from, &b->from) == 0 && prefix_order(&a->to, &b->to) == 0;
}

static void note(struct fib_report *rep, int r, const struct err *err, unsigned *counter)
{
	if (!r) {
		(*counter)++;
		return;
	}
	if (!rep->errors++)
		rep->first = *err;
}

/* Ids are given out so that members come before the groups made of them. */
static int nexthop_order(const void *pa, const void *pb)
{
	const struct nl_nexthop *a = pa, *b = pb;

	return number_order(a->id, b->id);
}

static const struct nl_nexthop *find_nexthop(const struct fib_plan *p, uint32_t id)
{
	const struct nl_nexthop key = { .id = id };

	return p->nexthop_count
		       ? bsearch(&key, p->nexthops, p->nexthop_count, sizeof(key), nexthop_order)
		       : NULL;
}

static bool has_rule(const struct fib_plan *p, const struct nl_rule *r)
{
	for (size_t i = 0; i < p->rule_count; i++)
		if (rule_same(&p->rules[i], r))
			return true;
	return false;
}

static void add_nexthops(struct nl *nl, const struct fib_plan *plan, const struct fib_plan *now,
			 struct fib_report *rep)
{
	for (size_t i = 0; i < plan->nexthop_count; i++) {
		const struct nl_nexthop *old = find_nexthop(now, plan->nexthops[i].id);
		struct err err = { "" };

		if (!old || !nexthop_same(old, &plan->nexthops[i]))
			note(rep, nl_nexthop_set(nl, &plan->nexthops[i], &err), &err,
			     old ? &rep->changed : &rep->added);
	}
}

/* One by one only after a batch was refused: an error must not keep the rest out. */
static void set_routes(struct nl *nl, const struct nl_route *r, size_t n, unsigned *counter,
		       struct fib_report *rep)
{
	struct err err = { "" };

	if (!n)
		return;
	if (nl_route_set_many(nl, r, n, &err) == 0) {
		*counter += (unsigned)n;
		return;
	}
	for (size_t i = 0; i < n; i++)
		note(rep, nl_route_set(nl, &r[i], &err), &err, counter);
}

/* Both lists are sorted: one walk finds what is missing, what differs and what is left over. */
static void add_routes(struct nl *nl, const struct fib_plan *plan, const struct fib_plan *now,
		       struct fib_report *rep)
{
	struct nl_route *todo = calloc(plan->route_count + 1, sizeof(*todo));
	size_t n = 0, missing = 0;

	if (!todo)
		return;
	for (size_t i = 0, j = 0; i < plan->route_count; i++) {
		int c = 1;

		while (j < now->route_count &&
		       (c = route_order(&now->routes[j], &plan->routes[i])) < 0)
			j++;
		if (j < now->route_count && c == 0 && route_same(&now->routes[j], &plan->routes[i]))
			continue;
		missing += j == now->route_count || c != 0;
		todo[n++] = plan->routes[i];
	}
	set_routes(nl, todo, n, missing ? &rep->added : &rep->changed, rep);
	free(todo);
}

static void remove_routes(struct nl *nl, const struct fib_plan *plan, const struct fib_plan *now,
			  struct fib_report *rep)
{
	for (size_t i = 0; i < now->route_count; i++) {
		struct err err = { "" };

		if (!plan->route_count || !bsearch(&now->routes[i], plan->routes, plan->route_count,
						   sizeof(struct nl_route), route_order))
			note(rep, nl_route_del(nl, &now->routes[i], &err), &err, &rep->removed);
	}
}

static void remove_rest(struct nl *nl, const struct fib_plan *plan, const struct fib_plan *now,
			struct fib_report *rep)
{
	struct err err = { "" };

	for (size_t i = 0; i < now->rule_count; i++)
		if (!has_rule(plan, &now->rules[i]))
			note(rep, nl_rule_del(nl, &now->rules[i], &err), &err, &rep->removed);
	remove_routes(nl, plan, now, rep);
	/* Groups before their members, or the kernel would empty the groups one by one. */
	for (int groups = 1; groups >= 0; groups--)
		for (size_t i = 0; i < now->nexthop_count; i++) {
			const struct nl_nexthop *nh = &now->nexthops[i];

			if ((nh->group_count > 0) == (groups == 1) && !find_nexthop(plan, nh->id))
				note(rep, nl_nexthop_del(nl, nh->id, &err), &err, &rep->removed);
		}
}

static void sort(struct fib_plan *p)
{
	if (p->nexthop_count)
		qsort(p->nexthops, p->nexthop_count, sizeof(struct nl_nexthop), nexthop_order);
	if (p->route_count)
		qsort(p->routes, p->route_count, sizeof(struct nl_route), route_order);
}

static int dump(struct nl *nl, uint8_t protocol, struct fib_plan *out)
{
	int r = nl_nexthop_dump(nl, take_nexthop, out);

	r = r ? r : nl_rule_dump(nl, protocol, take_rule, out);
	r = r ? r : nl_route_dump(nl, 0, protocol, take_route, out);
	sort(out);
	return r ? r : out->failed ? -ENOMEM : 0;
}

int fib_sync(struct nl *nl, struct fib_plan *plan, uint8_t protocol, bool prune,
	     struct fib_report *report)
{
	struct fib_plan now = { 0 };
	int r = plan->failed ? -ENOMEM : dump(nl, protocol, &now);

	memset(report, 0, sizeof(*report));
	if (r == 0) {
		sort(plan);
		add_nexthops(nl, plan, &now, report);
		add_routes(nl, plan, &now, report);
		for (size_t i = 0; i < plan->rule_count; i++) {
			struct err err = { "" };

			if (!has_rule(&now, &plan->rules[i]))
				note(report, nl_rule_add(nl, &plan->rules[i], &err), &err,
				     &report->added);
		}
		if (prune)
			remove_rest(nl, plan, &now, report);
	}
	fib_plan_free(&now);
	return r;
}
