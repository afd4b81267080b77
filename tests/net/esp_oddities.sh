#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What is unusual but right passes or is silently taken: dummies, padding against traffic analysis,
# keepalives, 64 KB in one packet, numbers past 2^32; what is wrong is dropped under its own name.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need ping jq

A=192.0.2.1 B=192.0.2.2
ns a b
veth a:eth0 $A/24 b:eth0 $B/24
esp a
esp b
tunnel a 1 10.0.0.1/24
tunnel b 1 10.0.0.2/24
tell b sa in 1 0x1000 $A $B aes128gcm 0x11 encap remote=10.0.0.0/24 local=10.0.0.0/24 window=1024
tell b sa in 1 0x2000 $A $B aes256-sha512 0x11 remote=10.0.0.0/24 local=10.0.0.0/24

# UDP from 10.0.0.1 port 9 to 10.0.0.2 port 9, 4 bytes of payload, no UDP checksum
good=4500002000000000401166cb0a0000010a00000200090009000c0000cafebabe
alien=4500001400000000401166cd0a0a00010a000002 # from 10.10.0.1
seq=0
# sealed OPTION...: the next good packet of SA 0x1000, with a difference
sealed() {
	seq=$((seq + 1))
	tell a forge udp 4501 $A $B 0x1000 $seq aes128gcm 0x11 "${inner:-$good}" "$@"
}
# life: packets that b has taken as a sign of life
life() {
	tell b life 1
	grep '^life ' "$WORK/b.out" | tail -n1 | sed 's/^life rx=\([0-9]*\) .*/\1/'
}
life_is() { [ "$(life)" = "$1" ]; }
# delivered: packets and bytes that came out of b's device
delivered() { ip -n b -j -s link show tun1 | jq -r '.[0].stats64.rx | "\(.packets) \(.bytes)"'; }
delivered_is() { [ "$(delivered)" = "$1" ]; }
# What b's kernel says by itself has no SA to leave by
drops() { echo "$(counts b 0) $(counts b 1)" | sed 's/in=[0-9]* out=[0-9]*//g; s/no-sa=[0-9]*//'; }
at_first=$(drops)
unnoticed() { [ "$(drops)" = "$at_first" ] || fail "$1 was dropped: $(drops), before: $at_first"; }
is_delivered() { eventually 3 delivered_is "$1"; }

sealed
is_delivered "1 32"
life_is 1 || fail "a good packet is no sign of life"

# Dummies (RFC 4303, 2.6): nothing but a sign of life, whatever is in them
inner=00 sealed next=59
inner=ffffffffffffffffffffffff sealed next=59
sealed next=59 tfc=700
eventually 3 life_is 4
unnoticed "a dummy"
delivered_is "1 32" || fail "a dummy was delivered: $(delivered)"

# Padding against traffic analysis (2.7) is taken off, also where a whole cipher block is of it
sealed tfc=1
sealed tfc=1200
tell a forge esp 0 $A $B 0x2000 1 aes256-sha512 0x11 $good tfc=16
is_delivered "4 128"
unnoticed "padding against traffic analysis"

# 64 KB less what is around it, in one outer datagram
sealed grow=65400
is_delivered "5 65528"
unnoticed "a packet of 65400 bytes"

# A keepalive (RFC 3948, 2.3) is nobody's packet: no sign of life, nothing to count
before=$(life)
tell a throw udp 4501 $A $B ff
sealed
eventually 3 life_is $((before + 1))
unnoticed "a keepalive"

# Wrong, each for its reason
inner=$alien sealed
counted b 1 selector || fail "selector: $(counts b 1)"
sealed bad-padding
counted b 1 padding || fail "padding: $(counts b 1)"
sealed next=41
counted b 1 inner-malformed || fail "IPv4 called IPv6: $(counts b 1)"
sealed next=6
counted b 1 inner-malformed 2 || fail "no tunnel mode: $(counts b 1)"
inner=45000040${good#????????} sealed # says 64 bytes, has 32
counted b 1 inner-malformed 3 || fail "longer than it is: $(counts b 1)"

# Our own packet, sent back at us: the SPI is not one of ours ...
tell b sa out 1 0x7000 $B $A aes128gcm 0x33 encap
tell a forge udp 4501 $A $B 0x7000 1 aes128gcm 0x33 $good
counted b 0 unknown-spi || fail "reflection: $(counts b 0)"
# ... or it happens to be, and then the key is another one
tell b sa in 1 0x7000 $A $B aes128gcm 0x44 encap
tell a forge udp 4501 $A $B 0x7000 1 aes128gcm 0x33 $good
counted b 1 authentication || fail "reflection with an SPI of ours: $(counts b 1)"

# Extended numbers: on past 2^32, though only half of each is sent
tell b sa in 1 0x8000 $A $B aes128gcm 0x11 encap esn
# esn SEQ
esn() { tell a forge udp 4501 $A $B 0x8000 "$1" aes128gcm 0x11 $good esn; }
esn 0x80000000
esn 0xfffffffe
esn 0x100000001
esn 0xffffffff # a straggler from before
esn 0x100000000
esn 0x180000000
esn 0x200000003
is_delivered "13 65784"
esn 0x100000001
esn 0x200000003
counted b 1 replay 1 || fail "replay: $(counts b 1)"
# So old that it is taken for one of the next 2^32, as which it is not authentic (RFC 4303, A2.2)
counted b 1 authentication 2 || fail "authentication: $(counts b 1)"
delivered_is "13 65784" || fail "an old number was delivered: $(delivered)"

# A device that is down takes nothing
ip -n b link set tun1 down
sealed
counted b 1 tun-write-failed || fail "tun-write-failed: $(counts b 1)"
ip -n b link set tun1 up
sealed
is_delivered "14 65816"
esp_end a b
