# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# keepalived, BIRD, and the rule of dpinger; see failover_systems.sh.

# seconds between VRRP advertisements, by how fast the rest is
vrrp_seconds() { case $1 in default | 300) echo 1 ;; 100ms | 50 | dpd | tuned) echo 0.1 ;; *) echo 0.01 ;; esac; }
bfd_msec() { case $1 in 100ms | 50) echo 50 ;; 300) echo 300 ;; *) echo 10 ;; esac; }

keepalived_missing() {
	missing_file /usr/sbin/keepalived keepalived
	missing_vxlan
}

# With a priority it needs the limit raised, or the kernel kills it: so its manual.
keepalived_globals() {
	cat <<-E
		global_defs {
			router_id $1
			vrrp_version 3
			vrrp_rt_priority 50
			vrrp_rlimit_rttime 1000000
			bfd_rt_priority 50
			bfd_rlimit_rttime 1000000
			script_user root
		}
	E
}

# keepalived_vrrp PRIORITY SECONDS TRACK...: the routers' virtual address
keepalived_vrrp() {
	cat <<-E
		vrrp_instance lan {
			state BACKUP
			interface lan0
			virtual_router_id 10
			priority $1
			advert_int $2
			virtual_ipaddress { 10.1.22.254/24 dev lan0 }
			${*:3}
		}
	E
}

# keepalived_bfd NAME FROM TO MSEC
keepalived_bfd() {
	cat <<-E
		bfd_instance $1 {
			neighbor_ip $3
			source_ip $2
			min_rx $4
			min_tx $4
			idle_tx 1000
			multiplier 3
		}
	E
}

# keepalived_script NAME TARGET DEVICE
keepalived_script() {
	cat <<-E
		vrrp_script $1 {
			script "/bin/ping -n -c 1 -W 1 -I $3 $2"
			interval 1
			timeout 1
			fall 1
			rise 1
		}
	E
}

# keepalived_run NODE, its configuration on standard input
keepalived_run() {
	local dir=$run_dir/$1
	cat >"$dir/keepalived.conf"
	peer "$1" /usr/sbin/keepalived --dont-fork --log-console --use-file "$dir/keepalived.conf" \
		--pid "$dir/keepalived.pid" --vrrp_pid "$dir/vrrp.pid" --checkers_pid "$dir/check.pid" \
		--bfd_pid "$dir/bfd.pid"
}

# keepalived_watch VARIANT NAME FROM TO DEVICE: what finds out whether the tunnel works
keepalived_watch() {
	if [ "$1" = default ]; then keepalived_script "$2" "$4" "$5"; else keepalived_bfd "$2" "$3" "$4" "$(bfd_msec "$1")"; fi
}

keepalived_track() {
	if [ "$1" = default ]; then echo "track_script { $2 }"; else echo "track_bfd { $2 }"; fi
}

# At the gateway an instance that nobody else takes part in holds the preferred route.
keepalived_start() {
	local seconds
	seconds=$(vrrp_seconds "$1")
	peer_dirs
	peer_tunnels
	cpe_ways
	ip_on gateway route add "$office_net" via 10.255.2.2 dev t2 metric 100
	keepalived_run gateway <<-E
		$(keepalived_globals gateway)
		$(keepalived_watch "$1" t1 10.255.1.1 10.255.1.2 t1)
		vrrp_instance way {
			state MASTER
			interface vpc0
			virtual_router_id 1
			priority 200
			advert_int $seconds
			virtual_ipaddress { 10.255.9.1/32 dev vpc0 }
			virtual_routes { $office_net via 10.255.1.2 dev t1 metric 10 }
			$(keepalived_track "$1" t1)
		}
	E
	keepalived_cpe "$1" cpe01 200 10.255.1.2 10.255.1.1
	keepalived_cpe "$1" cpe02 100 10.255.2.2 10.255.2.1
	# The gateway watches one tunnel; BFD of the other needs somebody to talk to.
}

# keepalived_cpe VARIANT NODE PRIORITY FROM TO
keepalived_cpe() {
	local track=''
	{
		keepalived_globals "$2"
		if [ "$2" = cpe01 ]; then
			keepalived_watch "$1" t0 "$4" "$5" t0
			track=$(keepalived_track "$1" t0)
		fi
		keepalived_vrrp "$3" "$(vrrp_seconds "$1")" "$track"
	} | keepalived_run "$2"
}

# --- BIRD for the routes, keepalived for the virtual address

bird_missing() {
	missing_file /usr/sbin/bird bird2
	keepalived_missing
}

# bird_run NODE ID DEVICES MSEC, its static routes on standard input
bird_run() {
	local dir=$run_dir/$1
	cat >"$dir/bird.conf" <<-E
		router id $2;
		log stderr all;
		protocol device { scan time 10; }
		protocol direct { ipv4; }
		protocol kernel { ipv4 { import none; export where source = RTS_STATIC; }; }
		protocol bfd { interface "$3" { interval $4 ms; multiplier 3; }; }
		$(cat)
	E
	peer "$1" /usr/sbin/bird -f -c "$dir/bird.conf" -s "$dir/bird.ctl" -P "$dir/bird.pid"
}

# bird_ways NET FIRST SECOND [bfd]: the first is watched by BFD, the second takes over
bird_ways() {
	cat <<-E
		protocol static main_way { ipv4 { preference 200; }; route $1 via $2 bfd; }
		protocol static spare_way { ipv4 { preference 100; }; route $1 via $3${4:+ $4}; }
	E
}

# A router whose tunnel is dead sends by the other one, and stays master: nothing of BIRD's can tell
# keepalived.
bird_start() {
	local msec
	msec=$(bfd_msec "$1")
	peer_dirs
	peer_tunnels
	bird_ways "$office_net" 10.255.1.2 10.255.2.2 bfd | bird_run gateway 203.0.113.72 't*' "$msec"
	bird_ways "$cloud_net" 10.255.1.1 10.1.22.253 | bird_run cpe01 198.51.100.2 t0 "$msec"
	bird_ways "$cloud_net" 10.255.2.1 10.1.22.252 | bird_run cpe02 192.0.2.2 t0 "$msec"
	vrrp_only cpe01 200 "$1"
	vrrp_only cpe02 100 "$1"
}

# Sessions begin slowly (RFC 5880, 6.8.3), and a way counts as good until they are up.
bird_ready() {
	local node
	for node in gateway cpe01 cpe02; do
		birdc -s "$run_dir/$node/bird.ctl" show bfd sessions |
			awk -v want="$([ "$node" = gateway ] && echo 2 || echo 1)" 				-v seconds="$(bfd_msec "$1" | awk '{ print $1 / 1000 }')" 				'$3 == "Up" && $5 == seconds { n++ } END { exit n != want }' || return 1
	done
}

# vrrp_only NODE PRIORITY VARIANT [MORE...]
vrrp_only() {
	{
		keepalived_globals "$1"
		keepalived_vrrp "$2" "$(vrrp_seconds "$3")"
	} | keepalived_run "$1"
}

# --- the rule of dpinger

lossrule_missing() { keepalived_missing; }

# interval, patience, period (ms), limit (%), how often it looks (ms)
lossrule_numbers() { case $1 in default) echo 500 2000 60000 20 1000 ;; tuned) echo 50 100 500 40 50 ;; esac; }

# lossrule_run VARIANT NODE DEVICE TARGET COMMAND
lossrule_run() {
	local numbers
	read -ra numbers <<<"$(lossrule_numbers "$1")"
	peer "$2" "$build_dir/bench/lossrule" "$3" "$4" "${numbers[@]}" "$5"
}

lossrule_start() {
	peer_dirs
	peer_tunnels
	cpe_ways
	ip_on gateway route add "$office_net" via 10.255.2.2 dev t2 metric 100
	ip_on gateway route add "$office_net" via 10.255.1.2 dev t1 metric 10
	cat >"$run_dir/gateway/act" <<-E
		#!/bin/sh
		case \$1 in
		down) exec ip route del $office_net via 10.255.1.2 dev t1 metric 10 ;;
		up) exec ip route replace $office_net via 10.255.1.2 dev t1 metric 10 ;;
		esac
	E
	chmod +x "$run_dir/gateway/act"
	lossrule_run "$1" gateway t1 10.255.1.2 "$run_dir/gateway/act"
	tracked_vrrp cpe01 200 "$1"
	tracked_vrrp cpe02 100 "$1"
	lossrule_run "$1" cpe01 t0 10.255.1.1 "$run_dir/cpe01/act"
}

# tracked_vrrp NODE PRIORITY VARIANT: gives up the address while its act was last told "down"
tracked_vrrp() {
	local dir=$run_dir/$1
	echo 0 >"$dir/tunnel"
	# shellcheck disable=SC2016 # for that script to expand
	printf '#!/bin/sh\ncase $1 in down) echo 1 ;; up) echo 0 ;; esac >%s/tunnel\n' "$dir" >"$dir/act"
	chmod +x "$dir/act"
	{
		keepalived_globals "$1"
		echo "track_file tunnel { file \"$dir/tunnel\""
		echo "weight 0 }"
		keepalived_vrrp "$2" "$(vrrp_seconds "$3")" "track_file { tunnel }"
	} | keepalived_run "$1"
}
