#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What a path loses is measured and shown with what to expect of it; the newest probe is repeated
# while a reply is missing, and loss alone takes nothing out of use; `auto` says what it does.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened here"
need jq nft

ns gw cpe
veth gw:wan0 192.0.2.1/24 cpe:wan0 192.0.2.2/24
address gw:lo 172.16.41.72/32
address cpe:lo 10.1.22.252/32
(umask 077 && echo "one secret" >"$WORK/psk")

# write NODE HERE THERE SOURCE TARGET DETECTION
write() {
	cat >"$WORK/$1.yaml" <<-Y
		node: $1
		restore: 0s
		detection: $6
		tunnels:
		  line1: { local: $2, remote: $3, secret: { file: psk }, health: { source: $4, target: $5 } }
	Y
}
both() {
	write gw 192.0.2.1 192.0.2.2 172.16.41.72 10.1.22.252 "$1"
	write cpe 192.0.2.2 192.0.2.1 10.1.22.252 172.16.41.72 "$1"
}
command() { futae --socket "$WORK/gw.run/control.sock" "$@"; }
ask() { command health line1 --json | jq -r ".health[0] | $1"; }
true_of() { [ "$(ask "$1")" = true ]; }
says() { # PATTERN VERB...
	pattern=$1 && shift
	command "$@" >"$WORK/out" && grep -Eq -- "$pattern" "$WORK/out"
}
trap '[ $? = 0 ] || { ask .; cat "$WORK/out"; tail -n 20 "$WORK"/*.log; }' EXIT

echo "-- a clean path: nothing is known yet, and the prior is named as one"
both '{ interval: 3ms, silence: 300ms }'
for node in gw cpe; do
	on $node futaed --config "$WORK/$node.yaml" --run-dir "$WORK/$node.run" 2>"$WORK/$node.log" &
done
eventually 20 true_of '.state == "up"'
true_of '.loss_known == false and .loss > 0 and .detection.silence_ms == 300' || fail "the start"
says '^  loss is not known yet' health line1 || fail "the prior is not named as one"

echo "-- 5 % loss on the way out: measured, and probes are repeated; 100 misses in a row never come"
on cpe nft add table netdev loss
on cpe nft 'add chain netdev loss in { type filter hook ingress device wan0 priority 0; }'
on cpe nft 'add rule netdev loss in numgen random mod 100 < 5 drop'
eventually 30 true_of '.loss_known and .loss > 0.02 and .loss < 0.09'
true_of '.burst < 1.5 and .rtt_mean_ms < 100' || fail "bursts where there are none"
true_of '.repeated > 0' || fail "no probe was repeated"
! grep -q 'health.state .*from=\(up\|suspect\) to=down' "$WORK/gw.log" || fail "out of use by loss"
says '^  measured: loss [2-9]' health || fail "the measured loss is not shown"
says '^  in force: own +3.0ms +300ms ' health || fail "the setting is not shown"
says '^  fast +5.0ms +30.0ms ' health || fail "what fast would buy is not shown"
[ "$(awk '{ if (length > n) n = length } END { print n }' "$WORK/out")" -le 100 ] ||
	fail "wider than a terminal"
futae --socket "$WORK/gw.run/control.sock" health line9 >"$WORK/out" 2>&1 && fail "there is no line9"
grep -q 'no tunnel line9 has a health check' "$WORK/out" || fail "line9 is not named"

echo "-- auto starts like normal, keeps what was learnt, and explains itself"
both '{ auto: yes, false-failovers: 1/month, fastest: 50ms }'
command reload >/dev/null
eventually 10 true_of '.state == "up" and .detection.profile == "auto" and .detection.interval_ms == 100'
true_of '.loss_known and .detection.auto.budget_per_year == 12' || fail "auto"
says 'auto uses 100ms/500ms until enough is known' health || fail "health on auto"
says 'auto uses 100ms/500ms until' explain line1 || fail "explain on auto"
