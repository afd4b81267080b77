# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# strongSwan with its ESP in user space (the kernel here may have none) and DPD as fast as it goes:
# whole seconds, then retransmissions; see failover_systems.sh.
#
# The longer selector of the first tunnel is preferred, until DPD deletes it: two tunnels of equal
# selectors kernel-libipsec cannot tell apart.

plugins=/usr/lib/ipsec/plugins
strongswan_missing() {
	missing_file /usr/sbin/charon-systemd charon-systemd
	missing_file /usr/sbin/swanctl strongswan-swanctl
	missing_file $plugins/libstrongswan-kernel-libipsec.so libcharon-extra-plugins
	missing_file $plugins/libstrongswan-openssl.so libstrongswan-standard-plugins
	missing_file /usr/sbin/keepalived keepalived
}

strongswan_start() {
	peer_dirs
	strongswan_node gateway <<-E
		$(strongswan_conn line1 203.0.113.72 198.51.100.2 "$cloud_net" "$office_net")
		$(strongswan_conn line2 203.0.113.72 192.0.2.2 "$cloud_net" 10.1.0.0/16 trap)
	E
	tracked_vrrp cpe01 200 "$1"
	tracked_vrrp cpe02 100 "$1"
	strongswan_node cpe01 <<-E
		$(strongswan_conn cloud 198.51.100.2 203.0.113.72 "$office_net" "$cloud_net" "$run_dir/cpe01/updown")
	E
	strongswan_node cpe02 <<-E
		$(strongswan_conn cloud 192.0.2.2 203.0.113.72 10.1.0.0/16 "$cloud_net")
	E
	swan gateway --initiate --child line1 --timeout 15
	swan gateway --initiate --child line2 --timeout 15
}

# strongswan_conn NAME LOCAL REMOTE NET OTHER-NET [UPDOWN]
strongswan_conn() {
	cat <<-E
		$1 {
			version = 2
			local_addrs = $2
			remote_addrs = $3
			mobike = no
			dpd_delay = 1s
			proposals = aes128-sha256-ecp256
			local { auth = psk
				id = $2 }
			remote { auth = psk
				id = $3 }
			children { $1 { local_ts = $4
				remote_ts = $5
				esp_proposals = aes128gcm16
				dpd_action = clear
				${6:+updown = $6} } }
		}
	E
}

# strongswan_node NODE, its connections on standard input
strongswan_node() {
	local dir=$run_dir/$1
	cat >"$dir/strongswan.conf" <<-E
		charon-systemd {
			load = random nonce openssl kdf pem pkcs1 x509 constraints pubkey kernel-libipsec kernel-netlink socket-default vici updown
			retransmit_tries = 2
			retransmit_timeout = 0.1
			retransmit_base = 1
			plugins { vici { socket = unix://$dir/vici } }
			syslog { daemon { default = -1 }
				auth { default = -1 } }
			filelog { stderr { default = 1 } }
		}
		swanctl { load = pem pkcs1 x509 random openssl pubkey }
	E
	cat >"$dir/swanctl.conf" <<-E
		connections {
			$(cat)
		}
		secrets { ike { secret = "not a secret outside of this benchmark" } }
	E
	cat >"$dir/updown" <<-E
		#!/bin/sh
		case \$PLUTO_VERB in
		up-client*) echo 0 ;;
		down-client*) echo 1 ;;
		esac >$dir/tunnel
	E
	chmod +x "$dir/updown"
	peer "$1" env STRONGSWAN_CONF="$dir/strongswan.conf" charon-systemd
	eventually 15 swan "$1" --stats || return 1
	swan "$1" --load-all --file "$dir/swanctl.conf"
}

swan() {
	STRONGSWAN_CONF=$run_dir/$1/strongswan.conf swanctl "$2" --uri "unix://$run_dir/$1/vici" \
		"${@:3}" >>"$run_dir/$1/swanctl.log" 2>&1
}
