#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Health checks are answered by futae-esp itself, through the tunnel they came by: an echo reply
# while this node is fit, host unreachable otherwise, and what was agreed for when futaed is gone;
# signs of life tell traffic from health checks.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need ping

ns a b
veth a:eth0 192.0.2.1/24 b:eth0 192.0.2.2/24
esp a
esp b
tunnel a 1 10.0.0.1/24 fd00::1/64
tunnel b 1 10.0.0.2/24 fd00::2/64
ip -n a route add 10.1.22.252/32 dev tun1
ip -n a route add fd00:22::252/128 dev tun1
sa_pair 1 0x1000 192.0.2.1 192.0.2.2 aes128gcm encap
# The address is nowhere on b: only futae-esp can answer for it.
tell b answer 10.1.22.252 fit unfit
tell b answer fd00:22::252 fit unfit

check() { on a ping -n -c1 -W1 "$@" >"$WORK/ping" 2>&1; }
check 10.1.22.252 || fail "fit: $(cat "$WORK/ping")"
check -s 1300 10.1.22.252 || fail "fit, large: $(cat "$WORK/ping")"
check fd00:22::252 || fail "fit, IPv6: $(cat "$WORK/ping")"

# life NODE: its last line of signs of life
life() {
	tell "$1" life 1
	grep '^life ' "$WORK/$1.out" | tail -n1
}
# data NODE: packets of traffic, as it tells them
data() { life "$1" | sed 's/.* data=\([0-9]*\) .*/\1/'; }
case $(life b) in *"seen=1") ;; *) fail "no sign of life: $(life b)" ;; esac

# A health check and its reply are life, but no traffic
before=$(data b)
check 10.1.22.252
[ "$before" = "$(data b)" ] || fail "a health check counts as traffic: $before, $(life b)"
before=$(data a)
check 10.1.22.252
[ "$before" = "$(data a)" ] || fail "its reply counts as traffic: $before, $(life a)"
before=$(data b)
check 10.0.0.2 || fail "the kernel's own address: $(cat "$WORK/ping")"
[ "$(data b)" -gt "$before" ] || fail "traffic is not told: $(life b)"

tell b answer 10.1.22.252 unfit unfit
tell b answer fd00:22::252 unfit unfit
check 10.1.22.252 && fail "answers though unfit"
grep -q 'From 10.1.22.252.*Host Unreachable' "$WORK/ping" || fail "unfit: $(cat "$WORK/ping")"
check fd00:22::252 && fail "answers though unfit"
grep -q 'From fd00:22::252.*unreachable' "$WORK/ping" || fail "unfit, IPv6: $(cat "$WORK/ping")"

# Alone: traffic flows on, health checks hear the other truth; futae-ike may go, too
tell b answer 10.1.22.252 fit unfit
check 10.1.22.252 || fail "fit again: $(cat "$WORK/ping")"
tell b alone
unreachable() { ! check 10.1.22.252 && grep -q 'Host Unreachable' "$WORK/ping"; }
eventually 3 unreachable
tell b no-ike
check 10.0.0.2 || fail "alone, traffic stopped: $(cat "$WORK/ping")"
eventually 3 grep -q 'sibling.gone name=futae-ike' "$WORK/b.err"
check 10.0.0.2 || fail "without futae-ike, traffic stopped: $(cat "$WORK/ping")"
esp_end a b
