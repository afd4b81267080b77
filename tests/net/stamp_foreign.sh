#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The reflector works with a sender written from the RFCs alone (STAMP of both modes, TLVs,
# TWAMP-Light), tshark reads what we send, and what is not fit is refused.
# shellcheck source=tests/net/stamp_lib.sh
. "$(dirname "$0")/stamp_lib.sh"
need python3 tcpdump tshark

gw_node "kind: stamp" "reflect: { port: 863, key: key }"
cpe_node "kind: icmp" "reflect: { stamp: yes }"
run gw
run cpe
eventually "$STARTING" state gw up
eventually "$STARTING" state cpe up

echo "-- a foreign sender, by the tunnel, of each kind"
for mode in plain tlv twamp; do
	on gw python3 "$here/stamp_sender.py" $mode 172.16.41.201 10.1.22.252 862 || fail "$mode"
done
# The other way: authenticated, at another port.
on cpe python3 "$here/stamp_sender.py" auth 10.1.22.252 172.16.41.201 863 "a key of this test" ||
	fail "auth"
is cpe quality '.quality[0].reflector.sessions >= 4' true || fail "sessions: $(ask cpe quality .)"

echo "-- tshark sees test packets in what we send, and in what we answer"
# What we send goes past our own device: each is seen where it arrives.
seen() { # NODE: the class, number and the sender's number of 20 packets that arrive there
	rm -f "$WORK/tcpdump"
	ip netns exec "$1" tcpdump -U -n -i line -c 20 -w "$WORK/stamp.pcap" udp port 862 2>"$WORK/tcpdump" &
	dump=$!
	eventually 10 grep -q 'listening on' "$WORK/tcpdump"
	wait $dump
	HOME=$WORK tshark -r "$WORK/stamp.pcap" -d udp.port==862,twamp.test -T fields -e ip.dsfield.dscp \
		-e twamp.test.seq_number -e twamp.test.sender_seq_number -e udp.dstport \
		>"$WORK/seen" 2>"$WORK/tshark" || fail "tshark: $(cat "$WORK/tshark")"
}
seen cpe
awk -F'\t' '$1 == 48 && $4 == 862 && $2 > last { n++; last = $2 } END { exit n < 19 }' "$WORK/seen" ||
	fail "tshark does not see our requests, one number after the other: $(cat "$WORK/seen")"
seen gw
awk -F'\t' '$1 == 48 && $4 != 862 && $3 > $2 && $3 > last { n++; last = $3 } END { exit n < 19 }' "$WORK/seen" ||
	fail "tshark does not see our answers, with two counts: $(cat "$WORK/seen")"

echo "-- a LAN that is dead makes the reflector refuse, and the other end moves at once"
ip -n office link set eth0 down
eventually 10 state gw down
# By the word that both futae exchange, or by the refusal: whichever is first.
eventually 5 is gw health '.health[0].why | test("not fit|host unreachable")' true
ip -n office link set eth0 up
eventually 15 state gw up
