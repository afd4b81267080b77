#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# FRR's vrrpd in version 3 over IPv6.
# shellcheck source=tests/net/frr_lib.sh
. "$(dirname "$0")/frr_lib.sh"
scenario 3 100 fe80::254 2001:db8::254
gone "$zebra"
