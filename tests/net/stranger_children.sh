#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stock strongSwan, which has one CHILD_SA configured, takes two of equal selectors from us: each is
# another worker's, new keys for either lose nothing, and one that it closes is made anew.
# shellcheck source=tests/net/stranger_lib.sh
. "$(dirname "$0")/stranger_lib.sh"
need python3
flows_py=$(dirname "$0")/flows.py

# shellcheck disable=SC2034 # read by futae_start
workers=2 children=2
network
far_open
far_start 2
futae_start 2 yes
lanes() { ours tunnels --json | jq -r '.tunnels[0].lanes | map("\(.sa.in)/\(.sa.out)/\(.open)") | join(" ")'; }
both_lanes() { [ "$(lanes)" = "1/1/true 1/1/true" ]; }
eventually 20 both_lanes
eventually "$STARTING" healthy
[ "$(spis | grep -c '^spi-in=')" = 2 ] || fail "far has not two CHILD_SAs: $(spis)"

for what in serve sink; do
	on far python3 "$flows_py" $what 10.9.1.1 &
	started="$started $!"
done
serving() { [ "$(on far ss -uln | grep -c ':707[34] ')" = 2 ]; }
eventually 5 serving
flows() { on gw python3 "$flows_py" ask 10.8.1.1 10.9.1.1 16 "$@" || fail "$(lanes) $(ours tunnels)"; }
carried() { ours tunnels --json | jq -r '.tunnels[0].lanes | map(.traffic.out_packets) | join(" ")'; }
flows 1
# It answers by one of the two, and the kernel sends what belongs to a flow by the queue that the
# flow comes from: so of what is answered we can say nothing.
before=$(carried)
on gw python3 "$flows_py" push 10.8.1.1 10.9.1.1 16 2
more_in_each() { echo "$before $(carried)" | awk '{ exit !($3 - $1 > 200 && $4 - $2 > 200) }'; }
eventually 5 more_in_each

new_key() { [ "$(spis | grep -c .)" -ge 4 ] && [ "$(spis)" != "$spis_before" ]; }
echo "-- new keys: both by us, both by them"
spis_before=$(spis)
ours rekey far >/dev/null
eventually 10 new_key
flows 1
spis_before=$(spis)
theirs --rekey --child net >>"$WORK/far.log"
eventually 10 new_key
flows 1
eventually 10 both_lanes

echo "-- one that they close is made anew, and meanwhile the other carries all"
one=$(theirs --list-sas | sed -n 's/^ *net: #\([0-9]*\),.*INSTALLED.*/\1/p' | head -n 1)
[ -n "$one" ] || fail "no CHILD_SA is told: $(theirs --list-sas)"
spis_before=$(spis)
on gw python3 "$flows_py" ask 10.8.1.1 10.9.1.1 16 4 40 >"$WORK/flows" 2>&1 &
pid=$!
theirs --terminate --child-id "$one" >>"$WORK/far.log"
eventually 10 new_key
eventually 10 both_lanes
wait $pid || fail "$(cat "$WORK/flows") $(lanes)"
cat "$WORK/flows"
flows 1
