/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices, addresses, rules, and the monitor.  Started by io_netlink.sh. */
#include "io_world.h"

#include "base/list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

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

static bool same_rule(const struct nl_rule *a, const struct nl_rule *b)
{
	return a->family == b->family && a->priority == b->priority && a->table == b->table &&
	       addr_equal(&a->from.addr, &b->from.addr) && a->from.len == b->from.len &&
	       addr_equal(&a->to.addr, &b->to.addr) && a->to.len == b->to.len &&
	       a->ip_proto == b->ip_proto && a->protocol == b->protocol;
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
	/* by number: a bare system has no /etc/protocols to say "icmp" from */
	assert_true(says("ip -N rule show",
			 "90:\tfrom 10.1.0.0/16 to 192.0.2.7 ipproto ipproto-1 lookup 90210"));
	assert_int_equal(nl_rule_dump(nl, PROTO, take_rule, &got), 0);
	assert_int_equal(got.n, 3);
	assert_true(same_rule(&got.r[0], &wanted[1])); /* by priority */
	assert_true(same_rule(&got.r[1], &wanted[0]));
	assert_true(same_rule(&got.r[2], &wanted[2]));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		assert_int_equal(nl_rule_del(nl, &wanted[i], &err), 0);
		assert_int_equal(nl_rule_del(nl, &wanted[i], &err), 0);
	}
	got.n = 0;
	assert_int_equal(nl_rule_dump(nl, PROTO, take_rule, &got), 0);
	assert_int_equal(got.n, 0);
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
		cmocka_unit_test(the_monitor_says_look_again),
	};

	return cmocka_run_group_tests(tests, world_open, world_close);
}
