/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a configuration that loads means: values, defaults, and what follows from them. */
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf_text.h"

#define S USEC_PER_SEC
#define MS USEC_PER_MSEC

/* The cloud side of the article's network, as in doc/examples/gateway.yaml. */
static const char gateway[] = "node: gateway\n"
			      "tunnels:\n"
			      "  line1:\n"
			      "    local: 203.0.113.72\n"
			      "    remote: 198.51.100.2\n"
			      "    secret: { file: line1.psk }\n"
			      "    health: { source: 172.16.41.201, target: 10.1.22.252 }\n"
			      "  line2:\n"
			      "    local: 203.0.113.72\n"
			      "    remote: 192.0.2.2\n"
			      "    secret: { file: line2.psk }\n"
			      "    health: { source: 172.16.41.202, target: 10.1.22.253 }\n"
			      "routes:\n"
			      "  - to: 10.1.22.0/24\n"
			      "    via: { line1: 100, line2: 0 }\n"
			      "    publish: true\n";

static void assert_addr(const struct addr *a, const char *text)
{
	char got[ADDR_TEXT];

	assert_string_equal(addr_format(a, got), text);
}

static void assert_prefix(const struct prefix *p, const char *text)
{
	char got[PREFIX_TEXT];

	assert_string_equal(prefix_format(p, got), text);
}

static void test_gateway(void **state)
{
	struct conf *c = load_good(gateway);
	const struct conf_tunnel *t = &c->tunnels[1];

	(void)state;
	assert_int_equal(report.warnings, 0);
	assert_string_equal(c->node, "gateway");
	assert_int_equal(c->tunnel_count, 2);
	assert_string_equal(t->name, "line2");
	assert_string_equal(t->device, "line2");
	assert_addr(&t->local, "203.0.113.72");
	assert_addr(&t->remote, "192.0.2.2");
	assert_int_equal(t->secret.kind, CONF_SECRET_PSK);
	assert_string_equal(t->secret.psk.path, "line2.psk");
	assert_null(t->secret.psk.data); /* no base_dir: nothing is opened */
	assert_true(t->health.enabled);
	assert_true(t->health.pin); /* two tunnels, two targets */
	assert_addr(&t->health.source, "172.16.41.202");
	assert_addr(&t->health.target, "10.1.22.253");
	assert_int_equal(c->route_count, 1);
	assert_string_equal(c->routes[0].name, "10.1.22.0/24");
	assert_true(c->routes[0].publish);
	assert_int_equal(c->routes[0].via_count, 2);
	assert_int_equal(c->routes[0].via[0].tunnel, 0);
	assert_int_equal(c->routes[0].via[0].weight, 100);
	assert_int_equal(c->routes[0].via[1].tunnel, 1);
	assert_int_equal(c->routes[0].via[1].weight, 0);
	assert_int_equal(conf_find_tunnel(c, "line2"), 1);
	assert_int_equal(conf_find_tunnel(c, "line3"), -1);
	conf_free(c);
}

static void test_tunnel_defaults(void **state)
{
	struct conf *c = load_good(gateway);
	const struct conf_tunnel *t = &c->tunnels[0];

	(void)state;
	assert_int_equal(t->if_id, 0);
	assert_int_equal(t->ike_version, 0);
	assert_string_equal(t->local_id, "");
	assert_string_equal(t->ike_proposals, "");
	assert_int_equal(t->ts_local_count, 2);
	assert_prefix(&t->ts_local[0], "0.0.0.0/0");
	assert_prefix(&t->ts_remote[1], "::/0");
	assert_false(t->ts_separate);
	assert_int_equal(t->ike_rekey, 14400 * S);
	assert_int_equal(t->child_rekey, 3600 * S);
	assert_int_equal(t->ike_reauth, 0);
	assert_int_equal(t->child_bytes, 0);
	assert_int_equal(t->child_packets, 0);
	assert_int_equal(t->dpd, 30 * S);
	assert_int_equal(t->replay_window, 1024);
	assert_int_equal(t->children, 1);
	assert_false(t->force_encap);
	assert_true(t->fragmentation);
	assert_true(t->initiate);
	assert_true(t->copy_dscp);
	assert_int_equal(t->mtu, 1400);
	assert_int_equal(t->mss_v4, 1360);
	assert_int_equal(t->mss_v6, 1340);
	conf_free(c);
}

static void test_node_defaults(void **state)
{
	struct conf *c = load_good(gateway);
	const struct conf_health *h = &c->tunnels[0].health;

	(void)state;
	assert_int_equal(c->detection.profile, CONF_NORMAL);
	assert_int_equal(h->detection.interval, 100 * MS);
	assert_int_equal(h->detection.silence, 500 * MS);
	assert_int_equal(h->detection.patience, 4);
	assert_int_equal(h->restore, 30 * S);
	assert_int_equal(c->kernel.table, 200);
	assert_int_equal(c->kernel.rule_priority, 5200);
	assert_int_equal(c->kernel.protocol, 200);
	assert_int_equal(c->kernel.publish_metric, 4000);
	assert_int_equal(c->kernel.guard_metric, 5000);
	assert_int_equal(c->dataplane.workers, 0);
	conf_free(c);
}

/* Everything said, most of it not the default. */
static void test_tunnel_values(void **state)
{
	struct conf *c = load_good(
		"node: n\nrestore: 5s\ndetection: fast\ntunnels:\n"
		"  t:\n    local: 2001:db8::1\n    remote: any\n    device: ipsec0\n    version: "
		"1\n"
		"    secret: {text: 'hello, world'}\n"
		"    identity: {local: gw.example.org, remote: \"user@example.org\"}\n"
		"    proposals: {ike: [aes256-sha256-modp2048, aes128gcm16-prfsha256-ecp256], esp: "
		"aes128gcm16}\n"
		"    lifetime: {ike: 1h, child: 20m, reauth: 1d, bytes: 2GB, packets: 5000000}\n"
		"    selectors: {local: [10.0.0.0/8, fd00::/8], remote: 10.9.0.0/16, separate: "
		"on}\n"
		"    dpd: off\n    replay-window: 64\n    nat-traversal: force\n    fragmentation: "
		"no\n"
		"    copy-dscp: off\n    mtu: 1300\n    mss: 1000\n    restore: 0s\n"
		"    detection: { interval: 20ms, silence: 60ms, patience: 2 }\n"
		"    health: {source: 10.0.0.1, target: 10.9.0.1, pin: yes}\n"
		"routes: [{to: 10.9.0.0/16, from: 10.0.0.0/8, via: {t: 255}, source: 10.0.0.1}]\n");
	const struct conf_tunnel *t = &c->tunnels[0];

	(void)state;
	assert_int_equal(t->remote.family, ADDR_NONE);
	assert_false(t->initiate); /* nobody to dial */
	assert_string_equal(t->device, "ipsec0");
	assert_int_equal(t->ike_version, 1);
	assert_int_equal(t->secret.psk.len, 12);
	assert_memory_equal(t->secret.psk.data, "hello, world", 12);
	assert_string_equal(t->local_id, "gw.example.org");
	assert_string_equal(t->remote_id, "user@example.org");
	assert_string_equal(t->ike_proposals,
			    "aes256-sha256-modp2048,aes128gcm16-prfsha256-ecp256");
	assert_string_equal(t->esp_proposals, "aes128gcm16");
	assert_int_equal(t->ike_reauth, 86400 * S);
	assert_int_equal(t->child_bytes, UINT64_C(2000000000));
	assert_int_equal(t->child_packets, 5000000);
	assert_int_equal(t->ts_local_count, 2);
	assert_prefix(&t->ts_local[1], "fd00::/8");
	assert_int_equal(t->ts_remote_count, 1);
	assert_true(t->ts_separate);
	assert_int_equal(t->dpd, 0);
	assert_true(t->force_encap);
	assert_false(t->fragmentation || t->copy_dscp);
	assert_int_equal(t->mtu, 1300);
	assert_int_equal(t->mss_v4, 1000);
	assert_int_equal(t->mss_v6, 980);
	assert_int_equal(t->health.restore, 0);
	assert_int_equal(t->health.detection.profile, CONF_OWN);
	assert_int_equal(t->health.detection.silence, 60 * MS);
	assert_int_equal(t->health.detection.patience, 2);
	assert_true(t->health.pin);
	assert_string_equal(c->routes[0].name, "10.0.0.0/8>10.9.0.0/16");
	assert_prefix(&c->routes[0].from, "10.0.0.0/8");
	assert_addr(&c->routes[0].source, "10.0.0.1");
	conf_free(c);
}

/* mtu follows the outer family; mss follows mtu, or is off. */
static void test_sizes(void **state)
{
	struct conf *c =
		load_good("node: n\ntunnels:\n"
			  "  a: {local: '::2', remote: '::1', secret: {file: s}}\n"
			  "  b: {local: '::2', remote: '::3', secret: {file: s}, mss: off}\n"
			  "  c: {local: '::2', remote: '::4', secret: {file: s}, mtu: 9000}\n");

	(void)state;
	assert_int_equal(c->tunnels[0].mtu, 1380);
	assert_int_equal(c->tunnels[0].mss_v4, 1340);
	assert_int_equal(c->tunnels[0].mss_v6, 1320);
	assert_int_equal(c->tunnels[1].mss_v4 | c->tunnels[1].mss_v6, 0);
	assert_int_equal(c->tunnels[2].mss_v4, 8960);
	conf_free(c);
}

/* One tunnel, or a target that two share: pinning would break the other's replies. */
static void test_pin(void **state)
{
	static const struct {
		const char *target_b, *pin_b;
		bool a, b;
	} rows[] = {
		{ "10.0.2.2", "auto", true, true },   { "10.0.2.1", "auto", false, false },
		{ "10.0.2.1", "yes", false, true },   { "10.0.2.2", "no", true, false },
		{ "10.0.2.2", "'off'", true, false },
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf *c;

		(void)snprintf(text, sizeof(text),
			       "node: n\ntunnels:\n"
			       "  a: {local: 192.0.2.1, remote: 192.0.2.2, secret: {file: s}, "
			       "health: {source: 10.0.1.1, target: 10.0.2.1}}\n"
			       "  b: {local: 192.0.2.1, remote: 192.0.2.3, secret: {file: s}, "
			       "health: {source: 10.0.1.1, target: %s, pin: %s}}\n",
			       rows[i].target_b, rows[i].pin_b);
		c = load_good(text);
		assert_int_equal(c->tunnels[0].health.pin, rows[i].a);
		assert_int_equal(c->tunnels[1].health.pin, rows[i].b);
		conf_free(c);
	}
}

static void test_vrrp(void **state)
{
	struct conf *c = load_good(
		"node: n\ntracks:\n  up: {any: [{interface: wan0}, {interface: wan1}], down-delay: "
		"1s}\n"
		"  most: {at-least: {count: 1, of: [{track: up}]}, up-delay: 2s}\n"
		"vrrp:\n"
		"  lan: {interface: lan0, id: 10, addresses: [10.1.22.254], track: [{track: up}]}\n"
		"  six: {interface: lan0, id: 10, addresses: [fe80::1, '2001:db8::1/64'], "
		"priority: 255,\n"
		"        preempt: no, accept: no, virtual-mac: no, preempt-delay: 1m,\n"
		"        unicast: {source: fe80::2, peers: fe80::3},\n"
		"        track: [{interface: lan0, lost: -50}, {track: most, lost: stop}]}\n"
		"  old: {interface: lan0, id: 11, version: 2, addresses: 10.1.22.253/24}\n");
	const struct conf_vrrp *lan = &c->vrrps[0], *six = &c->vrrps[1], *old = &c->vrrps[2];

	(void)state;
	assert_int_equal(lan->version, 3);
	assert_int_equal(lan->family, ADDR_V4);
	assert_int_equal(lan->priority, 100);
	assert_int_equal(lan->interval, 150 * MS);
	assert_true(lan->preempt && lan->accept && lan->virtual_mac);
	assert_prefix(&lan->addresses[0], "10.1.22.254/32");
	assert_int_equal(lan->track[0].lost, CONF_LOST_STOP);
	assert_int_equal(lan->track[0].cond.kind, CONF_COND_TRACK);
	assert_int_equal(six->family, ADDR_V6);
	assert_int_equal(six->address_count, 2);
	assert_prefix(&six->addresses[1], "2001:db8::1/64"); /* host bits stay */
	assert_false(six->preempt || six->accept || six->virtual_mac);
	assert_int_equal(six->preempt_delay, 60 * S);
	assert_int_equal(six->peer_count, 1);
	assert_addr(&six->unicast_source, "fe80::2");
	assert_int_equal(six->track[0].lost, CONF_LOST_PRIORITY);
	assert_int_equal(six->track[0].priority, -50);
	assert_int_equal(old->interval, S);
	assert_int_equal(c->tracks[0].mode, CONF_TRACK_ANY);
	assert_int_equal(c->tracks[0].cond_count, 2);
	assert_int_equal(c->tracks[0].down_delay, S);
	assert_int_equal(c->tracks[1].mode, CONF_TRACK_AT_LEAST);
	assert_int_equal(c->tracks[1].at_least, 1);
	conf_free(c);
}

/* What is not written has its default, and bounds never cross. */
static void test_auto(void **state)
{
	static const struct {
		const char *text;
		uint64_t budget;
		usec_t fastest, slowest;
	} rows[] = {
		{ "auto", 28, 30 * MS, 5 * S },
		{ "{auto: yes}", 28, 30 * MS, 5 * S },
		{ "{auto: on, false-failovers: 2/day}", 20454, 30 * MS, 5 * S },
		{ "{auto: yes, slowest: 20ms}", 28, 20 * MS, 20 * MS },
		{ "{auto: yes, fastest: 1m, patience: 2}", 28, 60 * S, 60 * S },
		{ "{auto: yes, fastest: 100ms, slowest: 200ms}", 28, 100 * MS, 200 * MS },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf *c;

		(void)snprintf(text, sizeof(text), "node: n\ndetection: %s\n", rows[i].text);
		c = load_good(text);
		assert_int_equal(c->detection.profile, CONF_AUTO);
		assert_int_equal(c->detection.interval, 100 * MS);
		assert_int_equal(c->detection.silence, 500 * MS);
		assert_int_equal(c->detection.budget, rows[i].budget);
		assert_int_equal(c->detection.fastest, rows[i].fastest);
		assert_int_equal(c->detection.slowest, rows[i].slowest);
		conf_free(c);
	}
}

static void test_vrrp_interval(void **state)
{
	static const struct {
		const char *detection;
		usec_t interval;
	} rows[] = {
		{ "relaxed", S },
		{ "normal", 150 * MS },
		{ "fast", 10 * MS },
		{ "auto", 150 * MS },
		{ "{interval: 10ms, silence: 200ms}", 60 * MS },
		{ "{interval: 1ms, silence: 3ms}", 10 * MS },
		{ "{interval: 1s, silence: 60s}", S },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct conf *c;

		(void)snprintf(text, sizeof(text),
			       "node: n\ndetection: %s\n"
			       "vrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1}}\n",
			       rows[i].detection);
		c = load_good(text);
		assert_int_equal(c->vrrps[0].interval, rows[i].interval);
		conf_free(c);
	}
}

/* Ways of writing the same: JSON, anchors, comments, empty sections, Windows line ends. */
static void test_notations(void **state)
{
	static const char *const texts[] = {
		"{\n\t\"node\": \"n\",\n\t\"routes\": [], \"vrrp\": {\"v\": {\"interface\": "
		"\"l\",\"id\": 7, \"addresses\": [\"10.0.0.1\"], \"preempt\": false}}\n}\n",
		"# comment\r\nnode: n\r\ntunnels:\r\nroutes:\r\ntracks: ~\r\nvrrp:\r\n  v:\r\n"
		"    interface: l # here\r\n    id: 7\r\n    addresses: 10.0.0.1\r\n    preempt: "
		"No\r\n",
		"\xef\xbb\xbfnode: n\nvrrp: {v: {interface: l, id: \"7\", addresses: 10.0.0.1, "
		"preempt: 'off'}}\n",
		"node: n\nvrrp:\n  v:\n    interface: &i l\n    id: 7\n    addresses: [10.0.0.1]\n"
		"    preempt: false\n    track: [{interface: *i}]\n",
		"%YAML 1.2\n---\nnode: n\nvrrp: {v: {interface: l, id: 7, addresses: [10.0.0.1], "
		"preempt: off}}\n...\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct conf *c = load_good(texts[i]);

		assert_string_equal(c->node, "n");
		assert_int_equal(c->vrrp_count, 1);
		assert_int_equal(c->vrrps[0].vrid, 7);
		assert_false(c->vrrps[0].preempt);
		conf_free(c);
	}
}

/* A full table's worth of prefixes in one route. */
static void test_many_prefixes(void **state)
{
	size_t cap = 4u << 20, n;
	char *text = malloc(cap);
	struct conf *c;

	(void)state;
	assert_non_null(text);
	n = (size_t)
		snprintf(text, cap,
			 "node: n\ntunnels:\n  a: {local: 192.0.2.1, remote: 192.0.2.2, secret: "
			 "{file: s}}\nroutes:\n- via: {a: 1}\n  to:\n");
	for (unsigned i = 0; i < 100000; i++)
		n += (size_t)snprintf(text + n, cap - n, "  - 10.%u.%u.%u/32\n", i >> 16,
				      i >> 8 & 255, i & 255);
	c = load_good(text);
	assert_int_equal(c->routes[0].to_count, 100000);
	assert_prefix(&c->routes[0].to[99999], "10.1.134.159/32");
	conf_free(c);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gateway),       cmocka_unit_test(test_tunnel_defaults),
		cmocka_unit_test(test_node_defaults), cmocka_unit_test(test_tunnel_values),
		cmocka_unit_test(test_sizes),         cmocka_unit_test(test_pin),
		cmocka_unit_test(test_vrrp),          cmocka_unit_test(test_vrrp_interval),
		cmocka_unit_test(test_auto),          cmocka_unit_test(test_notations),
		cmocka_unit_test(test_many_prefixes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
