#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Stock strongSwan answers our IKEv2: pings pass both ways, long ones too, and through new keys.
# shellcheck source=tests/net/stranger_lib.sh
. "$(dirname "$0")/stranger_lib.sh"

network
far_open
far_start 2
futae_start 2 yes
carries_and_rekeys
