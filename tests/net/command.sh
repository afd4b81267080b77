#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `futae` asks a real futaed that has nobody to talk to: every verb answers, a bad reload changes
# nothing, and the exit status tells what is down, refused, or not there.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened here"

cd "$WORK"
(umask 077 && echo "a secret of this test alone" >line1.psk)
cat >gateway.yaml <<-E
	node: gateway
	tunnels:
	  line1: { local: 203.0.113.72, remote: 198.51.100.2, secret: { file: line1.psk },
	           health: { source: 172.16.41.201, target: 10.1.22.252 } }
	routes:
	  - { to: 10.1.22.0/24, via: { line1: 100 } }
E
ip link set lo up
ip addr add 203.0.113.72/32 dev lo

# wants STATUS VERB...: the command's exit status is this; its words are in ./out
wants() {
	want=$1 got=0 && shift
	futae "$@" >out 2>&1 || got=$?
	[ "$got" = "$want" ] || fail "futae $*: exit status $got, not $want: $(cat out)"
}
says() { grep -q -- "$1" out || fail "no '$1' in: $(cat out)"; }

export FUTAE_SOCKET="$WORK/run/control.sock"
wants 3 status
says "cannot reach futaed"

futaed --config gateway.yaml --run-dir "$WORK/run" 2>log &
futaed=$!
eventually 10 futae tunnels

wants 2 status
says "^gateway: futae"
says "^line1 .* no "
says "^! tunnel line1"
wants 0 tunnels
says "198.51.100.2"
wants 0 health
says "172.16.41.201  10.1.22.252"
wants 0 routes
says "^10.1.22.0/24: blackhole"
wants 0 vrrp
says "no VRRP instances"
wants 0 failovers
wants 0 explain line1
says "^what to do"
wants 1 explain nosuch
wants 0 switch 10.1.22.0/24 line1
wants 0 routes
says "locked to line1"
wants 0 switch 10.1.22.0/24 auto
wants 1 switch nosuch line1
wants 0 rekey line1
wants 1 rekey nosuch
wants 2 status --json
says '"node": "gateway"'
wants 0 events
says "daemon.started"

cp gateway.yaml good.yaml
sed 's/10.1.22.252/10.1.22.999/' good.yaml >gateway.yaml
wants 65 check gateway.yaml
says "gateway.yaml: 1 error; futaed"
wants 1 reload
says "nothing was changed"
wants 0 health
says "10.1.22.252"
rm gateway.yaml
wants 1 reload
says "^futae: gateway.yaml: cannot be read: No such file or directory; nothing was changed"
# A warning before it is not the error.
sed 's/10.1.22.252/10.1.23.1/; s/line1: 100/nosuch: 100/' good.yaml >gateway.yaml
wants 1 reload
says "gateway.yaml:6:.*nosuch.*nothing was changed"
cp good.yaml gateway.yaml
wants 0 reload

# A follower hears the end, and that it is one.
futae events -f >followed 2>&1 &
follower=$!
eventually 5 grep -q daemon.started followed
kill "$futaed"
wait "$futaed" || fail "futaed ended with $?: $(cat log)"
got=0
wait "$follower" || got=$?
[ "$got" = 3 ] || fail "the follower ended with $got: $(cat followed)"
grep -q "futaed has closed the connection" followed || fail "it does not say why: $(cat followed)"
wants 3 status
[ ! -e "$FUTAE_SOCKET" ] || fail "futaed left its socket behind"
