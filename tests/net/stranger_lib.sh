# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# Sourced by the stranger_*.sh tests: the other end is somebody else's program, as packaged.
#
#   gw (us) 203.0.113.1 --- net --- 198.51.100.2 far (strongSwan)       inner: 10.8.1.1 and 10.9.1.1
#   gw (us) 203.0.113.1 --- net (NAT, 198.51.100.1) --- 192.168.7.2 far, in the tests behind NAT
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need futaed futae swanctl ping nft jq
[ -x /usr/sbin/charon-systemd ] || skip "charon-systemd is not installed"
[ -c /dev/net/tun ] || skip "there is no /dev/net/tun"
{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened"
case $BUILD in *clang*) STARTING=30 ;; *) STARTING=15 ;; esac # sanitizers take their time

secret=not-a-secret-outside-this-test
started=
stop_all() {
	for pid in $started; do
		kill "$pid" 2>/dev/null || :
	done
	[ "$1" = 0 ] || tail -n 50 "$WORK"/*.log 2>/dev/null
}
trap 'stop_all $?' EXIT

# forwards NODE
forwards() { on "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'; }

network() {
	ns gw net far
	forwards gw
	forwards far
	forwards net
	address gw:lo 10.8.1.1/32
	address far:lo 10.9.1.1/32
	veth gw:wan 203.0.113.1/24 net:gw 203.0.113.254/24
	ip -n gw route add default via 203.0.113.254
}

far_open() {
	veth far:wan 198.51.100.2/30 net:far 198.51.100.1/30
	ip -n far route add default via 198.51.100.1
	far_address=198.51.100.2 far_seen_as=198.51.100.2
}

# What the far end sends leaves net with another address and other ports.
far_behind_nat() {
	veth far:wan 192.168.7.2/24 net:far 192.168.7.1/24
	ip -n far route add default via 192.168.7.1
	ip -n net addr add 198.51.100.1/32 dev lo
	ip -n gw route add 198.51.100.1 via 203.0.113.254
	on net nft -f - <<-E
		table ip nat {
			chain out {
				type nat hook postrouting priority srcnat
				oifname gw ip saddr 192.168.7.2 udp dport { 500, 4500 } snat to 198.51.100.1:20000-30000
			}
		}
	E
	far_address=192.168.7.2 far_seen_as=198.51.100.1
}

# futae_start VERSION INITIATE: our end, with $workers of futae-esp and $children CHILD_SAs when these are set
futae_start() {
	mkdir -m 700 "$WORK/gw"
	(umask 077 && printf %s "$secret" >"$WORK/gw/far.psk")
	cat >"$WORK/gw/futaed.yaml" <<-E
		node: gw
		dataplane: { workers: ${workers:-auto} }
		tunnels:
		  far:
		    local: 203.0.113.1
		    remote: $far_seen_as
		    version: $1
		    initiate: $2
		    children: ${children:-1}
		    secret: { file: far.psk }
		    identity: { local: gw.example, remote: far.example }
		    selectors: { local: [10.8.1.0/24], remote: [10.9.1.0/24] }
		    health: { source: 10.8.1.1, target: 10.9.1.1 }
		routes:
		  - to: 10.9.1.0/24
		    via: { far: 100 }
		    source: 10.8.1.1
	E
	on gw futaed --config "$WORK/gw/futaed.yaml" --run-dir "$WORK/gw" 2>"$WORK/futaed.log" &
	started="$started $!"
}

ours() { futae --socket "$WORK/gw/control.sock" "$@"; }
healthy() { [ "$(ours health --json | jq -r '.health[0].state')" = up ]; }

# far_start VERSION: Debian's own strongSwan, its ESP in user space (this kernel may have none)
far_start() {
	# Left to itself it offers an IKEv1 peer nothing but Curve25519; what people configure is this.
	proposals=
	[ "$1" = 2 ] || proposals="proposals = aes256-sha256-modp2048"
	cat >"$WORK/strongswan.conf" <<-E
		charon-systemd {
			load = random nonce openssl aes sha1 sha2 hmac kdf gmp curve25519 pem pkcs1 x509 constraints pubkey kernel-libipsec kernel-netlink socket-default vici updown
			plugins {
				vici { socket = unix://$WORK/vici }
			}
			filelog { stderr { default = 1 } }
			syslog { daemon { default = -1 } auth { default = -1 } }
			retransmit_timeout = 0.5
		}
		swanctl { load = pem pkcs1 x509 random openssl pubkey }
	E
	cat >"$WORK/swanctl.conf" <<-E
		connections {
			futae {
				version = $1
				local_addrs = $far_address
				remote_addrs = 203.0.113.1
				mobike = no
				$proposals
				local { auth = psk
					id = far.example }
				remote { auth = psk
					id = gw.example }
				children { net { local_ts = 10.9.1.0/24
					remote_ts = 10.8.1.0/24 } }
			}
		}
		secrets { ike { secret = "$secret" } }
	E
	on far env STRONGSWAN_CONF="$WORK/strongswan.conf" charon-systemd >"$WORK/far.log" 2>&1 &
	started="$started $!"
	eventually 15 theirs --stats
	theirs --load-all --file "$WORK/swanctl.conf" >>"$WORK/far.log"
}

theirs() {
	verb=$1 && shift
	STRONGSWAN_CONF="$WORK/strongswan.conf" swanctl "$verb" --uri "unix://$WORK/vici" "$@"
}

# all_answered NODE ARGUMENTS...: ping there, and not one reply may be missing
all_answered() {
	node=$1 && shift
	on "$node" ping -i 0.01 -W 2 "$@" >"$WORK/ping" || :
	grep -q ' 0% packet loss' "$WORK/ping" || {
		cat "$WORK/ping"
		fail "on $node: ping $*"
	}
}

# What every peer must be able to do with us, whoever has begun.
carries_and_rekeys() {
	eventually "$STARTING" healthy
	all_answered gw -c 20 -I 10.8.1.1 10.9.1.1
	all_answered far -c 20 -I 10.9.1.1 10.8.1.1
	# Longer than the tunnel's MTU: fragmented before, put together behind
	all_answered gw -c 3 -s 3000 -I 10.8.1.1 10.9.1.1
	spis_before=$(spis)
	theirs --rekey --child net >>"$WORK/far.log"
	eventually 10 has_new_keys
	all_answered gw -c 20 -I 10.8.1.1 10.9.1.1
	eventually 2 healthy
}

spis() { theirs --list-sas --raw | tr ' ' '\n' | grep '^spi-' | sort; }
has_new_keys() { [ -n "$(spis)" ] && [ "$(spis)" != "$spis_before" ]; }
