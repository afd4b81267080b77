# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Many tunnels between two gateways, all watched by the one (A) and answered by the kernel of the other.
# The node of A is pinned to one processor, that of B to another, as in bench/esp.

# watched_up NORMAL FAST
watched_up() {
	local total=$(($1 + $2))
	bench_network
	ip_on gb route add local 10.9.0.0/16 dev lo
	watched_node_a "$1" "$2"
	many_node gb "$outer_b" "$outer_a" 10 no "$total"
	futae_run "$bin"
	eventually $((30 + total / 5)) watched_all_good "$total"
}

# Its probes come from an address of their own in each tunnel.  No pins: nothing else talks to these targets.
watched_node_a() {
	local i total=$(($1 + $2)) detection
	futae_dir ga
	{
		printf 'node: ga\ntunnels:\n'
		for ((i = 0; i < total; i++)); do
			if [ "$i" -lt "$1" ]; then detection=normal; else detection=fast; fi
			cat <<-E
				  t$i:
				    local: $outer_a
				    remote: $outer_b
				    secret: { file: psk }
				    identity: { local: t$i.ga, remote: t$i.gb }
				    nat-traversal: force
				    proposals: { ike: aes128gcm16-prfsha256-curve25519, esp: aes128gcm16 }
				    health: { source: $(many_address 10 "$i"), target: $(many_address 9 "$i"), pin: no }
				    detection: $detection
			E
		done
		echo 'routes:'
		for ((i = 0; i < total; i++)); do
			echo "  - { to: $(many_address 9 "$i"), via: { t$i: 100 } }"
		done
	} >"$run_dir/ga/futaed.yaml"
}

watched_all_good() {
	futae_on ga health --json | jq -e --argjson n "$1" '[.health[] | select(.state == "up")] | length == $n'
}

watched_logs() {
	local node
	for node in ga gb; do
		mkdir -p "$1/$node"
		cp "$run_dir/$node/futaed.yaml" "$run_dir/$node.log" "$1/$node"
	done
}
