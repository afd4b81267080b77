#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A peer behind a NAT: ESP goes in UDP, both ends know on which side the NAT is, and when it changes
# the peer's address or port the SAs follow: by what IKE sees, and by what the data plane sees.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"
need nft

# a 10.0.0.2 --- n (NAT, 192.0.2.1) --- b 192.0.2.2
ns a n b
veth a:eth0 10.0.0.2/24 n:in 10.0.0.1/24
veth n:out 192.0.2.1/24 b:eth0 192.0.2.2/24
ip -n a route add default via 10.0.0.1
on n sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
# map FIRST-LAST: a new mapping with ports of this range
map() {
	on n nft -f - <<-E
		table ip nat { }
		delete table ip nat
		table ip nat {
			chain out {
				type nat hook postrouting priority srcnat
				oifname out udp sport { 500, 4500 } snat to 192.0.2.1:$1
			}
		}
	E
}

map 20000-20999
ike_start a
ike_start b
order b conn "name=x if_id=1 local=192.0.2.2 psk=k local_id=b remote_id=a dpd=1"
order a conn "name=x if_id=1 local=10.0.0.2 remote=192.0.2.2 psk=k local_id=a remote_id=b initiate=1 dpd=1"
eventually 15 state a x 'phase=up .*children=1 nat=10 encap=1 remote=192.0.2.2:4500'
eventually 15 state b x 'phase=up .*children=1 nat=01 encap=1 remote=192.0.2.1:20[0-9]{3}'
eventually 5 same_keys a b
said b 'SA add dir=out .* src=192.0.2.2:4500 dst=192.0.2.1:20[0-9]{3} encap=1' || fail "b would send elsewhere"

# The NAT forgets and maps anew: the next IKE message tells.
old=$(sed -n 's/^STATE x .* remote=192.0.2.1:\([0-9]*\) .*/\1/p' "$WORK/b.log" | tail -n 1)
ip -n n link set out down
map 30000-30999
on n sh -c 'echo 1 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout; echo 1 >/proc/sys/net/netfilter/nf_conntrack_udp_timeout_stream' ||
	skip "conntrack cannot be told to forget"
ip -n n link set out up
order a rekey-child x
eventually 30 said b "EVENT x nat-changed the peer moved from 192.0.2.1:$old to 192.0.2.1:30[0-9]{3}"
eventually 10 said b 'SA update spi=[0-9a-f]+ src=192.0.2.2:4500 dst=192.0.2.1:30[0-9]{3} encap=1'
eventually 10 state b x 'phase=up .*children=1 .*remote=192.0.2.1:30[0-9]{3}'

# The data plane notices first.
order b mapping "$(last_in b)" 192.0.2.2 192.0.2.1 31234
eventually 10 said b 'EVENT x nat-changed .* to 192.0.2.1:31234'
eventually 10 said b 'SA update .* dst=192.0.2.1:31234 encap=1'
ike_stop a
ike_stop b
