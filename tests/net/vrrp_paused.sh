#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A router that stands still and wakes up: the master of before neither fights nor steals, and the
# backup does not take the address because of its own lateness.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq ping

ns lan one two host
ip -n lan link add br0 type bridge && ip -n lan link set br0 up
plug() {
	ip link add lan0 netns "$1" type veth peer "$1" netns lan
	ip -n lan link set "$1" master br0 up
	address "$1:lan0" "$2"
}
plug one 10.1.22.252/24 && plug two 10.1.22.253/24 && plug host 10.1.22.1/24

start() { # NODE PRIORITY LINES...
	node=$1 priority=$2 && shift 2
	{
		printf 'node: %s\nvrrp:\n  lan:\n    interface: lan0\n    id: 10\n    interval: 150ms\n' "$node"
		printf '    addresses: [10.1.22.254]\n    priority: %s\n' "$priority"
		for line; do echo "    $line"; done
	} >"$WORK/$node.yaml"
	ip netns exec "$node" futaed --config "$WORK/$node.yaml" --run-dir "$WORK/$node" \
		2>>"$WORK/$node.log" &
	if [ "$node" = one ]; then one=$!; else two=$!; fi
}
ask() { futae --socket "$WORK/$1/control.sock" vrrp --json | jq -r ".vrrp[0]$2"; }
is() { [ "$(ask "$1" .state)" = "$2" ]; }
became_master() { grep -c 'vrrp.state.*to=master' "$WORK/$1.log" || true; }
answers() { on host ping -n -c1 -W1 10.1.22.254; }
stands() { grep -q '^State:.*T' "/proc/$1/status"; }
trap '[ $? = 0 ] || tail -n 25 "$WORK"/*.log' EXIT

start one 200 'preempt-delay: 1h' && eventually 10 is one master
start two 100 && eventually 10 is two backup

echo "-- the master stands still for a second: another serves, and it yields when it wakes"
kill -STOP "$one" && eventually 5 stands "$one"
eventually 10 is two master
sent() { [ "$(ask two .counters.adv_sent)" -gt 6 ]; }
eventually 10 sent
kill -CONT "$one"
eventually 10 is one backup
grep -q 'vrrp.state.*from=master to=backup.*held up' "$WORK/one.log" ||
	fail "it did not notice that it was late: $(cat "$WORK/one.log")"
followed() { [ "$(ask one .master.priority)" = 100 ]; }
eventually 10 followed
is two master || fail "it took the address back, or fought"
[ "$(became_master two)" = 1 ] || fail "two was driven out: $(cat "$WORK/two.log")"
[ "$(became_master one)" = 1 ] || fail "one stole the address: $(cat "$WORK/one.log")"
eventually 5 answers
futae --socket "$WORK/one/control.sock" explain lan | grep -q 'may push aside' ||
	fail "explain does not tell how long the preempt delay still is"

echo "-- the backup stands still: what has come in meanwhile is read before its timer is believed"
before=$(ask one .counters.adv_received)
kill -STOP "$one" && eventually 5 stands "$one"
now=$(ask two .counters.adv_sent)
silent() { [ "$(ask two .counters.adv_sent)" -gt $((now + 12)) ]; }
eventually 10 silent
kill -CONT "$one"
heard() { [ "$(ask one .counters.adv_received)" -gt $((before + 12)) ]; }
eventually 10 heard
is one backup || fail "a late backup took the address"
is two master || fail "the master lost the address to a late backup"
[ "$(became_master one)" = 1 ] || fail "a late backup took the address: $(cat "$WORK/one.log")"
for pid in "$one" "$two"; do
	kill "$pid"
	wait "$pid" || fail "futaed did not stop well"
done
