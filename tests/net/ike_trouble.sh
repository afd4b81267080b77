#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What goes wrong between two peers is told in words at both ends: silence, secrets, identities,
# proposals, selectors; and the tunnel comes up as soon as it is put right.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

from_a="local=192.0.2.1 remote=192.0.2.2 initiate=1"
from_b="local=192.0.2.2 remote=192.0.2.1"

ike_pair
ike_start a
ike_start b

# Nobody there.
order a conn "name=void if_id=90 local=192.0.2.1 remote=192.0.2.77 psk=x initiate=1"

# Another secret.
order b conn "name=psk if_id=1 $from_b psk=right local_id=b1 remote_id=a1"
order a conn "name=psk if_id=1 $from_a psk=wrong local_id=a1 remote_id=b1"
eventually 10 said b 'EVENT psk failed authentication of 192.0.2.1:[0-9]+ \("a1"\) failed: the pre-shared key or the identities differ'
eventually 10 said a 'EVENT psk failed 192.0.2.2:[0-9]+ answers AUTHENTICATION_FAILED: the pre-shared key or the identities differ \(we are "a1"\)'
eventually 10 state a psk 'phase=(retry|connecting) .*attempts=[1-9].*trouble="192.0.2.2:[0-9]+ answers'

# An identity that nobody knows here; and one that is not the expected.
order a conn "name=who if_id=2 $from_a psk=right local_id=stranger remote_id=b1"
eventually 10 said b 'EVENT psk failed 192.0.2.1:[0-9]+ says it is "stranger" and wants "b1": no connection here is for these'
order b conn "name=other if_id=3 $from_b psk=k local_id=b3-not remote_id=a3"
order a conn "name=other if_id=3 $from_a psk=k local_id=a3 remote_id=b3"
eventually 10 said a 'EVENT other failed 192.0.2.2:[0-9]+ answers AUTHENTICATION_FAILED'
order a del who
order a del other

# No common algorithm, told by kind: first for the CHILD_SA, which leaves the IKE_SA up.
order b conn "name=esp if_id=4 $from_b psk=k local_id=b4 remote_id=a4 esp=aes128-sha1"
order a conn "name=esp if_id=4 $from_a psk=k local_id=a4 remote_id=b4 esp=chacha20poly1305"
eventually 10 said b 'EVENT esp failed ESP proposals of 192.0.2.1:[0-9]+ .*no common cipher: the peer offers CHACHA20_POLY1305.*; we accept AES_CBC_128'
eventually 10 said a 'EVENT esp failed 192.0.2.2:[0-9]+ answers NO_PROPOSAL_CHOSEN .*none of our ESP proposals suits it; proposed ESP:CHACHA20_POLY1305'
eventually 10 state a esp 'phase=up .*children=0 .*attempts=[1-9]'

# Put right: the missing CHILD_SA comes by itself.
order b conn "name=esp if_id=4 $from_b psk=k local_id=b4 remote_id=a4 esp=chacha20poly1305"
eventually 30 state a esp 'phase=up .*children=1 .*trouble=""'

# Selectors that have nothing in common.
order b conn "name=ts if_id=5 $from_b psk=k local_id=b5 remote_id=a5 ts=10.2.0.0/16 rts=10.1.0.0/16"
order a conn "name=ts if_id=5 $from_a psk=k local_id=a5 remote_id=b5 ts=10.1.0.0/16 rts=10.9.0.0/16"
eventually 10 said b 'EVENT ts failed traffic selectors of 192.0.2.1:[0-9]+ do not fit ours: it wants 10.1.0.0/16 === 10.9.0.0/16'
eventually 10 said a 'EVENT ts failed 192.0.2.2:[0-9]+ answers TS_UNACCEPTABLE'

# What can be seen to be wrong before anything is sent.
order a conn "name=bad1 if_id=6 $from_a psk=k ike=aes256-nonsense"
eventually 5 said a 'EVENT bad1 failed not accepted: IKE proposal "aes256-nonsense" is not understood'
order a conn "name=bad2 if_id=7 $from_a psk=k esp=aes192-sha256"
eventually 5 said a 'EVENT bad2 failed not accepted: ESP proposal "aes192-sha256": .* cannot do AES_CBC'
eventually 5 state a bad2 'phase=idle .*trouble="ESP proposal'

# The secret is put right: up at once, whatever the back-off was.
order a conn "name=psk if_id=1 $from_a psk=right local_id=a1 remote_id=b1"
eventually 10 state a psk 'phase=up .*children=1 .*trouble=""'

# And nobody there is still nobody there.
eventually 40 said a 'EVENT void failed no answer from 192.0.2.77:500 after 6 tries in 2[5-9] s \(IKE_SA_INIT\)'
eventually 10 state a void 'attempts=[1-9]'

# Garbage is counted and hurts nobody: noise, forged answers, and requests for an IKE_SA that charon
# would count as half-open for ever.
on b python3 - <<-PY
	import os, socket
	s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	def ike(responder, version, exchange, flags, mid):
	    return os.urandom(8) + responder + bytes([0x21, version, exchange, flags]) + mid + bytes([0, 0, 0, 64]) + os.urandom(36)
	zero, some = bytes(8), b"12345678"
	for n in range(300):
	    s.sendto(os.urandom(28 + n), ("192.0.2.1", 500 if n % 2 else 4500))
	    s.sendto(bytes(4) + ike(some, 0x20, 35, 8, bytes(4)), ("192.0.2.1", 4500))
	    s.sendto(bytes(4) + ike(some, 0x20, 37, 32, b"abcd"), ("192.0.2.1", 4500))
	    s.sendto(ike(some, 0x20, 34, 8, bytes(4)), ("192.0.2.1", 500))
	    s.sendto(ike(zero, 0x10, 2, 0, b"\0\0\0\1"), ("192.0.2.1", 500))
PY
eventually 10 grep -q 'ike.stray' "$WORK/a.err"
state a psk 'phase=up .*children=1' || fail "garbage took the tunnel down"
order b conn "name=late if_id=8 local=192.0.2.2 remote=192.0.2.1 psk=k local_id=b8 remote_id=a8 initiate=1"
order a conn "name=late if_id=8 local=192.0.2.1 remote=192.0.2.2 psk=k local_id=a8 remote_id=b8"
eventually 20 state a late 'phase=up .*children=1'
ike_stop a
ike_stop b
