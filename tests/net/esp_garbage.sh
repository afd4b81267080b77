#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Garbage, truncated, replayed, wrongly keyed and wrongly addressed packets are counted, each
# under its own reason; none stops futae-esp or the tunnel, none reaches the device.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need ping

A=192.0.2.1 B=192.0.2.2
ns a b
veth a:eth0 $A/24 b:eth0 $B/24
address b:eth0 192.0.2.3/24
esp a
esp b
tunnel a 1 10.0.0.1/24
tunnel b 1 10.0.0.2/24
tell b sa in 1 0x1000 $A $B aes128gcm 0x11 encap remote=10.0.0.0/24 local=10.0.0.0/24
tell b sa in 1 0x2000 $A $B aes128-sha256 0x11 remote=10.0.0.0/24 local=10.0.0.0/24
tell b sa in 1 0x3000 $A $B aes128gcm 0x11 encap hard=2

# An IPv4 packet without payload from 10.0.0.1 to 10.0.0.2; another from elsewhere
good=4500001400000000401166d70a0000010a000002
alien=4500001400000000401166cd0a0a00010a000002
want() { # REASON N: the counters of b say so, of tunnel 1 or of no tunnel
	counted b 1 "$@" || counted b 0 "$@" || fail "$*: $(counts b 0) $(counts b 1)"
}

tell a forge udp 4501 $A $B 0x1000 5 aes128gcm 0x11 $good
eventually 3 grep -q '^mapping 0x1000 192.0.2.1:4501$' "$WORK/b.out"
tell a forge udp 4501 $A $B 0x1000 5 aes128gcm 0x11 $good
want replay 1
tell a forge udp 4501 $A $B 0x1000 100 aes128gcm 0x11 $good
tell a forge udp 4501 $A $B 0x1000 20 aes128gcm 0x11 $good # behind the window of 64
want replay 2
tell a forge udp 4501 $A $B 0x1000 101 aes128gcm 0x12 $good
want authentication 1
tell a forge udp 4501 $A $B 0x1000 102 aes128gcm 0x11 $alien
want selector 1
tell a forge udp 4501 $A $B 0x1000 103 aes128gcm 0x11 00
want inner-malformed 1
tell a forge udp 4501 $A $B 0x4444 1 aes128gcm 0x11 $good
want unknown-spi 1
tell a forge esp 0 $A $B 0x2000 1 aes128-sha256 0x11 $good
tell a forge esp 0 $A $B 0x2000 2 aes128-sha256 0x12 $good
want authentication 2
tell a forge esp 0 $A $B 0x1000 104 aes128gcm 0x11 $good # bare, though agreed to come in UDP
want wrong-address 1
tell a forge esp 0 $A 192.0.2.3 0x2000 3 aes128-sha256 0x11 $good # another address of ours
want wrong-address 2
tell a forge udp 4501 $A $B 0x3000 1 aes128gcm 0x11 $good
tell a forge udp 4501 $A $B 0x3000 2 aes128gcm 0x11 $good
tell a forge udp 4501 $A $B 0x3000 3 aes128gcm 0x11 $good
want sa-expired 1
eventually 3 grep -q '^expire 0x3000 hard$' "$WORK/b.out"

# No ESP at all: too short for a header, or for what the suite wants behind it
tell a throw udp 4501 $A $B 01
tell a throw udp 4501 $A $B 0000100000
tell a throw udp 4501 $A $B 00001000000000ff
tell a throw udp 4501 $A $B 00001000000000ff0102030405060708
tell a throw esp 0 $A $B 00
tell a throw esp 0 $A $B 00002000000000ff00
tell a throw esp 0 $A $B 000000ff00000001
want short 4
counted b 1 short 3 || fail "short: $(counts b 1)"
tell a throw udp 4501 $A $B ff # a keepalive is nothing to count
want short 4

# What is no IKE does not bother futae-ike
tell a throw udp 4501 $A $B 00000000
tell a throw udp 4501 $A $B 00000000deadbeef
tell a throw udp 4501 $A $B deadbeef 500
tell a throw udp 4501 $A $B 00000000000000010000000000000000212022080000000000000fff 500
want ike-malformed 4
! grep -q '^ike ' "$WORK/b.out" || fail "futae-ike was given garbage: $(cat "$WORK/b.out")"
tell a flood 1000 $A $B
eventually 5 sh -c "[ \$(grep -c '^ike ' '$WORK/b.out') -ge 400 ]"
case $(counts b 0) in *" ike-overload="*) ;; *) fail "a flood passed: $(counts b 0)" ;; esac

# Random bytes with a right SPI, of any length
for i in 1 2 3 4 5 6 7 8; do
	tell a throw udp 4501 $A $B "00001000$(od -An -N$((i * 29)) -tx1 /dev/urandom | tr -d ' \n')"
	tell a throw esp 0 $A $B "00002000$(od -An -N$((i * 31)) -tx1 /dev/urandom | tr -d ' \n')"
done

# And the tunnel lives: only what was good was delivered, and more is
delivered=$(counts b 1)
case $delivered in *"in=5 "*) ;; *) fail "not the good ones alone were delivered: $delivered" ;; esac
tell b flush
sa_pair 1 0x5000 $A $B aes128gcm encap
on a ping -q -n -c3 -i0.02 -W2 10.0.0.2 >"$WORK/ping" || fail "after garbage: $(cat "$WORK/ping")"
esp_end a b
