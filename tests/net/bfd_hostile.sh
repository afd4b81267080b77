#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Malformed, truncated, replayed, routed (TTL 254), unauthenticated, wrongly keyed and misdirected
# BFD packets, from inside the tunnel and from beside it: each kind is counted and logged once, and
# the session does not even blink.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq tcpdump python3
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/net/bfd_lib.sh
. "$here/bfd_lib.sh"
trap '[ $? = 0 ] || { tail -n 30 "$WORK"/*.log; ask gw health .; }' EXIT

pace='{ interval: 50ms, silence: 2s }'
health() { echo "{ kind: bfd, source: 10.99.0.$1, target: 10.99.0.$2, bfd: { auth: { key-id: 2, secret: { file: bfd.key } } } }"; }
node gw 1 2 "$(health 1 2)" >"$WORK/gw.yaml"
node peer 2 1 "$(health 2 1)" >"$WORK/peer.yaml"
run gw && run peer
eventually 20 state gw up
eventually 20 state peer up
eventually 10 bfd_is gw rx_interval_ms 50
for device in all wan0; do
	on gw sysctl -qw net.ipv4.conf.$device.rp_filter=0
done

before=$(ask gw health '[.health[0].state, .health[0].bfd.downs] | tostring')
verdicts=$(cat "$WORK"/*.log | grep -c ' health.state \| bfd.state ')
on gw timeout 20 tcpdump -i t -U -Q in -c 20 -w "$WORK/bfd.pcap" 'udp dst port 3784' 2>/dev/null ||
	fail "no BFD packet arrives by the tunnel"

echo "-- from inside the tunnel, as if from the peer"
on peer python3 "$here/hostile.py" bfd "$WORK/bfd.pcap" t 10.99.0.2 10.99.0.1
echo "-- from beside it, with the peer's own packets"
ip -n peer route add 10.99.0.1 via 192.0.2.1 dev wan0 metric 9000
on peer python3 "$here/hostile.py" bfd "$WORK/bfd.pcap" wan0 10.99.0.2 10.99.0.1

counted() {
	[ "$(ask gw health "([.health[].bfd.drops[\"$1\"], .bfd_stray_drops[\"$1\"]] | map(. // 0) | add) > 20")" = true ]
}
for reason in ttl short version length detect-mult multipoint my-discriminator state auth-section \
	no-session unauthenticated key-id sequence digest device; do
	eventually 5 counted $reason
done
echo "-- nothing moved, and the log is short"
[ "$(ask gw health '[.health[0].state, .health[0].bfd.downs] | tostring')" = "$before" ] || fail "it moved"
[ "$(cat "$WORK"/*.log | grep -c ' health.state \| bfd.state ')" = "$verdicts" ] || fail "a check changed its mind"
[ "$(grep -c 'bfd.drop .*reason=ttl' "$WORK/gw.log")" = 1 ] || fail "what was dropped is not logged once"
[ "$(grep -c 'bfd.drop' "$WORK/gw.log")" -le 20 ] || fail "a stranger can fill the log"
futae --socket "$WORK/gw.run/control.sock" explain t | grep -q 'BFD packets dropped: sequence' ||
	fail "explain says nothing about what was dropped"
received=$(bfd gw received)
goes_on() { [ "$(bfd gw received)" -gt "$received" ]; }
eventually 5 goes_on
