#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# io_in_pair.sh PROGRAM: runs it in this network namespace with devices v0 and v1, one cable.
set -eu
ip link set lo up
ip link add v0 type veth peer name v1
"$@"
ip link del v0
