#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One virtual router with stock keepalived as the other half: versions 2 and 3, IPv4 and IPv6,
# each of us as the master that dies, leaves politely, and comes back.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need keepalived jq ping

# A switch of three ports: us, keepalived, and a host that uses the virtual address.
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

stop() {
	kill "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

start_us() { # VERSION PRIORITY ADDRESSES...
	version=$1 priority=$2 && shift 2
	interval=150ms
	[ "$version" = 3 ] || interval=1s
	cat >"$WORK/us.yaml" <<-Y
		node: us
		vrrp:
		  lan:
		    interface: lan0
		    id: 10
		    version: $version
		    interval: $interval
		    priority: $priority
		    addresses: [$(echo "$@" | tr ' ' ,)]
	Y
	ip netns exec us "$BUILD/src/bin/futaed" --config "$WORK/us.yaml" --run-dir "$WORK/us" 2>>"$WORK/us.log" &
	us=$!
}

start_them() { # VERSION PRIORITY ADDRESSES...
	version=$1 priority=$2 && shift 2
	interval=0.15
	[ "$version" = 3 ] || interval=1
	cat >"$WORK/them.conf" <<-K
		global_defs {
			vrrp_version $version
		}
		vrrp_instance lan {
			interface lan0
			virtual_router_id 10
			priority $priority
			state BACKUP
			advert_int $interval
			use_vmac
			virtual_ipaddress {
				$(printf '%s\n' "$@")
			}
		}
	K
	ip netns exec them keepalived --dont-fork --log-console --vrrp --use-file "$WORK/them.conf" \
		--pid "$WORK/them.pid" --vrrp_pid "$WORK/them.vrrp.pid" >>"$WORK/them.log" 2>&1 &
	them=$!
}

vrrp() { futae --socket "$WORK/us/control.sock" vrrp --json; }
we_are() { [ "$(vrrp | jq -r '.vrrp[0].state')" = "$1" ]; }
has() { ip -n "$1" -o addr | grep -qF " $2/"; }
only() { # who has the address, and the other has not
	has "$1" "$3" && ! has "$2" "$3"
}
answers() { on host ping -n -c1 -W1 "$1"; }

# What must hold after each change: who is master, and that it serves the host.
master() { # us|them ADDRESS
	if [ "$1" = us ]; then
		eventually 15 we_are master
		eventually 15 only us them "$2"
	else
		eventually 15 only them us "$2"
		eventually 15 we_are backup
	fi
	eventually 5 answers "$2"
}

trouble() {
	tail -n 30 "$WORK/us.log" "$WORK/them.log" >&2
	vrrp >&2 || true
}
trap '[ $? = 0 ] || trouble' EXIT

scenario() { # VERSION ADDRESSES...; the last one is looked at
	v=$1 && shift
	for vip; do :; done
	echo "== version $v, $vip"
	: >"$WORK/us.log" && : >"$WORK/them.log"

	echo "-- we are master and go politely: they take over, and hear us back"
	start_us "$v" 200 "$@" && start_them "$v" 100 "$@"
	master us "$vip"
	stop "$us" && eventually 15 only them us "$vip" && answers "$vip" >/dev/null
	start_us "$v" 200 "$@"
	master us "$vip"

	echo "-- we are killed"
	kill -9 "$us"
	eventually 15 has them "$vip"
	stop "$us"
	start_us "$v" 200 "$@"
	master us "$vip"

	echo "-- our port dies, and comes back"
	ip -n lan link set us down
	eventually 15 has them "$vip"
	eventually 15 we_are fault
	ip -n lan link set us up
	master us "$vip"
	stop "$us" && stop "$them"

	echo "-- they are master and go politely, are killed, and come back"
	start_them "$v" 200 "$@" && start_us "$v" 100 "$@"
	master them "$vip"
	stop "$them"
	master us "$vip"
	start_them "$v" 200 "$@"
	master them "$vip"
	# its parent restarts a child that died, so all of it dies
	kill -9 "$them" && kill -9 "$(cat "$WORK/them.vrrp.pid")"
	stop "$them"
	eventually 15 we_are master
	ip -n them link del vrrp.10 2>/dev/null || true
	ip -n them link del vrrp6.10 2>/dev/null || true
	start_them "$v" 200 "$@"
	master them "$vip"
	stop "$us" && stop "$them"
	vrrp_bad=$(grep -c bad_packet "$WORK/us.log" || true)
	[ "$vrrp_bad" = 0 ] || fail "we found fault with their advertisements"
}

scenario 3 10.1.22.254
scenario 2 10.1.22.254
scenario 3 fe80::254 2001:db8::254
