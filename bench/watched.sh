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
		switch_route
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

# --switch: behind t0 and t1 there is one route with many prefixes; t0 dies while all are watched.
switch_run() {
	local n=$switch_tunnels
	watched_up "$n" 0 || die "not all tunnels came up; see --logs"
	eventually 20 switch_is_on t0 || die "the route does not lead by t0"
	observe 2
	# What comes for t0's probes is dropped by B, so that no answer is sealed.
	on gb nft 'table ip bench { chain in { type filter hook prerouting priority raw; iifname t0 drop; }; }'
	eventually 20 switch_is_on t1 || die "the dead tunnel was not left"
	futae_on ga failovers --json | jq -c --argjson n "$n" --argjson prefixes "$switch_prefixes" \
		--argjson down "$(futae_on ga health --json | jq '[.health[] | select(.state == "down")] | length')" \
		--arg quick "$quick" --rawfile notes "$run_dir/notes" --arg version "$("$bin/futae" --version)" \
		-L "$bench_dir" 'include "scale"; switch_result' >"$run_dir/result.json"
}

switch_is_on() {
	futae_on ga failovers --json >/dev/null &&
		ip_on ga route get 10.64.0.1 | grep -q "dev $1 "
}

# The route that is moved, for A's configuration
switch_route() {
	[ "$scene" = switch ] || return 0
	printf '  - name: many\n    via: { t0: 100, t1: 0 }\n    to: ['
	seq 0 $((switch_prefixes - 1)) | awk '{ n = $1 * 16; printf "%s10.%d.%d.%d/28", (NR > 1 ? ", " : ""),
		64 + int(n / 65536), int(n / 256) % 256, n % 256 }'
	printf ']\n'
}
