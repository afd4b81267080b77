#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# futae-esp and futae-ike run as a user of their own, or as a number that nobody has: never as a
# user whose other programs could reach them.  futaed says so, or does not start.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
{ true <>/dev/net/tun; } 2>/dev/null || skip "/dev/net/tun cannot be opened here"
need setpriv jq

cd "$WORK"
chmod 711 "$WORK"
(umask 077 && echo "a secret of this test alone" >line1.psk)
cat >gateway.yaml <<-E
	node: gateway
	tunnels:
	  line1: { local: 203.0.113.72, remote: 198.51.100.2, secret: { file: line1.psk } }
E
ip link set lo up
ip addr add 203.0.113.72/32 dev lo
# Ours alone, as the mounts are: lookups end at these files.
grep -v '^futae:' /etc/passwd >passwd
grep -v '^futae:' /etc/group >group
printf 'passwd: files\ngroup: files\n' >nsswitch.conf
for file in passwd group nsswitch.conf; do
	mount --bind "$file" "/etc/$file"
done

export FUTAE_SOCKET="$WORK/run/control.sock"
start() {
	futaed --config gateway.yaml --run-dir "$WORK/run" 2>log &
	futaed=$!
	eventually 10 test -S "$WORK/run/ike/charon.vici"
	eventually 10 futae tunnels
}
stop() {
	kill "$futaed"
	wait "$futaed" || fail "futaed ended with $?: $(cat log)"
}
# runs_as UID GID MODE: both of them, and the folder of swanctl's socket
runs_as() {
	futae status --json >said || : # something is down here
	for name in futae-esp futae-ike; do
		pid=$(jq -r ".processes[] | select(.name == \"$name\").pid" said)
		ids=$(awk '/^[UG]id:/ { printf "%s %s %s %s ", $2, $3, $4, $5 }' "/proc/$pid/status")
		[ "$ids" = "$1 $1 $1 $1 $2 $2 $2 $2 " ] || fail "$name runs as $ids, not $1 and $2"
	done
	folder=$(stat -c '%u %g %a' run/ike)
	[ "$folder" = "$1 $2 $3" ] || fail "run/ike is $folder, not $1 $2 $3"
}
refused() {
	! "$@" >out 2>&1 || fail "allowed: $*"
}
mapped() { awk -v id="$1" 'id >= $1 && id < $1 + $3 { found = 1 } END { exit !found }' /proc/self/uid_map; }

echo "-- without a user"
start
number=65523
! mapped 2026531840 || number=2026531840
if ! mapped "$number"; then
	runs_as 0 0 700
	! grep 'daemon.user' log || fail "a warning about what cannot be otherwise"
	stop
	exit 0
fi
runs_as "$number" "$number" 700
grep -q "daemon.user.*as number $number.*systemd-sysusers" log || fail "no warning: $(cat log)"
# What else runs as nobody reaches neither the one nor the other.
nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
# shellcheck disable=SC2086 # words
refused $nobody ls run/ike
# shellcheck disable=SC2086
refused $nobody kill -0 "$pid"
stop

echo "-- with the user, made after a start without"
echo 'futae:x:4711:4712::/:/usr/sbin/nologin' >>passwd
echo 'operator:x:4713:4713::/:/usr/sbin/nologin' >>passwd
echo 'futae:x:4712:operator' >>group
start
runs_as 4711 4712 750
! grep 'daemon.user' log || fail "a warning though there is the user"
# Who was let into the group may command; what runs as the user may not.
setpriv --reuid 4713 --regid 4713 --groups 4712 futae rekey line1 >out ||
	fail "the group may not command: $(cat out)"
refused setpriv --reuid 4711 --regid 4712 --clear-groups futae rekey line1
grep -q 'for root and the group' out || fail "for another reason: $(cat out)"
stop

echo "-- a file that futaed could not read again is not read at all"
wants_refusal() { # STATUS COMMAND...
	want=$1 status=0 && shift
	"$@" >out 2>&1 || status=$?
	[ "$status" = "$want" ] || fail "$*: exit status $status, not $want: $(cat out)"
	grep -q '^\(futae: \)\?[^:]*gateway.yaml: \(error: \)\?cannot be read: Permission denied; futaed reads as root' out ||
		fail "$*: not the words: $(cat out)"
}
start
chmod 600 gateway.yaml
chown 4713 gateway.yaml
wants_refusal 1 futae reload
stop
wants_refusal 65 futae check gateway.yaml
wants_refusal 65 futaed --config gateway.yaml --run-dir "$WORK/run"
chown 0 gateway.yaml
futae check gateway.yaml >out || fail "root's own file is refused: $(cat out)"

echo "-- with the user in a group that it shares"
sed -i 's/^futae:x:4711:4712/futae:x:4711:65534/' passwd
echo 'nogroup:x:65534:' >>group
cat passwd >/etc/passwd
start
runs_as 4711 65534 700
stop

echo "-- somebody has the number"
grep -v '^futae:' passwd >without
{ cat without && echo "other:x:$number:100::/:/bin/sh"; } >/etc/passwd
! futaed --config gateway.yaml --run-dir "$WORK/run" 2>log || fail "it starts all the same"
grep -q "belongs to the user other" log || fail "it does not say why: $(cat log)"
