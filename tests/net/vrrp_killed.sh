#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two futae routers, and the master's futaed is killed: what it leaves up goes as soon as it is back
# as a backup, in every mode, and so does what others put up or a former configuration had.
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

start() { # NODE PRIORITY ID LINES...
	node=$1 priority=$2 id=$3 && shift 3
	{
		printf 'node: %s\nvrrp:\n  lan:\n    interface: lan0\n    id: %s\n' "$node" "$id"
		printf '    addresses: [10.1.22.254]\n    priority: %s\n    preempt: no\n' "$priority"
		for line; do echo "    $line"; done
	} >"$WORK/$node.yaml"
	ip netns exec "$node" futaed --config "$WORK/$node.yaml" --run-dir "$WORK/$node" \
		2>>"$WORK/$node.log" &
	if [ "$node" = one ]; then one=$!; else two=$!; fi
}
is() { [ "$(futae --socket "$WORK/$1/control.sock" vrrp --json | jq -r '.vrrp[0].state')" = "$2" ]; }
trap '[ $? = 0 ] || tail -n 25 "$WORK"/*.log' EXIT
answers() { on host ping -n -c1 -W1 10.1.22.254; }
has_address() { ip -n "$1" -o addr show | grep -q ' 10.1.22.254/'; }
has_table() { on "$1" nft list tables | grep -q futae_vrrp; }
macvlan() { ip -n one -o link show type macvlan | sed -n 's/.*: \(vrrp[^@]*\)@.*/\1/p'; }
is_clean() { # NODE: nothing of a master is up
	! has_address "$1" && ! has_table "$1" &&
		! ip -n "$1" -o link show type macvlan up | grep -q vrrp
}

# Who answers for the address: what comes in by each router's port while the host asks.
ask_arp() {
	for node in one two; do
		timeout -s INT 10 ip netns exec lan tcpdump -i $node -Q in -l -n \
			'arp[6:2] = 2 and src host 10.1.22.254 or (arp[6:2] = 2 and arp[14:4] = 0x0a0116fe)' \
			>"$WORK/arp.$node" 2>"$WORK/tcpdump.$node" &
	done
	for node in one two; do eventually 5 grep -q 'listening on' "$WORK/tcpdump.$node"; done
	asked() {
		on host ip neigh flush dev lan0
		answers || true
		grep -q 'Reply 10.1.22.254' "$WORK/arp.two"
	}
	eventually 5 asked
}

for mode in 'virtual-mac: yes' 'virtual-mac: no' 'accept: no'; do
	echo "-- $mode: killed as master, back as backup"
	start one 200 10 "$mode"
	eventually 10 is one master
	start two 100 10 "$mode"
	eventually 10 is two backup
	kill -9 "$one"
	wait "$one" 2>/dev/null || true
	eventually 10 is two master
	has_address one || fail "the killed futaed took its address along: this tests nothing"
	start one 200 10 "$mode"
	eventually 10 is one backup
	is_clean one || fail "a backup has: $(ip -n one -o addr; on one nft list tables)"
	ask_arp
	! grep -q Reply "$WORK/arp.one" || fail "the backup answered ARP: $(cat "$WORK/arp.one")"
	has_address two || fail "the master has lost its address"

	echo "-- $mode: what somebody puts up on a backup is taken off"
	device=$(macvlan)
	ip -n one addr add 10.1.22.254/32 dev "${device:-lan0}"
	[ -z "$device" ] || ip -n one link set "$device" up
	eventually 10 is_clean one
	is one backup || fail "the backup has moved"
	kill "$one" "$two"
	for pid in "$one" "$two"; do
		wait "$pid" || fail "futaed did not stop well"
	done
done

echo "-- a device that no instance wants any more goes, and no other does"
start one 200 10 'accept: no'
eventually 10 is one master
old=$(macvlan)
kill -9 "$one"
wait "$one" 2>/dev/null || true
ip -n one link add vrrp4.10.99 link lan0 type macvlan
ip -n one link add mine link lan0 address 00:00:5e:00:01:63 type macvlan
start one 200 11
eventually 10 is one master
[ -n "$old" ] || fail "there was no macvlan"
! ip -n one link show "$old" 2>/dev/null || fail "$old was left over"
! has_table one || fail "the filter table was left over"
for name in vrrp4.10.99 mine; do
	ip -n one link show $name >/dev/null || fail "$name, not ours, was deleted"
done
