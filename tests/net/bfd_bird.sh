#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# BFD with BIRD at the other end, through a tunnel of ours: up with intervals negotiated, 10 ms x 3
# holds, each end's sudden death is seen by the other within its detection time, switching off is
# said, meticulous keyed SHA-1, and demand mode as BIRD's the one to be silent.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq bird birdc
# shellcheck source=tests/net/bfd_lib.sh
. "$(dirname "$0")/bfd_lib.sh"
trap '[ $? = 0 ] || { tail -n 40 "$WORK"/*.log; ask gw health .; birdc -s "$WORK/bird.ctl" show bfd sessions; }' EXIT

peer_link

# bird MS MULT [AUTHENTICATION]: (re)started with these
bird_pid=''
start_bird() {
	cat >"$WORK/bird.conf" <<-Y
		log "$WORK/bird.log" all;
		router id 10.99.0.2;
		protocol device { }
		protocol bfd {
			interface "t" { min rx interval $1 ms; min tx interval $1 ms; multiplier $2; ${3:-} };
			neighbor 10.99.0.1 dev "t" local 10.99.0.2;
		}
	Y
	ip netns exec peer bird -f -c "$WORK/bird.conf" -s "$WORK/bird.ctl" &
	bird_pid=$!
}
kill_bird() {
	kill -9 "$bird_pid"
	wait "$bird_pid" 2>/dev/null || true
}
bird_says() { # the session's state there
	birdc -s "$WORK/bird.ctl" show bfd sessions | awk '$1 == "10.99.0.1" { print $3 }'
}
bird_is() { [ "$(bird_says)" = "$1" ]; }
both_up() {
	eventually 20 state gw up
	eventually 10 bird_is Up
}

health() { echo "{ kind: bfd, source: 10.99.0.1, target: 10.99.0.2, bfd: { ${1:-} } }"; }

echo "-- up, at the slower end's pace"
node gw 1 2 "$(health)" >"$WORK/gw.yaml"
start_bird 50 5
run gw
both_up
eventually 10 bfd_is gw rx_interval_ms 50
bfd_is gw detection_ms 250 || fail "detection after $(bfd gw detection_ms) ms"
bfd_is gw tx_interval_ms 50 || fail "we send each $(bfd gw tx_interval_ms) ms"

echo "-- BIRD dies without a word: seen within its detection time"
kill_bird
eventually 3 state gw down
why_has gw 'no replies\|silence' || fail "gw: $(why gw)"
within 'last reply' 250 400
start_bird 50 5
both_up

echo "-- we die without a word: BIRD sees it"
kill -9 "$(cat "$WORK/gw.pid")"
wait "$(cat "$WORK/gw.pid")" 2>/dev/null || true
eventually 5 bird_is Down
run gw
both_up

echo "-- BIRD's is switched off, without a word, and on again; ours says so"
birdc -s "$WORK/bird.ctl" disable bfd1 >/dev/null
eventually 5 state gw down
birdc -s "$WORK/bird.ctl" enable bfd1 >/dev/null
both_up
kill "$(cat "$WORK/gw.pid")"
wait "$(cat "$WORK/gw.pid")" || true
# AdminDown, and what BIRD makes of it
eventually 2 bird_is Down
run gw
both_up

echo "-- 10 ms x 3 holds"
pace='{ interval: 10ms, silence: 30ms }'
node gw 1 2 "$(health)" >"$WORK/gw.yaml"
reload gw
kill_bird
start_bird 10 3
both_up
eventually 10 bfd_is gw detection_ms 30
holds gw

echo "-- demand mode: BIRD falls silent and answers"
node gw 1 2 "$(health 'demand: yes')" >"$WORK/gw.yaml"
reload gw
eventually 10 bfd_is gw demand true
holds gw
kill_bird
eventually 3 state gw down

echo "-- meticulous keyed SHA-1; a wrong key is counted and believed by neither"
pace='{ interval: 20ms, silence: 200ms }'
node gw 1 2 "$(health 'auth: { key-id: 3, secret: { file: bfd.key } }')" >"$WORK/gw.yaml"
reload gw
start_bird 20 10 'authentication meticulous keyed sha1; password "guessed" { id 3; };'
counted() { [ "$(bfd gw "drops[\"$1\"] // 0")" -gt 0 ]; }
eventually 10 counted digest
state gw down || fail "a wrong key is taken"
kill_bird
start_bird 20 10 'authentication meticulous keyed sha1; password "bfd key" { id 3; };'
both_up
! bird_is Down || fail "BIRD does not take ours"
kill_bird
start_bird 20 10 'authentication keyed sha1; password "bfd key" { id 3; };'
node gw 1 2 "$(health 'auth: { key-id: 3, type: sha1, secret: { file: bfd.key } }')" >"$WORK/gw.yaml"
reload gw
both_up
