#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TCP through the tunnel is bit-exact, both ways at once, over a line that loses, doubles and
# reorders packets: what is put together and cut up on the way is put together right.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need python3 ethtool
[ -x "$BUILD/lab/lineshim" ] || fail "lineshim is not built in $BUILD"
bulk_py=$(dirname "$0")/bulk.py

ns a line b
ip link add eth0 netns a type veth peer name a netns line
ip link add eth0 netns b type veth peer name b netns line
address a:eth0 192.0.2.1/24
address b:eth0 192.0.2.2/24
on line sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
ip -n line link set dev a up
ip -n line link set dev b up
# Frames cross a line as they would a wire: with their checksums, one packet each
on a ethtool -K eth0 tx off >/dev/null
on b ethtool -K eth0 tx off >/dev/null
on line "$BUILD/lab/lineshim" --a a --b b --control "$WORK/line" delay_ms=0.3 &
line=$!
line() { "$BUILD/lab/tell" "$WORK/line" "$@"; }
eventually 5 line stats
esp a
esp b
tunnel a 1 10.0.0.1/24 fd00::1/64
tunnel b 1 10.0.0.2/24 fd00::2/64
listens() { on b ss -ltn | grep -q ':7071 '; }

# carry ADDRESS-OF-A ADDRESS-OF-B BYTES: there and back at once
carry() {
	on b python3 "$bulk_py" serve "$2" both &
	server=$!
	eventually 5 listens
	timeout 100 ip netns exec a python3 "$bulk_py" ask "$1" "$2" both "$3" ||
		fail "$what: $1 to $2: $(line stats) $(counts a 1) $(counts b 1)"
	wait "$server" || fail "$what: the end that answers"
}

spi=0x1000
for form in encap ''; do
	what=${form:-bare}
	# shellcheck disable=SC2086 # no option is no word
	sa_pair 1 "$((spi))" 192.0.2.1 192.0.2.2 aes128gcm $form window=1024
	line set loss=1 reorder=1 duplicate=0.5 >/dev/null
	carry 10.0.0.1 10.0.0.2 $((20 << 20))
	carry fd00::1 fd00::2 $((5 << 20))
	line set loss=0 reorder=0 duplicate=0 >/dev/null
	spi=$((spi + 16))
done

# The line did what it was told to, and every packet that came twice was noticed
line stats | grep -q '"lost":[1-9]' || fail "the line lost nothing: $(line stats)"
case $(counts b 1) in *" replay="*) ;; *) fail "nothing came twice: $(counts b 1)" ;; esac
kill "$line"
esp_end a b
