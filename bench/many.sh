# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# One tunnel, and many, between the same two gateways: 10.10.0.1 of A and 10.9.0.1 of B meet in the
# first, 10.10.0.2 and 10.9.0.2 in the second, and so on.  Traffic goes round all of them.

many_start=10.10.0.1 many_far=10.9.0.1

# many_address BASE N: the Nth address from 0 of 10.BASE.0.1 and those after it
many_address() { echo "10.$1.$((($2 + 1) / 256)).$((($2 + 1) % 256))"; }

# many_node NODE OUTER OTHER-OUTER OTHER-BASE INITIATE COUNT
many_node() {
	local i far=gb
	[ "$1" = ga ] || far=ga
	futae_dir "$1"
	{
		printf 'node: %s\ntunnels:\n' "$1"
		for ((i = 0; i < $6; i++)); do
			cat <<-E
				  t$i:
				    local: $2
				    remote: $3
				    secret: { file: psk }
				    identity: { local: t$i.$1, remote: t$i.$far }
				    nat-traversal: force
				    proposals: { ike: aes128gcm16-prfsha256-curve25519, esp: aes128gcm16 }
				    initiate: $5
			E
		done
		echo 'routes:'
		for ((i = 0; i < $6; i++)); do
			echo "  - { to: $(many_address "$4" "$i"), via: { t$i: 100 } }"
		done
	} >"$run_dir/$1/futaed.yaml"
}

many_up() {
	bench_network
	# Every address of these is the node's own, without being named one by one.
	ip_on ga route add local 10.10.0.0/16 dev lo
	ip_on gb route add local 10.9.0.0/16 dev lo
	many_node ga "$outer_a" "$outer_b" 9 yes "$1"
	many_node gb "$outer_b" "$outer_a" 10 no "$1"
	futae_run "$bin"
	eventually $((20 + $1 / 10)) many_all_up "$1"
}

many_all_up() {
	local node
	for node in ga gb; do
		futae_on "$node" tunnels --json | jq -e --argjson n "$1" \
			'[.tunnels[] | select(.sa.in > 0 and .sa.out > 0)] | length == $n' || return 1
	done
}

# Sixteen streams, through tunnels far from each other when there are many.
many_tcp() {
	local out
	out=$(on ga setsid -w sh -c "$alone" sh "$tcpblast" --from "${ns[ga]}=$client_ip" \
		--to "${ns[gb]}=$server_ip" --cpus "$cpu_a,$cpu_b" --pids "$gateway_pids" --streams 16 \
		--stride $(($1 / 16)) --seconds "$whole_seconds") || return 1
	figure tcp16 "$(jq .gbit_per_second <<<"$out")"
	figure tcp16_ns_byte "$(jq .cpu_ns_per_byte <<<"$out")"
}

many_measure() {
	figures=()
	client=ga server=gb client_ip=$many_start server_ip=$many_far
	gateways_note
	many_tcp "$1" || note "$system, $mode: tcpblast failed"
	udp udp64 --size 64 --spread "$1"
	[ "$quick" = yes ] || udp uso1372 --size 1372 --segments 44 --burst 44 --gro --spread "$1"
	figure esp_rss_kb "$(rss_of futae-esp)"
	figure ike_rss_kb "$(rss_of futae-ike)"
}

# many_one RUN COUNT
many_one() {
	local start=$SECONDS
	say "run $1 of $runs, $mode: $2 tunnels"
	if ! many_up "$2"; then
		note "not measured: $2 tunnels, $mode: not all came up in $((SECONDS - start)) s"
		tail -n 5 "$run_dir"/g?.log >&2
		return 0
	fi
	local took=$((SECONDS - start))
	many_measure "$2"
	figure up_seconds "$took"
	run_record "$1"
}

tunnels_run() {
	local n
	systems=(one many)
	for ((n = 1; n <= runs; n++)); do
		for mode in $modes; do
			system=one && many_one "$n" 1
			system=many && many_one "$n" "$many"
		done
	done
}
