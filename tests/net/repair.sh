#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The SAs are there, IKE is answered, and no ESP comes through: new keys are asked for, then a new
# connection, each once in a while, and the reason is logged.  A dead line gets no new connection.
# Takes half a minute, since repairs do not hurry.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened here"
need jq nft

ns gw mid cpe
veth gw:wan0 192.0.2.1/30 mid:left 192.0.2.2/30
veth mid:right 198.51.100.1/30 cpe:wan0 198.51.100.2/30
on mid sysctl -qw net.ipv4.ip_forward=1
ip -n gw route add 198.51.100.0/30 via 192.0.2.2
ip -n cpe route add 192.0.2.0/30 via 198.51.100.1
address gw:lo 172.16.41.72/32
address cpe:lo 10.1.22.252/32
(umask 077 && echo "one secret" >"$WORK/psk")

write() { # NODE NET HERE THERE SOURCE TARGET
	cat >"$WORK/$1.yaml" <<-Y
		node: $1
		restore: 0s
		tunnels:
		  line1: { local: $3, remote: $4, secret: { file: psk }, health: { source: $5, target: $6 } }
		routes:
		  - { to: $2, via: { line1: 100 } }
	Y
}
write gw 10.1.22.0/24 192.0.2.1 198.51.100.2 172.16.41.72 10.1.22.252
write cpe 172.16.41.0/24 198.51.100.2 192.0.2.1 10.1.22.252 172.16.41.72
ask() { futae --socket "$WORK/$1.run/control.sock" "$2" --json | jq -r "$3"; }
is() { [ "$(ask "$1" "$2" "$3")" = "$4" ]; }
repaired() { grep -q "tunnel.repair tunnel=line1 action=$2 why=.the SAs are there" "$WORK/$1.log"; }
trap '[ $? = 0 ] || tail -n 30 "$WORK"/*.log' EXIT

for node in gw cpe; do
	on $node futaed --config "$WORK/$node.yaml" --run-dir "$WORK/$node.run" 2>"$WORK/$node.log" &
done
for node in gw cpe; do
	eventually 30 is $node health '.health[0].state' up
done

echo "-- ESP is dropped, IKE is not"
on mid nft 'table ip t { chain c { type filter hook forward priority 0; ip protocol esp drop; }; }'
eventually 5 is gw health '.health[0].state' down
if repaired gw rekey; then fail "repaired before anything else could carry"; fi
eventually 25 repaired gw rekey
eventually 5 grep -q 'ike.event tunnel=line1 kind=child-rekeyed' "$WORK/gw.log"
eventually 25 repaired gw redial
[ "$(grep -c tunnel.repair "$WORK/gw.log")" = 2 ] || fail "more than two repairs in one round"
on mid nft delete table ip t
for node in gw cpe; do
	eventually 20 is $node health '.health[0].state' up
done
