#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two futae nodes with two tunnels between them tell each other what they see: with one direction
# dead both leave the tunnel at the speed of silence, both send by the same one whatever each
# wishes, a lock at one end holds at both, and a stranger's words change nothing.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq nft python3

ns gw cpe vpc office
veth gw:wan0 192.0.2.1/24 cpe:wan0 192.0.2.2/24
veth gw:wan1 198.51.100.1/24 cpe:wan1 198.51.100.2/24
veth gw:lan0 172.16.41.72/24 vpc:eth0 172.16.41.1/24
veth cpe:lan0 10.1.22.252/24 office:eth0 10.1.22.1/24
address cpe:lan0 10.1.22.253/24
(umask 077 && echo "one secret" >"$WORK/psk")

# write NODE HERE THERE SOURCE-A TARGET-A SOURCE-B TARGET-B NET VIA LEAD
write() {
	cat >"$WORK/$1.yaml" <<-Y
		node: $1
		restore: $restore
		flap: { half-life: off }
		agree: { enabled: $enabled, lead: ${10} }
		tunnels:
		  a:
		    local: 192.0.2.$2
		    remote: 192.0.2.$3
		    secret: { file: psk }
		    health: { source: $4, target: $5 }
		  b:
		    local: 198.51.100.$2
		    remote: 198.51.100.$3
		    secret: { file: psk }
		    health: { source: $6, target: $7 }
		routes:
		  - { name: lan, to: $8, via: { $9 }$hold }
	Y
}
write_all() { # VIA-OF-GW VIA-OF-CPE LEAD-OF-GW LEAD-OF-CPE
	write gw 1 2 172.16.41.201 10.1.22.252 172.16.41.202 10.1.22.253 10.1.22.0/24 "$1" "$3"
	write cpe 2 1 10.1.22.252 172.16.41.201 10.1.22.253 172.16.41.202 172.16.41.0/24 "$2" "$4"
}
command() { futae --socket "$WORK/$1.run/control.sock" "$2" ${3:+"$3"} ${4:+"$4"}; }
ask() { command "$1" "$2" --json | jq -r "$3"; }
is() { [ "$(ask "$1" "$2" "$3")" = "$4" ]; }
cause() { is "$1" health ".health[] | select(.tunnel == \"$2\").cause" "$3"; }
active() { is "$1" routes '[.routes[0].via[] | select(.active).tunnel] | join(",")' "$2"; }
both_active() { active gw "$1" && active cpe "$1"; }
up() { is "$1" health '[.health[].state] | join(" ")' "up up"; }
reload() { for node in gw cpe; do command $node reload >/dev/null; done; }
cut() { on "$1" nft "add table inet cut; add chain inet cut out { type filter hook output priority 0; ip daddr $2 drop; }"; }
mend() { on "$1" nft 'delete table inet cut'; }
trap '[ $? = 0 ] || tail -n 30 "$WORK"/*.log' EXIT

enabled=yes
hold='' restore=1s
write_all 'a: 100, b: 0' 'a: 100, b: 0' 128 128
for node in gw cpe; do
	ip netns exec $node futaed --config "$WORK/$node.yaml" --run-dir "$WORK/$node.run" \
		2>"$WORK/$node.log" &
done
eventually 20 up gw
eventually 20 up cpe
eventually 5 both_active a
knows() { is "$1" health '[.health[].peer.says] | join(" ")' "usable usable"; }
eventually 5 knows gw
eventually 5 knows cpe

echo "-- one direction dies: the end that still hears the other leaves by the other's word"
for dead in gw cpe; do
	other=$([ $dead = gw ] && echo cpe || echo gw)
	to=$([ $dead = gw ] && echo 192.0.2.2 || echo 192.0.2.1)
	cut "$dead" "$to"
	eventually 5 both_active b
	eventually 5 cause $dead a unheard
	cause "$other" a silence || fail "$other: $(ask "$other" health '.health[0]')"
	mend $dead
	eventually 30 both_active a
done
# Told, not found out: well before the 2 s that weak evidence takes.
grep -q 'agree.peer tunnel=a says=silent' "$WORK/gw.log" || fail "gw was told nothing"

echo "-- ends that wish for different tunnels: the leader's wish holds at both"
write_all 'a: 100, b: 0' 'a: 0, b: 100' 200 10
reload
eventually 5 both_active a
write_all 'a: 100, b: 0' 'a: 0, b: 100' 10 200
reload
eventually 5 both_active b

echo "-- a lock by hand leads, wherever it is set"
command gw switch lan a >/dev/null
eventually 5 both_active a
command gw switch lan auto >/dev/null
eventually 5 both_active b

echo "-- where both wait for a fault to last, neither leaves by the other's word"
# and not by its word that it is not restored yet, either, which takes longer than hold-off
hold=', hold-off: 4s' restore=7s
write_all 'a: 100, b: 0' 'a: 100, b: 0' 128 128
reload
eventually 5 both_active a
moves() { cat "$WORK/gw.log" "$WORK/cpe.log" | grep -c 'route.switch route=lan from=a to=b '; }
before=$(moves)
cut gw 192.0.2.2
a_is() { is "$1" health '.health[] | select(.tunnel == "a").state' "$2"; }
eventually 5 a_is cpe down
eventually 5 a_is gw down
mend gw
eventually 20 up gw
eventually 20 up cpe
[ "$(moves)" = "$before" ] || fail "a fault shorter than hold-off moved a route"
hold='' restore=1s
write_all 'a: 100, b: 0' 'a: 0, b: 100' 10 200
reload
eventually 5 both_active b

echo "-- words without our nonce, and words that are none, change nothing"
refused() { ask gw health '.health[0].peer.refused'; }
before=$(refused)
on cpe python3 - <<-'P'
	import socket, struct
	def checksum(b):
	    b += bytes(len(b) % 2)
	    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
	    while s >> 16: s = (s & 0xffff) + (s >> 16)
	    return ~s & 0xffff
	def request(extra):
	    body = bytes(24) + extra
	    head = struct.pack("!BBHHH", 8, 0, 0, 7, 1)
	    head = struct.pack("!BBHHH", 8, 0, checksum(head + body), 7, 1)
	    return head + body
	s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
	s.bind(("10.1.22.252", 0))
	s.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0xc0)
	s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
	s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"a")
	silent = lambda echo: struct.pack("!BBBBIQQQ", 1, 0, 0xc0, 255, 0xffffff00, 99, 98, echo)
	for i in range(40):
	    s.sendto(request(silent(i)), ("172.16.41.201", 0))
	for junk in (b"", b"\xff" * 32, bytes(32), bytes([1]) * 40, bytes([1]) + bytes(20)):
	    s.sendto(request(junk), ("172.16.41.201", 0))
P
noticed() { [ "$(refused)" -gt "$before" ]; }
eventually 5 noticed
both_active b || fail "a stranger moved traffic"
up gw || fail "a stranger took a tunnel out of use: $(ask gw health .)"

echo "-- who does not agree is left alone"
enabled=no
write_all 'a: 100, b: 0' 'a: 0, b: 100' 200 10
reload
eventually 10 active gw a
eventually 10 active cpe b
for node in gw cpe; do command $node stop >/dev/null 2>&1 || true; done
