#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# FRR's vrrpd in version 3 over IPv4, also at an interval of 10 ms.
# shellcheck source=tests/net/frr_lib.sh
. "$(dirname "$0")/frr_lib.sh"
scenario 3 100 10.1.22.254
fast 10.1.22.254
gone "$zebra"
