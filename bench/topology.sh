# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# The two networks everything is measured in.
#
#   point-to-point:  ga ==== gb               traffic begins and ends at the gateways
#   gateway:         ha ---- ga ==== gb ---- hb
#
# 10.8.1.0/24 is A's inside, 10.8.2.0/24 B's.  Only what === stands for differs between systems.

outer_a=192.0.2.1 outer_b=192.0.2.2
net_a=10.8.1.0/24 net_b=10.8.2.0/24
gate_a=10.8.1.1 gate_b=10.8.2.1
inner_mtu=1400

bench_network() {
	local node
	network_destroy
	case $topology in
	point) client=ga server=gb client_ip=$gate_a server_ip=$gate_b ;;
	gateway) client=ha server=hb client_ip=10.8.1.2 server_ip=10.8.2.2 ;;
	esac
	node_create ga
	node_create gb
	for node in ga gb; do
		on "$node" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
		on "$node" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
	done
	pair ga:wan0 "$outer_a/24" gb:wan0 "$outer_b/24"
	if [ "$topology" = gateway ]; then
		node_create ha
		node_create hb
		pair ha:eth0 "$client_ip/24" ga:lan0 "$gate_a/24"
		pair hb:eth0 "$server_ip/24" gb:lan0 "$gate_b/24"
		ip_on ha route add default via "$gate_a"
		ip_on hb route add default via "$gate_b"
	else
		ip_on ga addr add "$gate_a/32" dev lo
		ip_on gb addr add "$gate_b/32" dev lo
	fi
}

# pair NODE:DEVICE ADDRESS NODE:DEVICE ADDRESS
pair() {
	ip link add "${1#*:}" netns "${ns[${1%:*}]}" type veth peer name "${3#*:}" netns "${ns[${3%:*}]}"
	port "${1%:*}" "${1#*:}" "$2"
	port "${3%:*}" "${3#*:}" "$4"
}

# Native, a veth hands super-packets over whole, which no wire does.  As a wire, it segments in
# software when it sends, and puts together again (GRO) what it receives.
port() {
	ip_on "$1" addr add "$3" dev "$2"
	ip_on "$1" link set "$2" up
	[ "$mode" = native ] || on "$1" ethtool -K "$2" tso off gso off tx-udp-segmentation off \
		gro on >/dev/null
}
