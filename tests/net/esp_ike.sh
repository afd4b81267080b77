#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# IKE datagrams pass between the network and futae-ike both ways, on 500 and 4500, IPv4 and IPv6,
# with the non-ESP marker where libcharon and the far end look for it, whole even when large.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"

ns a b
veth a:eth0 192.0.2.1/24 b:eth0 192.0.2.2/24
address a:eth0 2001:db8::1/64
address b:eth0 2001:db8::2/64
esp a
esp b
# An IKE header of 28 bytes and nothing else
ike=0102030405060708000000000000000021202208000000000000001c
heard() { eventually 3 grep -qxF "$1" "$WORK/b.out"; }

tell a ike 192.0.2.1 500 192.0.2.2 500 $ike
heard "ike 192.0.2.1:500 192.0.2.2:500 dscp=10 $ike"
tell a ike 192.0.2.1 4500 192.0.2.2 4500 00000000$ike
heard "ike 192.0.2.1:4500 192.0.2.2:4500 dscp=10 00000000$ike"
tell a ike 2001:db8::1 500 2001:db8::2 500 $ike
heard "ike [2001:db8::1]:500 [2001:db8::2]:500 dscp=10 $ike"
tell a ike 2001:db8::1 4500 2001:db8::2 4500 00000000$ike
heard "ike [2001:db8::1]:4500 [2001:db8::2]:4500 dscp=10 00000000$ike"
# From a NAT that shows any port; and one that shows 500, where libcharon wants no marker
tell a throw udp 12345 192.0.2.1 192.0.2.2 00000000$ike
heard "ike 192.0.2.1:12345 192.0.2.2:4500 dscp=0 00000000$ike"
ip -n a addr add 192.0.2.9/24 dev eth0
tell b throw udp 501 192.0.2.2 192.0.2.2 $ike 500
heard "ike 192.0.2.2:501 192.0.2.2:500 dscp=0 $ike"
# 4,000 bytes: in fragments, and whole again
big=$(printf '0102030405060708000000000000000021202208000000000000%04x' 2000)
big=$big$(od -An -N1972 -tx1 /dev/urandom | tr -d ' \n')
tell a ike 192.0.2.1 500 192.0.2.2 500 "$big"
heard "ike 192.0.2.1:500 192.0.2.2:500 dscp=10 $big"
tell a ike 192.0.2.1 4500 192.0.2.2 4500 "00000000$big"
heard "ike 192.0.2.1:4500 192.0.2.2:4500 dscp=10 00000000$big"
esp_end a b
