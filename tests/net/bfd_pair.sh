#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# BFD between two futae nodes: up over IPv4 and, some hops away, over IPv6; intervals negotiated
# and changed while up; a cut is seen from both ends, one direction too; demand mode; keys;
# "concatenated path down" while VRRP is not master; a farewell.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq nft
# shellcheck source=tests/net/bfd_lib.sh
. "$(dirname "$0")/bfd_lib.sh"
trap '[ $? = 0 ] || tail -n 40 "$WORK"/*.log' EXIT

# what stands behind `health:`, with keys of BFD
h4() { echo "{ kind: bfd, source: 10.99.0.$1, target: 10.99.0.$2, bfd: { ${3:-} } }"; }
h6() { echo "{ kind: bfd, source: fd99::$1, target: fd99::$2, bfd: { ${3:-} } }"; }
both() { # FUNCTION [BFD-KEYS]: the same at both ends
	node gw 1 2 "$("$1" 1 2 "${2:-}")" >"$WORK/gw.yaml"
	node peer 2 1 "$("$1" 2 1 "${2:-}")" >"$WORK/peer.yaml"
}
both_up() {
	for node in gw peer; do
		eventually 20 bfd_is $node state up
		eventually 10 state $node up
	done
}

echo "-- up, at the slower end's pace"
both h4
usual=$pace
pace='{ interval: 50ms, silence: 250ms }'
node peer 2 1 "$(h4 2 1)" >"$WORK/peer.yaml"
pace=$usual
run gw && run peer
both_up
eventually 10 bfd_is gw rx_interval_ms 50
eventually 10 bfd_is gw tx_interval_ms 50
eventually 10 bfd_is peer detection_ms 500 # ten of ours, 50 ms apart
bfd_is gw detection_ms 250 || fail "the peer's multiplier does not count: $(bfd gw detection_ms)"

echo "-- another pace while it is up: told by a poll, and nothing goes down"
downs=$(bfd gw downs)
node peer 2 1 "$(h4 2 1)" >"$WORK/peer.yaml"
reload peer
eventually 10 bfd_is gw rx_interval_ms 20
eventually 10 bfd_is peer rx_interval_ms 20
[ "$(bfd gw downs)" = "$downs" ] || fail "a change of pace took the session down"

echo "-- nothing gets through any more: both ends see it"
cut gw && cut peer
for node in gw peer; do
	eventually 5 state $node down
	eventually 5 bfd_is $node state down
	# The last packets may still have crossed: then replies are what is missing first.
	why_has $node 'silence: last authenticated packet' || why_has $node 'no replies though' ||
		fail "$node: $(why $node)"
done
mend gw && mend peer
both_up

echo "-- one direction is dead: the end that still hears is told so by the other"
cut gw
eventually 5 state gw down
eventually 5 state peer down
why_has peer 'the peer says: control detection time expired' || fail "peer: $(why peer)"
mend gw
both_up

echo "-- demand mode: the other end is silent but for answers"
both h4 'demand: yes'
node peer 2 1 "$(h4 2 1)" >"$WORK/peer.yaml"
reload gw
eventually 10 bfd_is gw demand true
eventually 10 bfd_is peer peer_demand true
sleep_free() { [ "$(bfd gw received)" -gt $(($1 + 20)) ]; }
eventually 10 sleep_free "$(bfd gw received)"
state gw up || fail "a session in demand mode did not stay up: $(why gw)"
cut peer
eventually 5 state gw down
mend peer
both_up

echo "-- keys: the wrong one keeps it down and is counted, the right one brings it up"
auth='auth: { key-id: 3, secret: { file: bfd.key } }'
both h4 "$auth"
reload gw
eventually 10 state gw down
counted() { [ "$(bfd gw "drops[\"$1\"] // 0")" -gt 0 ]; }
eventually 10 counted unauthenticated
node peer 2 1 "$(h4 2 1 'auth: { key-id: 3, secret: { text: guessed } }')" >"$WORK/peer.yaml"
reload peer
eventually 10 counted digest
state gw down || fail "a wrong key is taken"
both h4 "$auth"
reload peer
both_up
bfd_is gw auth meticulous-sha1 || fail "the session is not authenticated"

echo "-- the path behind the peer is down: said in a session that stays up"
ip -n peer link add lan0 type veth peer p0 && ip -n peer link set p0 up
address peer:lan0 10.1.22.252/24
node peer 2 1 "$(h4 2 1 "$auth, tell-vrrp: lan")" 'vrrp: { lan: { interface: lan0, id: 10, addresses: [10.1.22.254] } }' \
	>"$WORK/peer.yaml"
reload peer
eventually 10 is peer vrrp '.vrrp[0].state' master
both_up
ip -n peer link set p0 down
eventually 5 state gw down
why_has gw 'the peer says: concatenated path down' || fail "gw: $(why gw)"
bfd_is gw state up || fail "the session itself went down"
futae --socket "$WORK/gw.run/control.sock" explain t | grep -q 'what lies behind it is down' ||
	fail "explain does not say whose fault it is"
state peer up || fail "the peer gave up a path that works"
node gw 1 2 "$(h4 1 2 "$auth, concatenated: ignore")" >"$WORK/gw.yaml"
reload gw
eventually 10 state gw up
ip -n peer link set p0 up
eventually 10 bfd_is gw peer_diag 'no diagnostic'
both_up

echo "-- a node that ends says so"
kill "$(cat "$WORK/peer.pid")"
said() { grep -q "from=up to=down why=\"the peer says: administratively down" "$WORK/gw.log"; }
eventually 5 said
bfd_is gw peer_state admin-down || fail "the peer's state is $(bfd gw peer_state)"
wait "$(cat "$WORK/peer.pid")" || true

echo "-- IPv6, some hops away"
both h6 'multihop: yes'
reload gw
run peer
both_up
! on gw ss -Hlun 'sport = 3784' | grep -q . || fail "a port that nobody needs is still open"
