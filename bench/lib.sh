# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What the parts of the benchmark share: their own world, and processes that are pinned and watched.

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lab/lib.sh
. "$bench_dir/../lab/lib.sh"
blast=$build_dir/bench/udpblast
tcpblast=$build_dir/bench/tcpblast
relay_dir=${FUTAE_BUILD_RELAY:-$bench_dir/../build-relay}

die() {
	printf 'bench: %s\n' "$*" >&2
	exit 1
}

cannot() {
	printf 'bench: %s\n' "$*" >&2
	exit 77
}

note() { printf '%s\n' "$*" >>"$run_dir/notes"; }

# Root too runs in a world of his own: network, mounts and processes, all of which end with it.
bench_enter() {
	local world=(--net --mount --pid --fork --kill-child --mount-proc)
	[ -z "${BENCH_WORLD:-}" ] || return 0
	[ "$(id -u)" = 0 ] || world=(--user --map-root-user "${world[@]}")
	unshare "${world[@]}" true 2>/dev/null ||
		cannot "this kernel gives us no namespaces (unshare ${world[*]})"
	BENCH_WORLD=1 exec unshare "${world[@]}" \
		sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' sh "$0" "$@"
}

bench_need() {
	local program
	for program in ip nsenter ethtool jq ping iperf3 taskset setsid; do
		command -v "$program" >/dev/null ||
			cannot "$program is missing: tools/deps lab bench"
	done
	for program in "$blast" "$tcpblast" "$bin/futaed" "$bin/futae"; do
		[ -x "$program" ] ||
			die "$program is not built: run 'make', or set FUTAE_BUILD to the build folder"
	done
	lab_need_tun
}

# Where the two ends run: two one-processor machines, as far as that goes here.
cpus_choose() {
	local last
	last=$(($(nproc) - 1))
	cpu_a=0 cpu_b=$((last > 0 ? 1 : 0))
	[ "$last" -gt 0 ] || note "there is one processor: both ends share it, no ratio means much"
}

cpu_of_node() { case $1 in ga | ha) echo "$cpu_a" ;; *) echo "$cpu_b" ;; esac; }

# Pinned, and ahead of what else this machine does: in a scheduling group of its own, as a service
# would be.  An ordinary user cannot raise it; then it runs like everything else.
alone='echo -16 2>/dev/null >/proc/self/autogroup || true; exec "$@"'
measured() { on "$1" taskset -c "$(cpu_of_node "$1")" setsid -w sh -c "$alone" sh "${@:2}"; }
measured_daemon() {
	daemon "$1" "$run_dir/$2.log" taskset -c "$(cpu_of_node "$1")" setsid sh -c "$alone" sh "${@:3}"
}

# What runs in the gateways' namespaces before any traffic does is what carries it.
gateways_note() {
	gateway_pids=$(for node in ga gb; do ip netns pids "${ns[$node]}"; done | sort -n | uniq | tr '\n' ' ')
}

gateway_ns() {
	local pid
	for pid in $gateway_pids; do
		cat "/proc/$pid/task/"*/schedstat 2>/dev/null || true
	done | awk '{ sum += $1 } END { printf "%.0f\n", sum }'
}

# kB of gateway A's processes, of those that have this name if one is given
rss_of() {
	local pid
	for pid in $(ip netns pids "${ns[ga]}"); do
		[ -z "${1:-}" ] || [ "$(cat "/proc/$pid/comm")" = "$1" ] || continue
		awk '/^VmRSS/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true
	done | awk '{ sum += $1 } END { print sum + 0 }'
}
