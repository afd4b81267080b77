# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# The measures, the same commands for every system.  Each adds NAME=NUMBER to this run's figures.

declare -A figures

figure() { figures[$1]=$2; }

server_start() {
	measured_daemon "$server" iperf3 iperf3 -s
	eventually 5 on "$client" iperf3 -c "$server_ip" -B "$client_ip" -n 10K ||
		die "iperf3: $(tail -n 5 "$run_dir/iperf3.log")"
}

tunnel_answers() { on "$client" ping -n -c 1 -W 1 -I "$client_ip" "$server_ip"; }

# tcp NAME STREAMS [OPTIONS...]: Gbit/s that arrived, and what the gateways spent per byte of it
tcp() {
	local before after out
	before=$(gateway_ns)
	out=$(measured "$client" iperf3 -J -c "$server_ip" -B "$client_ip" -t "$whole_seconds" \
		-P "$2" "${@:3}") || {
		note "$system, $mode: iperf3 failed ($1): $(jq -r '.error // "?"' <<<"$out" 2>/dev/null)"
		figure "$1" 0 # of ours, that is a bound that does not hold
		return 0
	}
	after=$(gateway_ns)
	figure "$1" "$(jq '.end.sum_received.bits_per_second / 1e9' <<<"$out")"
	figure "$1_ns_byte" "$(jq --argjson ns $((after - before)) \
		'$ns / .end.sum_received.bytes' <<<"$out")"
}

# udp NAME OPTIONS...: the rate that arrives with at most 1 % loss
udp() {
	local out
	out=$(on "$client" setsid -w sh -c "$alone" sh "$blast" \
		--from "${ns[$client]}=$client_ip" --to "${ns[$server]}=${udp_to:-$server_ip}" \
		--cpus "$cpu_a,$cpu_b" --seconds "$seconds" --trials "$trials" \
		--pids "${gateway_pids:-1}" "${@:2}") || {
		note "$system, $mode: udpblast failed ($1)"
		figure "$1" 0
		return 0
	}
	figure "$1" "$(jq .pps <<<"$out")"
	[ "${figures[$1]}" != 0 ] || {
		note "$system, $mode: no rate arrived with 1 % loss at most ($1)"
		return 0
	}
	[ -z "$gateway_pids" ] || figure "$1_ns_packet" "$(jq .cpu_ns_per_packet <<<"$out")"
}

# Round trips of an idle tunnel, in milliseconds.
round_trips() {
	local out
	out=$(measured "$client" ping -n -i 0.005 -c "$pings" -W 1 -I "$client_ip" "$server_ip" |
		sed -n 's/.*time=\([0-9.]*\) ms/\1/p' | sort -n |
		awk '{ t[NR] = $1; sum += $1 }
			END { if (NR) print sum / NR, t[int((NR - 1) * 0.99) + 1] }')
	[ -n "$out" ] || { note "$system, $mode: no ping came back" && return 0; }
	figure ping_avg "${out% *}"
	figure ping_p99 "${out#* }"
}

system_up() {
	bench_network
	rm -f "$run_dir"/g?.log
	if ! "${1//-/_}_start" || ! eventually "$patience" tunnel_answers; then
		tail -n 20 "$run_dir"/g?.log >&2 || true
		return 1
	fi
	gateways_note
	server_start
}

measure_all() {
	figures=()
	round_trips
	tcp tcp1 1
	tcp tcp4 4
	[ "$quick" = yes ] || tcp tcp_reverse 1 --reverse
	udp udp64 --size 64
	[ "$quick" = yes ] || udp udp1372 --size 1372
	# Who takes packets one by one from the TUN gets nothing out of a sender that joins them.
	[ "$quick" = yes ] || [[ $system != plain && $system != futae* && $system != relay ]] || {
		udp uso64 --size 64 --segments 64 --gro
		udp uso1372 --size 1372 --segments 44 --gro
	}
	figure rss_kb "$(rss_of)"
}

# The figures of this run as one line of JSON: run_record RUN
run_record() {
	local name
	for name in "${!figures[@]}"; do
		printf '%s %s\n' "$name" "${figures[$name]}"
	done | jq -Rn -c --arg system "$system" --arg mode "$mode" --arg topology "$topology" \
		--argjson run "$1" '{$system, $topology, $mode, $run,
			figures: ([inputs | split(" ") | {(.[0]): (.[1] | tonumber)}] | add)}' \
		>>"$run_dir/runs"
}
