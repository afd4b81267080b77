#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Faults that no small probe sees, and one that needs none: packets above 1,200 bytes vanish on a
# line (and only they), a line loses its carrier, and its address.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened here"
need jq nft

# Line a has a router on its way, line b is a cable.
ns gw mid cpe
veth gw:wan0 192.0.2.1/30 mid:left 192.0.2.2/30
veth mid:right 198.51.100.1/30 cpe:wan0 198.51.100.2/30
veth gw:wan1 203.0.113.1/30 cpe:wan1 203.0.113.2/30
on mid sysctl -qw net.ipv4.ip_forward=1
ip -n gw route add 198.51.100.0/30 via 192.0.2.2
ip -n cpe route add 192.0.2.0/30 via 198.51.100.1
address gw:lo 172.16.41.72/32 && address gw:lo 172.16.41.73/32
address cpe:lo 10.1.22.252/32 && address cpe:lo 10.1.22.253/32
(umask 077 && echo "one secret" >"$WORK/psk")

# write NODE NET LOCAL-A REMOTE-A SOURCE-A TARGET-A LOCAL-B REMOTE-B SOURCE-B TARGET-B
write() {
	cat >"$WORK/$1.yaml" <<-Y
		node: $1
		restore: 1s
		tunnels:
		  a: { local: $3, remote: $4, secret: { file: psk },
		       health: { source: $5, target: $6, degraded: { big-packets: 1s } } }
		  b: { local: $7, remote: $8, secret: { file: psk },
		       health: { source: $9, target: ${10}, degraded: { big-packets: 1s } } }
		tracks:
		  usable: { all: [{ tunnel: a }] }
		  best: { all: [{ tunnel: a, degraded: lost }] }
		routes:
		  - { to: $2, via: { a: 100, b: 0 } }
	Y
}
write gw 10.1.22.0/24 192.0.2.1 198.51.100.2 172.16.41.72 10.1.22.252 \
	203.0.113.1 203.0.113.2 172.16.41.73 10.1.22.253
write cpe 172.16.41.0/24 198.51.100.2 192.0.2.1 10.1.22.252 172.16.41.72 \
	203.0.113.2 203.0.113.1 10.1.22.253 172.16.41.73

command() { node=$1 && shift && futae --socket "$WORK/$node.run/control.sock" "$@"; }
ask() { command "$1" "$2" --json | jq -r "$3"; }
is() { [ "$(ask "$1" "$2" "$3")" = "$4" ]; }
carries() { is "$1" routes '[.routes[0].via[] | select(.active).tunnel] | join("+")' "$2"; }
says() {
	from=$1 pattern=$2 && shift 2
	command "$from" "$@" >"$WORK/out" 2>&1 || :
	grep -Eq -- "$pattern" "$WORK/out"
}
health() { is "$1" health ".health[] | select(.tunnel == \"$2\") | $3" "$4"; }
# What the track of that name says of itself.
track() { says "$1" "track $2 is $3" explain "$2"; }
trap '[ $? = 0 ] || { cat "$WORK/out"; tail -n 30 "$WORK"/*.log; }' EXIT

for node in gw cpe; do
	on $node futaed --config "$WORK/$node.yaml" --run-dir "$WORK/$node.run" 2>"$WORK/$node.log" &
done
for node in gw cpe; do
	for tunnel in a b; do
		eventually 30 health $node $tunnel .state up
		eventually 10 health $node $tunnel .big_packets.state pass
	done
	eventually 10 carries $node a
done

echo "-- large packets die on line a, one way is enough"
on mid nft 'table ip t { chain c { type filter hook forward priority 0; iifname "left" ip length > 1200 drop; }; }'
for node in gw cpe; do
	eventually 15 health $node a .state degraded
	eventually 5 carries $node b
	eventually 10 says $node 'packets of 1400 bytes do not arrive, those of 1[01][0-9]+ do.*lower mtu: to 1[01]' explain a
	health $node a .usable true || fail "$node does not use what works"
	health $node a .degraded.cause big-packets || fail "$node does not name the cause"
	says $node '^! tunnel a is degraded: packets of 1400' status || fail "$node: status says nothing"
	is $node routes '.routes[0].via[0].degraded' true || fail "$node: the route does not say so"
	eventually 5 track $node best lost
	track $node usable good || fail "$node: a track that asks for use only is lost"
	grep -q 'health.grade tunnel=a grade=degraded cause=big-packets' "$WORK/$node.log" ||
		fail "$node has not logged it"
done
health gw b .state up || fail "line b is blamed, too"

echo "-- and live again: used after the restore time"
on mid nft delete table ip t
for node in gw cpe; do
	eventually 15 health $node a .state up
	eventually 10 carries $node a
	health $node a .big_packets.state pass || fail "$node: large packets are not said to pass"
	eventually 5 track $node best good
done

echo "-- a line without carrier is down at once"
ip -n mid link set left down
eventually 5 health gw a .state down
eventually 5 carries gw b
says gw 'the line.s own interface is down: wan0 has no carrier' explain a ||
	fail "explain does not name the interface"
ip -n mid link set left up
eventually 15 carries gw a

echo "-- and so is one without its address"
ip -n gw address del 192.0.2.1/30 dev wan0
eventually 5 says gw '192.0.2.1 is not on wan0 any more' explain a
eventually 5 carries gw b
address gw:wan0 192.0.2.1/30
ip -n gw route add 198.51.100.0/30 via 192.0.2.2
eventually 20 carries gw a
