#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets of 24 sizes, from one byte of payload to 64 KB datagrams, come through unchanged: UDP and
# ICMP, IPv4 and IPv6 inside and outside, bare and in UDP, cut by the kernel or by futae-esp.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need ping python3
echo_py=$(dirname "$0")/echo.py

ns a b
veth a:eth0 192.0.2.1/24 b:eth0 192.0.2.2/24
address a:eth0 2001:db8::1/64
address b:eth0 2001:db8::2/64
esp a
esp b
tunnel a 1 10.0.0.1/24 fd00::1/64
tunnel b 1 10.0.0.2/24 fd00::2/64

# 1372 and 1352 are what fills the tunnel's 1400 bytes with IPv4 and IPv6; 1500 and 9000 people's MTUs
sizes="1 2 3 15 16 17 63 64 65 127 128 255 511 512 1023 1351 1352 1353 1371 1372 1373 9001 32768 65507"

for at in 10.0.0.2 fd00::2; do
	on b python3 "$echo_py" serve $at &
done
serves() { [ "$(on b ss -lun | grep -c ':7070 ')" = 2 ]; }
eventually 5 serves

spi=0x1000
# sweep FORM: all sizes, both families inside; `what` says which combination fails
sweep() {
	for kind in udp icmp; do
		# shellcheck disable=SC2086 # a list of sizes
		on a python3 "$echo_py" ask $kind 10.0.0.1 10.0.0.2 $sizes || fail "$what"
		# shellcheck disable=SC2086
		on a python3 "$echo_py" ask $kind fd00::1 fd00::2 $sizes || fail "$what"
	done
}

# The kernel itself asks for routers before there are SAs
drops() { counts "$1" 1 | sed 's/.*out=[0-9]* //'; }

for form in encap ''; do
	for outer in '192.0.2.1 192.0.2.2' '2001:db8::1 2001:db8::2'; do
		what="$outer ${form:-bare}"
		# shellcheck disable=SC2086 # two addresses; no option is no word
		sa_pair 1 "$((spi))" $outer aes128gcm $form
		dropped_before="$(drops a) $(drops b)"
		sweep
		[ "$(drops a) $(drops b)" = "$dropped_before" ] ||
			fail "$what: dropped $(drops a) $(drops b), before: $dropped_before"
		tell a flush
		tell b flush
		spi=$((spi + 16))
	done
done

# As wide as a device can be: now futae-esp has to cut what may be cut, up to 64 KB at once
what="a device of 65535 bytes"
ip -n a link set tun1 mtu 65535
ip -n b link set tun1 mtu 65535
for form in encap ''; do
	# shellcheck disable=SC2086
	sa_pair 1 "$((spi))" 192.0.2.1 192.0.2.2 aes128gcm $form
	# Whoever sends first learns how wide the path really is
	eventually 5 on a ping -q -n -c1 -W0.2 -M dont -s 2000 10.0.0.2
	# shellcheck disable=SC2086
	on a python3 "$echo_py" ask udp 10.0.0.1 10.0.0.2 $sizes || fail "$what ${form:-bare}"
	# shellcheck disable=SC2086
	on a python3 "$echo_py" ask icmp 10.0.0.1 10.0.0.2 $sizes || fail "$what ${form:-bare}"
	spi=$((spi + 16))
done
esp_end a b
