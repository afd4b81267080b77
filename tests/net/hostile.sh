#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A stranger on the line and on the LAN sends garbage, truncated, replayed, forged and wrongly keyed
# packets to every door.  All is counted, no process dies, nothing switches.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq tcpdump python3 ping

here=$(cd "$(dirname "$0")" && pwd)
ns net gw cpe stranger lan
ip -n net link add br0 type bridge && ip -n net link set br0 up
ip -n lan link add br0 type bridge && ip -n lan link set br0 up
plug() { # SWITCH NODE DEVICE ADDRESS
	ip link add "$3" netns "$2" type veth peer "$2-$3" netns "$1"
	ip -n "$1" link set "$2-$3" master br0 up
	address "$2:$3" "$4"
}
plug net gw wan0 192.0.2.1/24
plug net cpe wan0 192.0.2.2/24
plug net stranger wan0 192.0.2.66/24
plug lan cpe lan0 10.1.22.252/24
plug lan stranger lan0 10.1.22.66/24

start() { # NODE LOCAL REMOTE SOURCE TARGET
	mkdir "$WORK/$1"
	(umask 077 && echo "not-for-strangers" >"$WORK/$1/psk")
	cat >"$WORK/$1/futae.yaml"
	ip netns exec "$1" futaed --config "$WORK/$1/futae.yaml" --run-dir "$WORK/$1" 2>"$WORK/$1.log" &
}
start gw <<-Y
	node: gw
	tunnels:
	  line1:
	    local: 192.0.2.1
	    remote: 192.0.2.2
	    secret: { file: psk }
	    health: { source: 172.16.41.201, target: 10.1.22.252 }
	  roaming:
	    local: 192.0.2.1
	    remote: any
	    identity: { remote: roaming@example.net }
	    secret: { file: psk }
	routes:
	  - to: 10.1.22.0/24
	    via: { line1: 100 }
Y
start cpe <<-Y
	node: cpe
	tunnels:
	  cloud:
	    local: 192.0.2.2
	    remote: 192.0.2.1
	    secret: { file: psk }
	    health: { source: 10.1.22.252, target: 172.16.41.201 }
	routes:
	  - to: 172.16.41.0/24
	    via: { cloud: 100 }
	vrrp:
	  lan:
	    interface: lan0
	    id: 10
	    addresses: [10.1.22.254]
	    priority: 200
	    track: [{ tunnel: cloud, lost: stop }]
Y
trap '[ $? = 0 ] || tail -n 40 "$WORK"/*.log' EXIT

ask() { # NODE VERB FILTER
	futae --socket "$WORK/$1/control.sock" "$2" --json | jq -r "$3"
}
is() { [ "$(ask "$1" "$2" "$3")" = "$4" ]; }
line1='.health[] | select(.tunnel == "line1").state'
eventually 30 is gw health "$line1" up
eventually 30 is cpe health '.health[0].state' up
eventually 10 is cpe vrrp '.vrrp[0].state' master

processes() { ask "$1" status '[.processes[] | [.name, .pid, .restarts]] | tostring'; }
verdicts() { cat "$WORK"/gw.log "$WORK"/cpe.log | grep -c ' health.state '; }
verdicts_before=$(verdicts)
gw_before=$(processes gw) cpe_before=$(processes cpe)

echo "-- junk to UDP 500, UDP 4500 and protocol 50 of both"
on stranger python3 "$here/hostile.py" junk 192.0.2.66 192.0.2.1
on stranger python3 "$here/hostile.py" junk 192.0.2.66 192.0.2.2

echo "-- captured ESP again: as it was, truncated, and with a bit flipped"
on gw tcpdump -i wan0 -U -Q in -c 30 -w "$WORK/esp.pcap" 'esp or (udp port 4500 and udp[8:4] != 0)' \
	2>/dev/null
on stranger python3 "$here/hostile.py" replay "$WORK/esp.pcap" wan0

echo "-- wrongly keyed IKE: the right addresses, another secret"
kill_wrong() { kill "$wrong" 2>/dev/null || true; }
mkdir "$WORK/stranger"
(umask 077 && echo "guessed" >"$WORK/stranger/psk")
cat >"$WORK/stranger/futae.yaml" <<-Y
	node: stranger
	tunnels:
	  in:
	    local: 192.0.2.66
	    remote: 192.0.2.1
	    identity: { local: roaming@example.net }
	    secret: { file: psk }
Y
ip netns exec stranger futaed --config "$WORK/stranger/futae.yaml" --run-dir "$WORK/stranger" \
	2>"$WORK/stranger.log" &
wrong=$!
refused() { ask stranger tunnels '.tunnels[0].ike.trouble' | grep -q AUTHENTICATION_FAILED; }
eventually 20 refused
kill_wrong

echo "-- VRRP advertisements, each wrong in one way; ICMP that nobody asked for"
on stranger python3 "$here/hostile.py" vrrp lan0 10.1.22.66
# The kernel's own counters: how many of these were handed to everybody who listens.
icmp_in() { on "$1" cat /proc/net/snmp | awk '/^Icmp:/ && $2 != "InMsgs" { print $2 }'; }
gw_icmp=$(icmp_in gw) cpe_icmp=$(icmp_in cpe)
on stranger python3 "$here/hostile.py" icmp 10.1.22.66 10.1.22.252
on stranger python3 "$here/hostile.py" icmp 192.0.2.66 192.0.2.1

echo "-- all of that was counted, and nothing moved"
counted() { # NODE REASON: in any tunnel, or outside of all
	[ "$(ask "$1" tunnels "[.tunnels[].drops, .stray_drops | .[\"$2\"] // 0] | add")" -gt 0 ]
}
for reason in replay authentication unknown-spi short ike-malformed; do
	eventually 5 counted gw $reason
done
for reason in ttl checksum version type short; do
	[ "$(ask cpe vrrp ".vrrp[0].counters[\"bad_$reason\"]")" -gt 0 ] ||
		fail "VRRP packets with a bad $reason were not counted"
done
# 400 replies and twice as many unreachables; a check that believed one would have an answer too many,
# or one by another device.
icmp_came() { [ $(($(icmp_in "$1") - $2)) -ge 1200 ]; }
eventually 5 icmp_came gw "$gw_icmp"
eventually 5 icmp_came cpe "$cpe_icmp"
for node in gw cpe; do
	[ "$(ask $node health '[.health[] | select(.received > .sent or .wrong_path != null)] | length')" = 0 ] ||
		fail "a health check of $node believed ICMP that nobody asked for"
done
[ "$(processes gw)" = "$gw_before" ] || fail "a process of gw died: $gw_before -> $(processes gw)"
[ "$(processes cpe)" = "$cpe_before" ] || fail "a process of cpe died"
[ "$(ask gw routes '.routes[0].switches')" = 0 ] || fail "the gateway's route switched"
is cpe vrrp '.vrrp[0].state' master || fail "VRRP moved"
[ "$(ask cpe failovers '[.failovers[] | select(.from == "master")] | length')" = 0 ] ||
	fail "VRRP lost its master meanwhile"
[ "$(verdicts)" = "$verdicts_before" ] || fail "a health check changed its mind"
is gw health "$line1" up || fail "the tunnel is not up any more"
