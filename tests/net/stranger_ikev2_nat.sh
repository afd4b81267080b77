#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stock strongSwan behind NAT begins with IKEv2: pings pass both ways, long ones too, and through
# new keys.
# shellcheck source=tests/net/stranger_lib.sh
. "$(dirname "$0")/stranger_lib.sh"

network
far_behind_nat
far_start 2
futae_start 2 no
eventually 10 ours health
eventually 20 theirs --initiate --child net --timeout 5
carries_and_rekeys
