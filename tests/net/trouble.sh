#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes wrong around futaed is said in words, waited for or survived: an interface that is not
# there, a port in use, a bad reload, a killed sibling, a deleted device, removed routes.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq

ns gw
address gw:lo 192.0.2.1/32
(umask 077 && echo secret >"$WORK/psk")

config() { # what follows `node: gw`
	{ echo "node: gw" && cat; } >"$WORK/futae.yaml"
}
tunnel_config() {
	config <<-Y
		tunnels:
		  line1:
		    local: 192.0.2.1
		    remote: 198.51.100.2
		    secret: { file: psk }
		    health: { source: 172.16.41.201, target: 10.1.22.252 }
		routes:
		  - to: [10.1.22.0/24, 2001:db8:22::/48]
		    via: { line1: 100 }
		vrrp:
		  lan:
		    interface: lan0
		    id: 10
		    addresses: [10.1.22.254]
	Y
}
start() {
	ip netns exec gw futaed --config "$WORK/futae.yaml" --run-dir "$WORK/run" 2>>"$WORK/log" &
	pid=$!
}
ask() { futae --socket "$WORK/run/control.sock" "$1" --json | jq -r "$2"; }
is() { [ "$(ask "$1" "$2")" = "$3" ]; }
said() { grep -q "$1" "$WORK/log"; }
gone() { ! kill -0 "$1" 2>/dev/null; }
trap '[ $? = 0 ] || tail -n 40 "$WORK/log"' EXIT

echo "-- an interface that is not there is waited for"
tunnel_config
start
eventually 10 is vrrp '.vrrp[0].state' fault
said 'there is no interface lan0' || fail "it does not say which interface is missing"
ip -n gw link add lan0 type veth peer p0
ip -n gw link set p0 up
address gw:lan0 10.1.22.252/24
eventually 10 is vrrp '.vrrp[0].state' master
ip -n gw link del lan0
eventually 10 is vrrp '.vrrp[0].state' fault
ip -n gw link add lan0 type veth peer p0
ip -n gw link set p0 up
address gw:lan0 10.1.22.252/24
eventually 10 is vrrp '.vrrp[0].state' master

echo "-- what others delete comes back: device, route, rule, nexthop, virtual address"
has_route() { ip -n gw "$1" route show table 200 | grep -Eq "^(blackhole )?$2 .*nhid|^(blackhole )?$2 nhid"; }
has_guard() { ip -n gw "$1" route show | grep -q "^blackhole $2 .*metric 5000"; }
eventually 5 has_route -4 10.1.22.0/24
eventually 5 has_route -6 2001:db8:22::/48
ip -n gw link del line1
eventually 10 ip -n gw link show line1
ip -n gw route flush table 200 2>/dev/null || true
eventually 10 has_route -4 10.1.22.0/24
ip -n gw route del blackhole 10.1.22.0/24 metric 5000 || true
eventually 10 has_guard -4 10.1.22.0/24
ip -n gw rule del priority 5200
has_rule() { ip -n gw rule | grep -q '^5200:.*lookup 200'; }
eventually 10 has_rule
ip -n gw nexthop flush proto 200 >/dev/null 2>&1 || true
eventually 10 has_route -6 2001:db8:22::/48
device=$(ip -n gw -o link show type macvlan | sed 's/.*: \(vrrp[^@]*\)@.*/\1/')
ip -n gw addr del 10.1.22.254/32 dev "$device"
has_vip() { ip -n gw -o addr show dev "$device" | grep -q ' 10.1.22.254/'; }
eventually 10 has_vip

echo "-- a bad file changes nothing, a good one only what differs"
config <<-Y
	tunnels:
	  line1: { local: 192.0.2.1, remote: 198.51.100.2, secrt: { file: psk } }
Y
if futae --socket "$WORK/run/control.sock" reload >"$WORK/out" 2>&1; then
	fail "a bad configuration was taken"
fi
grep -q 'futae.yaml:3:' "$WORK/out" || fail "the answer to a bad reload does not say where: $(cat "$WORK/out")"
futae check "$WORK/futae.yaml" >"$WORK/out" 2>&1 || true
grep -q "secrt.*secret" "$WORK/out" || fail "futae check does not say what was meant: $(cat "$WORK/out")"
is tunnels '.tunnels | length' 1 || fail "a bad configuration changed something"
tunnel_config
cat >>"$WORK/futae.yaml" <<-Y
	tracks:
	  any: { any: [{ tunnel: line1 }, { interface: lan0 }] }
Y
before=$(ip -n gw -o link show line1 | cut -d: -f1)
kill -HUP "$pid"
eventually 5 said 'config.loaded'
is vrrp '.vrrp[0].state' master || fail "a reload that does not touch VRRP moved it"
[ "$(ip -n gw -o link show line1 | cut -d: -f1)" = "$before" ] || fail "a reload remade a device"

! said 'process.died' || fail "a reload or a lost device killed a sibling"

echo "-- a killed sibling is started again; the devices and routes stay"
for name in futae-esp futae-ike; do
	runs() { is status ".processes[] | select(.name == \"$name\").state" running; }
	eventually 10 runs
	old=$(ask status ".processes[] | select(.name == \"$name\").pid")
	[ "$old" -gt 1 ] || fail "$name has no pid"
	kill -9 "$old"
	back() { is status ".processes[] | select(.name == \"$name\") | .state == \"running\" and .pid != $old" true; }
	eventually 10 back
	[ "$(ip -n gw -o link show line1 | cut -d: -f1)" = "$before" ] || fail "$name took the device along"
	has_route -4 10.1.22.0/24 || fail "$name took the routes along"
done

echo "-- two at once: the second says what is in its way, and the first does not notice"
mkdir "$WORK/second"
if ip netns exec gw futaed --config "$WORK/futae.yaml" --run-dir "$WORK/second" 2>"$WORK/out"; then
	fail "a second futaed ran"
fi
grep -q 'UDP port 500 is in use' "$WORK/out" || fail "the second futaed does not say why"
is vrrp '.vrrp[0].state' master || fail "the first futaed was disturbed"

echo "-- killed, it leaves nothing that stops the next one; stopped, only the guards"
ike=$(ask status '.processes[] | select(.name == "futae-ike").pid')
esp=$(ask status '.processes[] | select(.name == "futae-esp").pid')
kill -9 "$pid"
eventually 5 gone "$pid"
eventually 1 gone "$ike"
! gone "$esp" || fail "futae-esp died with futaed"
has_guard -4 10.1.22.0/24 || fail "the guard is gone with futaed"
# Should a futae-ike be left over all the same, it goes, too.
cp "$(command -v sleep)" "$WORK/futae-ike"
"$WORK/futae-ike" 1000 &
left=$!
echo "$left" >"$WORK/run/futae-ike.pid"
start
eventually 10 is vrrp '.vrrp[0].state' master
eventually 5 gone "$esp"
eventually 5 gone "$left"
kill "$pid"
eventually 10 gone "$pid"
has_guard -4 10.1.22.0/24 || fail "the guard is gone after a clean stop"
! ip -n gw link show line1 2>/dev/null || fail "the device is still there after a clean stop"
