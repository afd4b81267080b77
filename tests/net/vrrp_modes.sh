#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two futae routers in every mode of VRRP that keepalived is not asked for: unicast peers, without a
# virtual MAC, without accepting packets, without preemption, and tracking that lowers the priority.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq ping nft tcpdump

ns lan one two host
ip -n lan link add br0 type bridge && ip -n lan link set br0 up
plug() {
	ip link add lan0 netns "$1" type veth peer "$1" netns lan
	ip -n lan link set "$1" master br0 up
	address "$1:lan0" "$2"
}
plug one 10.1.22.252/24 && plug two 10.1.22.253/24 && plug host 10.1.22.1/24
ip -n one link add up0 type veth peer up1 && ip -n one link set up0 up && ip -n one link set up1 up
ip -n host route add 192.0.2.0/24 via 10.1.22.254

start() { # NODE PRIORITY LINES...
	node=$1 priority=$2 && shift 2
	{
		printf 'node: %s\nvrrp:\n  lan:\n    interface: lan0\n    id: 10\n' "$node"
		printf '    addresses: [10.1.22.254]\n    priority: %s\n' "$priority"
		for line; do echo "    $line"; done
	} >"$WORK/$node.yaml"
	ip netns exec "$node" futaed --config "$WORK/$node.yaml" --run-dir "$WORK/$node" \
		2>"$WORK/$node.log" &
	if [ "$node" = one ]; then one=$!; else two=$!; fi
}
stop() {
	for pid; do
		kill "$pid"
		wait "$pid" || fail "futaed did not stop well"
	done
}
ask() { futae --socket "$WORK/$1/control.sock" vrrp --json | jq -r ".vrrp[0]$2"; }
is() { [ "$(ask "$1" .state)" = "$2" ]; }
answers() { on host ping -n -c1 -W1 10.1.22.254; }
trap '[ $? = 0 ] || tail -n 25 "$WORK"/*.log' EXIT

echo "-- unicast: only named peers are heard, and nothing goes to the group"
start one 200 'unicast: { source: 10.1.22.252, peers: [10.1.22.253] }'
start two 100 'unicast: { peers: [10.1.22.252] }'
eventually 10 is one master && eventually 10 is two backup
eventually 5 answers
# What it saw counts only because it has seen the unicast ones meanwhile.
timeout 10 ip netns exec lan tcpdump -i one -c 5 -n 'ip proto 112' >"$WORK/seen" 2>"$WORK/tcpdump" ||
	fail "tcpdump: $(cat "$WORK/tcpdump")"
grep -q '10.1.22.252 > 10.1.22.253: VRRP' "$WORK/seen" || fail "no unicast: $(cat "$WORK/seen")"
! grep -q '224.0.0.18' "$WORK/seen" || fail "advertisements went to the group"
kill -9 "$one"
eventually 5 is two master
eventually 5 answers
wait "$one" 2>/dev/null || true
start one 200 'unicast: { peers: [10.1.22.253] }'
eventually 10 is one master && eventually 10 is two backup
stop "$one" "$two"

echo "-- without a virtual MAC the address is the router's own"
start one 200 'virtual-mac: no' && start two 100 'virtual-mac: no'
eventually 10 is one master
eventually 5 answers
mac_of() { ip -n "$1" -j link show lan0 | jq -r '.[0].address'; }
seen_mac() { ip -n host neigh show 10.1.22.254 | grep -q "$(mac_of "$1")"; }
eventually 5 seen_mac one
stop "$one"
eventually 10 is two master
eventually 5 seen_mac two
eventually 5 answers
stop "$two"

echo "-- accept: no forwards and answers ARP, and takes nothing for itself"
start one 200 'accept: no'
eventually 10 is one master
arp() {
	on host ip neigh flush dev lan0
	answers || true
	ip -n host neigh show 10.1.22.254 | grep -qi '00:00:5e:00:01:0a'
}
eventually 5 arp
! answers >/dev/null || fail "the master took a packet to the virtual address"
address one:up0 192.0.2.9/24
on host ping -n -c1 -W1 192.0.2.9 >/dev/null || fail "the master does not take what goes through it"
stop "$one"
! on one nft list tables | grep -q futae || fail "a filter table was left behind"

echo "-- preempt: no leaves a working master alone"
start two 100
eventually 10 is two master
start one 200 'preempt: no'
eventually 10 is one backup
heard() { [ "$(ask one .counters.adv_received)" -gt 10 ]; }
eventually 10 heard
is two master || fail "the higher priority took over in spite of preempt: no"
stop "$one" "$two"

echo "-- a lost interface lowers the priority by what is written, and gives it back"
start two 150
start one 200 'track: [{ interface: up0, lost: -100 }]'
eventually 10 is one master && eventually 10 is two backup
ip -n one link set up1 down
eventually 5 is two master
[ "$(ask one .priority)" = 100 ] || fail "the priority is $(ask one .priority), not 100"
ip -n one link set up1 up
eventually 10 is one master
stop "$one" "$two"
