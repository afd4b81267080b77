#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# IKEv1 main mode between two futae-ike: one CHILD_SA for each pair of selectors, rekeying, silence
# and refusals in words; and a peer that answers either version by default.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

ends_a="local=192.0.2.1 remote=192.0.2.2 initiate=1"
ends_b="local=192.0.2.2 remote=192.0.2.1"
four() { [ "$(keys "$1" | wc -l)" = 4 ] && [ "$(keys a)" = "$(keys b)" ]; }

ike_pair
ike_start a
ike_start b
order b conn "name=old if_id=1 $ends_b psk=secret ts=10.2.0.0/24 rts=10.1.0.0/24,10.1.1.0/24"
order a conn "name=old if_id=1 version=1 $ends_a psk=secret ts=10.1.0.0/24,10.1.1.0/24 rts=10.2.0.0/24"
eventually 10 state a old 'phase=up version=1 children=2 .*ike=AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048'
eventually 10 state b old 'phase=up version=1 children=2'
eventually 10 four a
said b 'SA add dir=in .* ts=1/1 10.2.0.0/24 10.1.0.0/24 ' || fail "no CHILD_SA for the first pair"
said b 'SA add dir=in .* ts=1/1 10.2.0.0/24 10.1.1.0/24 ' || fail "no CHILD_SA for the second pair"

# Rekeyed, each is replaced by one with other keys.
keys a >"$WORK/before"
order a rekey-child old
eventually 10 test_count a 'EVENT old child-rekeyed' 2
eventually 10 test_count b 'EVENT old child-rekeyed' 2
state a old 'phase=up version=1 children=2' || fail "rekeying lost a CHILD_SA"

# A peer that wants other selectors says so.
order a conn "name=old if_id=1 version=1 $ends_a psk=secret ts=10.1.0.0/24 rts=10.99.0.0/24"
eventually 15 said a 'EVENT old failed 192.0.2.2:[0-9]+ answers (INVALID_ID_INFORMATION|INVAL_ID) \(Quick Mode\): no CHILD_SA for 10.1.0.0/24 === 10.99.0.0/24'

# Whole again: one pair, IPv4 alone, though both families are selected by default.
order a conn "name=old if_id=1 version=1 $ends_a psk=secret"
order b conn "name=old if_id=1 $ends_b psk=secret"
eventually 20 state a old 'phase=up version=1 children=1'
said a 'EVENT old child-up old-1 .* 0.0.0.0/0 === 0.0.0.0/0' || fail "not the whole of IPv4"

# Another identity than expected.
order b conn "name=old if_id=1 $ends_b psk=secret local_id=b.example"
order a conn "name=old if_id=1 version=1 $ends_a psk=secret dpd=9"
order a redial old
eventually 15 said a 'EVENT old failed identity mismatch: 192.0.2.2:[0-9]+ says it is "b.example", expected "192.0.2.2"'
order b conn "name=old if_id=1 $ends_b psk=secret"
eventually 30 state a old 'phase=up version=1 children=1'

# Another secret: the peer's message is noise.
order a conn "name=old if_id=1 version=1 $ends_a psk=wrong"
eventually 15 said b 'EVENT old failed a message of 192.0.2.1:[0-9]+ cannot be decrypted \(Main Mode\): the pre-shared key differs'
order a conn "name=old if_id=1 version=1 $ends_a psk=secret"
eventually 45 state a old 'phase=up version=1 children=1 .*trouble=""'
ike_stop a
eventually 10 state b old 'phase=idle .*children=0'
ike_stop b
