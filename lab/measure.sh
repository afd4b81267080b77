# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
# Measuring a fault as the article does: traceroute, ping, and how long nothing arrived.

meter_pid=
meter_options=() # other than small packets, one each millisecond

# The meter leaves the host's namespace by itself, and so is found and ended with the server's.
meter_start() {
	rm -f "$run_dir/meter.sock"
	"$tools/pathmeter" --a "/run/netns/${ns[ecs]}=172.16.41.1" \
		--b "/run/netns/${ns[server]}=10.1.22.1" --a-to-b cloud_to_office \
		--b-to-a office_to_cloud --control "$run_dir/meter.sock" \
		"${meter_options[@]}" >"$run_dir/meter.json" 2>"$run_dir/meter.log" &
	meter_pid=$!
	eventually 5 test -S "$run_dir/meter.sock" || die "pathmeter: $(cat "$run_dir/meter.log")"
}

# mark NAME: the meter notes the moment; prints it in usec.
mark() { "$tools/tell" "$run_dir/meter.sock" mark "$1" >>"$run_dir/marks"; }

meter_stop() {
	"$tools/tell" "$run_dir/meter.sock" stop >/dev/null
	wait "$meter_pid" || die "pathmeter: $(cat "$run_dir/meter.log")"
}

ping_start() {
	daemon ecs "$run_dir/ping.log" ping -n -i 0.1 10.1.22.1
	ping_pid=$daemon_pid
}

# The last lines of ping are its summary; it writes them when interrupted.
ping_stop() {
	kill -INT "$ping_pid" 2>/dev/null || true
	eventually 5 node_has_no "$ping_pid" || true
	say '[ecs] $ ping 10.1.22.1'
	grep -v '^$' "$run_dir/ping.log" | sed -n '1,3p'
	say '...'
	sed -n '/ping statistics/,$p' "$run_dir/ping.log"
	rm -f "$run_dir/ping.log"
}

node_has_no() { ! kill -0 "$1" 2>/dev/null; }

# trace FILE: shows the way to the server and keeps it.
trace() {
	say '[ecs] $ traceroute 10.1.22.1'
	on ecs traceroute -n -w 1 -m 6 10.1.22.1 | tee "$1"
}

# hop N FILE: the address of that hop.
hop() { awk -v n="$1" '$1 == n { print $2 == "*" ? $3 == "*" ? $4 : $3 : $2 }' "$2"; }

# run_record PASS COMPLAINTS: everything this run has found, as JSON.
run_record() {
	local node failovers='{}' json
	for node in $(routers); do
		json=$(futae_on "$node" failovers --json 2>/dev/null | jq -c .failovers 2>/dev/null) || json=null
		failovers=$(jq -c --arg n "$node" --argjson f "${json:-null}" '. + {($n): $f}' <<<"$failovers")
	done
	jq -c --argjson line1 "$(line line1 stats)" --argjson line2 "$(line line2 stats)" \
		--argjson gateway "$(clear_text_at_gateway)" --argjson failovers "$failovers" \
		--arg before "$(cat "$run_dir/trace.before" 2>/dev/null)" \
		--arg after "$(cat "$run_dir/trace.after" 2>/dev/null)" \
		'. + {
			worse_ms: ([.cloud_to_office.outage_ms, .office_to_cloud.outage_ms] | max),
			clear: {line1: $line1.clear, line2: $line2.clear, gateway: $gateway},
			lines: {line1: $line1, line2: $line2},
			failovers: $failovers,
			traceroute: {before: $before, after: $after}
		}' "$run_dir/meter.json" >"$run_dir/run.json"
}

# What is wrong with this run, a sentence a line; nothing when all is well.
complaints_common() {
	jq -r '
		(.cloud_to_office, .office_to_cloud) as $d |
		if $d.received == 0 then "nothing arrived at all"
		elif $d.recovered | not then "traffic did not come back"
		elif $d.ttl_min != 62 or $d.ttl_max != 62 then
			"packets took another way than two routers: TTL \($d.ttl_min) to \($d.ttl_max)"
		else empty end' "$run_dir/run.json" | sort -u
	jq -r '.clear | add | select(. > 0) | "\(.) packets in the clear"' "$run_dir/run.json"
}

# The gateway's own record must say what the meter saw of what the gateway sends: one switch, an
# outage as long, and as much sent into the dead path, where it knows that, as was lost.  The other
# direction is the routers' to move.
complaints_record() { # ms that the two may lie apart
	jq -r --argjson slack "$1" '
		def apart($a; $b): ($a - $b) | fabs;
		[.failovers.gateway // [] | .[] | select(.kind == "route" and .from == "line1")] as $records |
		($slack + .meter_late_ms) as $slack | .cloud_to_office.outage_ms as $outage |
		.cloud_to_office.lost_after_fault as $lost | $records[0] as $r |
		if ($records | length) != 1 then
			"the gateway has \($records | length) records of leaving line 1, not one"
		elif $r.outage_ms == null then
			"the record knows no outage, but the meter saw \($outage) ms: \($r.cause)"
		elif apart($r.outage_ms; $outage) > $slack then
			"the record says \($r.outage_ms) ms, the meter \($outage) ms"
		elif $r.sent_into_dead_path != null
			and apart($r.sent_into_dead_path; $lost) > $slack + $lost * 0.2 then
			"the record says \($r.sent_into_dead_path) packets sent into the dead path, the meter \($lost) lost"
		else empty end' "$run_dir/run.json"
}

complaints_hops() {
	local seen
	for seen in "before $1" "after $2"; do
		[ "$(hop 2 "$run_dir/trace.${seen% *}")" = "${seen#* }" ] ||
			say "${seen% *} the fault, hop 2 is $(hop 2 "$run_dir/trace.${seen% *}")," \
				"not ${seen#* }"
	done
}

show_failovers() {
	local node
	for node in $(routers); do
		say "[$node] \$ futae failovers"
		futae_on "$node" failovers 2>/dev/null || say '(no power)'
	done
}
