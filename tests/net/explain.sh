#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `futae status` and `futae explain` say what is really wrong: a CHILD_SA that is refused while IKE
# is up, replies that come by no tunnel, a device whose name is taken.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened here"
need jq

ns gw cpe
veth gw:wan0 192.0.2.1/24 cpe:wan0 192.0.2.2/24
address gw:lo 172.16.41.72/32
address cpe:lo 10.1.22.252/32
(umask 077 && echo "one secret" >"$WORK/psk")

# write NODE HERE THERE SOURCE TARGET NET [KEY: VALUE ...]: a configuration with line1
write() {
	cat >"$WORK/$1.yaml" <<-Y
		node: $1
		restore: 0s
		tunnels:
		  line1: { local: $2, remote: $3, secret: { file: psk },
		           health: { source: $4, target: $5 }${7:+, $7} }
		routes:
		  - { to: $6, via: { line1: 100 } }
	Y
}
gateway() { write gw 192.0.2.1 192.0.2.2 172.16.41.201 10.1.22.252 10.1.22.0/24 "${1:-}"; }
office() { write cpe 192.0.2.2 192.0.2.1 10.1.22.252 172.16.41.72 172.16.41.0/24 "${1:-}"; }
command() { node=$1 && shift && futae --socket "$WORK/$node.run/control.sock" "$@"; }
ask() { command "$1" "$2" --json | jq -r "$3"; }
is() { [ "$(ask "$1" "$2" "$3")" = "$4" ]; }
# says NODE PATTERN VERB...: the command's words have it
says() {
	from=$1 pattern=$2 && shift 2
	command "$from" "$@" >"$WORK/out" 2>&1 || :
	grep -Eq -- "$pattern" "$WORK/out"
}
silent() { ! says "$@"; }
trap '[ $? = 0 ] || { cat "$WORK/out"; tail -n 20 "$WORK"/*.log; }' EXIT

echo "-- a CHILD_SA is refused though IKE is up"
gateway "proposals: { esp: chacha20poly1305 }"
office "proposals: { esp: aes256gcm16 }"
for node in gw cpe; do
	on $node futaed --config "$WORK/$node.yaml" --run-dir "$WORK/$node.run" 2>"$WORK/$node.log" &
done
for node in gw cpe; do
	eventually 20 is $node tunnels '.tunnels[0].ike.phase' up
	eventually 5 says $node '^! IKE of tunnel line1: .*ESP proposals' status
	eventually 5 says $node 'last failure.*ESP proposals' explain line1
	says $node 'IKE v2 .*; ESP: none$' explain line1 || fail "$node names an ESP suite"
done
gateway && command gw reload >/dev/null
office && command cpe reload >/dev/null
for node in gw cpe; do
	eventually 20 is $node health '.health[0].state' up
	eventually 5 silent $node '^! IKE of' status
	says $node '^no problems|^! no real-time' status || fail "$node still has a problem"
done

echo "-- replies come back outside of every tunnel"
ns host
veth cpe:lan0 10.1.22.253/24 host:eth0 10.1.22.1/24
veth host:eth1 203.0.113.2/24 gw:wan2 203.0.113.1/24
on gw sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.wan2.rp_filter=0
on cpe sysctl -qw net.ipv4.ip_forward=1
ip -n host route add default via 203.0.113.1
write gw 192.0.2.1 192.0.2.2 172.16.41.201 10.1.22.1 10.1.22.0/24
command gw reload >/dev/null
eventually 30 is gw health '.health[0].state' wrong-path
says gw '^! tunnel line1 is not usable: replies come by another device.* by wan2$' status ||
	fail "status does not name the device"
says gw 'replies came by wan2 instead' health || fail "health does not name the device"
says gw 'come back by device wan2' explain line1 || fail "explain does not name the device"
says gw 'wan2 belongs to no tunnel' explain line1 || fail "explain does not say what it is"
says gw 'At the other end, route 172.16.41.201' explain line1 || fail "explain does not say what to do"
silent gw 'index|number' explain line1 || fail "explain has a number of a device"

echo "-- somebody has the name of the device"
veth gw:vpc0 172.16.40.1/24 cpe:vpc0 172.16.40.2/24
gateway "device: vpc0"
command gw reload >/dev/null
eventually 30 says gw '^! tunnel line1 is not usable: its device is not there: .*vpc0' status ||
	fail "status does not name the device"
eventually 30 says gw '1 inbound and 1 outbound' explain line1
says gw 'Tunnel line1 is no-sa .*its device is not there: .*vpc0' explain line1 ||
	fail "explain does not say what is wrong"
silent gw 'SA is gone|no SA yet|UDP 500' explain line1 || fail "explain blames the SAs or the line"
says gw 'write another one as device:' explain line1 || fail "explain does not say what to do"
says gw 'its device is not there' health || fail "health does not say what is wrong"
