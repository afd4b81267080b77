#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Nexthop groups and routes in the kernel are what was asked for, for root and for others' root.
. "$(dirname "$0")/lib.sh"

"$(dirname "$0")/io_in_pair.sh" "$BUILD/tests/net/io_routes"
unshare --user --map-root-user --net true 2>/dev/null || exit 0
unshare --user --map-root-user --net "$(dirname "$0")/io_in_pair.sh" "$BUILD/tests/net/io_routes"
