# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Sourced after lib.sh by the esp_*.sh tests: nodes that run one futae-esp each.

{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened here"
[ -x "$BUILD/src/bin/futae-esp" ] || fail "futae-esp is not built in $BUILD"

# esp NODE: starts futae-esp and its driver in that namespace
esp() {
	mkfifo "$WORK/$1.in"
	ip netns exec "$1" "$BUILD/tests/net/esp_peer" "$BUILD/src/bin/futae-esp" \
		<"$WORK/$1.in" >"$WORK/$1.out" 2>"$WORK/$1.err" &
	eval "esp_pid_$1=$!"
	# Held open for the driver's life; one descriptor for each node
	case $1 in a) exec 8>"$WORK/a.in" ;; b) exec 9>"$WORK/b.in" ;; esac
	eventually 5 grep -q "^ready" "$WORK/$1.out"
}

# tell NODE COMMAND...: waits until it was obeyed
tell() {
	node=$1 && shift
	done_before=$(grep -c "^done $1\$" "$WORK/$node.out" || true)
	case $node in a) echo "$*" >&8 ;; b) echo "$*" >&9 ;; esac
	eventually 5 obeyed "$node" "$1" "$done_before"
}
obeyed() { [ "$(grep -c "^done $2\$" "$WORK/$1.out")" -gt "$3" ]; }

# tunnel NODE IF_ID ADDRESS...: device tunIF_ID with these addresses
tunnel() {
	node=$1 if_id=$2 && shift 2
	tell "$node" tunnel "$if_id" "tun$if_id" 1360 1340
	ip -n "$node" link set "tun$if_id" mtu 1400
	for a; do address "$node:tun$if_id" "$a"; done
}

# sa_pair IF_ID SPI ADDRESS-OF-A ADDRESS-OF-B SUITE OPTION...: both ways, at both ends
sa_pair() {
	id=$1 spi=$2 at_a=$3 at_b=$4 suite=$5 && shift 5
	tell b sa in "$id" "$spi" "$at_a" "$at_b" "$suite" 0x11 "$@"
	tell a sa in "$id" "$((spi + 1))" "$at_b" "$at_a" "$suite" 0x22 "$@"
	tell a sa out "$id" "$spi" "$at_a" "$at_b" "$suite" 0x11 "$@"
	tell b sa out "$id" "$((spi + 1))" "$at_b" "$at_a" "$suite" 0x22 "$@"
}

# counts NODE IF_ID: the last word of futae-esp on its counters
counts() {
	before=$(grep -c "^stats 0 " "$WORK/$1.out" || true)
	tell "$1" stats "$2"
	eventually 5 more_stats "$1" "$before"
	grep "^stats $2 " "$WORK/$1.out" | tail -n1
}
more_stats() { [ "$(grep -c '^stats 0 ' "$WORK/$1.out")" -gt "$2" ]; }

# counted NODE IF_ID REASON [N]: that many packets were dropped for this reason
counted() {
	case "$(counts "$1" "$2") " in
	*" $3=${4:-1} "*) ;;
	*) return 1 ;;
	esac
}

# nothing_dropped NODE IF_ID
nothing_dropped() {
	line=$(counts "$1" "$2")
	case ${line#*out=* } in end) ;; *) fail "$1 dropped: $line" ;; esac
}

# esp_end: every futae-esp ends when it is told to, and ends well
esp_end() {
	for node; do
		case $node in a) echo quit >&8 ;; b) echo quit >&9 ;; esac
		eval "wait \$esp_pid_$node" || fail "futae-esp of $node: $(cat "$WORK/$node.err" "$WORK/$node.out")"
		! grep -qi 'sanitizer\|runtime error' "$WORK/$node.err" || fail "$(cat "$WORK/$node.err")"
	done
}
