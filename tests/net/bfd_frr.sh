#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# BFD with FRR's bfdd at the other end, through a tunnel of ours: up with intervals negotiated,
# 10 ms x 3 holds, each end's sudden death is seen by the other within its detection time,
# switching off is said.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq vtysh
[ -x /usr/lib/frr/bfdd ] || skip "bfdd (package frr) is not installed"
# shellcheck source=tests/net/bfd_lib.sh
. "$(dirname "$0")/bfd_lib.sh"
frr=$WORK/frr && mkdir "$frr"
# Its daemons become this user, which a user namespace does not have.
mount -t tmpfs tmpfs /var/tmp # where they leave crash logs
chown frr:frr "$frr" 2>/dev/null || skip "there is no user frr here"
vty() { vtysh --vty_socket "$frr" "$@"; }
trap '[ $? = 0 ] || { tail -n 40 "$WORK"/*.log "$frr"/*.out; ask gw health .; vty -c "show bfd peers"; }' EXIT

peer_link

# frr_run DAEMON ARGUMENTS...
frr_run() {
	name=$1 && shift
	ip netns exec peer "/usr/lib/frr/$name" -z "$frr/zserv" --vty_socket "$frr" \
		-i "$frr/$name.pid" -f "$frr/$name.conf" "$@" >>"$frr/$name.out" 2>&1 &
}
start_bfdd() { # MS MULT
	cat >"$frr/bfdd.conf" <<-Y
		bfd
		 peer 10.99.0.1 local-address 10.99.0.2 interface t
		  receive-interval $1
		  transmit-interval $1
		  detect-multiplier $2
		  no shutdown
	Y
	frr_run bfdd --bfdctl "$frr/bfdd.sock"
	bfdd=$!
}
kill_bfdd() {
	kill -9 "$bfdd"
	wait "$bfdd" 2>/dev/null || true
	rm -f "$frr/bfdd.pid" "$frr"/bfdd.*sock "$frr/bfdd.vty"
}
frr_is() { [ "$(vty -c 'show bfd peers json' | jq -r ".[0].$1")" = "$2" ]; }
both_up() {
	eventually 20 state gw up
	eventually 10 frr_is status up
}

: >"$frr/zebra.conf"
frr_run zebra
ready() { [ -S "$frr/zserv" ]; }
eventually 10 ready

echo "-- up, at the slower end's pace"
node gw 1 2 '{ kind: bfd, source: 10.99.0.1, target: 10.99.0.2 }' >"$WORK/gw.yaml"
start_bfdd 50 5
run gw
both_up
eventually 10 bfd_is gw rx_interval_ms 50
bfd_is gw detection_ms 250 || fail "detection after $(bfd gw detection_ms) ms"
eventually 5 frr_is '"remote-transmit-interval"' 20
eventually 5 frr_is '"remote-detect-multiplier"' 10

echo "-- bfdd dies without a word: seen within its detection time"
kill_bfdd
eventually 3 state gw down
why_has gw 'no replies\|silence' || fail "gw: $(why gw)"
within 'last reply' 250 400
start_bfdd 50 5
both_up

echo "-- we die without a word: bfdd sees it"
kill -9 "$(cat "$WORK/gw.pid")"
wait "$(cat "$WORK/gw.pid")" 2>/dev/null || true
eventually 5 frr_is status down
frr_is diagnostic 'control detection time expired' || fail "bfdd has another reason"
run gw
both_up

echo "-- each end's switching off is said"
shut() { vty -c 'configure terminal' -c bfd -c 'peer 10.99.0.1 local-address 10.99.0.2 interface t' -c "$1"; }
shut shutdown
eventually 5 state gw down
why_has gw 'the peer says: administratively down' || fail "gw: $(why gw)"
shut 'no shutdown'
both_up
kill "$(cat "$WORK/gw.pid")"
wait "$(cat "$WORK/gw.pid")" || true
eventually 1 frr_is status down
frr_is '"remote-diagnostic"' 'administratively down' || fail "bfdd did not hear our farewell"
run gw
both_up

echo "-- 10 ms x 3 holds"
pace='{ interval: 10ms, silence: 30ms }'
node gw 1 2 '{ kind: bfd, source: 10.99.0.1, target: 10.99.0.2 }' >"$WORK/gw.yaml"
reload gw
kill_bfdd
start_bfdd 10 3
both_up
eventually 10 bfd_is gw detection_ms 30
holds gw
