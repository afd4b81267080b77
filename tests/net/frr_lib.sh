# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# One virtual router with FRR's vrrpd as the other half.  Sourced by the tests stranger_frr_X.sh, each
# of which plays `scenario`.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need jq ping bridge
frr=/usr/lib/frr
[ -x $frr/vrrpd ] || skip "frr is not installed"

# FRR runs as who may read its terminals; here, in a world of its own, that is root.
sed 's/^frrvty:\([^:]*:[^:]*\):.*/frrvty:\1:root/' /etc/group >"$WORK/group"
mount --bind "$WORK/group" /etc/group
mount -t tmpfs tmpfs /var/tmp
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

# As FRR's manual says: a macvlan for each family, with the virtual MAC and addresses, there first.
macvlans() {
	ip -n them link add vrrp4 link lan0 address 00:00:5e:00:01:0a type macvlan mode bridge
	ip -n them link add vrrp6 link lan0 address 00:00:5e:00:02:0a type macvlan mode bridge
	ip -n them link set vrrp6 addrgenmode random
	on them sysctl -qw net.ipv6.conf.vrrp6.accept_dad=0
	ip -n them addr add 10.1.22.254/24 dev vrrp4
	ip -n them addr add fe80::254/64 dev vrrp6 nodad
	ip -n them addr add 2001:db8::254/64 dev vrrp6 nodad
	ip -n them link set vrrp4 up && ip -n them link set vrrp6 up
}
macvlans

trouble() {
	tail -n 30 "$WORK"/*.log "$WORK"/*.out >&2
}
trap '[ $? = 0 ] || trouble' EXIT

daemon() { # NAME: one of FRR's, with a configuration of its own
	ip netns exec them $frr/"$1" -u root -g root -f "$WORK/$1.conf" -i "$WORK/$1.pid" \
		-z "$WORK/zserv.api" --vty_socket "$WORK" --log file:"$WORK/$1.log" >>"$WORK/$1.out" 2>&1 &
}
echo "hostname them" >"$WORK/zebra.conf"
daemon zebra
# shellcheck disable=SC2034 # for the test to stop
zebra=$!
eventually 10 test -S "$WORK/zserv.api"

gone() { # PID [SIGNAL]
	kill "${2:--TERM}" "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

start_us() { # VERSION PRIORITY INTERVAL ADDRESSES...
	version=$1 priority=$2 interval=$3 && shift 3
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
	ip netns exec us futaed --config "$WORK/us.yaml" --run-dir "$WORK/us" 2>>"$WORK/us.log" &
	us=$!
}

start_them() { # VERSION PRIORITY MILLISECONDS ADDRESSES...
	{
		printf 'hostname them\ninterface lan0\n vrrp 10 version %s\n' "$1"
		printf ' vrrp 10 priority %s\n vrrp 10 advertisement-interval %s\n' "$2" "$3"
		shift 3
		for a; do
			case $a in
			*:*) echo " vrrp 10 ipv6 $a" ;;
			*) echo " vrrp 10 ip $a" ;;
			esac
		done
	} >"$WORK/vrrpd.conf"
	daemon vrrpd && them=$!
}
vty() { on them vtysh --vty_socket "$WORK" -d vrrpd "$@"; }
them_state() { vty -c 'show vrrp json' | jq -r ".[0].$family.status"; }
set_priority() {
	vty -c 'configure terminal' -c 'interface lan0' -c "vrrp 10 priority $1" >/dev/null
}
they_are() { [ "$(them_state)" = "$1" ]; }
vrrp() { futae --socket "$WORK/us/control.sock" vrrp --json; }
we_are() { [ "$(vrrp | jq -r '.vrrp[0].state')" = "$1" ]; }
answers() { on host ping -n -c1 -W1 "$vip"; }
learnt() { bridge -n lan fdb show br br0 | grep "$mac" | grep -q "dev $1 "; }

# What must hold after each change: who is master, that it serves the host, and the switch knows.
master() { # us|them
	if [ "$1" = us ]; then
		eventually 15 we_are master
		eventually 15 they_are Backup
	else
		eventually 15 they_are Master
		eventually 15 we_are backup
	fi
	eventually 5 answers
	eventually 5 learnt "$1"
}

look_at() { # ADDRESSES...: the last one
	for vip; do :; done
	family=v4 mac=00:00:5e:00:01:0a
	case $vip in *:*) family=v6 mac=00:00:5e:00:02:0a ;; esac
}

# FRR runs as everybody else does: at this pace it is late now and then on a busy machine, and takes
# over when it is.  So we ask only that the best is master in the end.
fast() { # ADDRESS
	look_at "$@"
	echo "-- every 10 ms: we are master, and are killed"
	start_us 3 200 10ms "$@" && start_them 3 100 10 "$@"
	master us
	gone "$us" -KILL
	eventually 15 they_are Master && eventually 5 answers && eventually 5 learnt them
	start_us 3 200 10ms "$@"
	master us
	gone "$us" && gone "$them"
}

scenario() { # VERSION INTERVAL-MS ADDRESSES...
	v=$1 ms=$2 && shift 2
	look_at "$@"
	echo "== version $v, every $ms ms, $vip"
	: >"$WORK/us.log"

	echo "-- we are master, go politely, are killed, lose our port"
	start_us "$v" 200 "${ms}ms" "$@" && start_them "$v" 100 "$ms" "$@"
	master us
	gone "$us"
	eventually 15 they_are Master && eventually 5 answers && eventually 5 learnt them
	start_us "$v" 200 "${ms}ms" "$@"
	master us
	gone "$us" -KILL
	eventually 15 they_are Master && eventually 5 learnt them
	start_us "$v" 200 "${ms}ms" "$@"
	master us
	ip -n lan link set us down
	eventually 15 they_are Master
	ip -n lan link set us up
	master us

	echo "-- their priority rises above ours, and sinks; they go"
	set_priority 250
	master them
	set_priority 50
	master us
	gone "$us" && gone "$them"

	echo "-- they are master, and are killed"
	start_them "$v" 200 "$ms" "$@" && start_us "$v" 100 "${ms}ms" "$@"
	master them
	gone "$them" -KILL
	eventually 15 we_are master
	start_them "$v" 200 "$ms" "$@"
	master them
	gone "$us" && gone "$them"
	[ "$(grep -c bad_packet "$WORK/us.log" || true)" = 0 ] || fail "we found fault with their advertisements"
}

