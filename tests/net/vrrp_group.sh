#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two routers with a group of three instances (IPv4 and IPv6 of a LAN, IPv4 of another): all are
# master on one of the routers, whatever happens to one of them, and when told so by hand.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq ping

ns lan one two host
plug() { # NODE BRIDGE DEVICE ADDRESS [ADDRESS6]
	ip link add "$3" netns "$1" type veth peer "$1.$3" netns lan
	ip -n lan link set "$1.$3" master "$2" up
	address "$1:$3" "$4"
	[ -z "${5:-}" ] || address "$1:$3" "$5"
}
for b in br0 br1; do ip -n lan link add $b type bridge && ip -n lan link set $b up; done
plug one br0 lan0 10.1.22.252/24 2001:db8::252/64 && plug one br1 dmz0 10.1.23.252/24
plug two br0 lan0 10.1.22.253/24 2001:db8::253/64 && plug two br1 dmz0 10.1.23.253/24
plug host br0 lan0 10.1.22.1/24 2001:db8::1/64 && plug host br1 dmz0 10.1.23.1/24

start() { # NODE PRIORITY
	{
		printf 'node: %s\nvrrp:\n' "$1"
		printf '  lan: {interface: lan0, id: 10, priority: %s, group: all, addresses: [10.1.22.254]}\n' "$2"
		printf '  lan6: {interface: lan0, id: 10, priority: %s, group: all,\n' "$2"
		printf '    addresses: [fe80::254, 2001:db8::254]}\n'
		printf '  dmz: {interface: dmz0, id: 11, priority: %s, group: all, addresses: [10.1.23.254]}\n' "$2"
	} >"$WORK/$1.yaml"
	ip netns exec "$1" futaed --config "$WORK/$1.yaml" --run-dir "$WORK/$1" 2>>"$WORK/$1.log" &
	if [ "$1" = one ]; then one=$!; else two=$!; fi
}
ctl() { node=$1 && shift && futae --socket "$WORK/$node/control.sock" "$@"; }
states() { ctl "$1" vrrp --json | jq -r '[.vrrp[].state] | unique | join(" ")'; }
are() { [ "$(states "$1")" = "$2" ]; }
serves() {
	on host ping -n -c1 -W1 10.1.22.254 && on host ping -n -c1 -W1 10.1.23.254 &&
		on host ping -n -c1 -W1 2001:db8::254
}
moved() { # to FROM
	eventually 10 are "$1" master
	eventually 10 are "$2" "$3"
	eventually 10 serves
}
trap '[ $? = 0 ] || tail -n 40 "$WORK"/*.log' EXIT

start one 200 && start two 100
moved one two backup

echo "-- one instance loses its interface: all go"
ip -n lan link set one.dmz0 down
eventually 10 are two master
stopped() { [ "$(states one)" = "fault stopped" ]; }
eventually 10 stopped
ctl one explain lan | grep -q 'dmz of its group all cannot run' || fail "no reason: $(ctl one explain lan)"
ip -n lan link set one.dmz0 up
moved one two backup

echo "-- the other router is killed, and comes back"
kill -9 "$one"
wait "$one" 2>/dev/null || true
eventually 10 are two master && eventually 10 serves
start one 200
moved one two backup

echo "-- one LAN is cut in two: the group does not move to and fro"
before=$(grep -c 'vrrp.state.*to=master' "$WORK/two.log" || true)
ip -n lan link add br2 type bridge && ip -n lan link set br2 up
ip -n lan link set two.dmz0 master br2
held() { ctl two explain dmz | grep -q 'waits for the others'; }
eventually 10 held
on host ping -n -c10 -i0.1 -W1 10.1.22.254 >/dev/null || fail "the cut broke the other LAN"
{ are one master && are two backup; } || fail "the group moved: $(states one), $(states two)"
[ "$(grep -c 'vrrp.state.*to=master' "$WORK/two.log")" = "$before" ] || fail "it moved to and fro"
ip -n lan link set two.dmz0 master br1
followed() { ! held; }
eventually 10 followed

echo "-- by hand: giving up, taking, and by priority again"
ctl one vrrp lan give-up
moved two one backup
ctl one explain lan6 | grep -q 'told by hand to give-up' || fail "explain does not tell"
kill -9 "$two"
wait "$two" 2>/dev/null || true
eventually 10 are one master # nobody else is there
start two 100
moved two one backup
ctl one vrrp dmz auto
moved one two backup
ctl two vrrp lan6 take
moved two one backup
ctl two vrrp lan auto
moved one two backup
! ctl one vrrp lan perhaps 2>"$WORK/said" || fail "an unknown order was taken"
grep -q 'give-up, take or auto' "$WORK/said" || fail "it says: $(cat "$WORK/said")"
! ctl one vrrp nobody take 2>"$WORK/said" || fail "an unknown instance was taken"
for pid in "$one" "$two"; do
	kill "$pid"
	wait "$pid" || fail "futaed did not stop well"
done
