/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reload does, and in which order; and that a printed configuration is the same one. */
#include "base/list.h"
#include "conf/diff.h"
#include "conf/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf_text.h"

#define TUNNEL(name, end, more)                                                                    \
	"  " name ": {local: 192.0.2.1, remote: 192.0.2." end ", secret: {text: s}" more "}\n"
#define VRRP(name, id, more)                                                                       \
	"  " name ": {interface: l, id: " id ", addresses: 10.0.0." id more "}\n"

/* "add tunnel b, change route 10.0.0.0/8 2": what was done to whom, with the bits. */
static void describe(const struct conf *from, const struct conf *to, const struct conf_diff *d,
		     char *out, size_t size)
{
	size_t n = 0;

	*out = '\0';
	for (size_t i = 0; i < d->count; i++) {
		const struct conf_change *c = &d->changes[i];
		const struct conf *in = c->op == CONF_REMOVE ? from : to;
		size_t at = c->op == CONF_REMOVE ? c->old_index : c->new_index;
		const char *name = c->kind == CONF_KIND_TUNNEL  ? in->tunnels[at].name
				   : c->kind == CONF_KIND_ROUTE ? in->routes[at].name
				   : c->kind == CONF_KIND_TRACK ? in->tracks[at].name
				   : c->kind == CONF_KIND_VRRP  ? in->vrrps[at].name
								: in->node;

		n += (size_t)snprintf(out + n, size - n, "%s%s %s %s", i ? ", " : "",
				      conf_op_name(c->op), conf_kind_name(c->kind), name);
		if (c->what)
			n += (size_t)snprintf(out + n, size - n, " %#x", c->what);
	}
}

static const struct {
	const char *from, *to, *changes;
} rows[] = {
	{ "node: n\n", "node: n\n", "" },
	{ "node: n\n", "node: m\nkernel: {table: 7}\n", "change node m 0x3" },
	{ "node: n\n", "node: n\nagree: {enabled: yes}\n", "" },
	{ "node: n\n", "node: n\nagree: {lead: 200}\n", "change node n 0x8" },
	{ "node: n\n", "node: n\ndataplane: {workers: auto}\n", "" },
	{ "node: n\n", "node: n\ndataplane: {workers: 1}\n", "change node n 0x4" },
	/* every kind of change to a tunnel */
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", ""),
	  "node: n\ntunnels:\n" TUNNEL("a", "2", ", device: x"), "change tunnel a 0x1" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", ""), "node: n\ntunnels:\n" TUNNEL("a", "3", ""),
	  "change tunnel a 0x2" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", ""),
	  "node: n\ntunnels:\n  a: {local: 192.0.2.1, remote: 192.0.2.2, secret: {text: z}}\n",
	  "change tunnel a 0x4" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", ""),
	  "node: n\ntunnels:\n" TUNNEL("a", "2", ", mtu: 1300"), "change tunnel a 0x8" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", ""),
	  "node: n\ndetection: fast\ntunnels:\n" TUNNEL("a", "2", ""), "change tunnel a 0x10" },
	{ "node: n\ndetection: auto\ntunnels:\n" TUNNEL("a", "2", ""),
	  "node: n\ndetection: {auto: yes}\ntunnels:\n" TUNNEL("a", "2", ""), "" },
	{ "node: n\ndetection: auto\ntunnels:\n" TUNNEL("a", "2", ""),
	  "node: n\ndetection: {auto: yes, false-failovers: 1/day}\ntunnels:\n" TUNNEL("a", "2",
										       ""),
	  "change tunnel a 0x10" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", ""),
	  "node: n\ntunnels:\n" TUNNEL("a", "2", ", selectors: {local: 10.0.0.0/8}, dpd: off"),
	  "change tunnel a 0x2" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2",
				       ", health: {source: 10.0.0.1, target: 10.0.0.2, "
				       "kind: bfd}"),
	  "node: n\ntunnels:\n" TUNNEL("a", "2",
				       ", health: {source: 10.0.0.1, target: 10.0.0.2, "
				       "kind: bfd, bfd: {demand: yes}}"),
	  "change tunnel a 0x10" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2",
				       ", health: {source: 10.0.0.1, target: 10.0.0.2, "
				       "kind: bfd, bfd: {auth: {key-id: 1, secret: "
				       "{text: a}}}}"),
	  "node: n\ntunnels:\n" TUNNEL("a", "2",
				       ", health: {source: 10.0.0.1, target: 10.0.0.2, "
				       "kind: bfd, bfd: {auth: {key-id: 1, secret: "
				       "{text: b}}}}"),
	  "change tunnel a 0x10" },
	/* up and down: added from the ground, removed from the top */
	{ "node: n\n",
	  "node: n\ntunnels:\n" TUNNEL(
		  "a", "2", "") "routes: [{to: 10.0.0.0/8, via: {a: 1}}]\n"
				"tracks: {t: {all: [{tunnel: a}]}}\nvrrp:\n" VRRP("v", "1", ""),
	  "add tunnel a, add route 10.0.0.0/8, add track t, add vrrp v" },
	{ "node: n\ntunnels:\n" TUNNEL(
		  "a", "2", "") "routes: [{to: 10.0.0.0/8, via: {a: 1}}]\n"
				"tracks: {t: {all: [{tunnel: a}]}}\nvrrp:\n" VRRP("v", "1", ""),
	  "node: n\n", "remove vrrp v, remove track t, remove route 10.0.0.0/8, remove tunnel a" },
	/* a tunnel replaced under a route: first the new one, then the route, then the old goes */
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", "") "routes: [{to: 10.0.0.0/8, via: {a: 1}}]\n",
	  "node: n\ntunnels:\n" TUNNEL("b", "3", "") "routes: [{to: 10.0.0.0/8, via: {b: 1}}]\n",
	  "add tunnel b, change route 10.0.0.0/8 0x2, remove tunnel a" },
	/* the same order of tunnels or another one: indexes are not names */
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", "")
		  TUNNEL("b", "3", "") "routes: [{to: 10.0.0.0/8, via: {a: 1, b: 0}}]\n",
	  "node: n\ntunnels:\n" TUNNEL("b", "3", "")
		  TUNNEL("a", "2", "") "routes: [{to: 10.0.0.0/8, via: {a: 1, b: 0}}]\n",
	  "" },
	/* a device under another tunnel's name has to go before it comes */
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", ", device: x"),
	  "node: n\ntunnels:\n" TUNNEL("b", "2", ", device: x"), "remove tunnel a, add tunnel b" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", ", device: x") TUNNEL("b", "3", ", device: y"),
	  "node: n\ntunnels:\n" TUNNEL("a", "2", ", device: y") TUNNEL("b", "3", ", device: x"),
	  "remove tunnel a, remove tunnel b, add tunnel a, add tunnel b" },
	/* routes */
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", "") "routes: [{to: 10.0.0.0/8, via: {a: 1}}]\n",
	  "node: n\ntunnels:\n" TUNNEL("a", "2", "") "routes: [{to: [10.0.0.0/8, 11.0.0.0/8], via: "
						     "{a: 2}, publish: yes, source: 10.0.0.1}]\n",
	  "change route 10.0.0.0/8 0xf" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", "") "routes: [{to: 10.0.0.0/8, via: {a: 1}}]\n",
	  "node: n\ntunnels:\n" TUNNEL(
		  "a", "2", "") "routes: [{to: 10.0.0.0/8, via: {a: 1}, name: office}]\n",
	  "change route office 0x10" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2", "") "routes: [{to: 10.0.0.0/8, via: {a: 1}}]\n",
	  "node: n\ntunnels:\n" TUNNEL(
		  "a", "2", "") "routes: [{to: 10.0.0.0/8, from: 11.0.0.0/8, via: {a: 1}}]\n",
	  "add route 11.0.0.0/8>10.0.0.0/8, remove route 10.0.0.0/8" },
	/* tracks */
	{ "node: n\ntracks: {t: {all: [{interface: l}]}}\n",
	  "node: n\ntracks: {t: {any: [{interface: l}]}}\n", "change track t 0x1" },
	{ "node: n\ntracks: {t: {all: [{interface: l}]}}\n",
	  "node: n\ntracks: {t: {all: [{interface: m}], up-delay: 1s}}\n", "change track t 0x3" },
	/* vrrp */
	{ "node: n\nvrrp:\n" VRRP("v", "1", ""), "node: n\nvrrp:\n" VRRP("v", "2", ""),
	  "change vrrp v 0x3" },
	{ "node: n\nvrrp:\n" VRRP("v", "1", ""),
	  "node: n\nvrrp:\n" VRRP("v", "1",
				  ", priority: 7, interval: 1s, unicast: {peers: 10.0.0.9}, "
				  "track: [{interface: l}]"),
	  "change vrrp v 0x3c" },
	{ "node: n\nvrrp:\n" VRRP("v", "1", ""), "node: n\nvrrp:\n" VRRP("w", "1", ""),
	  "remove vrrp v, add vrrp w" },
};

static void test_changes(void **state)
{
	char text[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf *from = load_good(rows[i].from), *to = load_good(rows[i].to);
		struct conf_diff d;

		assert_int_equal(conf_diff(from, to, &d), 0);
		describe(from, to, &d, text, sizeof(text));
		assert_string_equal(text, rows[i].changes);
		if (d.count)
			assert_false(conf_equal(from, to));
		conf_diff_done(&d);
		conf_free(from);
		conf_free(to);
	}
}

/* Numbers follow names; those of tunnels that go are not given out in the same step. */
static void test_if_ids(void **state)
{
	struct conf *first = load_good("node: n\ntunnels:\n" TUNNEL("a", "2", "")
					       TUNNEL("b", "3", "") TUNNEL("c", "4", ""));
	struct conf *second = load_good("node: n\ntunnels:\n" TUNNEL("x", "5", "")
						TUNNEL("c", "4", "") TUNNEL("a", "9", ""));
	struct conf *third = load_good("node: n\ntunnels:\n" TUNNEL("y", "6", "")
					       TUNNEL("x", "5", "") TUNNEL("c", "4", ""));
	struct conf_diff d;

	(void)state;
	assert_int_equal(conf_diff(NULL, first, &d), 0);
	assert_int_equal(d.count, 3);
	conf_diff_done(&d);
	for (uint32_t i = 0; i < 3; i++)
		assert_int_equal(first->tunnels[i].if_id, i + 1);
	assert_int_equal(conf_diff(first, second, &d), 0);
	conf_diff_done(&d);
	assert_int_equal(second->tunnels[0].if_id, 4); /* 2 is b's until b is gone */
	assert_int_equal(second->tunnels[1].if_id, 3);
	assert_int_equal(second->tunnels[2].if_id, 1);
	assert_int_equal(conf_diff(second, third, &d), 0);
	conf_diff_done(&d);
	assert_int_equal(third->tunnels[0].if_id, 2); /* now it is free */
	assert_int_equal(third->tunnels[1].if_id, 4);
	conf_free(first);
	conf_free(second);
	conf_free(third);
}

static const char everything[] =
	"node: n\nrestore: 90s\nflap: {half-life: 30s, max: 1h}\ndetection: relaxed\n"
	"kernel: {table: 77}\n"
	"dataplane: {workers: 3}\ntunnels:\n"
	"  t:\n    local: 2001:db8::1\n    remote: any\n    device: 'null'\n    version: 2\n"
	"    secret: {text: \"tr\\\"icky\\\\: \\u0085 \\U0001F600 # {}\"}\n"
	"    identity: {local: 'CN=a, O=b: c', remote: \"\u4e8c\u91cd\"}\n"
	"    proposals: {ike: [aes256-sha256-modp2048, 3des-sha1-modp1024], esp: 'aes128gcm16'}\n"
	"    lifetime: {ike: never, child: 20m, reauth: 1d, bytes: 2GB, packets: 5000000}\n"
	"    selectors: {local: [10.0.0.0/8, fd00::/8], remote: 10.9.0.0/16, separate: on}\n"
	"    dpd: 1500ms\n    nat-traversal: force\n    initiate: no\n    mtu: 1300\n    mss: "
	"1000\n"
	"    detection: { interval: 20ms, silence: 61ms, patience: 2 }\n"
	"    flap: {half-life: off}\n"
	"    health: {source: 10.0.0.1, target: 10.9.0.1, pin: yes}\n"
	"  'yes': {local: 2001:db8::1, remote: 2001:db8::2, secret: {file: '/a b/c'}, mss: off, "
	"detection: {auto: yes, false-failovers: 3/week, fastest: 50ms, slowest: 2s}}\n"
	"  c: {local: 192.0.2.1, remote: 192.0.2.2, certificate: {file: c, key: k, ca: [x, y]}}\n"
	"routes:\n"
	"- {to: 10.9.0.0/16, from: 10.0.0.0/8, via: {t: 255}, source: 10.0.0.1}\n"
	"- {to: ['::/0', fd00::/8], via: {'yes': 1, c: 0}, publish: yes, name: 'a b \"c\"'}\n"
	"- {to: 10.8.0.0/16, hold-off: 250ms, revert: no, name: w, via: {c: 0, t: {weight: 9, "
	"track: [\n"
	"    {track: a, lost: -3}, {track: s, lost: standby}, {track: b}]}}}\n"
	"tracks:\n"
	"  a: {all: [{tunnel: t}, {route: 'a b \"c\"'}, {interface: l}], down-delay: 1s}\n"
	"  b: {any: [{track: a}]}\n"
	"  c: {at-least: {count: 5, of: [{track: b, weight: 4}, {track: a}]}, up-delay: 1s}\n"
	"  d: {all: [{health: t, not: yes}, {vrrp: w}, {interface: l, needs: address}, {interface: "
	"l,\n      needs: oper}, {prefix: 10.0.0.0/8, table: 7, device: l}, {prefix: '::/0', not: "
	"true}]}\n"
	"  s: {script: {command: [/bin/x, 'yes', \"a \\\" b\"], interval: 2s, timeout: 1s, rise: "
	"1,\n      fall: 1}, down-delay: 1s}\n"
	"vrrp:\n"
	"  v: {interface: l, id: 1, addresses: [10.0.0.1/24, 10.0.0.2], unicast: {source: "
	"10.0.0.3,\n"
	"      peers: [10.0.0.4, 10.0.0.5]}, track: [{track: c, lost: -254}, {tunnel: t}]}\n"
	"  w: {interface: l, id: 1, addresses: [fe80::1], interval: 40950ms, preempt: no}\n";

static void test_print(void **state)
{
	struct conf *conf = load_good(everything), *back;
	char *text = conf_print(conf, CONF_SECRETS_SHOWN), *again;

	(void)state;
	assert_non_null(text);
	back = load_good(text);
	assert_true(conf_equal(conf, back));
	again = conf_print(back, CONF_SECRETS_SHOWN);
	assert_string_equal(text, again);
	free(text);
	free(again);
	conf_free(conf);
	conf_free(back);
}

/* The secret does not show, and what stands for it does not become somebody's key. */
static void test_print_hidden(void **state)
{
	struct conf *conf = load_good(everything);
	char *text = conf_print(conf, CONF_SECRETS_HIDDEN), *said;

	(void)state;
	assert_non_null(text);
	assert_null(strstr(text, "icky"));
	assert_non_null(strstr(text, "text: \"(hidden)\"\n"));
	assert_null(load_text(text));
	assert_int_equal(report.errors, 1);
	said = report_text();
	assert_non_null(
		strstr(said, "(hidden) only stands for a secret in printed configurations"));
	free(said);
	free(text);
	conf_free(conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_if_ids),
		cmocka_unit_test(test_print),
		cmocka_unit_test(test_print_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
