#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stock strongSwan and we carry a long TCP stream for each other, bit-exact in each direction.
# FUTAE_BULK_MB says how long, 32 each way by default; 10240 is the long run.
# shellcheck source=tests/net/stranger_lib.sh
. "$(dirname "$0")/stranger_lib.sh"
need python3
bulk_py=$(dirname "$0")/bulk.py
bytes=$((${FUTAE_BULK_MB:-32} << 20))

network
far_open
far_start 2
futae_start 2 yes
eventually "$STARTING" healthy

listens() { on far ss -ltn | grep -q ':7071 '; }
damaged() {
	ours tunnels --json | jq '[.tunnels[].drops, .stray_drops |
		.authentication // 0, .padding // 0, ."inner-malformed" // 0, .selector // 0] | add'
}
for mode in each both; do
	on far python3 "$bulk_py" serve 10.9.1.1 $mode &
	server=$!
	eventually 5 listens
	on gw python3 "$bulk_py" ask 10.8.1.1 10.9.1.1 $mode $bytes || fail "$mode: $(ours tunnels)"
	wait $server || fail "$mode: the far end"
	bytes=$((bytes / 4)) # both at once is not what the long run is about
done
[ "$(damaged)" = 0 ] || fail "packets were damaged: $(ours tunnels --json)"
# Whatever their queues did to the health checks meanwhile
all_answered gw -c 20 -I 10.8.1.1 10.9.1.1
