# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Two nodes with a tunnel between them for the tests of BFD: gw is ours, 10.99.0.1, the other is
# `peer`, 10.99.0.2, whose BFD is ours, FRR's or BIRD's.  Sourced after lib.sh.

ns gw peer
veth gw:wan0 192.0.2.1/24 peer:wan0 192.0.2.2/24
(umask 077 && echo "one secret" >"$WORK/psk" && printf 'bfd key' >"$WORK/bfd.key")

pace='{ interval: 20ms, silence: 200ms }'

# node NAME HERE THERE HEALTH [MORE]: a configuration; HEALTH is what stands behind `health:`, or
# nothing for no health check
node() {
	cat <<-Y
		node: $1
		restore: 0s
		detection: $pace
		tunnels:
		  t:
		    local: 192.0.2.$2
		    remote: 192.0.2.$3
		    secret: { file: psk }
		    ${4:+health: $4}
		routes:
		  - { to: [10.99.0.$3/32, fd99::$3/128], via: { t: 100 } }
		${5:-}
	Y
}

# run NODE: futaed with $WORK/NODE.yaml; its pid goes to $WORK/NODE.pid
run() {
	ip netns exec "$1" futaed --config "$WORK/$1.yaml" --run-dir "$WORK/$1.run" 2>>"$WORK/$1.log" &
	echo $! >"$WORK/$1.pid"
}

ask() { futae --socket "$WORK/$1.run/control.sock" "$2" --json | jq -r "$3"; }
is() { [ "$(ask "$1" "$2" "$3")" = "$4" ]; }
bfd() { ask "$1" health ".health[0].bfd.$2"; }
bfd_is() { [ "$(bfd "$1" "$2")" = "$3" ]; }
state() { is "$1" health '.health[0].state' "$2"; }
why() { ask "$1" health '.health[0].why'; }
why_has() { why "$1" | grep -q "$2"; }
# within TEXT LEAST MOST: what follows it in the reason of gw's last change is so many milliseconds
within() {
	ms=$(grep 'health.state.*to=down' "$WORK/gw.log" | tail -n 1 | sed -n "s/.*$1 \([0-9]*\)[0-9.]* ms ago.*/\1/p")
	[ "${ms:-0}" -ge "$2" ] || fail "$1 $ms ms ago, which is less than $2: $(why gw)"
	[ "$ms" -le "$3" ] || fail "$1 $ms ms ago, which is more than $3: $(why gw)"
}
got_more() { [ "$(bfd "$1" received)" -gt "$2" ]; }
# holds NODE: up for 200 packets on end.  Tried a few times: this machine, too, stands still for
# some tens of milliseconds now and then.
holds() {
	for _ in 1 2 3 4 5 6 7 8; do
		downs=$(bfd "$1" downs) received=$(bfd "$1" received)
		eventually 30 got_more "$1" $((received + 200))
		[ "$(bfd "$1" downs)" != "$downs" ] || return 0
		eventually 10 state "$1" up
	done
	fail "$1 does not hold: $(why "$1")"
}
reload() { futae --socket "$WORK/$1.run/control.sock" reload >/dev/null; }

# The peer's end of the tunnel as a network of its own, for a BFD program that is not ours.
peer_link() {
	node peer 2 1 '' >"$WORK/peer.yaml"
	run peer
	eventually 20 ip -n peer link show t
	ip -n peer addr add 10.99.0.2/30 dev t
	ip -n peer addr add fd99::2/64 dev t nodad
}

# Nothing passes the line any more, or in one direction only, and all passes again.
cut() { on "$1" nft add table inet cut && on "$1" nft "add chain inet cut in { type filter hook input priority 0; iif wan0 drop; }"; }
mend() { on "$1" nft delete table inet cut; }
