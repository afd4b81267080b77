#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Both ends dial many tunnels of one address pair at the same moment: each tunnel ends with one
# IKE_SA and one CHILD_SA, and none is without one in between.  A futae-ike that was killed and
# starts anew leaves nothing of its former life at the peer.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/ike_lib.sh
. "$(dirname "$0")/ike_lib.sh"

tunnels=20
dial() { # NODE LOCAL REMOTE LOCAL-ID REMOTE-ID
	for n in $(seq $tunnels); do
		echo "conn name=t$n if_id=$n local=$2 remote=$3 psk=key$n local_id=$4$n remote_id=$5$n initiate=1 dpd=2"
	done >"$WORK/$1.in"
}
# one inbound and one outbound SA for each tunnel, the same at both ends
settled() {
	[ "$(keys a)" = "$(keys b)" ] && [ "$(keys a | wc -l)" = $((2 * tunnels)) ] &&
		[ "$(ike_sas a)" = $tunnels ] && [ "$(ike_sas b)" = $tunnels ]
}
ike_sas() {
	on "$1" swanctl --list-sas --uri "unix://$WORK/$1.run/charon.vici" | grep -c ESTABLISHED
}
# the last state of every connection has a CHILD_SA
all_up() {
	awk '$1 == "STATE" { up[$2] = /phase=up .* children=[1-9]/ } END { for (t in up) n += up[t]; print n + 0 }' \
		"$WORK/$1.log" | grep -qx $tunnels
}
# a tunnel that had a CHILD_SA and then had none
gap() {
	awk '$1 == "STATE" { if (had[$2] && / children=0 /) print; had[$2] = / children=[1-9]/ }' "$WORK/$1.log"
}
need swanctl

ike_pair
ike_start a
ike_start b
dial a 192.0.2.1 192.0.2.2 a b &
dial b 192.0.2.2 192.0.2.1 b a &
eventually 30 all_up a
eventually 30 all_up b
eventually 60 settled
[ -z "$(gap a)$(gap b)" ] || fail "a tunnel had a gap: $(gap a) $(gap b)"

# Killed, not stopped: nobody says goodbye.
pid=$(pgrep -P "$(cat "$WORK/a.pid")")
kill -9 "$pid"
eventually 5 said a '^EXIT signal=9'
mv "$WORK/a.log" "$WORK/a.log.first"
rm "$WORK/a.in"
ike_start a
dial a 192.0.2.1 192.0.2.2 a b
eventually 30 all_up a
eventually 60 settled
ike_stop a
ike_stop b
