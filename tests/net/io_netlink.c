/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Asks a real kernel, in a network namespace of its own with a veth pair v0-v1 (both down), and
 * lets `ip` say what came of it.  Started by io_netlink.sh.
 */
#include "io/netlink.h"
#include "io/tun.h"

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

#define PROTO 200
#define TABLE 200
#define ID 4026531840u

static struct nl *nl;

/* The first 64 KiB of what a command prints hold `text`. */
static bool says(const char *command, const char *text)
{
	static char out[65536];
	FILE *f = popen(command, "r");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, sizeof(out) - 1, f);
	out[n] = '\0';
	(void)pclose(f);
	return strstr(out, text) != NULL;
}

static struct addr ip(const char *text)
{
	struct addr a;

	assert_true(addr_parse(text, &a));
	return a;
}

static struct prefix net(const char *text)
{
	struct prefix p;

	assert_true(prefix_parse(text, &p));
	return p;
}

static int open_nl(void **state)
{
	struct err err = { "" };

	(void)state;
	nl = nl_new(&err);
	if (!nl)
		(void)fprintf(stderr, "%s\n", err.text);
	return nl ? 0 : -1;
}

static int close_nl(void **state)
{
	(void)state;
	nl_free(nl);
	return 0;
}

static int index_of(const char *name)
{
	struct nl_link link;

	assert_int_equal(nl_link_by_name(nl, name, &link), 0);
	return link.index;
}

/* A TUN device that is up; it lives as long as the fd. */
static int tun_up(const char *name, int *index)
{
	struct err err = { "" };
	int fd = tun_open(name, &err);

	assert_true(fd >= 0);
	*index = index_of(name);
	assert_int_equal(nl_link_set(nl, *index, true, 1400, &err), 0);
	return fd;
}

static void count_link(void *ctx, const struct nl_link *link)
{
	unsigned *seen = ctx;
	struct nl_link again;

	if (strcmp(link->name, "v0") == 0 || strcmp(link->name, "lo") == 0)
		(*seen)++;
	/* Asking from within a dump is allowed. */
	assert_int_equal(nl_link_by_name(nl, link->name, &again), 0);
	assert_int_equal(again.index, link->index);
}

static void links_are_found_and_set(void **state)
{
	struct nl_link link = { .index = -1 };
	struct err err = { "" };
	unsigned seen = 0;

	(void)state;
	assert_int_equal(nl_link_by_name(nl, "nothere", &link), -ENODEV);
	assert_int_equal(nl_link_by_name(nl, "a-name-that-is-too-long", &link), -ENODEV);
	assert_int_equal(link.index, -1); /* untouched */
	assert_int_equal(nl_link_by_name(nl, "v0", &link), 0);
	assert_string_equal(link.kind, "veth");
	assert_false(link.up);
	assert_int_equal(nl_link_set(nl, link.index, true, 1300, &err), 0);
	assert_int_equal(nl_link_set(nl, index_of("v1"), true, 0, &err), 0);
	assert_int_equal(nl_link_by_name(nl, "v0", &link), 0);
	assert_true(link.up && link.carrier && link.mtu == 1300);
	assert_int_equal(nl_link_by_name(nl, "v1", &link), 0);
	assert_true(link.up && link.mtu == 1500);
	assert_int_equal(nl_link_dump(nl, count_link, &seen), 0);
	assert_int_equal(seen, 2);
	assert_int_equal(nl_link_set(nl, 99999, true, 0, &err), -ENODEV);
	assert_non_null(strstr(err.text, "99999"));
}

static void macvlans_carry_the_virtual_mac(void **state)
{
	static const uint8_t mac[6] = { 0x00, 0x00, 0x5e, 0x00, 0x01, 0x0a };
	struct err err = { "" };
	struct nl_link link;
	int index = 0;

	(void)state;
	assert_int_equal(nl_macvlan_add(nl, "vr10", index_of("v0"), mac, &index, &err), 0);
	assert_int_equal(nl_link_by_name(nl, "vr10", &link), 0);
	assert_int_equal(link.index, index);
	assert_int_equal(link.parent, index_of("v0"));
	assert_string_equal(link.kind, "macvlan");
	assert_memory_equal(link.mac, mac, 6);
	assert_true(says("ip -d link show vr10", "mode private"));
	assert_int_equal(nl_macvlan_add(nl, "vr10", index_of("v0"), mac, &index, &err), -EEXIST);
	assert_true(nl_macvlan_add(nl, "vr11", 99999, mac, &index, &err) < 0);
	assert_non_null(strstr(err.text, "vr11"));
	assert_int_equal(nl_link_del(nl, index, &err), 0);
	assert_int_equal(nl_link_del(nl, index, &err), 0);
	assert_int_equal(nl_link_by_name(nl, "vr10", &link), -ENODEV);
}

struct want_address {
	struct addr addr;
	uint8_t len;
	unsigned seen;
};

static void look_for_address(void *ctx, const struct nl_address *a)
{
	struct want_address *want = ctx;

	if (!addr_equal(&a->local.addr, &want->addr) || a->local.len != want->len)
		return;
	assert_int_equal(a->index, index_of("v0"));
	assert_false(a->tentative);
	assert_true(a->permanent);
	want->seen++;
}

static unsigned seen_address(const char *text, uint8_t len)
{
	struct want_address want = { ip(text), len, 0 };

	assert_int_equal(nl_address_dump(nl, look_for_address, &want), 0);
	return want.seen;
}

static void addresses_come_and_go(void **state)
{
	static const struct {
		const char *text;
		uint8_t len;
	} rows[] = {
		{ "192.0.2.1", 24 },
		{ "192.0.2.254", 32 },
		{ "2001:db8::1", 64 },
		{ "2001:db8::2", 128 },
		{ "fe80::200:5eff:fe00:20a", 64 },
	};
	struct err err = { "" };
	int v0 = index_of("v0");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a = ip(rows[i].text);

		assert_int_equal(seen_address(rows[i].text, rows[i].len), 0);
		assert_int_equal(nl_address_add(nl, v0, &a, rows[i].len, &err), 0);
		assert_int_equal(nl_address_add(nl, v0, &a, rows[i].len, &err), 0);
		assert_int_equal(seen_address(rows[i].text, rows[i].len), 1);
	}
	assert_true(says("ip addr show v0", "2001:db8::2/128 scope global nodad noprefixroute"));
	assert_true(says("ip addr show v0", "2001:db8::1/64 scope global nodad \n"));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a = ip(rows[i].text);

		assert_int_equal(nl_address_del(nl, v0, &a, rows[i].len, &err), 0);
		assert_int_equal(nl_address_del(nl, v0, &a, rows[i].len, &err), 0);
		assert_int_equal(nl_address_del(nl, 99999, &a, rows[i].len, &err), 0);
		assert_int_equal(seen_address(rows[i].text, rows[i].len), 0);
	}
	assert_true(nl_address_add(nl, 99999, &(struct addr){ ADDR_V4, { 192, 0, 2, 9 } }, 24,
				   &err) < 0);
	assert_non_null(strstr(err.text, "192.0.2.9/24"));
}

struct rules {
	unsigned n;
	struct nl_rule r[8];
};

static void take_rule(void *ctx, const struct nl_rule *r)
{
	struct rules *rules = ctx;

	assert_true(rules->n < ARRAY_LEN(rules->r));
	rules->r[rules->n++] = *r;
}

static void rules_come_and_go(void **state)
{
	const struct nl_rule wanted[] = {
		{ .family = ADDR_V4, .priority = 100, .table = TABLE, .protocol = PROTO },
		{ .family = ADDR_V4,
		  .priority = 90,
		  .table = 90210,
		  .from = net("10.1.0.0/16"),
		  .to = net("192.0.2.7/32"),
		  .ip_proto = 1,
		  .protocol = PROTO },
		{ .family = ADDR_V6,
		  .priority = 100,
		  .table = TABLE,
		  .from = net("2001:db8::/32"),
		  .protocol = PROTO },
	};
	struct rules got = { 0 };
	struct err err = { "" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		assert_int_equal(nl_rule_add(nl, &wanted[i], &err), 0);
		assert_int_equal(nl_rule_add(nl, &wanted[i], &err), 0);
	}
	assert_true(says("ip rule show",
			 "90:\tfrom 10.1.0.0/16 to 192.0.2.7 ipproto icmp lookup 90210"));
	assert_int_equal(nl_rule_dump(nl, PROTO, take_rule, &got), 0);
	assert_int_equal(got.n, 3);
	assert_memory_equal(&got.r[0], &wanted[1], sizeof(wanted[1])); /* by priority */
	assert_memory_equal(&got.r[1], &wanted[0], sizeof(wanted[0]));
	assert_memory_equal(&got.r[2], &wanted[2], sizeof(wanted[2]));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		assert_int_equal(nl_rule_del(nl, &wanted[i], &err), 0);
		assert_int_equal(nl_rule_del(nl, &wanted[i], &err), 0);
	}
	got.n = 0;
	assert_int_equal(nl_rule_dump(nl, PROTO, take_rule, &got), 0);
	assert_int_equal(got.n, 0);
}

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
		assert_memory_equal(&got.nh[i], &hops[i], sizeof(hops[i]));
	assert_memory_equal(&got.nh[4], &group, sizeof(group));

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

static unsigned count_routes(uint32_t table)
{
	struct routes got = { 0 };

	assert_int_equal(nl_route_dump(nl, table, PROTO, take_route, &got), 0);
	return got.n;
}

static void routes_are_written_read_and_removed(void **state)
{
	struct nl_nexthop v4, v6;
	struct routes got = { 0 };
	struct err err = { "" };
	int t0, fd0 = tun_up("t0", &t0);
	struct addr source = ip("10.9.0.1");
	struct nl_route rows[] = {
		{ .to = net("0.0.0.0/0"), .nexthop_id = ID },
		{ .to = net("10.1.22.0/24"), .nexthop_id = ID, .source = source },
		{ .to = net("10.1.23.0/24"), .index = t0, .metric = 50 },
		{ .to = net("10.1.22.0/24"), .metric = 4000, .blackhole = true },
		{ .to = net("::/0"), .nexthop_id = ID + 1, .metric = 1024 },
		{ .to = net("2001:db8:22::/48"), .index = t0, .metric = 1024 },
		{ .to = net("2001:db8:22::/48"), .metric = 4000, .blackhole = true },
	};

	(void)state;
	assert_int_equal(nl_address_add(nl, t0, &source, 32, &err), 0);
	v4 = device_hop(ID, ADDR_V4, t0);
	v6 = device_hop(ID + 1, ADDR_V6, t0);
	set_hop(&v4);
	set_hop(&v6);
	assert_int_equal(nl_route_dump(nl, TABLE, PROTO, take_route, &got), 0);
	assert_int_equal(got.n, 0); /* of a table that is not there */
	for (int again = 0; again < 2; again++) /* set is also replace */
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			rows[i].table = TABLE;
			rows[i].protocol = PROTO;
			assert_int_equal(nl_route_set(nl, &rows[i], &err), 0);
		}
	assert_int_equal(nl_route_dump(nl, TABLE, PROTO, take_route, &got), 0);
	assert_int_equal(got.n, ARRAY_LEN(rows));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		unsigned same = 0;

		for (unsigned j = 0; j < got.n; j++)
			same += memcmp(&got.r[j], &rows[i], sizeof(rows[i])) == 0;
		assert_int_equal(same, 1);
	}
	got.n = 0;
	assert_int_equal(nl_route_dump(nl, TABLE, PROTO + 1, take_route, &got), 0);
	assert_int_equal(nl_route_dump(nl, TABLE + 1, PROTO, take_route, &got), 0);
	assert_int_equal(got.n, 0);
	assert_int_equal(count_routes(0), ARRAY_LEN(rows));
	rows[0].protocol = PROTO + 1; /* somebody else's is not ours to delete */
	assert_int_equal(nl_route_del(nl, &rows[0], &err), 0);
	assert_int_equal(count_routes(TABLE), ARRAY_LEN(rows));
	rows[0].protocol = PROTO;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(nl_route_del(nl, &rows[i], &err), 0);
		assert_int_equal(nl_route_del(nl, &rows[i], &err), 0);
		assert_int_equal(count_routes(TABLE), ARRAY_LEN(rows) - 1 - i);
	}
	(void)close(fd0);
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

struct heard {
	struct loop *loop;
	struct timer quiet;
	unsigned calls;
};

static void on_change(void *ctx)
{
	struct heard *h = ctx;

	h->calls++;
	timer_at(&h->quiet, usec_add(loop_now(h->loop), 100 * USEC_PER_MSEC));
}

static void on_quiet(struct timer *t)
{
	loop_stop(t->loop);
}

static void the_monitor_says_look_again(void **state)
{
	struct heard h = { .loop = loop_new() };
	struct err err = { "" };
	struct nl_monitor *m = nl_monitor_new(h.loop, on_change, &h, &err);
	struct nl_route r = {
		.to = net("10.77.0.0/16"), .table = TABLE, .blackhole = true, .protocol = PROTO
	};
	struct nl_rule rule = { .family = ADDR_V6, .priority = 7, .table = 7, .protocol = PROTO };
	struct addr a = ip("192.0.2.77");

	(void)state;
	assert_non_null(m);
	timer_init(&h.quiet, h.loop, on_quiet);
	assert_int_equal(nl_rule_add(nl, &rule, &err), 0);
	assert_int_equal(nl_address_add(nl, index_of("v0"), &a, 32, &err), 0);
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(nl_route_set(nl, &r, &err), 0);
		assert_int_equal(nl_route_del(nl, &r, &err), 0);
	}
	loop_run(h.loop);
	/* Once for all of it; the kernel may still be telling of earlier tests' devices. */
	assert_true(h.calls >= 1 && h.calls < 5);
	h.calls = 0;
	/* More than its buffer holds */
	for (unsigned i = 0; i < 20000; i++)
		assert_int_equal(i % 2 ? nl_route_set(nl, &r, &err) : nl_route_del(nl, &r, &err),
				 0);
	loop_run(h.loop);
	assert_true(h.calls >= 1 && h.calls < 20);
	assert_int_equal(nl_route_del(nl, &r, &err), 0);
	assert_int_equal(nl_rule_del(nl, &rule, &err), 0);
	assert_int_equal(nl_address_del(nl, index_of("v0"), &a, 32, &err), 0);
	nl_monitor_free(m);
	loop_free(h.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_found_and_set),
		cmocka_unit_test(macvlans_carry_the_virtual_mac),
		cmocka_unit_test(addresses_come_and_go),
		cmocka_unit_test(rules_come_and_go),
		cmocka_unit_test(nexthops_and_groups),
		cmocka_unit_test(a_device_without_carrier_takes_its_nexthops_with_it),
		cmocka_unit_test(one_message_moves_all_prefixes),
		cmocka_unit_test(routes_are_written_read_and_removed),
		cmocka_unit_test(many_routes_and_which_one_was_wrong),
		cmocka_unit_test(the_monitor_says_look_again),
	};

	return cmocka_run_group_tests(tests, open_nl, close_nl);
}
