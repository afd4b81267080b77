#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A path narrower than the devices think, IPv4 or IPv6: senders inside learn what fits, packets that
# may be cut are cut, IPv6's least size always passes, TCP never tries more than its clamped MSS, and
# a stream survives that its path becomes narrow under it.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need ping tcpdump python3

A=192.0.2.1 B=198.51.100.1
A6=2001:db8:a::1 B6=2001:db8:b::1
ns a r b
veth a:eth0 $A/24 r:eth0 192.0.2.254/24
veth b:eth0 $B/24 r:eth1 198.51.100.254/24
address a:eth0 $A6/64
address b:eth0 $B6/64
address r:eth0 2001:db8:a::fe/64
address r:eth1 2001:db8:b::fe/64
ip -n a route add default via 192.0.2.254
ip -n b route add default via 198.51.100.254
ip -n a route add default via 2001:db8:a::fe
ip -n b route add default via 2001:db8:b::fe
on r sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
ip -n r link set eth1 mtu 1300
ip -n b link set eth0 mtu 1300
esp a
esp b
tunnel a 1 10.0.0.1/24 fd00::1/64
tunnel b 1 10.0.0.2/24 fd00::2/64

spi=0x1000
# narrow_path ADDRESS-OF-A ADDRESS-OF-B ROOM [encap]: the largest inner packet that fits has ROOM bytes
narrow_path() {
	room=$3
	# shellcheck disable=SC2086 # no option is no word
	sa_pair 1 "$((spi))" $1 $2 aes128gcm ${4:-}
	for node in a b; do
		ip -n $node route flush cache
		ip -n $node -6 route flush cache
	done

	# b's own device is as narrow as the path: the very first packet brings word of it
	case ${4:-} in
	encap)
		on b ping -n -c1 -W1 -M "do" -s 1350 10.0.0.1 >"$WORK/ping" 2>&1 || true
		grep -q "mtu *= *$room" "$WORK/ping" || fail "b: no word of $room: $(cat "$WORK/ping")"
		;;
	esac
	# May be cut: comes through, once the router has said how narrow it is
	eventually 5 on a ping -q -n -c1 -W1 -M dont -s 1350 10.0.0.2
	# May not: the sender is told what fits
	on a ping -n -c2 -i0.1 -W1 -M "do" -s 1350 10.0.0.2 >"$WORK/ping" 2>&1 || true
	grep -q "mtu *= *$room" "$WORK/ping" || fail "no word of $room: $(cat "$WORK/ping")"
	on a ping -q -n -c1 -W1 -M "do" -s $((room - 28)) 10.0.0.2 >/dev/null || fail "$room does not pass"
	# IPv6: told 1280, and 1280 passes though the path has no room for it, once a's kernel has learned
	# again how wide that is
	on a ping -n -c2 -i0.1 -W1 -M "do" -s 1340 fd00::2 >"$WORK/ping" 2>&1 || true
	grep -q 'mtu *= *1280' "$WORK/ping" || fail "no word of 1280: $(cat "$WORK/ping")"
	eventually 5 on a ping -q -n -c1 -W1 -M "do" -s 1232 fd00::2
	spi=$((spi + 16))
}
# 1300 less 20 of IP, 8 of UDP, 8 + 8 of ESP and its IV, 16 of ICV: 1240, or 1248 without UDP, 20 less
# over IPv6; of these 2 are the trailer's
narrow_path $A $B 1238 encap
narrow_path $A $B 1246
narrow_path $A6 $B6 1218 encap
narrow_path $A6 $B6 1226

on b ping -q -n -c1 -W1 -M dont -s 1350 10.0.0.1 >/dev/null || fail "b does not cut"
case $(counts b 1) in *" too-big="*) ;; *) fail "nothing was too big: $(counts b 1)" ;; esac

# TCP: the SYN that asks for more gets 1360, in IPv6 1340, whoever looks at it behind the tunnel
bulk_py=$(dirname "$0")/bulk.py
listens() { on b ss -ltn | grep -q ':7071'; }
ip -n a link set tun1 mtu 1500
# carry_clamped FROM TO MSS PCAP-FILTER
carry_clamped() {
	ip -n a route flush cache
	ip -n a -6 route flush cache
	rm -f "$WORK/tcpdump" "$WORK/syn.pcap"
	on b tcpdump -n -i tun1 -c1 -w "$WORK/syn.pcap" "$4" 2>"$WORK/tcpdump" &
	eventually 5 grep -q 'listening on' "$WORK/tcpdump"
	on b python3 "$bulk_py" serve "$2" both &
	server=$!
	eventually 5 listens
	on a python3 "$bulk_py" ask "$1" "$2" both 1000000 || fail "TCP from $1 to $2"
	wait "$server" || fail "TCP from $1 to $2, at the other end"
	clamped() { tcpdump -n -r "$WORK/syn.pcap" 2>/dev/null | grep -q "mss $3"; }
	eventually 5 clamped "$@"
}
carry_clamped 10.0.0.1 10.0.0.2 1360 'tcp[13] & 2 != 0'
carry_clamped fd00::1 fd00::2 1340 'ip6[6] = 6 and ip6[53] & 2 != 0'

# The path narrows while a stream is on it, and everything goes on, bit-exact
sa_pair 1 "$((spi))" $A $B aes128gcm encap
on b python3 "$bulk_py" serve 10.0.0.2 both &
server=$!
eventually 5 listens
on a python3 "$bulk_py" ask 10.0.0.1 10.0.0.2 both $((40 << 20)) &
client=$!
flows() { [ "$(on b ss -HtinO state established '( sport = :7071 )' | sed -n 's/.*bytes_received:\([0-9]*\).*/\1/p')" -gt 1000000 ]; }
eventually 5 flows
kill -0 $client || fail "the stream was over before the path changed"
ip -n r link set eth1 mtu 1200
ip -n b link set eth0 mtu 1200
wait $client || fail "TCP over a path that became narrow: $(counts a 1)"
wait $server || fail "TCP over a path that became narrow, at the other end: $(counts b 1)"
on a ping -n -c2 -i0.1 -W1 -M "do" -s 1200 10.0.0.2 >"$WORK/ping" 2>&1 || true
grep -q 'mtu *= *1138' "$WORK/ping" || fail "no word of 1138: $(cat "$WORK/ping")"
esp_end a b
