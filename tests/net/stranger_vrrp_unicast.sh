#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# keepalived as the other half where there is no multicast, and at 10 ms; what it tracks is lost, its
# priority changes, and it is held back by a preempt delay, as are we.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need keepalived jq ping

ns lan us them host
ip -n lan link add br0 type bridge && ip -n lan link set br0 up
plug() { # NODE ADDRESS/LENGTH ADDRESS6/LENGTH
	ip link add lan0 netns "$1" type veth peer "$1" netns lan
	ip -n lan link set "$1" master br0 up
	address "$1:lan0" "$2" && address "$1:lan0" "$3"
}
plug us 10.1.22.252/24 2001:db8::252/64
plug them 10.1.22.253/24 2001:db8::253/64
plug host 10.1.22.1/24 2001:db8::1/64
for n in us them; do ip -n $n link add up0 type veth peer up1 && ip -n $n link set up1 up && ip -n $n link set up0 up; done

stop() {
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}
start_us() { # VERSION PRIORITY INTERVAL LINES...
	{
		printf 'node: us\nvrrp:\n  lan:\n    interface: lan0\n    id: 10\n    version: %s\n' "$1"
		printf '    priority: %s\n    interval: %s\n    addresses: [%s]\n' "$2" "$3" "$vips"
		shift 3
		for line; do echo "    $line"; done
	} >"$WORK/us.yaml"
	ip netns exec us futaed --config "$WORK/us.yaml" --run-dir "$WORK/us" 2>>"$WORK/us.log" &
	us=$!
}
write_them() { # VERSION PRIORITY SECONDS LINES...
	{
		printf 'global_defs {\n vrrp_version %s\n}\n' "$1"
		printf 'vrrp_instance lan {\n interface lan0\n virtual_router_id 10\n state BACKUP\n'
		printf ' priority %s\n advert_int %s\n' "$2" "$3"
		shift 3
		for line; do echo " $line"; done
		printf ' virtual_ipaddress {\n%s\n }\n}\n' "$(echo "$vips" | tr , '\n')"
	} >"$WORK/them.conf"
}
start_them() {
	write_them "$@"
	ip netns exec them keepalived --dont-fork --log-console --vrrp --use-file "$WORK/them.conf" \
		--pid "$WORK/them.pid" --vrrp_pid "$WORK/them.vrrp.pid" >>"$WORK/them.log" 2>&1 &
	them=$!
}
vrrp() { futae --socket "$WORK/us/control.sock" vrrp --json; }
we_are() { [ "$(vrrp | jq -r '.vrrp[0].state')" = "$1" ]; }
has() { ip -n "$1" -o addr | grep -qF " ${vips##*,}/"; }
only() { has "$1" && ! has "$2"; }
answers() { on host ping -n -c1 -W1 "${vips##*,}"; }
trouble() {
	tail -n 30 "$WORK/us.log" "$WORK/them.log" >&2
	vrrp >&2 || true
}
trap '[ $? = 0 ] || trouble' EXIT
master() { # us|them
	if [ "$1" = us ]; then
		eventually 15 we_are master && eventually 15 only us them
	else
		eventually 15 only them us && eventually 15 we_are backup
	fi
	eventually 5 answers
}
no_fault() {
	! grep bad_packet "$WORK/us.log" || fail "we found fault with their advertisements"
}

vips=10.1.22.254
for version in 3 2; do
	pace=150ms seconds=0.15
	[ $version = 3 ] || pace=1s seconds=1
	echo "-- version $version, unicast, each as the master that dies; their priority changes"
	start_us $version 150 $pace 'unicast: {peers: [10.1.22.253]}'
	start_them $version 100 $seconds 'unicast_src_ip 10.1.22.253' 'unicast_peer {' '10.1.22.252' '}'
	master us
	kill -9 "$us"
	wait "$us" 2>/dev/null || true
	eventually 15 has them
	start_us $version 150 $pace 'unicast: {peers: [10.1.22.253]}'
	master us
	write_them $version 200 $seconds 'unicast_src_ip 10.1.22.253' 'unicast_peer {' '10.1.22.252' '}'
	kill -HUP "$them"
	master them
	stop "$them"
	master us
	stop "$us"
done

# keepalived 2.2.7 sends IPv6 unicast with the hop limit of the system.
echo "-- IPv6, unicast"
vips=fe80::254,2001:db8::254
start_us 3 150 150ms 'unicast: {source: "2001:db8::252", peers: ["2001:db8::253"], min-ttl: 64}'
start_them 3 100 0.15 'unicast_src_ip 2001:db8::253' 'unicast_peer {' '2001:db8::252' '}'
master us
stop "$us"
eventually 15 has them
start_us 3 150 150ms 'unicast: {source: "2001:db8::252", peers: ["2001:db8::253"], min-ttl: 64}'
master us
stop "$them" && stop "$us"
no_fault

echo "-- every 10 ms: we are killed, and come back"
vips=10.1.22.254
start_us 3 200 10ms && start_them 3 100 0.01 use_vmac
master us
kill -9 "$us"
wait "$us" 2>/dev/null || true
eventually 5 has them
start_us 3 200 10ms
master us
stop "$them" && stop "$us"

echo "-- what is tracked is lost, at either; and a preempt delay holds back who returns"
start_us 3 150 100ms 'track: [{interface: up0, lost: -60}]' 'preempt-delay: 2s'
start_them 3 100 0.1 use_vmac 'track_interface {' 'up0 weight -50' '}'
master us
ip -n us link set up0 down
master them
ip -n us link set up0 up
waits() { [ "$(vrrp | jq '.vrrp[0].preempt_wait_ms > 0')" = true ]; }
eventually 5 waits
only them us || fail "the preempt delay was not kept"
master us
ip -n us link set up0 down
master them
ip -n them link set up0 down
master us
stop "$them" && stop "$us"
no_fault
