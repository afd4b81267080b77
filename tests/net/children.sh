#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One tunnel with two CHILD_SAs, each another futae-esp's: flows use both, new keys lose nothing and
# leave each where it was, and the death of a worker, or of futae-ike, is got over.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq ping python3 ethtool nft
flows_py=$(dirname "$0")/flows.py bursts=$(dirname "$0")/bursts.py

ns gw cpe
veth gw:wan0 192.0.2.1/24 cpe:wan0 192.0.2.2/24
address gw:lo 10.8.1.1/32 && address cpe:lo 10.9.1.1/32
(umask 077 && echo "one secret" >"$WORK/psk")

config() { # HERE N M NET FAR
	cat <<-Y
		node: $1
		dataplane: { workers: 2 }
		restore: 0s
		tunnels:
		  t1:
		    local: 192.0.2.$2
		    remote: 192.0.2.$3
		    version: 2
		    children: $children
		    nat-traversal: force
		    secret: { file: psk }
		    health: { source: 10.$4.1.1, target: 10.$5.1.1, pin: no }
		routes:
		  - { to: 10.$5.1.0/24, source: 10.$4.1.1, via: { t1: 1 } }
	Y
}
children=2
write() {
	config gw 1 2 8 9 >"$WORK/gw.yaml"
	config cpe 2 1 9 8 >"$WORK/cpe.yaml"
}
write
started=
start() {
	ip netns exec "$1" futaed --config "$WORK/$1.yaml" --run-dir "$WORK/$1.run" 2>>"$WORK/$1.log" &
	started="$started $!"
}
end() {
	[ "$1" = 0 ] || tail -n 40 "$WORK"/*.log
	# shellcheck disable=SC2086 # a list
	kill $started 2>/dev/null || :
}
trap 'end $?' EXIT

ask() { futae --socket "$WORK/$1.run/control.sock" "$2" --json | jq -r "$3"; }
is() { [ "$(ask "$1" "$2" "$3")" = "$4" ]; }
up() { is "$1" health '.health[0].state' up; }
# in and out of each lane, and whether the kernel puts packets there
lanes() { ask "$1" tunnels '.tunnels[0].lanes // [] | map("\(.sa.in)/\(.sa.out)/\(.open)") | join(" ")'; }
both_lanes() { [ "$(lanes "$1")" = "1/1/true 1/1/true" ]; }
process() { ask gw status ".processes[] | select(.name == \"$1\").$2"; }

echo "-- two CHILD_SAs, one in each worker, at both ends"
start cpe
start gw
for node in gw cpe; do
	eventually 20 up $node
	eventually 10 both_lanes $node
done

on cpe python3 "$flows_py" serve 10.9.1.1 &
started="$started $!"
serving() { on cpe ss -uln | grep -q ':7073 '; }
eventually 5 serving
# flows SECONDS [LOST-AT-MOST]
flows() { on gw python3 "$flows_py" ask 10.8.1.1 10.9.1.1 32 "$@"; }
carried() { ask "$1" tunnels '.tunnels[0].lanes | map(.traffic.out_packets) | join(" ")'; }
rekeys() { grep -c "ike.event tunnel=t1 kind=child-rekeyed" "$WORK/gw.log" || :; }

echo "-- flows use both; new keys for both lose nothing, and stay in their lanes"
# rekey NODE...: all of their CHILD_SAs, at the same moment
rekey() {
	asked=$(rekeys)
	for node; do futae --socket "$WORK/$node.run/control.sock" rekey t1 >"$WORK/out" & done
	wait $!
	eventually 10 have_new_keys
}
have_new_keys() { [ "$(rekeys)" -ge $((asked + 2)) ]; }
before=$(carried gw)
flows 5 >"$WORK/flows" &
pid=$!
rekey gw
rekey cpe
rekey gw cpe
rekey gw
wait $pid || fail "packets were lost: $(cat "$WORK/flows") $(ask gw tunnels '.tunnels[0].drops') $(lanes gw)"
cat "$WORK/flows"
more_in_each() {
	echo "$before $(carried gw)" | awk '{ exit !($3 - $1 > 1000 && $4 - $2 > 1000) }'
}
eventually 5 more_in_each
for node in gw cpe; do
	eventually 10 both_lanes $node
	! grep -q 'ike.sa_unsupported\|ike.sa_refused\|device.gone' "$WORK/$node.log" || fail "$(cat "$WORK/$node.log")"
done

echo "-- packets are joined, and each lane has a TTL of its own, so that the kernel cannot mix them"
on cpe nft -f - <<-E || fail "no nft"
	table ip count {
		chain in {
			type filter hook prerouting priority 0
			udp dport 4500 ip ttl 64 counter
			udp dport 4500 ip ttl 63 counter
		}
	}
E
by_ttl() { on cpe nft -j list table ip count | jq -r "[.. | .counter? | objects | .packets] | join(\" \")"; }
on gw ethtool -K wan0 tx-udp-segmentation off tso off gso off >/dev/null
on cpe ethtool -K wan0 gro on >/dev/null
strays() { ask cpe tunnels '.stray_drops["unknown-spi"] // 0'; }
messages() { on cpe cat /proc/net/snmp | awk '/^Udp:/ { if (seen++) n = $2 } END { print n }'; }
listens() { on cpe ss -ltn | grep -q ':7072 '; }
before=$(strays) carried_before=$(carried gw) read_before=$(messages)
on cpe python3 "$bursts" serve 192.0.2.2 30 8 >"$WORK/serve" 2>&1 &
server=$!
eventually 5 listens
# Eight flows, whose ports decide which lane each is in
a=10.8.1.1,10.9.1.1
on gw python3 "$bursts" send 192.0.2.2 30 $a $a $a $a $a $a $a $a || fail "$(cat "$WORK/serve")"
wait $server || fail "$(cat "$WORK/serve")"
more_in_both() { echo "$carried_before $(carried gw)" | awk '{ exit !($3 - $1 > 900 && $4 - $2 > 900) }'; }
eventually 5 more_in_both
by_ttl | awk '{ exit !($1 > 0 && $2 > 0) }' || fail "packets by TTL: $(by_ttl)"
[ "$(strays)" = "$before" ] || fail "packets came to the wrong worker: $before $(strays)"
# bursts.py itself reads one message for each packet
joined=$(($(messages) - read_before - 30 * 8 * 40))
[ $joined -lt $((30 * 8 * 40 / 4)) ] || fail "nothing was joined: $joined messages"
echo "$joined messages for 9600 packets"

# kill_process NAME: it comes back, and so do both lanes
kill_process() {
	old=$(process "$1" pid)
	[ "$old" -gt 1 ] || fail "$1 has no pid"
	kill -9 "$old"
	back() { [ "$(process "$1" state)" = running ] && [ "$(process "$1" pid)" != "$old" ]; }
	eventually 10 back "$1"
	for node in gw cpe; do eventually 40 both_lanes $node; done
	eventually 10 up gw
	flows 1 || fail "after $1 came back: $(lanes gw) $(lanes cpe)"
}
echo "-- the second worker is killed while flows pass: what it had is taken over, and then given back"
flows 5 1000000 >"$WORK/flows" &
pid=$!
passing() { [ "$(carried gw | awk '{ print $2 }')" -gt "$second" ]; }
second=$(carried gw | awk '{ print $2 }')
eventually 5 passing
kill_process futae-esp.1
wait $pid || fail "flows: $(cat "$WORK/flows")"
cat "$WORK/flows"
echo "-- the first one, which carries IKE and the probes"
kill_process futae-esp
echo "-- futae-ike"
kill_process futae-ike

echo "-- a reload to one CHILD_SA, and back"
for children in 1 2; do
	write
	for node in gw cpe; do
		futae --socket "$WORK/$node.run/control.sock" reload >"$WORK/out" 2>&1 || fail "$(cat "$WORK/out")"
	done
	if [ $children = 1 ]; then
		one() { is "$1" tunnels '.tunnels[0] | "\(.sa.in)/\(.sa.out) \(.lanes)"' '1/1 null'; }
		for node in gw cpe; do eventually 20 one $node; done
	else
		for node in gw cpe; do eventually 40 both_lanes $node; done
	fi
	for node in gw cpe; do eventually 20 up $node; done
	flows 1 || fail "with $children: $(ask gw tunnels .)"
done
