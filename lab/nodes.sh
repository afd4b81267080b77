# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# The routers' configuration and daemons, and waiting until the whole network is good.

restore= # when set, how long a path must be good before it is used again
health2_target=10.1.22.253 # what the gateway's health check of line 2 asks
big_packets= # when set, how often packets of full size are probed
degraded_track= # when set, what a degraded tunnel is to VRRP: lost
gateway_lead= # when set, it chooses which tunnel carries (agree.lead)
cpe_via="line1: 100, line2: 0" # what a router with both lines wishes for
child_rekey= # when set, the lifetime of the gateway's ESP keys

head_of() {
	echo "node: $1"
	echo "detection: $detection"
	[ -z "$restore" ] || echo "restore: $restore"
	[ "$1" != gateway ] || [ -z "$gateway_lead" ] || echo "agree: { lead: $gateway_lead }"
}

health_more() { [ -z "$big_packets" ] || printf ', degraded: { big-packets: %s }' "$big_packets"; }

rekey_line() { [ -z "$child_rekey" ] || echo "    lifetime: { child: $child_rekey }"; }

config_gateway() {
	local second=192.0.2.2
	head_of gateway
	cat <<-E
		tunnels:
		  line1:
		    local: 203.0.113.72
		    remote: 198.51.100.2
		    secret: { file: line1.psk }
		    health: { source: 172.16.41.201, target: 10.1.22.252$(health_more) }
		$(rekey_line)
		  line2:
		    local: 203.0.113.72
		    remote: $second
		    secret: { file: line2.psk }
		    health: { source: 172.16.41.202, target: $health2_target$(health_more) }
		$(rekey_line)
		routes:
		  - to: $office_net
		    via: { line1: 100, line2: 0 }
		    publish: true
	E
}

# One router with one line: cpe_config NAME LINE WAN LAN PRIORITY
cpe_config() {
	head_of "$1"
	cat <<-E
		tunnels:
		  cloud:
		    local: $3
		    remote: 203.0.113.72
		    secret: { file: $2.psk }
		    health: { source: $4, target: 172.16.41.1$(health_more) }
		routes:
		  - to: $cloud_net
		    via: { cloud: 100 }
		vrrp:
		  lan:
		    interface: lan0
		    id: 10
		    addresses: [10.1.22.254]
		    priority: $5
		    track: [{ tunnel: cloud, lost: stop${degraded_track:+, degraded: $degraded_track} }]
	E
}

config_cpe01() {
	if [ "$two_lines" = no ]; then
		cpe_config cpe01 line1 198.51.100.2 10.1.22.252 200
		return
	fi
	head_of cpe01
	# Each tunnel asks from an address of its own, and line 2 asks the gateway itself: the answers
	# must find back to the tunnel they are about.  No pin to a host that others talk to: their pings
	# would stay on the dead line.
	cat <<-E
		tunnels:
		  line1:
		    local: 198.51.100.2
		    remote: 203.0.113.72
		    secret: { file: line1.psk }
		    health: { source: 10.1.22.252, target: 172.16.41.1, pin: no }
		  line2:
		    local: 192.0.2.2
		    remote: 203.0.113.72
		    secret: { file: line2.psk }
		    health: { source: 10.1.22.253, target: 172.16.41.72 }
		tracks:
		  lines: { any: [{ tunnel: line1 }, { tunnel: line2 }] }
		routes:
		  - to: $cloud_net
		    via: { $cpe_via }
		    source: 10.1.22.252
		vrrp:
		  lan:
		    interface: lan0
		    id: 10
		    addresses: [10.1.22.254]
		    priority: 200
		    track: [{ track: lines, lost: stop }]
	E
}

config_cpe02() { cpe_config cpe02 line2 192.0.2.2 10.1.22.253 100; }

node_start() {
	local dir=$run_dir/$1
	daemon "$1" "$dir/futaed.log" "$bin/futaed" --config "$dir/futaed.yaml" --run-dir "$dir"
}

nodes_start() {
	local node line
	for node in $(routers); do
		rm -rf "${run_dir:?}/$node"
		mkdir "$run_dir/$node"
		"config_$node" >"$run_dir/$node/futaed.yaml"
	done
	for line in line1 line2; do
		(umask 077 && od -An -tx1 -N32 /dev/urandom | tr -d ' \n' >"$run_dir/$line.psk")
		for node in $(routers); do
			cp -p "$run_dir/$line.psk" "$run_dir/$node/"
		done
	done
	for node in $(routers); do
		node_start "$node"
	done
	network_await
}

# futae_on NODE VERB...: the node's own command line.
futae_on() { timeout 10 "$bin/futae" --socket "$run_dir/$1/control.sock" "${@:2}"; }

health_is_up() {
	futae_on "$1" health --json |
		jq -e '.health | length > 0 and all(.state == "up")'
}

# route_is_on NODE TUNNEL: all of its routes use that tunnel now.
route_is_on() {
	futae_on "$1" routes --json | jq -e --arg t "$2" \
		'.routes | length > 0 and all([.via[] | select(.active).tunnel] == [$t])'
}

# How often any node has changed its way so far.
switches() {
	local node count=0 n
	for node in $(routers); do
		n=$(futae_on "$node" failovers --json | jq '.failovers | length')
		count=$((count + n))
	done
	echo "$count"
}

# How often any node has found a tunnel dead so far.
alarms() {
	local node
	for node in $(routers); do
		cat "$run_dir/$node/futaed.log"
	done | grep -c 'futaed: health.state .* to=down ' || true
}

vrrp_is() { futae_on "$1" vrrp --json | jq -e --arg s "$2" '.vrrp | length > 0 and all(.state == $s)'; }

server_answers() { on ecs ping -n -c 1 -W 1 10.1.22.1; }

# good CONDITION...: waits for it, or shows what the nodes say and gives up.
good() {
	eventually 60 "$@" || {
		diagnose >&2
		die "in 60 s this has not become true: $*"
	}
}

network_await() {
	local node
	for node in $(routers); do
		good health_is_up "$node"
	done
	good route_is_on gateway line1
	good vrrp_is cpe01 master
	[ "$two_lines" = yes ] || good vrrp_is cpe02 backup
	good server_answers
}

# What every node knows, for the reader of a run that did not come good.
diagnose() {
	local node verb
	for node in $(routers); do
		headline "$node"
		[ "$plain" = yes ] || for verb in status tunnels health routes vrrp; do
			futae_on "$node" "$verb" || true
		done
		ip_on "$node" -brief address || true
		ip_on "$node" route || true
		[ ! -f "$run_dir/$node/futaed.log" ] || tail -n 40 "$run_dir/$node/futaed.log"
	done
	headline "lines"
	line line1 stats || true
	line line2 stats || true
}
