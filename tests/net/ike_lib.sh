# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Sourced by the ike_*.sh tests after lib.sh: futae-ike in namespaces, each with an ike_peer that
# plays futaed and futae-esp for it.  What happens on node X is in $WORK/X.log, its daemon's own log
# in $WORK/X.err.

IKE=$BUILD/src/bin/futae-ike
PEER=$BUILD/tests/net/ike_peer
for program in "$IKE" "$PEER"; do [ -x "$program" ] || skip "build $program first"; done

# What OpenSSL keeps for the life of a process is not ours to free; and strongSwan's printf knows
# more than the sanitizer does.
echo leak:libcrypto.so >/run/lsan.supp
export LSAN_OPTIONS="${LSAN_OPTIONS:+$LSAN_OPTIONS:}suppressions=/run/lsan.supp:print_suppressions=0"
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}check_printf=0"

# two nodes on one wire: a 192.0.2.1, b 192.0.2.2
ike_pair() {
	ns a b
	veth a:eth0 192.0.2.1/24 b:eth0 192.0.2.2/24
}

# ike_start NODE: a futae-ike there; orders go through descriptor-less `order`
ike_start() {
	mkdir -p "$WORK/$1.run" && chmod 777 "$WORK/$1.run"
	mkfifo "$WORK/$1.in"
	# the fifo must not end with the first order: sleep holds it open for the test's life
	sleep 1000 >"$WORK/$1.in" &
	(exec ip netns exec "$1" "$PEER" "$IKE" "$WORK/$1.run") \
		<"$WORK/$1.in" >"$WORK/$1.log" 2>"$WORK/$1.err" &
	echo $! >"$WORK/$1.pid"
}

# order NODE WORDS...
order() {
	node=$1 && shift
	echo "$*" >"$WORK/$node.in"
}

# ike_stop NODE: as futaed does it; all peers are told
ike_stop() {
	kill "$(cat "$WORK/$1.pid")"
	eventually 10 grep -q '^EXIT ' "$WORK/$1.log"
	grep -q '^EXIT status=0' "$WORK/$1.log" || fail "$1: $(tail -n 3 "$WORK/$1.err")"
}

# said NODE PATTERN: it is in its log
said() { grep -qE -- "$2" "$WORK/$1.log"; }

# state NODE NAME PATTERN: the last state of a connection matches
state() { grep "^STATE $2 " "$WORK/$1.log" | tail -n 1 | grep -qE -- "$3"; }

# count_of NODE PATTERN: how often it is in the log
count_of() { grep -cE -- "$2" "$WORK/$1.log" || :; }

# test_count NODE PATTERN N: it is there that often or more
test_count() { [ "$(count_of "$1" "$2")" -ge "$3" ]; }

# last_in NODE: SPI of the inbound SA it got last
last_in() { sed -n 's/^SA add dir=in .* spi=\([0-9a-f]*\) .*/\1/p' "$WORK/$1.log" | tail -n 1; }

# keys NODE: what its data plane holds now: one line per SA, spi and key
keys() {
	awk '$1 == "SA" && $2 == "add" { sub("spi=", "", $6); key[$6] = $NF }
	     $1 == "SA" && $2 == "del" { sub("spi=", "", $4); delete key[$4] }
	     $1 == "SA" && $2 == "flush" { delete key }
	     END { for (spi in key) print spi, key[spi] }' "$WORK/$1.log" | sort
}

# same_keys A B: both data planes hold the same SAs, one each way
same_keys() { [ "$(keys "$1")" = "$(keys "$2")" ] && [ "$(keys "$1" | wc -l)" = 2 ]; }

# show the logs of a test that failed
ike_explain() {
	for f in "$WORK"/*.log "$WORK"/*.err; do
		echo "--- $f" && tail -n "${LINES_SHOWN:-40}" "$f"
	done >&2
}
trap '[ $? = 0 ] || ike_explain' EXIT
