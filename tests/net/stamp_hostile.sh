#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Garbage, wrong keys, forged replies and requests by the wrong device, at both ends of a STAMP
# session: all is counted by its reason, and no state changes.
# shellcheck source=tests/net/stamp_lib.sh
. "$(dirname "$0")/stamp_lib.sh"
need python3 ss nft

gw_node "kind: stamp, key: key" "reflect: { rate: 200 }"
cpe_node "kind: stamp, key: key"
run gw
run cpe
eventually "$STARTING" state gw up
eventually "$STARTING" state cpe up
verdicts() { cat "$WORK"/gw.log "$WORK"/cpe.log | grep -c health.state; }
before=$(verdicts)

# The port that gw asks from: the one UDP socket of futaed that is not a reflector's or IKE's.
port=$(on gw ss -Hulnp4 | awk '/futaed/ { n = split($4, a, ":"); if (a[n] > 1024 && a[n] != 4500) print a[n] }' | head -n 1)
[ -n "$port" ] || fail "futaed asks from no port: $(on gw ss -Hulnp4)"

echo "-- forged replies by the tunnel, in the reflector's own name and port"
on cpe python3 "$here/stamp_hostile.py" 10.1.22.252 172.16.41.201 "$port"
counted() { is "$1" quality "(.$2[\"$3\"] // 0) > 0" true; }
for reason in short long hmac; do eventually 5 counted gw stamp_drops $reason; done

echo "-- forged requests by the tunnel: short, long, without the key, and too many"
on cpe python3 "$here/stamp_hostile.py" 10.1.22.252 172.16.41.201 862
for reason in short long hmac; do eventually 5 counted gw reflector_drops $reason; done

echo "-- and past the tunnel, by the line"
on cpe python3 "$here/stamp_hostile.py" 192.0.2.2 192.0.2.1 862
on cpe python3 "$here/stamp_hostile.py" 192.0.2.2 192.0.2.1 "$port"
eventually 5 counted gw reflector_drops device

echo "-- each was logged once, and nothing moved"
for event in stamp reflector; do
	[ "$(grep -c "$event.dropped reason=short" "$WORK/gw.log")" = 1 ] || fail "$event: logged more than once"
done
state gw up || fail "gw is not up any more"
state cpe up || fail "cpe is not up any more"
[ "$(verdicts)" = "$before" ] || fail "a check changed its mind: $(grep health.state "$WORK/gw.log")"
is gw health '.health[0].wrong_path == null' true || fail "a forged reply was believed"
is gw routes '[.routes[].switches] | add <= 1' true || fail "a route switched"
for name in futae-esp futae-ike; do
	is gw status "[.processes[] | select(.name == \"$name\").restarts] | add" 0 || fail "$name died"
done
