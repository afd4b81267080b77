/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nexthop objects and the routes that hang on them.  Started by io_routes.sh. */
#include "io_world.h"

#include "base/list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ID 4026531840u

struct nexthops {
	unsigned n;
	struct nl_nexthop nh[8];
};

static void take_nexthop(void *ctx, const struct nl_nexthop *nh)
{
	struct nexthops *all = ctx;

	assert_true(all->n < ARRAY_LEN(all->nh));
	all->nh[all->n++] = *nh;
}

static bool same_hop(const struct nl_nexthop *a, const struct nl_nexthop *b)
{
	for (unsigned i = 0; i < b->group_count; i++)
		if (a->group[i].id != b->group[i].id || a->group[i].weight != b->group[i].weight)
			return false;
	return a->id == b->id && a->family == b->family && a->index == b->index &&
	       a->blackhole == b->blackhole && a->group_count == b->group_count &&
	       a->protocol == b->protocol;
}

static struct nl_nexthop device_hop(uint32_t id, enum addr_family family, int index)
{
	return (struct nl_nexthop){ .id = id, .family = family, .index = index, .protocol = PROTO };
}

static void set_hop(const struct nl_nexthop *nh)
{
	struct err err = { "" };
	int rc = nl_nexthop_set(nl, nh, &err);

	if (rc < 0)
		(void)fprintf(stderr, "%s\n", err.text);
	assert_int_equal(rc, 0);
}

static struct nl_nexthop group_of(uint32_t id, uint32_t a, unsigned wa, uint32_t b, unsigned wb)
{
	return (struct nl_nexthop){ .id = id,
				    .group_count = b ? 2 : 1,
				    .group = { { a, wa }, { b, wb } },
				    .protocol = PROTO };
}

static void nexthops_and_groups(void **state)
{
	struct nl_nexthop hops[4], group, weightless;
	struct nexthops got = { 0 };
	struct err err = { "" };
	int t0, t1, fd0 = tun_up("t0", &t0), fd1 = tun_up("t1", &t1);

	(void)state;
	hops[0] = device_hop(ID, ADDR_V4, t0);
	hops[1] = device_hop(ID + 1, ADDR_V4, t1);
	hops[2] = device_hop(ID + 2, ADDR_V6, t0);
	hops[3] = (struct nl_nexthop){
		.id = ID + 3, .family = ADDR_V4, .blackhole = true, .protocol = PROTO
	};
	for (size_t i = 0; i < ARRAY_LEN(hops); i++)
		set_hop(&hops[i]);
	group = group_of(ID + 10, ID, 100, ID + 1, 256);
	set_hop(&group);
	set_hop(&group); /* the same again */
	assert_int_equal(nl_nexthop_dump(nl, take_nexthop, &got), 0);
	assert_int_equal(got.n, 5);
	for (size_t i = 0; i < ARRAY_LEN(hops); i++)
		assert_true(same_hop(&got.nh[i], &hops[i]));
	assert_true(same_hop(&got.nh[4], &group));

	weightless = group_of(ID + 11, ID, 0, 0, 0);
	assert_int_equal(nl_nexthop_set(nl, &weightless, &err), -ERANGE);
	group = group_of(ID + 10, ID, 1, ID + 3, 1);
	assert_true(nl_nexthop_set(nl, &group, &err) < 0);
	assert_non_null(strstr(err.text, "Blackhole nexthop")); /* the kernel's own words */
	for (uint32_t id = ID + 10; id >= ID; id--) { /* also those that are not there */
		assert_int_equal(nl_nexthop_del(nl, id, &err), 0);
	}
	got.n = 0;
	assert_int_equal(nl_nexthop_dump(nl, take_nexthop, &got), 0);
	assert_int_equal(got.n, 0);
	(void)close(fd0);
	(void)close(fd1);
}

/* What svc/ has to know and repair. */
static void a_device_without_carrier_takes_its_nexthops_with_it(void **state)
{
	struct nl_nexthop a, b, group;
	struct nexthops got = { 0 };
	int t0, t1, fd0 = tun_up("t0", &t0), fd1 = tun_up("t1", &t1);

	(void)state;
	a = device_hop(ID, ADDR_V4, t0);
	b = device_hop(ID + 1, ADDR_V4, t1);
	group = group_of(ID + 10, ID, 1, ID + 1, 1);
	set_hop(&a);
	set_hop(&b);
	set_hop(&group);
	(void)close(fd0);
	assert_int_equal(nl_nexthop_dump(nl, take_nexthop, &got), 0);
	assert_int_equal(got.n, 2);
	assert_int_equal(got.nh[1].group_count, 1);
	assert_int_equal(got.nh[1].group[0].id, ID + 1);
	(void)close(fd1);
	got.n = 0;
	assert_int_equal(nl_nexthop_dump(nl, take_nexthop, &got), 0);
	assert_int_equal(got.n, 0);
}

static void one_message_moves_all_prefixes(void **state)
{
	struct nl_nexthop hops[5], group;
	struct nl_route routes[2] = { { .to = net("10.1.22.0/24"), .table = 254 },
				      { .to = net("2001:db8:22::/48"), .table = 254 } };
	struct err err = { "" };
	int t0, t1, fd0 = tun_up("t0", &t0), fd1 = tun_up("t1", &t1);

	(void)state;
	hops[0] = device_hop(ID, ADDR_V4, t0);
	hops[1] = device_hop(ID + 1, ADDR_V4, t1);
	hops[2] = device_hop(ID + 2, ADDR_V6, t0);
	hops[3] = device_hop(ID + 3, ADDR_V6, t1);
	hops[4] = (struct nl_nexthop){ .id = ID + 4, .family = ADDR_V4, .blackhole = true };
	for (size_t i = 0; i < ARRAY_LEN(hops); i++)
		set_hop(&hops[i]);
	for (uint32_t i = 0; i < 2; i++) {
		group = group_of(ID + 10 + i, ID + 2 * i, 1, 0, 0);
		set_hop(&group);
		routes[i].nexthop_id = group.id;
		routes[i].protocol = PROTO;
	}
	assert_int_equal(nl_route_set_many(nl, routes, 2, &err), 0);
	assert_true(says("ip route get 10.1.22.1", "dev t0"));
	assert_true(says("ip -6 route get 2001:db8:22::1", "dev t0"));
	for (uint32_t i = 0; i < 2; i++) {
		group = group_of(ID + 10 + i, ID + 2 * i + 1, 1, 0, 0);
		set_hop(&group);
	}
	assert_true(says("ip route get 10.1.22.1", "dev t1"));
	assert_true(says("ip -6 route get 2001:db8:22::1", "dev t1"));
	group = group_of(ID + 10, ID + 4, 1, 0, 0); /* fail closed */
	set_hop(&group);
	assert_true(says("ip route get 10.1.22.1 2>&1", "Invalid argument"));
	assert_int_equal(nl_nexthop_del(nl, ID + 4, &err), 0);
	(void)close(fd0);
	(void)close(fd1);
}

struct routes {
	unsigned n;
	struct nl_route r[16];
};

static void take_route(void *ctx, const struct nl_route *r)
{
	struct routes *all = ctx;

	if (all->n < ARRAY_LEN(all->r))
		all->r[all->n] = *r;
	all->n++;
}

static bool same_route(const struct nl_route *a, const struct nl_route *b)
{
	return prefix_equal(&a->to, &b->to) && a->table == b->table && a->metric == b->metric &&
	       a->nexthop_id == b->nexthop_id && a->index == b->index &&
	       a->blackhole == b->blackhole && addr_equal(&a->source, &b->source) &&
	       a->protocol == b->protocol;
}

static unsigned count_routes(uint32_t table)
{
	struct routes got = { 0 };

	assert_int_equal(nl_route_dump(nl, table, PROTO, take_route, &got), 0);
	return got.n;
}

static struct nl_route table_rows[7];
static const size_t row_count = ARRAY_LEN(table_rows);

/* A TUN device with an address, two nexthops, and routes of all kinds, each written twice. */
static int write_rows(void)
{
	struct err err = { "" };
	int t0, fd = tun_up("t0", &t0);
	struct addr source = ip("10.9.0.1");
	struct nl_nexthop v4 = device_hop(ID, ADDR_V4, t0), v6 = device_hop(ID + 1, ADDR_V6, t0);
	const struct nl_route rows[] = {
		{ .to = net("0.0.0.0/0"), .nexthop_id = ID },
		{ .to = net("10.1.22.0/24"), .nexthop_id = ID, .source = source },
		{ .to = net("10.1.23.0/24"), .index = t0, .metric = 50 },
		{ .to = net("10.1.22.0/24"), .metric = 4000, .blackhole = true },
		{ .to = net("::/0"), .nexthop_id = ID + 1, .metric = 1024 },
		{ .to = net("2001:db8:22::/48"), .index = t0, .metric = 1024 },
		{ .to = net("2001:db8:22::/48"), .metric = 4000, .blackhole = true },
	};

	assert_int_equal(nl_address_add(nl, t0, &source, 32, &err), 0);
	set_hop(&v4);
	set_hop(&v6);
	for (size_t i = 0; i < 2 * row_count; i++) { /* set is also replace */
		struct nl_route *r = &table_rows[i % row_count];

		*r = rows[i % row_count];
		r->table = TABLE;
		r->protocol = PROTO;
		assert_int_equal(nl_route_set(nl, r, &err), 0);
	}
	return fd;
}

static void routes_are_read_as_written(void **state)
{
	struct routes got = { 0 };
	int fd;

	(void)state;
	assert_int_equal(count_routes(TABLE), 0); /* of a table that is not there */
	fd = write_rows();
	assert_int_equal(nl_route_dump(nl, TABLE, PROTO, take_route, &got), 0);
	assert_int_equal(got.n, row_count);
	for (size_t i = 0; i < row_count; i++) {
		unsigned same = 0;

		for (unsigned j = 0; j < got.n; j++)
			same += same_route(&got.r[j], &table_rows[i]);
		assert_int_equal(same, 1);
	}
	got.n = 0;
	assert_int_equal(nl_route_dump(nl, TABLE, PROTO + 1, take_route, &got), 0);
	assert_int_equal(nl_route_dump(nl, TABLE + 1, PROTO, take_route, &got), 0);
	assert_int_equal(got.n, 0);
	assert_int_equal(count_routes(0), row_count);
	for (size_t i = 0; i < row_count; i++)
		assert_int_equal(nl_route_del(nl, &table_rows[i], NULL), 0);
	(void)close(fd);
}

static void only_the_route_that_is_meant_is_removed(void **state)
{
	struct nl_route foreign;
	int fd = write_rows();

	(void)state;
	foreign = table_rows[0];
	foreign.protocol = PROTO + 1; /* somebody else's is not ours to delete */
	assert_int_equal(nl_route_del(nl, &foreign, NULL), 0);
	assert_int_equal(count_routes(TABLE), row_count);
	for (size_t i = 0; i < row_count; i++) {
		assert_int_equal(nl_route_del(nl, &table_rows[i], NULL), 0);
		/* Metric 0 again: the marker of metric 4000 stays. */
		assert_int_equal(nl_route_del(nl, &table_rows[i], NULL), 0);
		assert_int_equal(count_routes(TABLE), row_count - 1 - i);
	}
	(void)close(fd);
}

static void many_routes_and_which_one_was_wrong(void **state)
{
	enum { MANY = 1000, BAD = 600 };
	struct nl_route *r = calloc(MANY, sizeof(*r));
	struct nl_nexthop hop;
	struct err err = { "" };
	int t0, fd0 = tun_up("t0", &t0);

	(void)state;
	assert_non_null(r);
	hop = device_hop(ID, ADDR_V4, t0);
	set_hop(&hop);
	for (unsigned i = 0; i < MANY; i++)
		r[i] = (struct nl_route){
			.to = { { ADDR_V4, { 10, (uint8_t)(i >> 8), (uint8_t)i, 0 } }, 24 },
			.table = TABLE,
			.nexthop_id = ID,
			.protocol = PROTO
		};
	assert_int_equal(nl_route_set_many(nl, r, MANY, &err), 0);
	assert_int_equal(count_routes(TABLE), MANY);
	r[BAD].nexthop_id = ID + 77;
	assert_true(nl_route_set_many(nl, r, MANY, &err) < 0);
	assert_non_null(strstr(err.text, "10.2.88.0/24"));
	assert_non_null(strstr(err.text, "Nexthop id does not exist"));
	assert_int_equal(nl_nexthop_del(nl, ID, &err), 0); /* takes its routes along */
	assert_int_equal(count_routes(TABLE), 0);
	assert_int_equal(nl_route_set_many(nl, r, 0, &err), 0);
	free(r);
	(void)close(fd0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nexthops_and_groups),
		cmocka_unit_test(a_device_without_carrier_takes_its_nexthops_with_it),
		cmocka_unit_test(one_message_moves_all_prefixes),
		cmocka_unit_test(routes_are_read_as_written),
		cmocka_unit_test(only_the_route_that_is_meant_is_removed),
		cmocka_unit_test(many_routes_and_which_one_was_wrong),
	};

	return cmocka_run_group_tests(tests, world_open, world_close);
}
