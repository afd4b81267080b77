# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# The article's network, out of namespaces:
#
#   ecs -- gateway -- inet -- line1 -- cpe01 -- office -- server
#                         `-- line2 -- cpe02 --'
#
# line1 and line2 hold nothing but a lineshim each; office holds the switch.  With two_lines=yes
# cpe01 has both lines and there is no cpe02.  With plain=yes there are routes instead of tunnels.

two_lines=no
plain=no
cloud_net=172.16.41.0/24
office_net=10.1.22.0/24
line_options=(delay_ms=5)

routers() { if [ "$two_lines" = yes ]; then echo gateway cpe01; else echo gateway cpe01 cpe02; fi; }

# wire NODE:DEVICE NODE:DEVICE
wire() {
	ip link add "${1#*:}" netns "${ns[${1%:*}]}" type veth \
		peer name "${2#*:}" netns "${ns[${2%:*}]}"
}

# Frames must cross a line as they would a wire: with their checksums, one packet each.
plain_frames() { on "$1" ethtool -K "$2" tx off >/dev/null; }

line_start() {
	local line=$1
	on "$line" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
	ip_on "$line" link set dev a up
	ip_on "$line" link set dev b up
	rm -f "$run_dir/$line.sock"
	daemon "$line" "$run_dir/$line.log" "$tools/lineshim" --a a --b b \
		--control "$run_dir/$line.sock" --inner "$cloud_net" --inner "$office_net" \
		"${line_options[@]}"
	eventually 5 line "$line" stats || die "$line: $(cat "$run_dir/$line.log")"
}

# line NAME WORDS...: what the line does from now on; see lineshim.c.
line() { "$tools/tell" "$run_dir/$1.sock" "${@:2}"; }

# Gives a node its addresses and routes, as after its power came on.
node_boot() {
	case $1 in
	ecs) ip_on ecs -batch - ;;
	gateway | inet | cpe01 | cpe02)
		on "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
		ip_on "$1" -batch -
		;;
	server) ip_on server -batch - ;;
	esac <<-E
		$("boot_$1")
	E
}

boot_ecs() {
	cat <<-E
		addr add 172.16.41.1/24 dev eth0
		link set dev eth0 up
		route add default via 172.16.41.72
	E
}

boot_gateway() {
	cat <<-E
		addr add 172.16.41.72/24 dev vpc0
		addr add 203.0.113.72/24 dev wan0
		link set dev vpc0 up
		link set dev wan0 up
		route add default via 203.0.113.1
	E
}

boot_inet() {
	cat <<-E
		addr add 203.0.113.1/24 dev gw0
		addr add 198.51.100.1/30 dev l1
		addr add 192.0.2.1/30 dev l2
		link set dev gw0 up
		link set dev l1 up
		link set dev l2 up
	E
	[ "$plain" = no ] || cat <<-E
		route add $cloud_net via 203.0.113.72
		route add $office_net via 198.51.100.2
	E
}

boot_cpe01() {
	cat <<-E
		addr add 198.51.100.2/30 dev wan0
		addr add 10.1.22.252/24 dev lan0
		link set dev wan0 up
		link set dev lan0 up
		route add default via 198.51.100.1
	E
	[ "$plain" = no ] || echo addr add 10.1.22.254/24 dev lan0
	# The second line is for what comes from its own address.
	[ "$two_lines" = no ] || cat <<-E
		addr add 192.0.2.2/30 dev wan1
		link set dev wan1 up
		route add default via 192.0.2.1 dev wan1 table 102
		rule add from 192.0.2.2 table 102 priority 102
	E
}

boot_cpe02() {
	cat <<-E
		addr add 192.0.2.2/30 dev wan0
		addr add 10.1.22.253/24 dev lan0
		link set dev wan0 up
		link set dev lan0 up
		route add default via 192.0.2.1
	E
}

boot_server() {
	cat <<-E
		addr add 10.1.22.1/24 dev eth0
		link set dev eth0 up
		route add default via 10.1.22.254
	E
}

office_start() {
	local port
	on office sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
	ip_on office link add br0 type bridge forward_delay 0 mcast_snooping 0
	ip_on office link set dev br0 up
	for port in "$@"; do
		ip_on office link set dev "$port" master br0 up
	done
}

# Counts what reaches the Internet from the gateway with an inner address still on it.
watch_for_clear_text() {
	on inet nft -f - <<-E
		table ip lab {
			counter clear { }
			chain seen {
				type filter hook prerouting priority raw
				iifname gw0 ip saddr { $cloud_net, $office_net } counter name clear
				iifname gw0 ip saddr != { $cloud_net, $office_net } \
					ip daddr { $cloud_net, $office_net } counter name clear
			}
		}
	E
}

clear_text_at_gateway() {
	on inet nft -j list counter ip lab clear | jq '[.nftables[].counter // empty][0].packets'
}

network_build() {
	local node
	for node in ecs gateway inet line1 line2 cpe01 office server; do
		node_create "$node"
	done
	wire ecs:eth0 gateway:vpc0
	wire gateway:wan0 inet:gw0
	wire inet:l1 line1:a
	wire cpe01:wan0 line1:b
	wire inet:l2 line2:a
	wire cpe01:lan0 office:p1
	wire server:eth0 office:p3
	if [ "$two_lines" = yes ]; then
		wire cpe01:wan1 line2:b
		plain_frames cpe01 wan1
		office_start p1 p3
	else
		node_create cpe02
		wire cpe02:wan0 line2:b
		wire cpe02:lan0 office:p2
		plain_frames cpe02 wan0
		office_start p1 p2 p3
	fi
	plain_frames cpe01 wan0
	plain_frames inet l1
	plain_frames inet l2
	for node in ecs inet server $(routers); do
		node_boot "$node"
	done
	[ "$plain" = no ] || ip_on gateway route add "$office_net" via 203.0.113.1
	watch_for_clear_text
	line_start line1
	line_start line2
}

# cpe_off NODE [MARK]: its power fails: every process and every link at once.
cpe_off() {
	local pids
	pids=$(ip netns pids "${ns[$1]}")
	[ -z "${2:-}" ] || mark "$2"
	# Stopped, not killed, while there are links: the kernel says good-bye for the dead (TCP), and
	# nobody without power does.
	# shellcheck disable=SC2086 # a list of numbers
	kill -STOP $pids 2>/dev/null || true
	ip_on "$1" -batch - <<-E
		link set dev wan0 down
		link set dev lan0 down
	E
	node_kill "$1"
}

# cpe_on NODE: its power is back: a kernel that remembers nothing, on the same two wires.
cpe_on() {
	local old=${ns[$1]} device
	node_create "$1" "-again"
	for device in wan0 lan0; do
		ip -n "$old" link set dev "$device" netns "${ns[$1]}"
	done
	ip netns del "$old"
	node_boot "$1"
}
