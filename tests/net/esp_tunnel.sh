#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two futae-esp carry IPv4 and IPv6 for each other: bare and in UDP, over IPv4 and IPv6, with
# every suite and with extended sequence numbers; a rekey loses nothing.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need ping

ns a b
veth a:eth0 192.0.2.1/24 b:eth0 192.0.2.2/24
address a:eth0 2001:db8::1/64
address b:eth0 2001:db8::2/64
esp a
esp b
tunnel a 1 10.0.0.1/24 fd00::1/64
tunnel b 1 10.0.0.2/24 fd00::2/64

pings() {
	on a ping -q -n -c3 -i0.02 -W2 "$@" 10.0.0.2 >"$WORK/ping" || fail "$combo: $(cat "$WORK/ping")"
	on b ping -q -n -c3 -i0.02 -W2 "$@" fd00::1 >"$WORK/ping" || fail "$combo: $(cat "$WORK/ping")"
}

spi=0x1000
try() {
	combo="$*"
	sa_pair 1 "$((spi))" "$@"
	pings
	pings -s 1300
	tell a flush
	tell b flush
	spi=$((spi + 16))
}

for suite in aes128gcm aes256gcm chacha20 aes128-sha1 aes128-sha256 aes256-sha384 aes256-sha512; do
	try 192.0.2.1 192.0.2.2 "$suite" encap
	try 192.0.2.1 192.0.2.2 "$suite" esn
done
try 192.0.2.1 192.0.2.2 aes128gcm
try 2001:db8::1 2001:db8::2 aes128gcm encap
try 2001:db8::1 2001:db8::2 aes256gcm esn
nothing_dropped a 0
nothing_dropped b 0

# Rekeys under traffic, as both ends do them: each new pair is used at once, the old inbound SA stays.
sa_pair 1 0x8000 192.0.2.1 192.0.2.2 aes128gcm encap
# A counted ping: one that a signal ends calls its last request lost, the answer being on its way.
ip netns exec a ping -q -n -c1500 -i0.002 -W5 10.0.0.2 >"$WORK/rekey" &
rekey=$!
for i in 1 2 3 4 5; do
	sa_pair 1 "$((0x8000 + i * 16))" 192.0.2.1 192.0.2.2 aes256gcm encap
	tell a del out "$((0x8000 + i * 16 - 16))" 192.0.2.2
	tell b del out "$((0x8000 + i * 16 - 15))" 192.0.2.1
done
eventually 3 grep -q '^usage 0x8050 packets=' "$WORK/a.out"
kill -0 "$rekey" 2>/dev/null || fail "the pings ended before the rekeys did: $(cat "$WORK/rekey")"
wait "$rekey" || fail "pings while rekeying: $(cat "$WORK/rekey")"
grep -q ' 0% packet loss' "$WORK/rekey" || fail "a rekey lost packets: $(cat "$WORK/rekey")"
grep -q '^tunnel 1 in=6 out=1$' "$WORK/a.out" || fail "futaed was not told of the SAs"

# Without an SA nothing leaves.
tell a flush
on a ping -q -n -c1 -W0.2 10.0.0.2 >/dev/null && fail "a packet went without an SA"
case $(counts a 1) in *" no-sa="*) ;; *) fail "no-sa: $(counts a 1)" ;; esac
esp_end a b
