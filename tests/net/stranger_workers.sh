#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stock strongSwan, which knows nothing of our workers, sets up an IKEv1 tunnel that is not the
# first one's: its packets find it, and new keys that either end wants do not lose any.
# shellcheck source=tests/net/stranger_lib.sh
. "$(dirname "$0")/stranger_lib.sh"

# shellcheck disable=SC2034 # read by futae_start
workers=3
network
far_behind_nat
far_start 1
futae_start 1 no
eventually 10 ours health
[ "$(ours status --json | jq '.processes | length')" = 4 ] || fail "$(ours status --json)"
eventually 20 theirs --initiate --child net --timeout 5
carries_and_rekeys
grep -q 'futae-esp.1: sa.add tunnel=1 .*direction=in' "$WORK/futaed.log" || fail "it is not worker 1's"
spis_before=$(spis)
ours rekey far >/dev/null
eventually 10 has_new_keys
all_answered gw -c 20 -I 10.8.1.1 10.9.1.1
