# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Sourced by the stamp*.sh and probe_*.sh tests: two futae nodes, one tunnel between them.
#
#   gw 192.0.2.1, source 172.16.41.201 --- cpe 192.0.2.2, lan 10.1.22.252 --- office 10.1.22.1
#
# With $line set, oneway.py carries the frames between gw and cpe; see line_is.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need futaed futae jq
{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened here"
here=$(cd "$(dirname "$0")" && pwd)

ns gw cpe office
if [ -n "${line:-}" ]; then
	ns line
	for node in gw cpe; do
		ip link add wan0 netns $node type veth peer $node netns line
		ip -n line link set $node up
	done
	address gw:wan0 192.0.2.1/24
	address cpe:wan0 192.0.2.2/24
	# What one end leaves to its card to sum up, nobody behind a socket would.
	for node in gw cpe; do on $node ethtool -K wan0 tx off gso off tso off >/dev/null 2>&1 || :; done
	# A line is not busy with other things.
	rt="chrt -f 30"
	$rt true 2>/dev/null || rt=
	# shellcheck disable=SC2086 # no word is no word
	ip netns exec line $rt python3 "$here/oneway.py" gw cpe "$WORK/line" &
else
	veth gw:wan0 192.0.2.1/24 cpe:wan0 192.0.2.2/24
fi
# line_is "LOSS DELAY" "LOSS DELAY": from gw to cpe, and back; percent of the ESP, and milliseconds
line_is() { printf '0 %s\n1 %s\n' "$1" "$2" >"$WORK/line.new" && mv "$WORK/line.new" "$WORK/line"; }
veth cpe:lan0 10.1.22.252/24 office:eth0 10.1.22.1/24
ip -n office route add default via 10.1.22.252
on cpe sysctl -qw net.ipv4.ip_forward=1

# node NAME HERE THERE SOURCE TARGET NET HEALTH [MORE]: HEALTH and MORE are YAML of the tunnel
node() {
	mkdir -p "$WORK/$1"
	(umask 077 && echo "one secret" >"$WORK/$1/psk" && echo "a key of this test" >"$WORK/$1/key")
	cat >"$WORK/$1/futae.yaml" <<-Y
		node: $1
		restore: ${restore:-1s}
		tunnels:
		  line:
		    local: $2
		    remote: $3
		    secret: { file: psk }
		    health: { source: $4, target: $5, $7 }
		    ${8:-}
		routes:
		  - { to: $6, via: { line: 100 } }
	Y
}
gw_node() { node gw 192.0.2.1 192.0.2.2 172.16.41.201 "${3:-10.1.22.252}" 10.1.22.0/24 "$1" "${2:-}"; }
cpe_node() { node cpe 192.0.2.2 192.0.2.1 10.1.22.252 172.16.41.201 172.16.41.0/24 "$1" "${2:-}"; }
run() {
	ip netns exec "$1" futaed --config "$WORK/$1/futae.yaml" --run-dir "$WORK/$1" 2>"$WORK/$1.log" &
}
tell() { name=$1 && shift && futae --socket "$WORK/$name/control.sock" "$@"; }
ask() { tell "$1" "$2" --json | jq -r "$3"; }
is() { [ "$(ask "$1" "$2" "$3")" = "$4" ]; }
state() { is "$1" health '.health[0].state' "$2"; }
trap '[ $? = 0 ] || tail -n 30 "$WORK"/*.log' EXIT
# shellcheck disable=SC2034 # for who sources this
case $BUILD in *clang*) STARTING=40 ;; *) STARTING=20 ;; esac # sanitizers take their time
