#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody else's ESP reads ours: tshark, given the keys, decrypts and authenticates packets of
# every suite it knows, bare and in UDP.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need ping tcpdump tshark

ns a b
veth a:eth0 192.0.2.1/24 b:eth0 192.0.2.2/24
esp a
esp b
tunnel a 1 10.0.0.1/24
tunnel b 1 10.0.0.2/24

# bytes N: the key of `0x11` in that length
bytes() { printf '0x' && for _ in $(seq "$1"); do printf 11; done; }
gcm='AES-GCM with 16 octet ICV [RFC4106]' cbc='AES-CBC [RFC3602]'
spi=$((0x1000))
while IFS='|' read -r suite form cipher enc auth integ; do
	# shellcheck disable=SC2086 # no option is no word
	sa_pair 1 $spi 192.0.2.1 192.0.2.2 "$suite" $form
	rm -f "$WORK/tcpdump" "$WORK/esp.pcap"
	ip netns exec b tcpdump -U -n -i eth0 -w "$WORK/esp.pcap" src host 192.0.2.1 and \
		\( proto 50 or udp port 4500 \) 2>"$WORK/tcpdump" &
	dump=$!
	eventually 5 grep -q 'listening on' "$WORK/tcpdump"
	on a ping -q -n -c2 -i0.02 -W2 -s 333 10.0.0.2 >"$WORK/ping" || fail "$(cat "$WORK/ping")"
	written() { [ "$(tcpdump -n -r "$WORK/esp.pcap" 2>/dev/null | wc -l)" -ge 2 ]; }
	eventually 5 written
	kill "$dump"
	wait "$dump" || true
	akey=
	[ "$integ" = 0 ] || akey=$(bytes "$integ")
	key=$(bytes "$enc") hex_spi=$(printf '0x%08x' "$spi")
	HOME=$WORK tshark -r "$WORK/esp.pcap" -o esp.enable_encryption_decode:TRUE \
		-o esp.enable_authentication_check:TRUE \
		-o "uat:esp_sa:\"IPv4\",\"*\",\"*\",\"$hex_spi\",\"$cipher\",\"$key\",\"$auth\",\"$akey\"" \
		-T fields -e icmp.type -e icmp.seq -e esp.icv_good -e ip.src -e ip.dst \
		>"$WORK/seen" 2>"$WORK/tshark" || fail "tshark: $(cat "$WORK/tshark")"
	for seq in 1 2; do
		grep -q "^8	$seq	.*10.0.0.1	.*10.0.0.2" "$WORK/seen" ||
			fail "$suite $form: tshark sees $(cat "$WORK/seen" "$WORK/tshark")"
	done
	[ "$integ" = 0 ] || grep -q '	\(1\|True\)	' "$WORK/seen" ||
		fail "$suite: ICV: $(cat "$WORK/seen")"
	tell a flush
	tell b flush
	spi=$((spi + 16))
done <<EOT
aes128gcm|encap|$gcm|20|NULL|0
aes256gcm||$gcm|36|NULL|0
aes128-sha1||$cbc|16|HMAC-SHA-1-96 [RFC2404]|20
aes128-sha256|encap|$cbc|16|HMAC-SHA-256-128 [RFC4868]|32
aes256-sha384||$cbc|32|HMAC-SHA-384-192 [RFC4868]|48
aes256-sha512||$cbc|32|HMAC-SHA-512-256 [RFC4868]|64
EOT
esp_end a b
