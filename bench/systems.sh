# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Ourselves, what we are held against, and what every system here is asked for:
#
#   NAME_about     one line
#   NAME_missing   prints why it cannot be measured here; nothing when it can
#   NAME_start     brings the two gateways up; traffic between the insides must pass after a while

plain_about() { echo "routing, no tunnel"; }
plain_missing() { :; }
plain_start() {
	ip_on ga route add "$net_b" via "$outer_b" src "$gate_a"
	ip_on gb route add "$net_a" via "$outer_a" src "$gate_b"
}

futae_about() { echo "futae, AES-128-GCM, ESP in UDP"; }
futae_missing() { :; }
futae_start() { futae_up "$bin" force; }

futae_raw_about() { echo "futae, AES-128-GCM, ESP as such (protocol 50)"; }
futae_raw_missing() { :; }
futae_raw_start() { futae_up "$bin" auto; }

relay_about() { echo "futae with a null cipher: what its crypto may cost"; }
relay_missing() {
	[ -x "$relay_dir/src/bin/futaed" ] ||
		echo "no build with -Dnull_cipher=true in $relay_dir"
}
relay_start() { futae_up "$relay_dir/src/bin" force; }

futae_lifetime=1h

# futae_up PROGRAMS NAT-TRAVERSAL
futae_up() {
	futae_nat=$2
	futae_node ga "$outer_a" "$outer_b" "$gate_a" "$net_b" yes
	futae_node gb "$outer_b" "$outer_a" "$gate_b" "$net_a" no
	futae_run "$1"
}

# futae_node NODE OUTER OTHER-OUTER INNER OTHER-NET INITIATE
futae_node() {
	futae_dir "$1"
	cat >"$run_dir/$1/futaed.yaml" <<-E
		node: $1
		tunnels:
		  far:
		    local: $2
		    remote: $3
		    secret: { file: psk }
		    nat-traversal: $futae_nat
		    proposals: { esp: aes128gcm16 }
		    initiate: $6
		    lifetime: { child: $futae_lifetime }
		routes:
		  - to: $5
		    via: { far: 100 }
		    source: $4
	E
}

futae_dir() {
	rm -rf "${run_dir:?}/$1"
	mkdir "$run_dir/$1"
	(umask 077 && echo "not a secret outside of this benchmark" >"$run_dir/$1/psk")
}

# Real-time scheduling as in service, where futaed asks for it; --no-realtime denies it.
futae_run() {
	local node denied=()
	[ "$realtime" = yes ] || denied=(setpriv --bounding-set=-sys_nice --inh-caps=-sys_nice)
	for node in ga gb; do
		measured_daemon "$node" "$node" "${denied[@]}" "$1/futaed" --config "$run_dir/$node/futaed.yaml" \
			--run-dir "$run_dir/$node"
	done
}

futae_on() { timeout 10 "$bin/futae" --socket "$run_dir/$1/control.sock" "${@:2}"; }
