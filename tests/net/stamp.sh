#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two nodes that measure each other by authenticated STAMP: what one direction alone loses or delays
# is told of that direction alone, at both ends, and nothing switches for it.
line=yes
# shellcheck source=tests/net/stamp_lib.sh
. "$(dirname "$0")/stamp_lib.sh"
need python3

gw_node "kind: stamp, key: key" "detection: { interval: 100ms, silence: 3s }"
cpe_node "kind: stamp, key: key" "detection: { interval: 100ms, silence: 3s }"
run gw
run cpe
eventually "$STARTING" state gw up
eventually "$STARTING" state cpe up

# seen NODE EXPRESSION: of the last 4 settled seconds, all of them after $since
seen() {
	tell "$1" quality line --last 4s --json | jq -e --arg node "$1" \
		".quality[0] | .spans[0] as \$s | .session as \$session | $2" >/dev/null
}
# shellcheck disable=SC2016 # jq's variables
quiet='$s.sent >= 20 and $s.lost == 0 and $session.reflector_counts'
echo "-- a good line loses nothing, and the reflectors count for themselves"
eventually 15 seen gw "$quiet"
eventually 15 seen cpe "$quiet"
switches=$(grep -c health.state "$WORK"/gw.log)

echo "-- a quarter is lost on its way from gw to cpe"
line_is "25 0" "0 0"
lossy() { seen "$1" "\$s.sent >= 20 and \$s.$2.loss > 0.1 and \$s.$2.loss < 0.45 and \$s.$3.lost == 0"; }
eventually 20 lossy gw there back
eventually 20 lossy cpe back there

echo "-- and the other way round"
line_is "0 0" "25 0"
eventually 20 lossy gw back there
eventually 20 lossy cpe there back

echo "-- 150 ms on the way from cpe to gw: a delay of that direction, and of the round trip"
line_is "0 0" "0 150"
slow() { seen "$1" "\$s.sent >= 20 and \$s.lost == 0 and \$s.$2.delay_ms - \$s.$3.delay_ms > 80 and \$s.rtt_ms > 140"; }
eventually 20 slow gw back there
eventually 20 slow cpe there back

[ "$(grep -c health.state "$WORK"/gw.log)" -le $((switches + 20)) ] || fail "it flapped"
! grep -q 'to=down' "$WORK"/gw.log || [ "$(grep -c 'to=down' "$WORK"/gw.log)" = 1 ] ||
	fail "a quarter lost took the tunnel down: $(grep health.state "$WORK"/gw.log)"

echo "-- the history is there for a chart, page by page"
series() { # ARGS
	printf '{"verb": "quality-series", "args": {"tunnel": "line", %s}}\n' "$1" |
		python3 -c 'import socket,sys
s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(sys.stdin.buffer.read())
sys.stdout.write(s.makefile().readline())' "$WORK/gw/control.sock"
}
[ "$(series '"count": 5' | jq '.data.points | length')" = 5 ] || fail "no points: $(series '"count": 5')"
[ "$(series '"count": 5' | jq .data.next)" = 5 ] || fail "no next page"
whole=$(series '"step": 3596, "count": 1' | jq '.data.points[0].sent')
[ "$whole" -gt 100 ] || fail "an hour at once has $whole probes"
series '"count": 601' | jq -e '.ok == false' >/dev/null || fail "a page without bounds"
tell gw quality | grep -q '^line  *stamp  *second' || fail "the table: $(tell gw quality)"
