#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stock strongSwan behind NAT begins with IKEv1: pings pass both ways, long ones too, and through
# new keys.
# shellcheck source=tests/net/stranger_lib.sh
. "$(dirname "$0")/stranger_lib.sh"

network
far_behind_nat
far_start 1
futae_start 1 no
eventually 10 ours health
eventually 20 theirs --initiate --child net --timeout 5
carries_and_rekeys
