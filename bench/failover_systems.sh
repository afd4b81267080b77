# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What bench/failover measures: each system's name, settings, and what it needs; and what they share.
#
#   FAMILY_missing VARIANT   prints why it cannot run here; nothing when it can
#   FAMILY_start VARIANT     starts it in gateway, cpe01 and cpe02
#   FAMILY_ready VARIANT     whether it watches both tunnels already; without: what carries is watched
#
# A system is FAMILY-VARIANT.  Those without tunnels of their own get VXLAN ones, which cost nothing
# and check nothing: what is measured is how soon a failure is seen, and what comes of it.

# name, pace: what its settings say a failure takes to be seen, in ms; settle: seconds in which it
# must have recovered; what it is
systems_table() {
	cat <<-'E'
		futae-fast|50|5|futae, detection fast (10 ms), its own IPsec, real-time as in service
		futae-normal|500|5|futae, detection normal (100 ms), its own IPsec, real-time as in service
		keepalived-default|1000|10|keepalived, ping script 1 s, VRRP 1 s; real-time
		keepalived-100ms|150|5|keepalived, its BFD 50 ms x 3, VRRP 0.1 s; real-time
		keepalived-10ms|30|5|keepalived, its BFD 10 ms x 3, VRRP 0.01 s; real-time
		frr-300|900|10|FRR bgpd, bfdd 300 ms x 3, vrrpd 1 s
		frr-50|150|10|FRR bgpd, bfdd 50 ms x 3, vrrpd 0.1 s
		frr-10|30|10|FRR bgpd, bfdd 10 ms x 3, vrrpd 0.01 s
		bird-300|900|10|BIRD, BFD 300 ms x 3; keepalived VRRP 1 s
		bird-50|150|5|BIRD, BFD 50 ms x 3; keepalived VRRP 0.1 s
		bird-10|30|5|BIRD, BFD 10 ms x 3; keepalived VRRP 0.01 s
		strongswan-dpd|1200|10|strongSwan, kernel-libipsec, DPD 1 s, 2 x 0.1 s (its least); keepalived VRRP 0.1 s
		lossrule-default|15000|25|rule of dpinger, pfSense's settings (not dpinger itself); keepalived VRRP 1 s
		lossrule-tuned|300|5|rule of dpinger, 50 ms, >40 % of 0.5 s (not dpinger itself); keepalived VRRP 0.1 s
	E
}

mapfile -t all_systems < <(systems_table | cut -d'|' -f1)

system_field() { systems_table | awk -F'|' -v s="$1" -v n="$2" '$1 == s { print $n }'; }
system_pace() { system_field "$1" 2; }
system_settle() { system_field "$1" 3; }
system_about() { system_field "$1" 4; }
system_missing() { "${1%%-*}_missing" "${1#*-}"; }
system_start() { "${1%%-*}_start" "${1#*-}"; }
system_ready() { [ "$(type -t "${1%%-*}_ready")" != function ] || "${1%%-*}_ready" "${1#*-}"; }
paces_json() {
	systems_table | jq -Rnc '[inputs | split("|") | {(.[0]): {pace: (.[1] | tonumber), about: .[3]}}] | add'
}

# Which device leads to the office at the gateway, before a failure.
system_way() { case $1 in futae-*) echo line1 ;; strongswan-*) echo ipsec0 ;; *) echo t1 ;; esac; }

futae_missing() { :; }
futae_start() {
	detection=$1
	nodes_start
}

# --- for those without tunnels of their own

missing_file() { [ -e "$1" ] || echo "$1 is not installed (package $2)"; }
missing_vxlan() {
	ip link add futae-try type vxlan id 1 dstport 4789 2>/dev/null || {
		echo "this kernel has no VXLAN"
		return 0
	}
	ip link del futae-try
}

# The priority of those that offer none of their own.
peer_priority() { [ "$realtime_all" = no ] || echo "chrt -f 50"; }

# peer NODE PROGRAM ARGUMENTS...: runs it there, its output in its log
peer() {
	local chrt
	read -ra chrt <<<"$(peer_priority)"
	daemon "$1" "$run_dir/$1/$(basename "$2").log" "${chrt[@]}" "${@:2}"
}

peer_dirs() {
	local node
	for node in gateway cpe01 cpe02; do
		rm -rf "${run_dir:?}/$node"
		mkdir "$run_dir/$node"
	done
}

# t1 and t2 of the gateway lead to t0 of either router.
peer_tunnels() {
	vxlan gateway t1 11 203.0.113.72 198.51.100.2 10.255.1.1
	vxlan gateway t2 12 203.0.113.72 192.0.2.2 10.255.2.1
	vxlan cpe01 t0 11 198.51.100.2 203.0.113.72 10.255.1.2
	vxlan cpe02 t0 12 192.0.2.2 203.0.113.72 10.255.2.2
}

# vxlan NODE DEVICE ID LOCAL REMOTE INNER
vxlan() {
	ip_on "$1" link add "$2" type vxlan id "$3" local "$4" remote "$5" dstport 4789
	ip_on "$1" addr add "$6/30" dev "$2"
	ip_on "$1" link set "$2" up
}

# The way back to the cloud, where nothing takes it away.
cpe_ways() {
	ip_on cpe01 route add "$cloud_net" via 10.255.1.1 dev t0
	ip_on cpe02 route add "$cloud_net" via 10.255.2.1 dev t0
}
