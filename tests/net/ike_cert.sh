#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# X.509: two ends with certificates of one CA find each other; mixed-up keys, files that are no
# certificates and a foreign CA are told in words; reauthentication makes before it breaks.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"
need openssl

# ca NAME
ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$1" \
		-keyout "$WORK/$1.key" -out "$WORK/$1.crt" -addext keyUsage=critical,keyCertSign 2>/dev/null
}

# cert NAME CA: for NAME.example
cert() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$WORK/$1.key" -out "$WORK/$1.csr" 2>/dev/null
	echo "subjectAltName=DNS:$1.example" >"$WORK/$1.ext"
	openssl x509 -req -days 2 -in "$WORK/$1.csr" -CA "$WORK/$2.crt" -CAkey "$WORK/$2.key" \
		-CAcreateserial -extfile "$WORK/$1.ext" -out "$WORK/$1.crt" 2>/dev/null
}

ca ours && ca theirs
cert a ours && cert b ours && cert c theirs
openssl x509 -in "$WORK/b.crt" -outform DER -out "$WORK/b.der"
echo "not a certificate" >"$WORK/junk"

files() { echo "cert=$WORK/$1 key=$WORK/$2 ca=$WORK/$3"; }
from_a="if_id=1 local=192.0.2.1 remote=192.0.2.2 initiate=1 remote_id=b.example"
from_b="if_id=1 local=192.0.2.2 remote=192.0.2.1"

ike_pair
ike_start a
ike_start b

order a conn "name=bad1 $from_a $(files a.crt b.key ours.crt)"
eventually 5 said a 'EVENT bad1 failed not accepted: the private key is not that of certificate "CN=a"'
order a conn "name=bad2 $from_a $(files junk a.key ours.crt)"
eventually 5 said a 'EVENT bad2 failed not accepted: certificate: there is no certificate in it'
order a conn "name=bad3 $from_a $(files a.crt a.key b.crt)"
eventually 5 said a 'EVENT bad3 failed not accepted: "CN=b" is given as a CA but is no CA certificate'
order a conn "name=bad4 $from_a local_id=z.example $(files a.crt a.key ours.crt)"
eventually 5 said a 'EVENT bad4 failed not accepted: our identity "z.example" is not in certificate "CN=a"'

# One end by its DNS name in DER, the other by its subject in PEM.
order b conn "name=x $from_b local_id=b.example $(files b.der b.key ours.crt)"
order a conn "name=x $from_a $(files a.crt a.key ours.crt)"
eventually 10 state a x 'phase=up .*children=1 .*id=b.example'
eventually 10 state b x 'phase=up .*children=1 .*id=CN=a'
eventually 5 same_keys a b

# Reauthentication: the new IKE_SA is there before the old one goes.
order a conn "name=x $from_a reauth=12 $(files a.crt a.key ours.crt)"
order a redial x
eventually 10 test_count a 'EVENT x up ' 2
mark=$(wc -l <"$WORK/a.log")
eventually 30 test_count a 'EVENT x up ' 3
eventually 10 sh -c "tail -n +$mark '$WORK/a.log' | grep -q '^EVENT x down'"
tail -n +"$mark" "$WORK/a.log" | grep -E '^EVENT x (up|down) ' | head -n 1 | grep -q ' up ' ||
	fail "the old IKE_SA went before the new one was there"
tail -n +"$mark" "$WORK/a.log" | grep '^STATE x ' | grep -q 'children=0' &&
	fail "there was a moment without a CHILD_SA"

# A certificate of a CA that b does not know.
order a del x
order a conn "name=c $from_a $(files c.crt c.key theirs.crt)"
eventually 10 said b 'EVENT x failed the certificate of 192.0.2.1:[0-9]+ \("CN=c"\) is refused: its issuer is none of our CAs'
eventually 10 said a 'EVENT c failed 192.0.2.2:[0-9]+ answers AUTHENTICATION_FAILED: it does not accept our certificate'
ike_stop a
ike_stop b
