# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Other people's user-space tunnels, as Debian has them, with their defaults but for the cipher and
# the MTU.  See systems.sh for what each has to say.

has() { [ -e "$1" ] || echo "$1 is not installed (package $2)"; }

plugins=/usr/lib/ipsec/plugins
libipsec_about() { echo "strongSwan kernel-libipsec, AES-128-GCM of its openssl plugin"; }
libipsec_missing() {
	has /usr/sbin/charon-systemd charon-systemd
	has /usr/sbin/swanctl strongswan-swanctl
	has $plugins/libstrongswan-kernel-libipsec.so libcharon-extra-plugins
	has $plugins/libstrongswan-openssl.so libstrongswan-standard-plugins
}
libipsec_start() { libipsec_up openssl; }

libipsec_aesni_about() { echo "strongSwan kernel-libipsec, AES-128-GCM of its aesni plugin"; }
libipsec_aesni_missing() {
	libipsec_missing
	has $plugins/libstrongswan-aesni.so libstrongswan-standard-plugins
	grep -qw aes /proc/cpuinfo || echo "this processor has no AES instructions"
}
libipsec_aesni_start() { libipsec_up "aesni openssl"; }

# libipsec_up CRYPTO-PLUGINS
libipsec_up() {
	strongswan_node ga "$1" "$outer_a" "$outer_b" "$net_a" "$net_b"
	strongswan_node gb "$1" "$outer_b" "$outer_a" "$net_b" "$net_a"
	swan ga --initiate --child net --timeout 15
}

# strongswan_node NODE CRYPTO-PLUGINS OUTER OTHER-OUTER NET OTHER-NET
strongswan_node() {
	local dir=$run_dir/$1
	rm -rf "$dir"
	mkdir "$dir"
	cat >"$dir/strongswan.conf" <<-E
		charon-systemd {
			load = random nonce $2 kdf pem pkcs1 x509 constraints pubkey kernel-libipsec kernel-netlink socket-default vici updown
			plugins { vici { socket = unix://$dir/vici } }
			syslog { daemon { default = -1 }
				auth { default = -1 } }
		}
		swanctl { load = pem pkcs1 x509 random openssl pubkey }
	E
	cat >"$dir/swanctl.conf" <<-E
		connections {
			bench {
				version = 2
				local_addrs = $3
				remote_addrs = $4
				mobike = no
				proposals = aes128-sha256-ecp256
				local { auth = psk
					id = $3 }
				remote { auth = psk
					id = $4 }
				children { net { local_ts = $5
					remote_ts = $6
					esp_proposals = aes128gcm16 } }
			}
		}
		secrets { ike { secret = "not a secret outside of this benchmark" } }
	E
	measured_daemon "$1" "$1" env STRONGSWAN_CONF="$dir/strongswan.conf" charon-systemd
	eventually 15 swan "$1" --stats || return 1
	swan "$1" --load-all --file "$dir/swanctl.conf"
}

swan() {
	STRONGSWAN_CONF=$run_dir/$1/strongswan.conf swanctl "$2" \
		--uri "unix://$run_dir/$1/vici" "${@:3}" >>"$run_dir/$1.log" 2>&1
}

wireguard_go_about() { echo "wireguard-go of Debian, ChaCha20-Poly1305"; }
wireguard_go_missing() {
	has /usr/bin/wireguard-go wireguard-go
	has /usr/bin/wg wireguard-tools
}
wireguard_go_start() {
	local node
	for node in ga gb; do
		(umask 077 && wg genkey >"$run_dir/$node.key")
		# In the foreground it is the kernel's module that it recommends, otherwise.
		measured_daemon "$node" "$node" env WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1 \
			wireguard-go -f "wg-$node"
	done
	wireguard_end ga gb "$outer_b" "$net_b" "$gate_a"
	wireguard_end gb ga "$outer_a" "$net_a" "$gate_b"
}

# wireguard_end NODE OTHER OTHER-OUTER OTHER-NET INNER
wireguard_end() {
	eventually 5 on "$1" wg show "wg-$1" || return 1
	on "$1" wg set "wg-$1" listen-port 51820 private-key "$run_dir/$1.key" \
		peer "$(wg pubkey <"$run_dir/$2.key")" endpoint "$3:51820" allowed-ips "$4"
	tun_up "$1" "wg-$1" "$4" "$5"
}

# tun_up NODE DEVICE OTHER-NET INNER
tun_up() {
	ip_on "$1" link set "$2" mtu "$inner_mtu" up
	ip_on "$1" route add "$3" dev "$2" src "$4"
}

openvpn_about() { echo "OpenVPN 2.6 without DCO, AES-128-GCM"; }
openvpn_missing() {
	has /usr/sbin/openvpn openvpn
	command -v openssl >/dev/null || echo "openssl is not installed (package openssl)"
}
openvpn_start() {
	local node
	for node in ga gb; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
			-subj "/CN=$node" -keyout "$run_dir/$node.key" -out "$run_dir/$node.pem" 2>/dev/null
	done
	openvpn_node gb ga --tls-server --dh none
	openvpn_node ga gb --tls-client --remote "$outer_b" 1194
	for node in ga gb; do
		eventually 15 ip_on "$node" link show ovpn0 || return 1
	done
	tun_up ga ovpn0 "$net_b" "$gate_a"
	tun_up gb ovpn0 "$net_a" "$gate_b"
}

# openvpn_node NODE OTHER OPTIONS...
openvpn_node() {
	measured_daemon "$1" "$1" openvpn --dev ovpn0 --dev-type tun --proto udp4 --disable-dco \
		--tun-mtu "$inner_mtu" --mssfix 0 --data-ciphers AES-128-GCM --cert "$run_dir/$1.pem" \
		--key "$run_dir/$1.key" --peer-fingerprint "$(fingerprint "$2")" --port 1194 \
		--verb 3 "${@:3}"
}

fingerprint() { openssl x509 -in "$run_dir/$1.pem" -noout -fingerprint -sha256 | cut -d= -f2; }

fastd_about() { echo "fastd, salsa2012+umac"; }
fastd_missing() { has /usr/bin/fastd fastd; }
fastd_start() {
	local node
	for node in ga gb; do
		(umask 077 && fastd --generate-key --machine-readable >"$run_dir/$node.secret" 2>/dev/null)
	done
	fastd_node ga gb "$outer_a" "$outer_b"
	fastd_node gb ga "$outer_b" "$outer_a"
	for node in ga gb; do
		eventually 5 ip_on "$node" link show fast0 || return 1
	done
	tun_up ga fast0 "$net_b" "$gate_a"
	tun_up gb fast0 "$net_a" "$gate_b"
}

# fastd_node NODE OTHER OUTER OTHER-OUTER
fastd_node() {
	local key
	echo "secret \"$(cat "$run_dir/$2.secret")\";" >"$run_dir/key.conf"
	key=$(fastd --config "$run_dir/key.conf" --show-key --machine-readable 2>/dev/null)
	cat >"$run_dir/$1.conf" <<-E
		mode tun;
		interface "fast0";
		method "salsa2012+umac";
		bind $3:10000;
		mtu $inner_mtu;
		secret "$(cat "$run_dir/$1.secret")";
		peer "other" { key "$key"; remote $4:10000; }
	E
	measured_daemon "$1" "$1" fastd --config "$run_dir/$1.conf"
}
