/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every mistake a configuration can hold, and the exact words about it. */
#include "base/list.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "conf_text.h"

/* A good tunnel on its own line, the third; the case under test follows in line 4. */
#define TUNNEL(name, end)                                                                          \
	"  " name ": {local: 192.0.2.1, remote: 192.0.2." end ", secret: {file: s}"
#define HEAD "node: n\ntunnels:\n" TUNNEL("a", "2") "}\n"
#define NO_ROUTE(column)                                                                           \
	"f:4:" column ": warning: health target 10.0.2.1 is in no route via 'b'; write an "        \
	"address of the network behind it\n"
#define HEALTH "health: {source: 10.0.1.1, target: 10.0.2.1"

static const struct {
	const char *text, *says;
} rows[] = {
	/* the document */
	{ "", "f: there is nothing in it; write at least `node: NAME`\n" },
	{ "# a comment\n", "f: there is nothing in it; write at least `node: NAME`\n" },
	{ "a: [1", "f:2:1: this is not YAML: flow sequence without a closing bracket\n" },
	{ "- node\n",
	  "f:1:1: this must be a map with the keys of a configuration; write KEY: VALUE\n" },
	{ "just text\n",
	  "f:1:1: this must be a map with the keys of a configuration; write KEY: VALUE\n" },
	{ "node: a\nx\xff", "f:2:2: byte 0xff is not UTF-8 text; save the file as UTF-8\n" },
	{ "node: n\n---\nnode: m\n", "f:2:1: a second document; keep only one\n" },
	{ "node: !!str n\n", "f:1:7: tags have no meaning here; remove it\n" },
	{ "node: *x\n",
	  "f:1:8: an alias of nothing, or of what it stands in; write the value itself\n" },
	{ "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]\n",
	  "f:1:17: nested more than 16 deep; nothing in a configuration needs that\n" },
	{ "{[a]: b}\n", "f:1:2: a list or map cannot be a key; write a plain word\n" },
	{ "node: \"a\\0b\"\n", "f:1:8: this text holds a NUL or broken UTF-8; write it without\n" },
	/* keys */
	{ "nodes: n\n", "f:1:1: 'node' is missing; write node: NAME\n"
			"f:1:1: unknown key 'nodes'; did you mean 'node'?\n" },
	{ "node: n\nflavour: x\n",
	  "f:2:1: unknown key 'flavour'; a configuration has node, detection, restore, flap, "
	  "kernel, agree, dataplane, tunnels, routes, tracks, vrrp\n" },
	{ "node: n\nrestore: 5s\nnode: m\n",
	  "f:3:1: key 'node' is given twice, first in line 1; keep one\n" },
	{ "node: n\nrestore:\n", "f:2:1: restore has no value; write one or remove the key\n" },
	{ "node: \"\"\n", "f:1:8: node is empty; write a value or remove the key\n" },
	{ "node: [n]\n", "f:1:7: node must be a single value; write node: VALUE\n" },
	{ "node: my node\n",
	  "f:1:7: node cannot be 'my node'; write letters, digits, - _ . (at most 63)\n" },
	/* durations and detection */
	{ "node: n\nrestore: 500\n", "f:2:10: restore: '500' has no unit; write 500ms or 500s\n" },
	{ "node: n\nrestore: soon\n", "f:2:10: restore: 'soon' is not a duration; write a number "
				      "with us, ms, s, m, h or d\n" },
	{ "node: n\nrestore: 2d\n", "f:2:10: restore is 2d; write a duration from 0s to 1d\n" },
	{ "node: n\ndetection: quick\n", "f:2:12: detection cannot be 'quick'; write relaxed, "
					 "normal, fast, auto, or { interval: 100ms, "
					 "silence: 500ms }\n" },
	{ "node: n\ndetection: norml\n",
	  "f:2:12: detection cannot be 'norml'; did you mean 'normal'?\n" },
	{ "node: n\ndetection: {interval: 100ms, silence: 200ms}\n",
	  "f:2:12: silence of 200ms is less than three intervals of 100ms; write silence: 300ms or "
	  "more\n" },
	{ "node: n\ndetection: {interval: 1ms}\n",
	  "f:2:12: 'silence' is missing; write silence: DURATION\n" },
	{ "node: n\ndetection: {auto: yes, interval: 10ms}\n",
	  "f:2:12: auto chooses interval and silence; remove them, or auto: yes\n" },
	{ "node: n\ndetection: {interval: 10ms, silence: 50ms, fastest: 50ms}\n",
	  "f:2:12: false-failovers, fastest and slowest go with auto; add auto: yes, or remove "
	  "them\n" },
	{ "node: n\ndetection: {auto: yes, fastest: 2s, slowest: 1s}\n",
	  "f:2:12: fastest is longer than slowest; write them the other way round\n" },
	{ "node: n\ndetection: {auto: yes, false-failovers: 1/decade}\n",
	  "f:2:41: false-failovers: '1/decade' is not a rate; write a number per hour, day, week, "
	  "month or year, such as 1/year\n" },
	{ "node: n\ndetection: {auto: yes, false-failovers: 2000/hour}\n",
	  "f:2:41: false-failovers is 2000/hour; write a rate from 1/year to 1000/hour\n" },
	{ "node: n\ndetection: auot\n",
	  "f:2:12: detection cannot be 'auot'; did you mean 'auto'?\n" },
	/* tunnels */
	{ HEAD "  a b: {}\n",
	  "f:4:3: 'a b' cannot be the name of a tunnel; write letters, digits, - _ . (at most 31)\n"
	  "f:4:3: 'a b' cannot be the name of an interface; add device: with at most 15 "
	  "characters\n"
	  "f:4:3: 'local' is missing; write local: ADDRESS\n"
	  "f:4:3: 'remote' is missing; write remote: ADDRESS\n"
	  "f:4:3: tunnel 'a b' has no secret; write secret: { file: PATH } or certificate:\n" },
	{ "node: n\ntunnels: [x]\n",
	  "f:2:10: tunnels must be a map; write NAME: and below it the tunnel\n" },
	{ HEAD "  b: {local: 192.0.2.300, remote: any, secret: {file: s}}\n",
	  "f:4:14: local: '192.0.2.300' is not an IP address; write one such as 192.0.2.1 or "
	  "2001:db8::1\n" },
	{ HEAD "  b: {local: 0.0.0.0, remote: 192.0.2.3, secret: {file: s}}\n",
	  "f:4:14: local: 0.0.0.0 is not the address of a host; write a unicast address\n" },
	{ HEAD "  b: {local: 192.0.2.1, remote: 2001:db8::1, secret: {file: s}}\n",
	  "f:4:3: local and remote of 'b' are of different families; write two IPv4 or two IPv6 "
	  "addresses\n" },
	{ HEAD "  b: {local: 192.0.2.1, remote: 192.0.2.1, secret: {file: s}}\n",
	  "f:4:3: local and remote of 'b' are the same; write the peer's address\n" },
	{ HEAD "  b: {local: 192.0.2.1, remote: 192.0.2.3}\n",
	  "f:4:3: tunnel 'b' has no secret; write secret: { file: PATH } or certificate:\n" },
	{ HEAD "  b: {local: 192.0.2.1, remote: 192.0.2.3, secret: {}}\n",
	  "f:4:52: the secret is missing; write file: PATH\n" },
	{ HEAD "  b: {local: 192.0.2.1, remote: 192.0.2.3, secret: {text: \"\"}}\n",
	  "f:4:60: text is empty; write a value or remove the key\n" },
	{ HEAD "  b: {local: 192.0.2.1, remote: 192.0.2.3, secret: {text: (hidden)}}\n",
	  "f:4:59: text: (hidden) only stands for a secret in printed configurations; write the "
	  "secret, or file: PATH\n" },
	{ HEAD "  b: {local: 192.0.2.1, remote: 192.0.2.3, secret: {text: x, file: y}}\n",
	  "f:4:59: the secret has both file and text; keep one\n" },
	{ HEAD TUNNEL("b", "3") ", certificate: {file: c, key: k, ca: d}}\n",
	  "f:4:76: the tunnel has both secret and certificate; keep one\n" },
	{ HEAD TUNNEL("b", "3") ", device: a}\n",
	  "f:4:71: tunnel 'b' has the device of 'a', a; write another name\n" },
	{ HEAD TUNNEL("b", "3") ", device: a-long-device-name}\n",
	  "f:4:71: device: 'a-long-device-name' cannot be the name of an interface; write at most "
	  "15 "
	  "characters without blanks, / : %\n" },
	{ HEAD TUNNEL("b", "3") ", device: lo}\n",
	  "f:4:3: device 'lo' is taken by the kernel; write another name\n" },
	{ HEAD TUNNEL("b", "2") "}\n",
	  "f:4:3: tunnels 'a' and 'b' have the same addresses and identities, and cannot be told "
	  "apart; write another identity: for one\n" },
	{ HEAD TUNNEL("b", "3") ", version: 4}\n",
	  "f:4:72: version cannot be '4'; write any, 1 or 2\n" },
	{ HEAD TUNNEL("b", "3") ", version: 2, children: 17}\n",
	  "f:4:85: children is 17; write a number from 1 to 16\n" },
	{ HEAD TUNNEL("b", "3") ", children: 2}\n",
	  "f:4:73: tunnel 'b' has 2 children, which IKEv1 does not know; write version: 2, too, or "
	  "children: 1\n" },
	{ HEAD TUNNEL("b", "3") ", version: 2, children: 2, selectors: {separate: on}}\n",
	  "f:4:85: tunnel 'b' has a CHILD_SA for each pair of selectors already (separate); write "
	  "children: 1\n" },
	{ HEAD TUNNEL("b", "3") ", version: 2, children: 3}\ndataplane: {workers: 2}\n",
	  "f:4:85: tunnel 'b' has 3 children for 2 workers; write children: 2, or more dataplane "
	  "workers\n" },
	{ HEAD TUNNEL("b", "3") ", mtu: 100}\n",
	  "f:4:68: mtu is 100; write a number from 576 to 9000, or auto\n" },
	{ HEAD TUNNEL("b", "3") ", replay-window: 99999999999999999999}\n",
	  "f:4:78: replay-window: '99999999999999999999' is too large; write a smaller number\n" },
	{ HEAD TUNNEL("b", "3") ", lifetime: {bytes: 500}}\n",
	  "f:4:81: bytes: '500' has no unit; write 500MB or 500GB, or never\n" },
	{ HEAD TUNNEL("b", "3") ", initiate: maybe}\n",
	  "f:4:73: initiate: 'maybe' is neither yes nor no; write yes or no\n" },
	{ HEAD TUNNEL("b", "3") ", proposals: {ike: \"aes256; rm\"}}\n",
	  "f:4:81: ike: 'aes256; rm' is not a proposal; write one such as "
	  "aes256gcm16-prfsha384-ecp384, several as a list\n" },
	/* each of them, by test_proposal.c's words */
	{ HEAD TUNNEL("b", "3") ", proposals: {ike: foo-sha256-ecp256, esp: [aes192-sha256, "
				"aes25gcm16]}}\n",
	  "f:4:80: ike: 'foo' is no algorithm of IKE; write aes128gcm16, aes256gcm16, "
	  "chacha20poly1305, aes128, aes256 with sha1, sha256, sha384, sha512 or prfsha256, and "
	  "curve25519, ecp256, ecp384, ecp521, modp2048, modp3072\n"
	  "f:4:105: esp: futae-esp cannot do 'aes192' in ESP; write one of aes128gcm16, "
	  "aes256gcm16, chacha20poly1305, aes128, aes256\n"
	  "f:4:120: esp: 'aes25gcm16' is no algorithm of ESP; did you mean 'aes256gcm16'?\n" },
	{ HEAD TUNNEL("b", "3") ", selectors: {local: [10.0.0.1/8]}}\n",
	  "f:4:83: local: 10.0.0.1/8 has host bits set; write 10.0.0.0/8\n" },
	/* kinds of probes */
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", kind: ping}}\n",
	  "f:4:114: kind cannot be 'ping'; write icmp, bfd, stamp, tcp, udp, http or https\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", kind: tcp}}\n",
	  "f:4:114: kind: tcp needs a port; write port: 22, or that of another service\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", port: 7}}\n",
	  "f:4:114: port is for other kinds, and this is icmp; remove it or write another kind\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", port: 0}}\n",
	  "f:4:114: port is 0; write a number from 1 to 65535, or auto\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", kind: udp, path: /}}\n",
	  "f:4:125: path is for kind: http and https, and this is udp; remove it or write another "
	  "kind\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", kind: udp, key: k}}\n",
	  "f:4:124: key is for kind: stamp, and this is udp; remove it or write another kind\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", kind: udp, verify: no}}\n",
	  "f:4:127: verify is for kind: https, and this is udp; remove it or write another "
	  "kind\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", kind: udp, refused: good}}\n",
	  "f:4:128: refused is for kind: tcp, and this is udp; remove it or write another kind\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", kind: http}}\n",
	  "f:4:114: kind: http cannot ask each 100ms; write detection: relaxed for this tunnel, or "
	  "an interval of 1s or more\n" },
	{ HEAD TUNNEL("b", "3") ", detection: fast, " HEALTH ", kind: tcp, port: 22}}\n",
	  "f:4:131: kind: tcp cannot ask each 5ms; write detection: normal for this tunnel, or an "
	  "interval of 100ms or more\n" },
	{ HEAD TUNNEL("b", "3") ", detection: relaxed, " HEALTH ", kind: http, path: alive}}\n",
	  "f:4:146: path must start with / and hold no blanks; write /alive or escape them as "
	  "%20\n" },
	{ HEAD TUNNEL("b", "3") ", detection: relaxed, " HEALTH
				", kind: https, host: 'a b', ca: c, verify: no}}\n",
	  "f:4:148: host holds blanks or what is not ASCII; write a name as in a URL\n"
	  "f:4:158: ca has no use with verify: no; remove one of the two\n" },
	{ HEAD TUNNEL("b", "3") ", reflect: {key: k}}\n",
	  "f:4:78: key has no use without a reflector; write stamp: yes or remove it\n" },
	{ HEAD TUNNEL("b", "3") ", reflect: {stamp: maybe, rate: 0}}\n",
	  "f:4:80: stamp cannot be 'maybe'; write yes, no or auto\n"
	  "f:4:93: rate is 0; write a number from 1 to 100000\n" },
	/* health */
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", degraded: {loss: 20}}}\n",
	  "f:4:125: loss: '20' has no unit; write 20%, or off\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", degraded: {loss: 101%}}}\n",
	  "f:4:125: loss is 101%; write a share from 1% to 100%, or off\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", degraded: {loss: much}}}\n",
	  "f:4:125: loss: 'much' is not a share; write whole percent as 20%, or off\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", degraded: {big-packets: 1ms}}}\n",
	  "f:4:132: big-packets is 1ms; write a duration from 1s to 1h, or off\n" },
	{ HEAD "tracks: {t: {all: [{interface: lan0, degraded: lost}]}}\n",
	  "f:4:20: only tunnels can be degraded; remove degraded:, or write it where the tunnel "
	  "is "
	  "named\n" },
	{ HEAD TUNNEL("b", "3") ", health: {source: 10.0.1.1}}\n",
	  "f:4:71: 'target' is missing; write target: ADDRESS\n" },
	{ HEAD TUNNEL("b", "3") ", health: {source: 10.0.1.1, target: 10.0.1.1}}\n",
	  "f:4:71: health source and target are the same address; write the other router's own "
	  "address as target\n" },
	/* the route is there, only not understood: no word about the target */
	{ "node: n\ntunnels:\n" TUNNEL("a", "2") ", " HEALTH "}}\n"
						 "routes: [{to: 10.0.2.1/24, via: {a: 1}}]\n",
	  "f:4:15: to: 10.0.2.1/24 has host bits set; write 10.0.2.0/24\n" },
	{ HEAD TUNNEL("b", "3") ", health: {source: 10.0.1.1, target: fe80::1}}\n",
	  "f:4:71: health source and target are of different families; write two IPv4 or two IPv6 "
	  "addresses\n" },
	/* BFD */
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", bfd: {demand: yes}}}\n",
	  "f:4:71: health has bfd, but kind is icmp; write kind: bfd\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", kind: bdf}}\n",
	  "f:4:114: kind cannot be 'bdf'; did you mean 'bfd'?\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", kind: bfd, bfd: {auth: {key-id: 256}}}}\n",
	  "f:4:131: 'secret' is missing; write secret: { KEY: VALUE }\n"
	  "f:4:140: key-id is 256; write a number from 0 to 255\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH
				", kind: bfd, bfd: {auth: {key-id: 1, type: md5, secret: {}}}}}\n",
	  "f:4:149: type cannot be 'md5'; write meticulous-sha1 or sha1\n"
	  "f:4:162: the secret is missing; write file: PATH\n" },
	{ HEAD TUNNEL("b", "3") ", " HEALTH ", kind: bfd, bfd: {auth: {key-id: 1, secret: {text: "
				"twenty-one-characters}}}}}\n",
	  "f:4:151: the secret has 21 bytes; BFD takes 1 to 20, write a shorter one\n" },
	{ HEAD TUNNEL("b", "3") ", detection: {interval: 2ms, silence: 10ms}, " HEALTH
				", kind: bfd}}\n",
	  "f:4:74: 'b' is probed by BFD, and interval 2ms is less than 3ms; write interval: 3ms or "
	  "more\n" NO_ROUTE("141") },
	{ HEAD TUNNEL("b", "3") ", detection: {interval: 10ms, silence: 2560ms}, " HEALTH
				", kind: bfd}}\n",
	  "f:4:74: 'b' is probed by BFD, which misses at most 255 packets, and silence 2560ms is "
	  "more; write silence: 2550ms or less\n" NO_ROUTE("144") },
	{ HEAD TUNNEL("b", "3") ", " HEALTH
				", kind: bfd, bfd: {tell-vrrp: lan, tell-track: laan}}}\n"
				"tracks: {lan: {any: [{interface: l}]}}\n",
	  NO_ROUTE("98") "f:4:124: tell-track: unknown track 'laan'; did you mean 'lan'?\n"
			 "f:4:124: tell-vrrp: unknown vrrp 'lan'; write it under vrrp:\n" },
	/* routes */
	{ HEAD "routes: [{to: 10.1.22.1/24, via: {a: 1}}]\n",
	  "f:4:15: to: 10.1.22.1/24 has host bits set; write 10.1.22.0/24\n" },
	{ HEAD "routes: [{to: 2001:db8::1/32, via: {a: 1}}]\n",
	  "f:4:15: to: 2001:db8::1/32 has host bits set; write 2001:db8::/32\n" },
	{ HEAD "routes: [{to: everywhere, via: {a: 1}}]\n",
	  "f:4:15: to: 'everywhere' is not a prefix; write one such as 10.1.22.0/24 or "
	  "2001:db8::/32\n" },
	{ HEAD "routes: [{to: 10.0.0.0/8, via: {a: 300}}]\n",
	  "f:4:36: weight of 'a' is 300; write a number from 0 to 255\n" },
	{ HEAD "routes: [{to: 10.0.0.0/8, via: {a: -1}}]\n",
	  "f:4:36: weight of 'a' is -1; write a number from 0 to 255\n" },
	{ "node: n\ntunnels:\n" TUNNEL("line1",
				       "2") "}\nroutes: [{to: 10.0.0.0/8, via: {lin1: 1}}]\n",
	  "f:4:33: unknown tunnel 'lin1'; did you mean 'line1'?\n" },
	{ HEAD "routes: [{to: 10.0.0.0/8, via: {line: 1}}]\n",
	  "f:4:33: unknown tunnel 'line'; write it under tunnels:\n" },
	{ HEAD "routes: [{to: 10.0.0.0/8, via: a}]\n",
	  "f:4:32: via must be a map of tunnels and weights; write { TUNNEL: 100 }\n" },
	{ HEAD "routes: [{to: [], via: {a: 1}}]\n", "f:4:15: to must be a list; write to: [..]\n" },
	{ HEAD "routes:\n- {to: 10.0.0.0/8, via: {a: 1}}\n- {to: [11.0.0.0/8, 10.0.0.0/8], via: "
	       "{a: 1}}\n",
	  "f:6:21: 10.0.0.0/8 is routed twice, first in line 5; keep one\n" },
	{ HEAD "routes:\n- {to: 10.0.0.0/8, via: {a: 1}}\n- {to: 11.0.0.0/8, via: {a: 1}, name: "
	       "10.0.0.0/8}\n",
	  "f:6:39: two routes have the name '10.0.0.0/8'; write name: with another one\n" },
	{ HEAD "routes: [{to: 10.0.0.0/8, from: fe80::/10, via: {a: 1}}]\n",
	  "f:4:33: from and to are of different families; write a route for each family\n" },
	{ HEAD "routes: [{to: 10.0.0.0/8, source: \"::1\", via: {a: 1}}]\n",
	  "f:4:36: source and to are of different families; write a route for each family\n" },
	{ HEAD "routes: {to: 10.0.0.0/8}\n",
	  "f:4:9: routes must be a list; start each route with '- '\n" },
	/* vrrp */
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, group: g, priority: "
	  "255},\n"
	  "  w: {interface: l, id: 2, addresses: 10.0.0.2, group: g}}\n",
	  "f:2:61: 'v' owns its addresses (priority 255) and 'w' of its group g does not; write "
	  "254, or another group\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, checksum: none}}\n",
	  "f:2:64: checksum cannot be 'none'; write pseudo-header or plain\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, unicast: {peers: "
	  "10.0.0.4, min-ttl: 0}}}\n",
	  "f:2:90: min-ttl is 0; write a number from 1 to 255\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 0, addresses: 10.0.0.1}}\n",
	  "f:2:30: id is 0; write a number from 1 to 255\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: [10.0.0.1, fe80::1]}}\n",
	  "f:2:8: addresses of 'v' are of both families; write a second vrrp instance for IPv6\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: [\"2001:db8::1\"]}}\n",
	  "f:2:8: the first IPv6 address of 'v' is not link-local; write one such as fe80::1 "
	  "before "
	  "it\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, version: 2, addresses: [\"fe80::1\"]}}\n",
	  "f:2:8: 'v' has IPv6 addresses, which VRRP version 2 does not know; write version: 3\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: [10.0.0.1, 10.0.0.1/24]}}\n",
	  "f:2:44: 'v' has the address 10.0.0.1 twice; keep one\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 224.0.0.1/24}}\n",
	  "f:2:44: addresses: 224.0.0.1/24 is not the address of a host; write a unicast "
	  "address\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1/33}}\n",
	  "f:2:44: addresses: '10.0.0.1/33' is not an address; write one such as 10.1.22.254 or "
	  "10.1.22.254/24\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, interval: 41s}}\n",
	  "f:2:64: interval is 41s; write a duration from 10ms to 40950ms, or auto\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, interval: 155ms}}\n",
	  "f:2:8: interval 155ms of 'v' is not in hundredths of a second, as VRRP needs; write "
	  "150ms\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, version: 2, interval: "
	  "1500ms}}\n",
	  "f:2:8: interval 1500ms of 'v' is not in whole seconds, as VRRP version 2 needs; write "
	  "1s, "
	  "or version: 3\n" },
	{ "node: n\nvrrp:\n  v: {interface: l, id: 1, addresses: 10.0.0.1}\n"
	  "  w: {interface: l, id: 1, addresses: 10.0.0.2}\n",
	  "f:4:25: 'w' has the id of 'v', 1, on the same interface l; write another id\n" },
	{ "node: n\nvrrp:\n  v: {interface: l, id: 1, addresses: 10.0.0.1}\n"
	  "  w: {interface: m, id: 2, addresses: [10.0.0.2, 10.0.0.1/24]}\n",
	  "f:4:39: 'w' has the address 10.0.0.1 of 'v'; keep it in one of them\n" },
	{ "node: n\nvrrp:\n  v: {interface: l, id: 1, addresses: \"fe80::1\"}\n"
	  "  w: {interface: m, id: 1, addresses: \"fe80::1\"}\n"
	  "  x: {interface: m, id: 2, addresses: \"fe80::1\"}\n",
	  "f:5:40: 'x' has the address fe80::1 of 'w'; keep it in one of them\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, unicast: {peers: "
	  "[\"::2\"]}}}\n",
	  "f:2:8: unicast addresses of 'v' are not of the family of its addresses; write IPv4\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, track: [{tunnel: x}]}}\n",
	  "f:2:62: unknown tunnel 'x'; write it under tunnels:\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, track: [{interface: l, "
	  "lost: 5}]}}\n",
	  "f:2:83: lost cannot be '5'; write stop, or -1 to -254 to lower the priority\n" },
	{ "node: n\nvrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, track: [{interface: l, "
	  "track: x}]}}\n",
	  "f:2:62: a condition names several things; write exactly one of tunnel, interface, track "
	  "and route; for more, write a track and name it\n" },
	/* tracks */
	{ "node: n\ntracks:\n  up: {all: [{interface: l}]}\n  b: {any: [{track: upp}]}\n",
	  "f:4:13: unknown track 'upp'; did you mean 'up'?\n" },
	{ "node: n\ntracks: {a: {all: [{track: b}]}, b: {any: [{track: c}]}, c: {all: [{track: "
	  "b}]}}\n",
	  "f:2:34: track 'b' depends on itself (b > c > b); break the circle\n" },
	{ "node: n\ntracks: {a: {all: [{track: a}]}}\n",
	  "f:2:10: track 'a' depends on itself (a > a); break the circle\n" },
	{ "node: n\ntracks: {a: {}}\n",
	  "f:2:10: track 'a' has none of all, any, at-least and script; write one of them\n" },
	{ "node: n\ntracks: {a: {all: [{interface: l}], any: [{interface: m}]}}\n",
	  "f:2:10: track 'a' has several of all, any, at-least and script; write one of them\n" },
	{ "node: n\ntracks: {a: {at-least: {count: 2, of: [{interface: l}]}}}\n",
	  "f:2:24: at-least 2 of 1 conditions never holds; write a smaller count\n" },
	{ "node: n\ntracks: {a: {all: [{}]}}\n",
	  "f:2:20: a condition names nothing; write exactly one of tunnel, interface, track and "
	  "route, or health, vrrp and prefix\n" },
	{ "node: n\ntracks: {a: {all: [{interface: l, vrrp: v}]}}\n",
	  "f:2:20: a condition names several things; write exactly one of tunnel, interface, track "
	  "and route, or health, vrrp and prefix\n" },
	{ "node: n\ntracks: {a: {all: [{vrrp: v}]}}\n",
	  "f:2:20: unknown vrrp instance 'v'; write it under vrrp:\n" },
	{ "node: n\ntracks: {a: {all: [{health: v}]}}\n",
	  "f:2:20: unknown tunnel 'v'; write it under tunnels:\n" },
	{ "node: n\ntracks: {a: {all: [{prefix: 10.0.0.1/8}]}}\n",
	  "f:2:20: a condition names nothing; write exactly one of tunnel, interface, track and "
	  "route, or health, vrrp and prefix\n"
	  "f:2:29: prefix: 10.0.0.1/8 has host bits set; write 10.0.0.0/8\n" },
	{ "node: n\ntracks: {a: {all: [{interface: l, table: 7}]}}\n",
	  "f:2:20: table is of a prefix's route; write prefix: PREFIX\n" },
	{ "node: n\ntracks: {a: {all: [{track: b, needs: address}]}, b: {any: [{interface: l}]}}\n",
	  "f:2:20: needs says what an interface needs; write interface: NAME\n" },
	{ "node: n\ntracks: {a: {at-least: {count: 6, of: [{interface: l, weight: 3}, {interface: "
	  "m, weight: 2}]}}}\n",
	  "f:2:24: at-least 6 of 2 conditions with their weights never holds; write a smaller "
	  "count\n" },
	{ "node: n\ntracks: {a: {script: {command: [true]}}}\n",
	  "f:2:22: command 'true' is not a whole path; write one that starts with /\n" },
	{ "node: n\ntracks: {a: {script: {command: /bin/true}}}\n",
	  "f:2:32: command must be a list, the program first; write [/usr/lib/PROGRAM, WORD]\n" },
	{ "node: n\ntracks: {a: {script: {interval: 1s}}}\n",
	  "f:2:22: 'command' is missing; write command: [/usr/lib/PROGRAM, WORD]\n" },
	{ HEAD "routes: [{to: 10.0.0.0/8, via: {a: {weight: 1, track: [{track: t}]}}}]\n",
	  "f:4:36: unknown track 't'; write it under tracks:\n" },
	{ HEAD "routes: [{to: 10.0.0.0/8, via: {a: {track: []}}}]\n",
	  "f:4:36: 'weight' is missing; write weight: NUMBER\n" },
	{ HEAD "routes: [{to: 10.0.0.0/8, name: r, via: {a: {weight: 1, track: [{track: t, lost: "
	       "stop}]}}}]\ntracks: {t: {all: [{interface: l}]}}\n",
	  "f:4:82: lost cannot be 'stop'; write unusable, standby, or -1 to -255 to take that off "
	  "the weight\n" },
	/* a circle by way of a route's weights, and by way of a VRRP instance */
	{ HEAD "routes: [{to: 10.0.0.0/8, name: r, via: {a: {weight: 1, track: [{track: t}]}}}]\n"
	       "tracks: {t: {all: [{route: r}]}}\n",
	  "f:5:10: track 't' depends on itself (t > t); break the circle\n" },
	{ "node: n\ntracks: {t: {all: [{vrrp: v, not: yes}]}}\n"
	  "vrrp: {v: {interface: l, id: 1, addresses: 10.0.0.1, track: [{track: t}]}}\n",
	  "f:2:10: track 't' depends on itself (t > t); break the circle\n" },
	/* agree */
	{ "node: n\nagree: {lead: 256}\n", "f:2:15: lead is 256; write a number from 0 to 254\n" },
	/* dataplane */
	{ "node: n\ndataplane: {workers: 0}\n",
	  "f:2:22: workers is 0; write a number from 1 to 16, or auto\n" },
	{ "node: n\ndataplane: {workers: 17}\n",
	  "f:2:22: workers is 17; write a number from 1 to 16, or auto\n" },
	/* kernel */
	{ "node: n\nkernel: {table: 254}\n",
	  "f:1:1: table 254 is the kernel's own (default, main, local); write another number\n" },
	{ "node: n\nkernel: {publish-metric: 6000}\n",
	  "f:1:1: publish-metric 6000 does not come before guard-metric 5000; write a smaller "
	  "one\n" },
};

/* What loads, but deserves a word. */
static const struct {
	const char *text, *says;
} warnings[] = {
	{ "node: n\ntunnels:\n" TUNNEL(
		  "a", "2") ", health: {source: 10.0.1.1, target: "
			    "10.0.2.1}}\n" TUNNEL(
				    "b", "3") ", " HEALTH "}}\n"
					      "routes: [{to: 10.0.2.0/24, via: {a: 1, b: 0}}]\n",
	  "f:4:98: warning: 'b' has the health target of 'a': replies take one tunnel, so the "
	  "other "
	  "looks dead or wrong; write the address of the router at this tunnel's end, not "
	  "10.0.2.1\n" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2") ", " HEALTH "}, selectors: {remote: "
						 "10.9.0.0/16}}\n",
	  "f:3:98: warning: health target 10.0.2.1 is outside the remote selectors of 'a', so no "
	  "probe gets through; add it there or choose another\n" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2") ", " HEALTH "}, selectors: {local: "
						 "10.9.0.0/16}}\n",
	  "f:3:80: warning: health source 10.0.1.1 is outside the local selectors of 'a', so no "
	  "probe gets through; add it there or choose another\n" },
	{ "node: n\ntunnels:\n" TUNNEL("a", "2") ", " HEALTH "}}\n",
	  "f:3:98: warning: health target 10.0.2.1 is in no route via 'a'; write an address of the "
	  "network behind it\n" },
	{ HEAD TUNNEL("b", "3") "}\nroutes: [{to: 10.0.0.0/8, via: {a: 1, b: 0}}]\n",
	  "f:5:36: warning: 'a' has no health check, so only IKE tells when to leave it; add "
	  "health: "
	  "{ source: ADDRESS, target: ADDRESS } to the tunnel\n"
	  "f:5:42: warning: 'b' has no health check, so only IKE tells when to leave it; add "
	  "health: "
	  "{ source: ADDRESS, target: ADDRESS } to the tunnel\n" },
	{ HEAD TUNNEL("b", "3") ", selectors: {remote: 10.9.0.0/16}}\nroutes: [{to: 10.0.0.0/8, "
				"via: {b: 1}}]\n",
	  "f:5:15: warning: 10.0.0.0/8 is outside the remote selectors of 'b', which will not "
	  "carry "
	  "it; add it there\n" },
};

/* Shows both texts when they differ; true when they do not. */
static bool says(const char *text, const char *want)
{
	char *said = report_text();
	bool same = !strcmp(said, want);

	if (!same)
		print_message("--- of:\n%s--- expected:\n%s--- but:\n%s", text, want, said);
	free(said);
	return same;
}

static void test_errors(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_null(load_text(rows[i].text));
		wrong += !says(rows[i].text, rows[i].says);
	}
	assert_int_equal(wrong, 0);
}

static void test_warnings(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(warnings); i++) {
		conf_free(load_good(warnings[i].text));
		wrong += !says(warnings[i].text, warnings[i].says);
		assert_int_equal(report.errors, 0);
	}
	assert_int_equal(wrong, 0);
}

/* Ten times two times two ... : a small file that would be a billion values. */
static void test_alias_bomb(void **state)
{
	char text[4096] = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
	size_t n = strlen(text);
	char *said;

	(void)state;
	for (unsigned i = 1; i < 9; i++)
		n += (size_t)
			snprintf(text + n, sizeof(text) - n,
				 "a%u: &a%u [*a%u, *a%u, *a%u, *a%u, *a%u, *a%u, *a%u, *a%u]\n", i,
				 i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	assert_null(load_text(text));
	said = report_text();
	assert_non_null(strstr(said, "more than 1000000 values, aliases counted; write fewer"));
	free(said);
}

/* The parser would look ahead through gigabytes of these. */
static void test_bracket_bomb(void **state)
{
	char text[300], *said;

	(void)state;
	memset(text, '[', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	text[100] = '\n';
	assert_null(load_text(text));
	said = report_text();
	assert_string_equal(said, "f:2:157: more than 256 brackets are open; nothing in a "
				  "configuration needs that\n");
	free(said);
}

static void test_huge_file(void **state)
{
	size_t len = (size_t)CONF_FILE_MAX + 1;
	char *text = malloc(len), *said;
	struct conf *conf = NULL;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', len);
	assert_int_equal(conf_load_text(text, len, "f", NULL, &report, &conf), -EFBIG);
	assert_null(conf);
	said = report_text();
	assert_string_equal(said, "f: longer than 16 MiB; is it the right file?\n");
	free(said);
	free(text);
}

/* More mistakes than are kept: all are counted. */
static void test_many_errors(void **state)
{
	char text[8192] = "node: n\n", *said;
	size_t n = strlen(text);

	(void)state;
	for (unsigned i = 0; i < 150; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "unknown%u: 1\n", i);
	assert_null(load_text(text));
	assert_int_equal(report.errors, 150);
	assert_int_equal(report.count, CONF_REPORT_MAX);
	said = report_text();
	assert_non_null(strstr(said, "\nf: 50 more\n"));
	free(said);
}

/* A key or value cannot write a line of its own into the report. */
static void test_no_forged_lines(void **state)
{
	char *said;

	(void)state;
	assert_null(load_text("node: n\n\"x\\nf:9:9: all is well\": 1\n"));
	said = report_text();
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
	free(said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),          cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_alias_bomb),      cmocka_unit_test(test_bracket_bomb),
		cmocka_unit_test(test_huge_file),       cmocka_unit_test(test_many_errors),
		cmocka_unit_test(test_no_forged_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
