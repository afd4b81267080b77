#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Tracks follow what they name: scripts (that sleep, fork, flood and ignore signals, and cannot hold
# up a probe), routes and interfaces of the kernel, other tracks; and they change a route's weights.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened here"
need jq

ns gw cpe
veth gw:wan0 192.0.2.1/24 cpe:wan0 192.0.2.2/24
address gw:wan0 198.51.100.1/24 && address cpe:wan0 198.51.100.2/24
address cpe:lo 10.1.22.252/32 && address cpe:lo 10.1.22.253/32
ip -n gw link add lan0 type veth peer lan1 && ip -n gw link set lan1 up
(umask 077 && echo "one secret" >"$WORK/psk")
chmod 755 "$WORK"
mkdir -m 755 "$WORK/bin" && mkdir -m 777 "$WORK/said"

# script NAME: from standard input
script() { cat >"$WORK/bin/$1" && chmod 755 "$WORK/bin/$1"; }
script good <<-'S'
	#!/bin/sh
	[ ! -e /run/work/said/bad ] || { echo "the database said no" >&2; exit 3; }
S
script rights <<-'S'
	#!/bin/sh
	{ id -u; env; grep -E '^(Cap(Inh|Prm|Eff|Bnd|Amb)|NoNewPrivs)' /proc/self/status; ls -l /proc/self/fd; } \
		>/run/work/said/rights
	mv /run/work/said/rights /run/work/said/rights.done
S
# Everything that a bad script can do at once.
script wild <<-'S'
	#!/bin/sh
	trap '' TERM INT HUP
	echo $$ >>/run/work/said/wild
	(trap '' TERM HUP; setsid sh -c 'echo $$ >>/run/work/said/wild; exec sleep 60' &)
	sleep 60 & echo $! >>/run/work/said/wild
	head -c 100000000 /dev/zero
	sleep 60
S
script many <<-'S'
	#!/bin/sh
	exec sleep 0.2
S
cat >"$WORK/gw.yaml" <<-Y
	node: gw
	agree: { lead: 200 } # its own weights count, and not what cpe carries
	detection: { interval: 20ms, silence: 1s }
	restore: 0s
	tunnels:
	  line1: { local: 192.0.2.1, remote: 192.0.2.2, secret: { file: psk },
	           health: { source: 172.16.41.201, target: 10.1.22.252 } }
	  line2: { local: 198.51.100.1, remote: 198.51.100.2, secret: { file: psk },
	           health: { source: 172.16.41.202, target: 10.1.22.253 } }
	routes:
	  - { name: office, to: 10.1.22.0/24, hold-off: 300ms, revert: no,
	      via: { line1: { weight: 100, track: [{ track: good, lost: standby }, { track: heavy, lost: -60 }] },
	             line2: { weight: 0, track: [{ track: barred, lost: unusable }] } } }
	tracks:
	  good: { script: { command: [$WORK/bin/good], interval: 100ms, fall: 2, rise: 2 } }
	  heavy: { all: [{ prefix: 10.77.0.0/16, not: yes }] }
	  barred: { all: [{ interface: lan0, needs: address }] }
	  default: { any: [{ prefix: 10.99.0.0/16, device: lan0 }] }
	  other-table: { any: [{ prefix: 10.99.0.0/16, table: 77 }] }
	  carrier: { all: [{ interface: lan0 }] }
	  oper: { all: [{ interface: lan0, needs: oper }] }
	  nested: { at-least: { count: 3, of: [{ track: default, weight: 2 }, { track: carrier }, { health: line1 }] } }
Y
cat >"$WORK/cpe.yaml" <<-Y
	node: cpe
	detection: { interval: 20ms, silence: 1s }
	restore: 0s
	tunnels:
	  line1: { local: 192.0.2.2, remote: 192.0.2.1, secret: { file: psk },
	           health: { source: 10.1.22.252, target: 172.16.41.201, pin: no } }
	  line2: { local: 198.51.100.2, remote: 198.51.100.1, secret: { file: psk } }
	routes:
	  - { to: 172.16.41.201/32, via: { line1: 1 } }
	  - { to: 172.16.41.202/32, via: { line2: 1 } }
Y
command() { futae --socket "$WORK/gw.run/control.sock" "$@"; }
ask() { command "$1" --json | jq -r "$2"; }
is() { [ "$(ask "$1" "$2")" = "$3" ]; }
track() { [ "$(command explain "$1" --json | jq -r .state)" = "$2" ]; }
explains() { command explain "$1" | grep -Eq -- "$2"; }
active() { is routes '[.routes[0].via[] | select(.active).tunnel] | join(",")' "$1"; }
reload() { command reload >"$WORK/out" || fail "reload: $(cat "$WORK/out")"; }
trap '[ $? = 0 ] || { command explain office; tail -n 30 "$WORK"/*.log; }' EXIT

for node in gw cpe; do
	ip netns exec $node futaed --config "$WORK/$node.yaml" --run-dir "$WORK/$node.run" 2>"$WORK/$node.log" &
	[ $node = cpe ] || gw=$!
done
for line in line1 line2; do
	eventually 20 is health ".health[] | select(.tunnel == \"$line\").state" up
done

echo "-- a script's exit status, after so many results in a row"
eventually 5 track good good
eventually 5 active line1
touch "$WORK/said/bad"
eventually 5 track good lost
explains good 'exit status 3: the database said no' || fail "no reason: $(command explain good)"

echo "-- the lost track made line1 a standby; line2 may not be used, so line1 carries alone"
eventually 5 explains office 'line1 \(weight 0 instead of 100\) carries'
explains office 'line1: track good is lost, so stands by here' || fail "explain says nothing of the track"
explains office 'line2: track barred is lost, so not to be used here' || fail "nor of the other"
ip -n gw link set lan0 up
eventually 5 track carrier good
eventually 5 track oper good
track barred lost || fail "an interface without an address has one"
address gw:lan0 10.98.0.1/24
eventually 2 track barred good
rm "$WORK/said/bad"
eventually 5 track good good
eventually 2 active line1

echo "-- a route of the kernel, by prefix, table and device"
track default lost || fail "a route that is not there"
ip -n gw route add 10.99.0.0/24 dev lan0
ip -n gw route add blackhole 10.99.0.0/16 metric 9
track nested lost || fail "nested is good too early"
ip -n gw route add 10.99.0.0/16 dev lan0
eventually 2 track default good
eventually 2 track nested good
track other-table lost || fail "the table does not count"
ip -n gw route add 10.99.0.0/16 dev wan0 table 77
eventually 2 track other-table good
ip -n gw route del 10.99.0.0/16 dev lan0
eventually 2 track default lost
eventually 2 track nested lost
ip -n gw route add 10.99.0.0/16 dev wan0
eventually 2 is routes '.routes | length' 1
track default lost || fail "the device does not count"
ip -n gw route add 10.77.0.0/16 dev lan0
eventually 2 is routes '.routes[0].via[0].weight_now' 40
ip -n gw link set lan0 down # takes its routes along, of which the kernel says nothing
eventually 2 is routes '.routes[0].via[0].weight_now' 100
eventually 5 track carrier lost
eventually 5 track oper lost
ip -n gw link set lan0 up
eventually 5 track barred good

echo "-- a route stays where a failover led it, and a person takes it back"
on cpe nft add table inet cut
on cpe nft 'add chain inet cut in { type filter hook input priority 0; ip saddr 192.0.2.1 drop; }'
eventually 15 explains office 'hold-off: it leaves line1 in'
eventually 5 active line2
on cpe nft delete table inet cut
eventually 20 is routes '.routes[0].stays' true
active line2 || fail "it went back by itself"
explains office 'It stays where it is .*revert is off' || fail "explain does not say that it stays"
command switch office line2 >/dev/null
explains office 'locked by hand to line2, for ' || fail "explain does not tell of the lock"
reload
is routes '.routes[0].locked' line2 || fail "a reload ended the lock"
command switch office auto >/dev/null
active line1 || fail "auto did not take it back"

echo "-- scripts have no rights, and nothing of ours"
sed -i "/^  good:/i\\  rights: { script: { command: [$WORK/bin/rights, 'two words'], interval: 1h } }" "$WORK/gw.yaml"
reload
eventually 5 test -e "$WORK/said/rights.done"
cd "$WORK/said"
[ "$(grep -c '^Cap.*0000000000000000$' rights.done)" = 5 ] || fail "it has rights: $(cat rights.done)"
grep -q '^NoNewPrivs:.*1' rights.done || fail "it may gain rights"
grep -q '^FUTAE_TRACK=rights$' rights.done || fail "it does not know its track"
[ "$(grep -c '=' rights.done)" -le 5 ] || fail "more environment than ours: $(cat rights.done)"
[ "$(grep -c -- ' -> ' rights.done)" = 4 ] || fail "open files: $(cat rights.done)" # 0-2, and ls's own

echo "-- nothing that a script does holds up a probe, and nothing of it is left"
# What a busy machine does to a node without scripts is no fault of the scripts.
late() { futae --socket "$WORK/$1.run/control.sock" health --json | jq '[.health[].own_late_worst_ms] | max | floor'; }
for n in 1 2 3 4; do
	sed -i "/^  good:/i\\  wild$n: { script: { command: [$WORK/bin/wild], interval: 200ms, timeout: 700ms } }" "$WORK/gw.yaml"
done
reload
for n in 1 2 3 4; do
	eventually 10 explains wild$n 'killed after its time-out of 700 ms'
done
enough() { [ "$(wc -l <"$WORK/said/wild")" -ge 24 ]; }
eventually 30 enough
explains wild1 'turns passed over' || fail "overlapping turns are not counted: $(command explain wild1)"
is health '[.health[].state] | unique | join(",")' up || fail "a probe was held up"
echo "   worst lateness of a probe: $(late gw) ms, of a node without scripts $(late cpe) ms"
[ "$(late gw)" -le $(($(late cpe) + 250)) ] || fail "probes were held up"
sed -i '/^  wild/d' "$WORK/gw.yaml"
reload
gone() { while read -r pid; do [ ! -e "/proc/$pid" ] || return 1; done <"$1"; }
eventually 5 gone "$WORK/said/wild"

echo "-- many at once wait their turn"
for n in $(seq 40); do
	sed -i "/^  good:/i\\  many$n: { script: { command: [$WORK/bin/many], interval: 30s, timeout: 10s } }" "$WORK/gw.yaml"
done
reload
all_good() { [ "$(grep -c 'track.state track=many.* state=good' "$WORK/gw.log")" = 40 ]; }
eventually 20 all_good

echo "-- futae-script is killed, comes again, and is clean gone when futaed is"
sed -i "/^  good:/i\\  wild: { script: { command: [$WORK/bin/wild], interval: 200ms, timeout: 20s } }" "$WORK/gw.yaml"
: >"$WORK/said/wild"
reload
out() { [ "$(wc -l <"$WORK/said/wild")" -ge "$1" ]; }
eventually 5 out 3
# after COMMAND...: what ran before it is gone
after() {
	cp "$WORK/said/wild" "$WORK/before"
	"$@"
	eventually 5 gone "$WORK/before"
}
after kill -9 "$(ask status '.processes[] | select(.name == "futae-script").pid')"
eventually 10 is status '.processes[] | select(.name == "futae-script").state' running
eventually 10 track good good
eventually 10 out 6
after kill -9 "$gw"
no_runner() { ! pgrep -x futae-script; }
eventually 5 no_runner
