# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# --load: four TCP streams each way between ecs and server during the whole run, what they carry,
# what real probes notice of it, and where packets are dropped.

load=no
rate=100 # Mbit/s of each line under load; 0: as fast as this machine
queue_ms=20 # how long a packet may wait in front of the line
load_seconds=300 # the streams end by themselves if nobody ends them
load_streams=4
load_pids=()
probe_bound_ms=15 # p99: the line's own 10 ms, and 5 more

load_prepare() {
	[ "$load" = yes ] || return 0
	line_options+=(rate_mbit="$rate" queue_ms="$queue_ms")
}

# Before the lab leaves the host's network, from which packages come.
load_need() {
	[ "$load" = yes ] || return 0
	command -v iperf3 >/dev/null || "$lab_dir/../tools/deps" load
	command -v iperf3 >/dev/null || die "iperf3 is missing: apt install iperf3"
}

# Each has its own program at either end: iperf3 uses one core.  Clients are in the cloud, so that
# the far end needs nobody to tell it when the run ends.
load_start() {
	local port
	[ "$load" = yes ] || return 0
	load_pids=()
	load_switches=$(switches) load_alarms=$(alarms)
	for port in 5201 5202; do
		daemon server "$run_dir/iperf.log" iperf3 -s -1 -p "$port"
		load_pids+=("$daemon_pid")
	done
	good load_listens
	daemon ecs "$run_dir/iperf.log" iperf3 -c 10.1.22.1 -p 5201 -P "$load_streams" \
		-t "$load_seconds" -i 0
	load_pids+=("$daemon_pid")
	daemon ecs "$run_dir/iperf.log" iperf3 -c 10.1.22.1 -p 5202 -P "$load_streams" \
		-t "$load_seconds" -i 0 -R
	load_pids+=("$daemon_pid")
	good load_flows
	daemon server "$run_dir/rates" "$tools/ratemeter" 50 "/run/netns/${ns[server]}=eth0" \
		"/run/netns/${ns[ecs]}=eth0"
	load_pids+=("$daemon_pid")
	load_from=$(uptime_usec)
	say "$load_streams TCP streams each way$([ "$rate" = 0 ] || echo ", lines of $rate Mbit/s")"
}

load_listens() { [ "$(on server ss -Hltn | grep -c ':520[12] ')" = 2 ]; }

# streams NODE FILTER: how many of its connections have received a megabyte
streams() {
	on "$1" ss -HtinO state established "$2" |
		awk '{ for (i = 1; i <= NF; i++) if (split($i, w, ":") == 2 && w[1] == "bytes_received" && w[2] > 1e6) n++ }
			END { print n + 0 }'
}

load_flows() {
	[ "$(streams server '( sport = :5201 )')" = "$load_streams" ] &&
		[ "$(streams ecs '( dport = :5202 )')" = "$load_streams" ]
}

load_stop() {
	[ "$load" = yes ] || return 0
	load_until=$(uptime_usec)
	kill "${load_pids[@]}" 2>/dev/null || true
	eventually 5 node_has_no "${load_pids[-1]}" || true
	load_pids=()
}

uptime_usec() {
	local up
	read -r up _ </proc/uptime
	echo "${up/./}0000"
}

# The health checks of line 1, at the gateway's end of the tunnel.
probes_start() {
	[ "$load" = yes ] || return 0
	"$tools/probewatch" "/run/netns/${ns[gateway]}" line1 172.16.41.201 \
		>"$run_dir/probes.json" 2>"$run_dir/probes.log" &
	probes_pid=$!
	eventually 5 grep -q listening "$run_dir/probes.log" ||
		die "probewatch: $(cat "$run_dir/probes.log")"
}

probes_stop() {
	[ "$load" = yes ] || return 0
	kill "$probes_pid"
	wait "$probes_pid" || die "probewatch: $(cat "$run_dir/probes.log")"
}

# How long it is looked at before a fault, for switches without a reason.
load_watch() {
	[ "$load" = yes ] || return 0
	drops_before=$(drops gateway)
	observe "${seconds:-10}"
	load_drops=$(drops_since "$drops_before" gateway)
	load_count_switches
}

# Until now nothing was wrong with the network, but that it was full.
load_count_switches() {
	load_switches=$(($(switches) - load_switches)) load_alarms=$(($(alarms) - load_alarms))
}

# drops NODE...: by node and reason, with those that the kernel has not given to futae-esp at all
drops() {
	local node
	for node in "$@"; do
		drops_of "$node"
	done | jq -sc 'add // {}'
}

drops_of() {
	local device=line1
	[ "$1" = gateway ] || device=cloud
	jq -nc --arg node "$1" \
		--argjson all "$(futae_on "$1" tunnels --json)" \
		--argjson tun "$(ip_on "$1" -j -s link show "$device")" \
		--argjson udp "$(on "$1" sed -n 's/^Udp:\( [0-9]*\)\{5\}.*/\1/p' /proc/net/snmp)" '
		def total: reduce .[] as $o ({}; reduce ($o | to_entries[]) as $e (.; .[$e.key] += $e.value));
		{($node): ([$all.tunnels[].drops, $all.stray_drops] | total
			+ {"tun-queue": $tun[0].stats64.tx.dropped, "receive-buffer": $udp})}'
}

# drops_since BEFORE NODE...: what has grown
drops_since() {
	jq -nc --argjson before "$1" --argjson now "$(drops "${@:2}")" '
		$now | with_entries(.key as $n | .value |= with_entries(
			.value -= ($before[$n][.key] // 0) | select(.value != 0)))'
}

# Mbit/s each way while the load was on, from load_from to load_until.
load_record() {
	[ "$load" = yes ] || return 0
	jq -Rnc --argjson from "$load_from" --argjson until "$load_until" --argjson rate "$rate" \
		--slurpfile probes "$run_dir/probes.json" --argjson drops "$load_drops" \
		--argjson switches "$load_switches" --argjson alarms "$load_alarms" '
		[inputs | split(" ") | map(tonumber) | select(length == 3 and .[0] >= $from and .[0] <= $until)]
		| (last[0] - first[0]) as $usec
		| {line_mbit: $rate, seconds: ($usec / 1e6),
		   cloud_to_office_mbit: ((last[1] - first[1]) * 8 / $usec),
		   office_to_cloud_mbit: ((last[2] - first[2]) * 8 / $usec),
		   switches: $switches, alarms: $alarms, probes: $probes[0], drops: $drops}' "$run_dir/rates" >"$run_dir/load.json"
	jq -c --slurpfile load "$run_dir/load.json" '. + {load: $load[0]}' "$run_dir/run.json" \
		>"$run_dir/run.with-load"
	mv "$run_dir/run.with-load" "$run_dir/run.json"
}

load_complaints() {
	[ "$load" = yes ] || return 0
	jq -r --argjson bound "$probe_bound_ms" '
		(.load | select(.cloud_to_office_mbit < 1 or .office_to_cloud_mbit < 1) |
			"the load did not flow"),
		(.load | select(.switches + .alarms > 0) |
			"\(.alarms) tunnels were called dead and \(.switches) ways changed, because of nothing but load"),
		(.load.probes | select(.delay_ms.p99 > $bound) |
			"health checks took \(.delay_ms.p99) ms (p99), more than \($bound) ms"),
		(.lines.line1, .lines.line2 | [.a.overflow, .b.overflow] | add | select(. > 1000) |
			"the lab itself dropped \(.) frames: this machine is too slow for --rate")
		' "$run_dir/run.json"
}
