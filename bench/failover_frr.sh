# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# FRR: BGP over the tunnels, watched by BFD, and its VRRP; see failover_systems.sh.  Its staticd knows
# no BFD, so BGP carries the routes.

frr_missing() {
	local program
	for program in zebra bgpd bfdd vrrpd staticd; do
		missing_file /usr/lib/frr/$program frr
	done
	missing_vxlan
}

# frr_run NODE DAEMON, its configuration on standard input: each reads only what it knows
frr_run() {
	local dir=$run_dir/$1
	cat >"$dir/$2.conf"
	peer "$1" "/usr/lib/frr/$2" -N "$1" -f "$dir/$2.conf" -i "/run/frr/$1/$2.pid" \
		-A 127.0.0.1 -P 0 --log stdout
}

frr_zebra() {
	# It gives up root, and wants to write there.
	install -d -o frr -g frr "/run/frr/$1"
	frr_run "$1" zebra </dev/null
	eventually 10 test -S "/run/frr/$1/zserv.api"
}

# frr_bfd NODE MSEC
frr_bfd() {
	frr_run "$1" bfdd <<-E
		bfd
		 profile bench
		  detect-multiplier 3
		  receive-interval $2
		  transmit-interval $2
	E
}

# frr_bgp NODE AS ID NET, neighbors (ADDRESS AS WEIGHT) on standard input
frr_bgp() {
	local address as weight weights=()
	{
		printf 'router bgp %s\n bgp router-id %s\n no bgp ebgp-requires-policy\n' "$2" "$3"
		while read -r address as weight; do
			printf ' neighbor %s remote-as %s\n' "$address" "$as"
			printf ' neighbor %s timers connect 1\n' "$address"
			printf ' neighbor %s bfd profile bench\n' "$address"
			weights+=("  neighbor $address weight $weight")
		done
		printf ' address-family ipv4 unicast\n  network %s\n' "$4"
		printf '%s\n' "${weights[@]}"
	} | frr_run "$1" bgpd
}

# Its VRRP wants a device with the virtual MAC, which the user has to make.
frr_lan() {
	# The kernel would answer for the virtual address also by the device that is not meant.
	on "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/conf/all/arp_ignore'
	ip_on "$1" link add vrrp4-2-1 link lan0 type macvlan mode bridge
	ip_on "$1" link set vrrp4-2-1 address 00:00:5e:00:01:0a
	ip_on "$1" addr add 10.1.22.254/24 dev vrrp4-2-1
	ip_on "$1" link set vrrp4-2-1 up
}

# frr_cpe VARIANT NODE ID AS FAR OTHER PRIORITY
frr_cpe() {
	frr_lan "$2"
	frr_zebra "$2" || return 1
	# Its VRRP does not look at tunnels: a router whose own is dead sends by the other one.
	echo "ip route $cloud_net $6 220" | frr_run "$2" staticd
	frr_bfd "$2" "$(bfd_msec "$1")"
	echo "$5 65000 100" | frr_bgp "$2" "$4" "$3" "$office_net"
	frr_run "$2" vrrpd <<-E
		interface lan0
		 vrrp 10 version 3
		 vrrp 10 priority $7
		 vrrp 10 advertisement-interval $(vrrp_seconds "$1" | awk '{ print $1 * 1000 }')
		 vrrp 10 ip 10.1.22.254
	E
}

frr_start() {
	peer_dirs
	peer_tunnels
	frr_zebra gateway || return 1
	frr_bfd gateway "$(bfd_msec "$1")"
	printf '%s\n' '10.255.1.2 65001 200' '10.255.2.2 65002 100' |
		frr_bgp gateway 65000 203.0.113.72 "$cloud_net"
	frr_cpe "$1" cpe01 198.51.100.2 65001 10.255.1.1 10.1.22.253 200 || return 1
	frr_cpe "$1" cpe02 192.0.2.2 65002 10.255.2.1 10.1.22.252 100
}

# Sessions begin slowly (RFC 5880, 6.8.3), and until they are up nothing watches BGP.
frr_ready() {
	vtysh -N gateway -c 'show bfd peers json' |
		jq -e --argjson msec "$(bfd_msec "$1")" \
			'[.[] | select(.status == "up" and ."remote-transmit-interval" == $msec)] | length == 2'
}
