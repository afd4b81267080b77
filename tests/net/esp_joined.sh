#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Several peers behind one address (a NAT), each with another source port, send in one burst: the
# kernel joins each one's packets whatever its port, and none is lost, damaged or somebody else's.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need python3 nft ethtool jq
bursts=$(dirname "$0")/bursts.py
ports='1 500 4499 4500 33333 65535'
peers=6 rounds=20

ns a nat b
veth a:eth0 192.0.2.10/24 nat:in 192.0.2.1/24
veth nat:out 198.51.100.1/24 b:eth0 198.51.100.2/24
ip -n a route add default via 192.0.2.1
on nat sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
n=0 rules=
for port in $ports; do
	n=$((n + 1))
	rules="$rules
			oifname out ip saddr 192.0.2.1$n udp sport 4500 snat to 198.51.100.1:$port"
done
on nat nft -f - <<-E || fail "no NAT"
	table ip nat {
		chain out {
			type nat hook postrouting priority srcnat$rules
			oifname out masquerade
		}
	}
E

# What the kernel says of itself in each tunnel is not the test's
for node in a b; do on $node sysctl -qw net.ipv6.conf.default.disable_ipv6=1; done
esp a
esp b
n=0 pairs=
while [ $n -lt $peers ]; do
	n=$((n + 1))
	address a:eth0 192.0.2.1$n/24
	tunnel a $n 10.1.$n.1/24
	tunnel b $n 10.1.$n.2/24
	tell b sa in $n $((0x1000 + n)) 192.0.2.1$n 198.51.100.2 aes128gcm $((0x10 + n)) encap window=1024
	tell a sa out $n $((0x1000 + n)) 192.0.2.1$n 198.51.100.2 aes128gcm $((0x10 + n)) encap
	pairs="$pairs 10.1.$n.1,10.1.$n.2"
done

# Messages that futae-esp has read
messages() {
	on b cat /proc/net/snmp | awk '/^Udp:/ { if (seen++) sum = $2 } END { print sum }'
}
delivered() {
	sum=0
	for i in $(seq $peers); do
		line=$(counts b "$i")
		case $line in *"out=0 end") ;; *) fail "b dropped: $line" ;; esac
		line=${line#*in=}
		sum=$((sum + ${line%% *}))
	done
	echo $sum
}
# What came by the wire: a super-packet is one
frames() { ip -n b -j -s link show dev eth0 | jq '.[0].stats64.rx.packets'; }
listens() { on b ss -ltn | grep -q ':7072 '; }

# burst NAME: all rounds; of a message there are ten packets at least, mostly far more
burst() {
	before=$(delivered) read_before=$(messages) frames_before=$(frames)
	on b python3 "$bursts" serve 198.51.100.2 $rounds $peers >"$WORK/serve" 2>&1 &
	server=$!
	eventually 5 listens
	# shellcheck disable=SC2086 # a list
	on a python3 "$bursts" send 198.51.100.2 $rounds $pairs >"$WORK/send" 2>&1 ||
		fail "$1: $(cat "$WORK/send" "$WORK/serve"; counts b 0)"
	wait $server || fail "$1: $(cat "$WORK/serve")"
	grep -q '^whole$' "$WORK/serve" || fail "$1: $(cat "$WORK/serve")"
	got=$(delivered)
	got=$((got - before)) read=$(($(messages) - read_before))
	# What the sockets of bursts.py read is counted there, too: packet by packet.
	read=$((read - rounds * peers * 40))
	came=$(($(frames) - frames_before))
	echo "$1: $got packets in $came frames and $read messages"
	[ $got -ge $((rounds * peers * 40)) ] || fail "$1: not all was by the tunnels"
	[ $((read * 10)) -le $got ] || fail "$1: $got packets came in $read messages"
}

echo "-- as the sender made them: super-packets all the way"
burst native
[ $came -lt $((got / 2)) ] || fail "somebody has cut them on the way"
echo "-- cut on the way, as by a wire: the receiving kernel joins them again"
on nat ethtool -K out tx-udp-segmentation off tso off gso off >/dev/null
on b ethtool -K eth0 gro on >/dev/null
burst wire
[ $came -ge $got ] || fail "nobody has cut them on the way"
n=0
for port in $ports; do
	n=$((n + 1))
	eventually 5 grep -qi "^mapping $(printf '%#x' $((0x1000 + n))) 198.51.100.1:$port$" "$WORK/b.out"
done
esp_end a b
