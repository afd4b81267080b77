#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A path narrower than the devices think: senders inside learn what fits, packets that may be cut
# are cut, IPv6's least size always passes, and TCP never tries more than its clamped MSS.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need ping tcpdump python3

A=192.0.2.1 B=198.51.100.1
ns a r b
veth a:eth0 $A/24 r:eth0 192.0.2.254/24
veth b:eth0 $B/24 r:eth1 198.51.100.254/24
ip -n a route add default via 192.0.2.254
ip -n b route add default via 198.51.100.254
on r sysctl -qw net.ipv4.ip_forward=1
ip -n r link set eth1 mtu 1300
ip -n b link set eth0 mtu 1300
esp a
esp b
tunnel a 1 10.0.0.1/24 fd00::1/64
tunnel b 1 10.0.0.2/24 fd00::2/64

spi=0x1000
for form in encap ''; do
	# shellcheck disable=SC2086 # no option is no word
	sa_pair 1 "$((spi))" $A $B aes128gcm $form
	# 1300 less 20 of IP, 8 of UDP, 8 + 8 of ESP and its IV, 16 of ICV: 1240, or 1248 without UDP;
	# of these 2 are the trailer's
	case $form in encap) room=1238 ;; *) room=1246 ;; esac
	ip -n a route flush cache
	ip -n a -6 route flush cache

	# b's own device is as narrow as the path: the very first packet brings word of it
	case $form in encap)
		on b ping -n -c1 -W1 -M "do" -s 1350 10.0.0.1 >"$WORK/ping" 2>&1 || true
		grep -q "mtu *= *$room" "$WORK/ping" || fail "b: no word of $room: $(cat "$WORK/ping")" ;;
	esac
	# May be cut: comes through, once the router has said how narrow it is
	eventually 5 on a ping -q -n -c1 -W1 -M dont -s 1350 10.0.0.2
	# May not: the sender is told what fits
	on a ping -n -c2 -i0.1 -W1 -M "do" -s 1350 10.0.0.2 >"$WORK/ping" 2>&1 || true
	grep -q "mtu *= *$room" "$WORK/ping" || fail "no word of $room: $(cat "$WORK/ping")"
	on a ping -q -n -c1 -W1 -M "do" -s $((room - 28)) 10.0.0.2 >/dev/null || fail "$room does not pass"
	# IPv6: told 1280, and 1280 passes though the path has no room for it
	on a ping -n -c2 -i0.1 -W1 -M "do" -s 1340 fd00::2 >"$WORK/ping" 2>&1 || true
	grep -q 'mtu *= *1280' "$WORK/ping" || fail "no word of 1280: $(cat "$WORK/ping")"
	on a ping -q -n -c1 -W1 -M "do" -s 1232 fd00::2 >/dev/null || fail "IPv6 of 1280 bytes does not pass"
	spi=$((spi + 16))
done

on b ping -q -n -c1 -W1 -M dont -s 1350 10.0.0.1 >/dev/null || fail "b does not cut"
case $(counts b 1) in *" too-big="*) ;; *) fail "nothing was too big: $(counts b 1)" ;; esac

# TCP: the SYN that asks for more gets 1360, whoever looks at it behind the tunnel
on b tcpdump -n -i tun1 -c1 -w "$WORK/syn.pcap" 'tcp[13] & 2 != 0' 2>"$WORK/tcpdump" &
eventually 5 grep -q 'listening on' "$WORK/tcpdump"
ip -n a link set tun1 mtu 1500
ip -n a route flush cache
on b python3 -c 'import socket
s = socket.create_server(("10.0.0.2", 7))
c, _ = s.accept()
c.sendall(b"x" * 100000)' &
listens() { on b ss -ltn | grep -q '10.0.0.2:7'; }
eventually 5 listens
on a python3 -c 'import socket
c = socket.create_connection(("10.0.0.2", 7), 5)
n = 0
while True:
	d = c.recv(65536)
	if not d:
		break
	n += len(d)
assert n == 100000, n'
clamped() { tcpdump -n -r "$WORK/syn.pcap" 2>/dev/null | grep -q 'mss 1360'; }
eventually 5 clamped
esp_end a b
