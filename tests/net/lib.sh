# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Sourced first by every test here.  Gives the test a private world of network, mounts and
# processes: nothing of the host is touched, nothing is left over, any number run at once.
# Root gets plain namespaces, everybody else a user namespace around them.  A test ends 0
# (pass), 77 (cannot be done here: skip, with the reason) or else (fail).
#
# Given: $BUILD (the build folder, its programs in PATH), $WORK (an empty folder, gone at the end).
set -eu

skip() { echo "skip: $*" && exit 77; }
fail() { echo "FAIL: $*" >&2 && exit 1; }
need() { for tool; do command -v "$tool" >/dev/null || skip "$tool is not installed"; done; }

world="--net --mount --pid --fork --kill-child --mount-proc"
if [ -z "${IN_WORLD:-}" ]; then
	[ "$(id -u)" = 0 ] || world="--user --map-root-user $world"
	# shellcheck disable=SC2086 # the words of $world are separate options
	unshare $world true 2>/dev/null || skip "this kernel gives us no namespaces (unshare $world)"
	# shellcheck disable=SC2086
	IN_WORLD=1 exec unshare $world "$0" "$@"
fi

mount -t tmpfs tmpfs /run
WORK=/run/work && mkdir "$WORK"
BUILD=${BUILD:-$(cd "$(dirname "$0")/../../build" && pwd)}
PATH=$BUILD/src/bin:/usr/sbin:/sbin:$PATH
export WORK BUILD PATH

# ns NAME...: network namespaces with lo up
ns() { for name; do ip netns add "$name" && ip -n "$name" link set lo up; done; }

# on NAME COMMAND...
on() {
	name=$1 && shift
	ip netns exec "$name" "$@"
}

# address NAME:DEVICE ADDRESS/LENGTH: added and the device up; IPv6 is usable at once
address() {
	case $2 in *:*) nodad=nodad ;; *) nodad= ;; esac
	ip -n "${1%:*}" addr add "$2" dev "${1#*:}" $nodad
	ip -n "${1%:*}" link set "${1#*:}" up
}

# veth a:eth0 192.0.2.1/24 b:eth0 192.0.2.2/24
veth() {
	ip link add "${1#*:}" netns "${1%:*}" type veth peer "${3#*:}" netns "${3%:*}"
	address "$1" "$2" && address "$3" "$4"
}

# eventually SECONDS COMMAND...: never sleep and hope; ask until it is true, or fail with a name
eventually() {
	end=$(($(date +%s) + $1)) && shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -le "$end" ] || fail "not in time: $*"
		sleep 0.05
	done
}
