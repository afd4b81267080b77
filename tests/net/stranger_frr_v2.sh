#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# FRR's vrrpd in version 2.
# shellcheck source=tests/net/frr_lib.sh
. "$(dirname "$0")/frr_lib.sh"
scenario 2 1000 10.1.22.254
gone "$zebra"
