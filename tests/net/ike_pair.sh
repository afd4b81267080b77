#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Two futae-ike agree on keys, rekey both kinds of SA, survive a new data plane, a changed
# configuration and a cut line, and come back by themselves.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

conn_a="name=line1 if_id=1 local=192.0.2.1 remote=192.0.2.2 psk=secret initiate=1 dpd=1"
conn_b="name=cloud if_id=7 local=192.0.2.2 remote=192.0.2.1 psk=secret dpd=1"
both_up() { state a line1 'phase=up version=2 children=1' && state b cloud 'phase=up version=2 children=1'; }
# the SAs are others than in $before, and both ends agree on them
renewed() { same_keys a b && [ -z "$(comm -12 "$WORK/before" "$WORK/now")" ]; }
remember() { keys a >"$WORK/before"; }
now() { keys a >"$WORK/now" && renewed; }

ike_pair
ike_start a
ike_start b
order a conn "$conn_a"
order b conn "$conn_b"
eventually 10 both_up
eventually 5 same_keys a b
said a 'SA add dir=in name=line1 if_id=1 .*window=1024 ts=2/2' || fail "the inbound SA is not a's"
said b 'SA add dir=out name=cloud if_id=7 ' || fail "the outbound SA is not b's"

# The same again is nothing; what only matters later changes nothing of what is up.
remember
order a conn "$conn_a"
order a conn "$conn_a rekey_child=1800"
eventually 5 grep -q 'ike.connection tunnel=line1 change=later' "$WORK/a.err"
[ "$(grep -c 'ike.connection' "$WORK/a.err")" = 2 ] || fail "the unchanged connection was taken anew"
keys a | cmp -s - "$WORK/before" || fail "the keys changed though the peer could not tell"

# Rekeying makes new keys without a moment of none.
order a rekey-child line1
eventually 15 now
order b rekey-ike cloud
eventually 10 said b 'EVENT cloud ike-rekeyed'
eventually 10 said a 'EVENT line1 ike-rekeyed'
both_up || fail "rekeying the IKE_SA took the tunnel down"
remember
order b rekey-child cloud
eventually 15 now
said a 'EVENT line1 (down|child-down)' && fail "a rekey was told as a loss"

# A data plane that has carried enough asks for new keys.
remember
order a expire "$(last_in a)" 192.0.2.1
eventually 15 now

# A new data plane knows no keys: it is told to forget, then gets new ones.
remember
order b new-esp
eventually 5 test_count b 'SA flush' 2
eventually 15 now
both_up || fail "a new futae-esp took the tunnel down"

# What the peer can tell is set up anew.
remember
order a conn "$conn_a esp=aes128gcm16-modpnone encap=1"
eventually 15 state a line1 'phase=up .*children=1 .*encap=1 .*esp=AES_GCM_16_128'
eventually 15 now

# A cut line: the peer is taken for dead, in words, and dialled until it is back.
order b mute on
eventually 60 said a 'EVENT line1 failed no answer from 192.0.2.2:(500|4500) after 6 tries'
eventually 10 state a line1 'phase=(connecting|retry) .*children=0 '
order b mute off
eventually 60 both_up
eventually 10 same_keys a b
state a line1 'trouble=""' || fail "the trouble is over but still told"

# Forgotten: the SAs go, here and there, and nobody dials.
order a del line1
eventually 10 state b cloud 'phase=idle .*children=0'
eventually 10 test -z "$(keys b)"
ike_stop a
ike_stop b
