#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Debian's own charon-systemd at the other end, dialling and dialled, IKEv2 and IKEv1: tunnels come
# up, are rekeyed from either side, and come back after its restart; swanctl works on futae-ike.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"
need swanctl
[ -x /usr/sbin/charon-systemd ] || skip "charon-systemd is not installed"
{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened"

export STRONGSWAN_CONF="$WORK/strongswan.conf"
cat >"$STRONGSWAN_CONF" <<E
charon-systemd {
	load = random nonce openssl aes sha1 sha2 hmac kdf gmp curve25519 pem pkcs1 x509 constraints pubkey kernel-libipsec kernel-netlink socket-default vici
	plugins {
		vici { socket = unix://$WORK/swan.vici }
	}
	filelog { stderr { default = 1 } }
	syslog { daemon { default = -1 } auth { default = -1 } }
}
swanctl { load = pem pkcs1 x509 random openssl pubkey }
E
{
	echo "connections {"
	for v in 1 2; do
		cat <<-E
			v$v {
				version = $v
				local_addrs = 192.0.2.2
				remote_addrs = 192.0.2.1
				mobike = no
				local { auth = psk
					id = swan$v }
				remote { auth = psk
					id = futae$v }
				children { net$v { esp_proposals = aes256-sha256
					local_ts = 10.2.$v.0/24
					remote_ts = 10.1.$v.0/24 } }
			}
		E
	done
	echo "} secrets { ike { secret = shared } }"
} >"$WORK/swanctl.conf"

# swan VERB WORDS...
swan() {
	verb=$1 && shift
	on b swanctl "$verb" --uri "unix://$WORK/swan.vici" "$@"
}
swan_start() {
	(exec ip netns exec b /usr/sbin/charon-systemd) >/dev/null 2>"$WORK/swan.err" &
	swan_pid=$!
	eventually 10 swan --stats
	swan --load-all --file "$WORK/swanctl.conf" >/dev/null
}
conn() {
	order a conn "name=v$1 if_id=$1 version=$1 local=192.0.2.1 remote=192.0.2.2 psk=shared local_id=futae$1 remote_id=swan$1 ts=10.1.$1.0/24 rts=10.2.$1.0/24 $2"
}
# up VERSION: with the ESP-in-UDP that kernel-libipsec asks for
up() { state a "v$1" "phase=up version=$1 children=1 .*encap=1"; }
swan_has() { swan --list-sas | grep -qE "$1"; }

ike_pair
# kernel-libipsec wants an address of its own within the selectors
address b:lo 10.2.1.1/32
address b:lo 10.2.2.1/32
swan_start
ike_start a

# We dial.
conn 2 initiate=1
conn 1 initiate=1
eventually 15 up 2
eventually 15 up 1
eventually 5 swan_has 'v2: .*ESTABLISHED, IKEv2'
eventually 5 swan_has 'v1: .*ESTABLISHED, IKEv1'

# swanctl sees ours.
on a swanctl --list-sas --uri "unix://$WORK/a.run/charon.vici" >"$WORK/list"
grep -q 'v2: .*ESTABLISHED, IKEv2' "$WORK/list" || fail "swanctl --list-sas on futae-ike: $(cat "$WORK/list")"

# Rekeyed by us, and by it.
for v in 1 2; do
	order a rekey-child v$v
	eventually 10 test_count a "EVENT v$v child-rekeyed" 1
	swan --rekey --child net$v >/dev/null
	eventually 10 test_count a "EVENT v$v child-rekeyed" 2
done
# Neither end takes a new key for IKE while one for ESP is half done: it says TEMPORARY_FAILURE.
settled() { [ "$(swan --list-sas | grep -c '^ *net2: ')" = 1 ] && swan --list-sas | grep -q '^ *net2: .*INSTALLED'; }
eventually 10 settled
order a rekey-ike v2
eventually 10 test_count a 'EVENT v2 ike-rekeyed' 1
swan --rekey --ike v2 >/dev/null
eventually 10 test_count a 'EVENT v2 ike-rekeyed' 2
eventually 10 up 1
eventually 10 up 2

# It restarts: both are back without anybody's help.
kill $swan_pid
eventually 10 state a v2 'children=0'
eventually 10 state a v1 'children=0'
swan_start
eventually 40 up 2
eventually 40 up 1

# It dials, and we only answer.
conn 2 initiate=0
conn 1 initiate=0
for v in 1 2; do
	swan --terminate --ike v$v >/dev/null
	eventually 10 state a v$v 'phase=idle .*children=0'
	swan --initiate --child net$v >/dev/null || fail "charon-systemd could not set up v$v"
	eventually 10 up $v
done
ike_stop a
gone() { ! swan_has ESTABLISHED; }
eventually 10 gone
kill $swan_pid
