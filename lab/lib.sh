# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What every script of the lab needs: where things are, namespaces, waiting, cleaning up.

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build_dir=${FUTAE_BUILD:-$lab_dir/../build}
tools=$build_dir/lab
bin=$build_dir/src/bin

declare -A ns=() # node -> the name of its network namespace
prefix=
run_dir=

# The other parts; each says in its first comment what it is.
lab_load() {
	# shellcheck source=lab/topology.sh
	. "$lab_dir/topology.sh"
	# shellcheck source=lab/nodes.sh
	. "$lab_dir/nodes.sh"
	# shellcheck source=lab/measure.sh
	. "$lab_dir/measure.sh"
	# shellcheck source=lab/load.sh
	. "$lab_dir/load.sh"
	# shellcheck source=lab/prompt.sh
	. "$lab_dir/prompt.sh"
	# shellcheck source=lab/scene.sh
	. "$lab_dir/scene.sh"
}

say() { printf '%s\n' "$*"; }
headline() { printf '\n--- %s\n' "$*"; }
die() {
	printf 'lab: %s\n' "$*" >&2
	exit 1
}

# This machine does not allow it; tests take that exit code for "skipped".
cannot() {
	printf 'lab: %s\n' "$*" >&2
	exit 77
}

# Started by an ordinary user, the lab runs as root of a user namespace of its own: nothing in
# there is the host's, and all of it dies with the first process.
lab_enter() {
	[ "$(id -u)" != 0 ] || return 0
	unshare --user --map-root-user --net --mount --pid --fork true 2>/dev/null ||
		cannot "this system lets no ordinary user make a network of his own;" \
			"run this as root, or allow it: sysctl kernel.unprivileged_userns_clone=1" \
			"(AppArmor: kernel.apparmor_restrict_unprivileged_userns=0)"
	exec unshare --user --map-root-user --net --mount --pid --fork --kill-child --mount-proc \
		sh -c 'mount -t tmpfs tmpfs /run && exec "$@"' sh "$0" "$@"
}

lab_need_programs() {
	local program
	for program in ip nft nsenter ethtool jq ping traceroute; do
		command -v "$program" >/dev/null ||
			die "$program is missing: apt install iproute2 nftables util-linux ethtool jq" \
				"iputils-ping traceroute"
	done
	for program in "$@"; do
		[ -x "$program" ] || die "$program is not built: run 'make', or set FUTAE_BUILD to" \
			"the build folder"
	done
}

lab_need_tun() {
	[ -e /dev/net/tun ] || cannot "/dev/net/tun is missing: as root, 'modprobe tun', or" \
		"'mkdir -p /dev/net && mknod -m 666 /dev/net/tun c 10 200'"
	{ true <>/dev/net/tun; } 2>/dev/null ||
		cannot "/dev/net/tun may not be opened by you: 'chmod 666 /dev/net/tun' as root (it gives" \
			"nobody power over a network that is not his), or run this as root"
}

lab_start() {
	trap lab_cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	run_dir=$(mktemp -d "${TMPDIR:-/tmp}/futae-lab.XXXXXX")
	# futae-ike, which has no rights, must be able to reach its own folder below.
	chmod 711 "$run_dir"
	prefix=futae-${run_dir##*.}-
}

lab_cleanup() {
	local code=$?
	trap - EXIT INT TERM HUP
	network_destroy
	rm -rf "$run_dir"
	exit "$code"
}

# Kills what runs in the node's namespace, all of it ours.
node_kill() { netns_kill "${ns[$1]}"; }

netns_kill() {
	local pids
	pids=$(ip netns pids "$1")
	# shellcheck disable=SC2086 # a list of numbers
	[ -z "$pids" ] || kill -9 $pids 2>/dev/null || true
}

netns_is_empty() { [ -z "$(ip netns pids "$1")" ]; }

# By the prefix of their names, not by our list: a prompt may have replaced one.
network_destroy() {
	local name names
	[ -n "$prefix" ] || return 0
	names=$(ip netns list | awk -v p="$prefix" 'index($1, p) == 1 { print $1 }')
	for name in $names; do
		netns_kill "$name"
	done
	for name in $names; do
		eventually 5 netns_is_empty "$name" || true
		ip netns del "$name" || true
	done
	ns=()
}

node_create() {
	local name=$prefix$1${2:-}
	ip netns add "$name"
	ns[$1]=$name
	ip -n "$name" link set lo up
	# A new namespace may inherit the host's reverse path filter; routers with two lines cannot use it.
	on "$1" sh -c 'echo 0 >/proc/sys/net/ipv4/conf/all/rp_filter
		echo 0 >/proc/sys/net/ipv4/conf/default/rp_filter'
}

# on NODE COMMAND...: runs it in the node's network.
on() { nsenter --net="/run/netns/${ns[$1]}" -- "${@:2}"; }
ip_on() { ip -n "${ns[$1]}" "${@:2}"; }

# daemon NODE LOG COMMAND...: starts it there and leaves it running; its pid is in $daemon_pid.
daemon() {
	nsenter --net="/run/netns/${ns[$1]}" -- "${@:3}" >>"$2" 2>&1 </dev/null &
	daemon_pid=$!
	# Forgotten by the shell, so that it does not report every power cut as an accident.
	disown "$daemon_pid"
}

# eventually SECONDS COMMAND...: asks until it is true; false when it does not become so in time.
eventually() {
	local deadline=$((SECONDS + $1 + 1))
	until "${@:2}" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$deadline" ] || return 1
		sleep 0.05
	done
}

# observe SECONDS: time that belongs to the measurement, in which nothing is awaited.
observe() { sleep "$1"; }

# A random part of a second: faults must not fall into step with probes.
random_phase() { printf '0.%03d\n' $((RANDOM % 1000)); }
