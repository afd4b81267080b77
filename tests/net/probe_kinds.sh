#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# TCP, UDP echo, HTTP and HTTPS probes of a server behind the other end: good while it is, down with
# the cause in words when it is not, from one kind to the next by reload; no connection is left over.
restore=0s # or it waits longer after each failure
# shellcheck source=tests/net/stamp_lib.sh
. "$(dirname "$0")/stamp_lib.sh"
need python3 openssl ss

quick="detection: { interval: 100ms, silence: 1s }" slow="detection: { interval: 1s, silence: 3s }"
certificate() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 60 -subj "/CN=$1" \
		-addext "subjectAltName=IP:10.1.22.1,DNS:alive.example" -keyout "$WORK/$1.key" \
		-out "$WORK/gw/$1.pem" 2>/dev/null
	cat "$WORK/$1.key" "$WORK/gw/$1.pem" >"$WORK/$1.both"
}
mkdir "$WORK/gw"
certificate good
certificate other
echo 200 >"$WORK/status"

serve() { # KIND PORT [ARGS]: its pid is in $server
	ip netns exec office python3 "$here/probe_server.py" "$@" 2>>"$WORK/server.log" &
	server=$!
	listens() { on office ss -Hlntu "sport = $1" | grep -q .; }
	eventually 10 listens "$2"
}
stop() { kill "$server" && { wait "$server" || :; } 2>/dev/null; }
probe() { # HEALTH DETECTION
	gw_node "$1" "$2" 10.1.22.1
	tell gw reload >/dev/null
}
down_for() { is gw health ".health[0] | .state == \"down\" and (.why | test(\"$1\"))" true; }

gw_node "kind: tcp, port: 8080" "$quick" 10.1.22.1
cpe_node "kind: icmp"
serve tcp 8080
run gw
pid=$!
run cpe

echo "-- tcp: a connection that comes about; refused is down, or good where that is enough"
eventually "$STARTING" state gw up
descriptors=$(find "/proc/$pid/fd" | wc -l)
stop
eventually 10 down_for 'connection refused at port 8080'
probe "kind: tcp, port: 8080, refused: good" "$quick"
eventually 10 state gw up

echo "-- udp: what is sent comes back; a closed port says so"
serve udp 7
probe "kind: udp" "$quick"
eventually 10 state gw up
stop
eventually 10 down_for 'port unreachable: nothing listens there'

echo "-- http: 200 is good, 503 is not, 404 neither, and what speaks something else is no answer"
serve http 8080 "$WORK/status"
probe "kind: http, port: 8080, path: /alive" "$slow"
eventually 15 state gw up
echo 503 >"$WORK/status"
eventually 10 down_for 'HTTP status 503'
echo 200 >"$WORK/status"
eventually 15 state gw up
probe "kind: http, port: 8080" "$slow"
eventually 10 down_for 'HTTP status 404'
stop
serve junk 8081
probe "kind: http, port: 8081" "$slow"
eventually 15 down_for 'does not speak HTTP'
stop

echo "-- https: a certificate of the right authority and name, and no other"
serve https 8443 "$WORK/status" "$WORK/good.both"
probe "kind: https, port: 8443, path: /alive, ca: other.pem" "$slow"
eventually 15 down_for 'certificate: '
probe "kind: https, port: 8443, path: /alive, ca: good.pem, host: dead.example" "$slow"
eventually 15 down_for 'certificate: [hH]ost'
probe "kind: https, port: 8443, path: /alive, ca: good.pem" "$slow"
eventually 15 state gw up
probe "kind: https, port: 8443, path: /alive, ca: good.pem, host: alive.example" "$slow"
probe "kind: https, port: 8443, path: /alive, verify: no" "$slow"
stop
eventually 10 down_for 'connection refused'
serve https 8443 "$WORK/status" "$WORK/other.both"
eventually 15 state gw up
stop

echo "-- tcp over IPv6, by a tunnel that no route leads to: only what is bound to it finds its way"
address cpe:lan0 2001:db8:22::252/64 && address office:eth0 2001:db8:22::1/64
ip -n office route add default via 2001:db8:22::252
on cpe sysctl -qw net.ipv6.conf.all.forwarding=1
ip -n cpe route add 2001:db8:41::/64 dev line
serve tcp 8080
node gw 192.0.2.1 192.0.2.2 2001:db8:41::201 2001:db8:22::1 2001:db8:99::/64 "kind: tcp, port: 8080" "$quick"
tell gw reload >/dev/null
eventually 15 state gw up
on gw ip -6 rule | grep -q 'to 2001:db8:22::1 oif line ' || fail "there is no rule: $(on gw ip -6 rule)"
! on gw ip -6 route get 2001:db8:22::1 >/dev/null 2>&1 || fail "others have that route, too"
stop

echo "-- back to icmp, and nothing is left over"
gw_node "kind: icmp" "$quick"
tell gw reload >/dev/null
eventually 15 state gw up
! on gw ip -6 rule | grep -q 'oif line' || fail "the rule is left over: $(on gw ip -6 rule)"
few() { [ "$(find "/proc/$pid/fd" | wc -l)" -le $((descriptors + 8)) ]; }
eventually 5 few
none() { ! on gw ss -Hntp state all "( dport = 8080 or dport = 8443 )" | grep -q futaed; }
eventually 5 none
[ "$(ask gw quality '.quality[0].kind')" = icmp ] || fail "quality: $(ask gw quality .)"
