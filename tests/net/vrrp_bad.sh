#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Advertisements that must not be heeded, at a master and at a backup: each is counted by its reason,
# logged once, and moves nobody.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq python3

ns lan one two evil
ip -n lan link add br0 type bridge && ip -n lan link set br0 up
plug() {
	ip link add lan0 netns "$1" type veth peer "$1" netns lan
	ip -n lan link set "$1" master br0 up
	address "$1:lan0" "$2"
}
plug one 10.1.22.252/24 && plug two 10.1.22.253/24 && plug evil 10.1.22.66/24

start() { # NODE PRIORITY
	cat >"$WORK/$1.yaml" <<-Y
		node: $1
		vrrp:
		  lan: {interface: lan0, id: 10, priority: $2, addresses: [10.1.22.254]}
		  peers: {interface: lan0, id: 11, priority: $2, addresses: [10.1.22.250],
		    unicast: {peers: [$3]}}
		  old: {interface: lan0, id: 12, version: 2, interval: 1s, priority: $2,
		    addresses: [10.1.22.249]}
	Y
	ip netns exec "$1" futaed --config "$WORK/$1.yaml" --run-dir "$WORK/$1" 2>>"$WORK/$1.log" &
}
ask() { futae --socket "$WORK/$1/control.sock" vrrp --json | jq -r "$2"; }
all() { [ "$(ask "$1" '[.vrrp[].state] | unique | join(" ")')" = "$2" ]; }
trap '[ $? = 0 ] || tail -n 40 "$WORK"/*.log' EXIT

start one 200 10.1.22.253 && one=$!
eventually 15 all one master
start two 100 10.1.22.252 && two=$!
eventually 15 all two backup
states() { for n in one two; do ask $n '[.vrrp[] | [.name, .state, .since_ms > 0]]'; done; }
moves() { cat "$WORK"/one.log "$WORK"/two.log | grep -c vrrp.state; }
before=$(moves)

# Raw frames, because the kernel would correct some of this: name, and what is wrong.
cat >"$WORK/forge.py" <<'P'
import socket, struct
GROUP = "224.0.0.18"
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(("lan0", 0))

def csum(data):
    data += b"\0" * (len(data) % 2)
    n = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return ~n & 0xffff

def send(vrid=10, ver=3, kind=1, prio=254, addrs=("10.1.22.254",), timing=15, ttl=255,
         src="10.1.22.66", dst=GROUP, count=None, auth=None, wrong=0, cut=None, extra=b"",
         mac=b"\x01\x00\x5e\x00\x00\x12"):
    body = b"".join(map(socket.inet_aton, addrs)) + extra
    if ver == 2:
        body += bytes(8)
        timing = (auth or 0) << 8 | timing
    head = struct.pack("!BBBBH", ver << 4 | kind, vrid, prio, len(addrs) if count is None else count,
                       timing)
    a, b = socket.inet_aton(src), socket.inet_aton(dst)
    pseudo = a + b + struct.pack("!BBH", 0, 112, 8 + len(body)) if ver == 3 else b""
    sum_ = csum(pseudo + head + b"\0\0" + body) ^ wrong
    packet = (head + struct.pack("!H", sum_) + body)[:cut]
    ip = struct.pack("!BBHHHBBH", 0x45, 0xc0, 20 + len(packet), 1, 0, ttl, 112, 0) + a + b
    ip = ip[:10] + struct.pack("!H", csum(ip)) + ip[12:]
    s.send(mac + b"\x00\x00\x5e\x00\x01" + bytes([vrid]) + b"\x08\x00" + ip + packet)

for turn in range(20):
    send(ttl=254)
    send(wrong=0x55)
    send(cut=6)
    send(count=3)
    send(count=0)
    send(kind=2)
    send(timing=0)
    send(ver=2, timing=1)          # another version than ours
    send(ver=4)
    send(vrid=99)                  # another router's
    send(src="10.1.22.252")        # "from" a router itself: its kernel drops it
    send(src="10.1.22.253", prio=0, ttl=64)
    send(prio=0)                   # not our master's to say
    send(vrid=11, addrs=("10.1.22.250",))  # not a configured peer
    send(vrid=12, ver=2, timing=1, auth=1, addrs=("10.1.22.249",))
    send(vrid=12, ver=2, timing=1, auth=2, addrs=("10.1.22.249",))
    send(vrid=12, ver=2, timing=7, addrs=("10.1.22.249",))
    send(vrid=12, ver=2, timing=1, addrs=("10.1.22.7",))
P
on evil python3 "$WORK/forge.py"

count() { ask "$1" ".vrrp[] | select(.name == \"$2\") | .counters.$3"; }
counted() { [ "$(count "$1" "$2" "$3")" -ge "$4" ]; }
for reason in bad_ttl bad_checksum bad_short bad_length '"bad_address-count"' bad_type bad_interval \
	bad_version other_router; do
	for n in one two; do eventually 5 counted $n lan "$reason" 20; done
done
for n in one two; do
	eventually 5 counted $n peers not_a_peer 20
	eventually 5 counted $n old '"bad_authentication-type"' 40
	eventually 5 counted $n old bad_interval_v2 20
	eventually 5 counted $n old other_addresses 20
done
[ "$(moves)" = "$before" ] || fail "a stranger moved a router: $(grep vrrp.state "$WORK"/*.log)"
{ all one master && all two backup; } || fail "a stranger moved a router: $(states)"
for n in one two; do
	[ "$(grep -c 'bad_packet.*vrrp=lan .*error=checksum' "$WORK/$n.log")" = 1 ] ||
		fail "$n did not say it once: $(grep -c bad_packet "$WORK/$n.log")"
	[ "$(grep -c bad_packet "$WORK/$n.log")" -le 20 ] || fail "$n says too much"
done
for pid in "$one" "$two"; do
	kill "$pid"
	wait "$pid" || fail "futaed did not stop well"
done
