#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two whole futae nodes: tunnels over IPv4 and IPv6 that carry both, certificates, policy routes,
# locks by hand, and reloads that add and take away tunnels and routes while traffic flows.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq ping openssl

ns gw cpe vpc office
veth gw:wan0 192.0.2.1/24 cpe:wan0 192.0.2.2/24
address gw:wan0 2001:db8:f::1/64 && address cpe:wan0 2001:db8:f::2/64
veth gw:lan0 172.16.41.72/24 vpc:eth0 172.16.41.1/24
veth cpe:lan0 10.1.22.252/24 office:eth0 10.1.22.1/24
address gw:lan0 2001:db8:41::72/64 && address vpc:eth0 2001:db8:41::1/64
address cpe:lan0 2001:db8:22::252/64 && address office:eth0 2001:db8:22::1/64
address vpc:eth0 172.16.41.9/24
ip -n vpc route add default via 172.16.41.72 && ip -n vpc route add default via 2001:db8:41::72
ip -n office route add default via 10.1.22.252 && ip -n office route add default via 2001:db8:22::252
for node in gw cpe; do
	on $node sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
done

# A CA and a certificate for each end.
pki() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 60 -subj /CN=ca \
		-keyout "$WORK/ca.key" -out "$WORK/ca.pem"
	for node in gw cpe; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$node" \
			-keyout "$WORK/$node.key" -out "$WORK/$node.csr"
		openssl x509 -req -in "$WORK/$node.csr" -days 60 -CA "$WORK/ca.pem" -CAkey "$WORK/ca.key" \
			-CAcreateserial -out "$WORK/$node.pem"
	done
	chmod 600 "$WORK"/*.key
}
pki 2>/dev/null
(umask 077 && echo "one secret" >"$WORK/psk")

# config NODE SUFFIX OTHER-SUFFIX SOURCE-A TARGET-A ...: line a over IPv4, line b over IPv6, and c
# when $third is set; the route by $via
third='' via='a: 100, b: 0' policy=''
config_one() { # NODE HERE THERE SOURCE TARGET SOURCE6 TARGET6 NET NET6
	cat <<-Y
		node: $1
		restore: 1s
		agree: { lead: $((200 - 50 * ($2 - 1))) } # what gw is told holds at both
		tunnels:
		  a:
		    local: 192.0.2.$2
		    remote: 192.0.2.$3
		    secret: { file: psk }
		    health: { source: $4, target: $5, pin: no }
		  b:
		    local: 2001:db8:f::$2
		    remote: 2001:db8:f::$3
		    certificate: { file: $1.pem, key: $1.key, ca: ca.pem }
		    identity: { local: CN=$1, remote: CN=${10} }
		    health: { source: $6, target: $7, pin: no }
	Y
	shift
	[ -z "$third" ] || cat <<-Y
		  c:
		    local: 192.0.2.$1
		    remote: 192.0.2.$2
		    identity: { local: c-$1@example.net, remote: c-$2@example.net }
		    secret: { file: psk }
	Y
	cat <<-Y
		routes:
		  - name: lan
		    to: [$7, $8]
		    via: { $via }
	Y
	[ -z "$policy" ] || cat <<-Y
		  - name: policy
		    to: $7
		    from: $policy
		    via: { b: 1 }
	Y
}
write() {
	config_one gw 1 2 172.16.41.201 10.1.22.252 2001:db8:41::201 2001:db8:22::252 \
		10.1.22.0/24 2001:db8:22::/64 cpe >"$WORK/gw.yaml"
	config_one cpe 2 1 10.1.22.252 172.16.41.201 2001:db8:22::252 2001:db8:41::201 \
		172.16.41.0/24 2001:db8:41::/64 gw >"$WORK/cpe.yaml"
}
ask() { futae --socket "$WORK/$1.run/control.sock" "$2" --json | jq -r "$3"; }
is() { [ "$(ask "$1" "$2" "$3")" = "$4" ]; }
health() { is "$1" health ".health[] | select(.tunnel == \"$2\").state" "$3"; }
active() { is "$1" routes ".routes[] | select(.name == \"lan\") | [.via[] | select(.active).tunnel] | join(\",\")" "$2"; }
reload() {
	write
	for node in gw cpe; do
		futae --socket "$WORK/$node.run/control.sock" reload >/dev/null
	done
}
trap '[ $? = 0 ] || tail -n 30 "$WORK"/*.log' EXIT

write
for node in gw cpe; do
	ip netns exec $node futaed --config "$WORK/$node.yaml" --run-dir "$WORK/$node.run" \
		2>"$WORK/$node.log" &
	pid=$! # of the last: cpe
done

echo "-- PSK over IPv4 and certificates over IPv6 come up"
for node in gw cpe; do
	eventually 20 health $node a up
	eventually 20 health $node b up
	eventually 5 active $node a
done
! grep '<3>.*route.switch' "$WORK"/*.log || fail "a start is no error"
grep -q 'route.switch route=lan from=nothing .*cause="[ab]: there is an SA, but no reply by it yet"' \
	"$WORK/gw.log" || fail "the first choice has a false cause: $(grep route.switch "$WORK/gw.log")"
v4() { on vpc ping -n -c1 -W1 10.1.22.1; }
v6() { on vpc ping -n -c1 -W1 2001:db8:22::1; }
eventually 5 v4
eventually 5 v6

# The packets that the gateway has sent by a device, to see which way traffic takes.
sent() { ip -n gw -j -s link show dev "$1" | jq '.[0].stats64.tx.packets'; }
goes_by() { # DEVICE COMMAND...: 20 pings show up there
	device=$1 && shift
	before=$(sent "$device")
	"$@" >/dev/null || fail "no answer: $*"
	[ $(($(sent "$device") - before)) -ge 20 ] || fail "the packets of '$*' did not go by $device"
}
flood() { on vpc ping -n -q -c20 -i 0.01 -W1 "$@"; }
goes_by a flood 10.1.22.1
goes_by a flood 2001:db8:22::1

echo "-- a lock by hand moves the route and holds it, auto frees it"
command() { futae --socket "$WORK/gw.run/control.sock" "$@" >/dev/null; }
command switch lan b
active gw b || fail "the route is not where it was locked to"
goes_by b flood 10.1.22.1
goes_by b flood 2001:db8:22::1
last() { ask gw failovers ".failovers[0] | select(.object == \"lan\") | $1"; }
[ "$(last '[.from, .to, .cause, .last_good_ms, .detected_ms, .outage_ms] | tostring')" = \
	'["a","b","by hand",null,null,null]' ] || fail "the record of a switch by hand: $(last .)"
command switch lan auto
active gw a || fail "the route did not come back"

echo "-- a lock is on the tunnel: a reload that moves it in the list keeps it, one without it ends it"
locked() { is gw routes '.routes[0].locked' "$1" && active gw "$2"; }
command switch lan b
via='b: 0, a: 100'
reload
locked b b || fail "the lock on b went elsewhere: $(ask gw routes '.routes[0]')"
goes_by b flood 10.1.22.1
via='a: 100'
reload
locked null a || fail "a lock on a tunnel that is gone: $(ask gw routes '.routes[0]')"
grep -q 'route.lock route=lan tunnel=b ' "$WORK/gw.log" || fail "the lock went without a word"
via='a: 100, b: 0'
reload
locked null a || fail "a lock came back"

echo "-- reloads under traffic: another tunnel, shared weights, then both away again; nothing lost"
on vpc ping -n -q -c 2000 -i 0.005 10.1.22.1 >"$WORK/ping" &
ping=$!
third=yes
reload
eventually 15 is gw tunnels '.tunnels | length' 3
up_c() { is gw tunnels '.tunnels[] | select(.name == "c") | .sa.in' 1; }
eventually 15 up_c
via='a: 100, b: 100'
reload
eventually 5 active gw a,b
via='b: 100, a: 0'
switches=$(ask gw routes '.routes[0].switches')
reload
eventually 5 active gw b
by_conf='[.from, .to, .cause, .last_good_ms, .detected_ms] | tostring'
[ "$(last "$by_conf")" = '["a+b","b","configuration",null,null]' ] || fail "the record: $(last .)"
[ "$(ask gw routes '.routes[0].switches')" = $((switches + 1)) ] || fail "a reload's move was not counted"
grep -q 'route.switch route=lan from=a+b to=b .*cause="configuration"' "$WORK/gw.log" ||
	fail "a reload's move is not in the log"
reload
[ "$(ask gw routes '.routes[0].switches')" = $((switches + 1)) ] || fail "a reload that moves nothing counts"
via='a: 100, b: 0' third=''
reload
eventually 5 is gw tunnels '.tunnels | length' 2
eventually 5 active gw a
! ip -n gw link show c 2>/dev/null || fail "the removed tunnel left its device"
wait "$ping" || true
grep -q ' 0% packet loss' "$WORK/ping" || fail "reloading lost packets: $(grep transmitted "$WORK/ping")"

echo "-- a policy route sends one source by another tunnel"
policy=172.16.41.9/32
reload
goes_by b flood -I 172.16.41.9 10.1.22.1
goes_by a flood -I 172.16.41.1 10.1.22.1
policy=''
reload
goes_by a flood -I 172.16.41.9 10.1.22.1
[ "$(ip -n gw rule | grep -c 'proto 200')" = 1 ] || fail "the policy route left its rule"

echo "-- the line of a dies under it, over IPv6 b carries on"
on gw nft add table inet cut
on gw nft 'add chain inet cut in { type filter hook input priority 0; ip saddr 192.0.2.2 drop; }'
eventually 5 active gw b
eventually 5 active cpe b
eventually 5 v4
eventually 5 v6
eventually 3 on office ping -n -c1 -W1 172.16.41.1
[ "$(last '.from + .to')" = ab ] || fail "the record of the cut: $(last .)"
last .cause | grep -q '^a: silence: ' || fail "the cause of the cut is $(last .cause)"
good='[.last_good_ms == 0, .detected_ms >= 400, .outage_ms != null, .sent_into_dead_path != null] | all'
[ "$(last "$good")" = true ] || fail "the record of the cut: $(last .)"

echo "-- the other end is stopped: b's SA goes, and the record says so, with b's times"
kill "$pid"
eventually 5 is gw failovers '.failovers[0].from' b
last .cause | grep -q '^b: the last SA is gone (' || fail "the cause of a lost SA is $(last .cause)"
# The last packet is a moment ago, where the cut of a is seconds ago.
[ "$(last '.last_good_ms == 0 and .decided_ms < 400')" = true ] || fail "the record: $(last .)"
