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

# frr_run NODE DAEMONS..., their one configuration on standard input
frr_run() {
	local dir=$run_dir/$1 name
	# It gives up root, and wants to write there.
	install -d -o frr -g frr "/run/frr/$1"
	cat >"$dir/frr.conf"
	for name in "${@:2}"; do
		peer "$1" "/usr/lib/frr/$name" -N "$1" -f "$dir/frr.conf" -i "/run/frr/$1/$name.pid" \
			-A 127.0.0.1 -P 0 --log stdout
		[ "$name" != zebra ] || eventually 10 test -S "/run/frr/$1/zserv.api" || true
	done
}

# frr_bgp AS ID NET MSEC, neighbors (ADDRESS AS WEIGHT) on standard input
frr_bgp() {
	local address as weight networks=''
	cat <<-E
		bfd
		 profile bench
		  detect-multiplier 3
		  receive-interval $4
		  transmit-interval $4
		 exit
		exit
		router bgp $1
		 bgp router-id $2
		 no bgp ebgp-requires-policy
	E
	while read -r address as weight; do
		cat <<-E
			 neighbor $address remote-as $as
			 neighbor $address timers connect 1
			 neighbor $address bfd profile bench
		E
		networks="$networks
		  neighbor $address weight $weight"
	done
	cat <<-E
		 address-family ipv4 unicast
		  network $3
		  $networks
		 exit-address-family
		exit
	E
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
	local msec
	msec=$(awk -v s="$(vrrp_seconds "$1")" 'BEGIN { print s * 1000 }')
	frr_lan "$2"
	{
		# Its VRRP does not look at tunnels: a router whose own is dead sends by the other one.
		echo "ip route $cloud_net $6 220"
		echo "$5 65000 100" | frr_bgp "$4" "$3" "$office_net" "$(bfd_msec "$1")"
		cat <<-E
			interface lan0
			 vrrp 10 version 3
			 vrrp 10 priority $7
			 vrrp 10 advertisement-interval $msec
			 vrrp 10 ip 10.1.22.254
			exit
		E
	} | frr_run "$2" zebra staticd bfdd bgpd vrrpd
}

frr_start() {
	peer_dirs
	peer_tunnels
	printf '%s\n' '10.255.1.2 65001 200' '10.255.2.2 65002 100' |
		frr_bgp 65000 203.0.113.72 "$cloud_net" "$(bfd_msec "$1")" |
		frr_run gateway zebra bfdd bgpd
	frr_cpe "$1" cpe01 198.51.100.2 65001 10.255.1.1 10.1.22.253 200
	frr_cpe "$1" cpe02 192.0.2.2 65002 10.255.2.1 10.1.22.252 100
}
