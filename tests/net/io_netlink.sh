#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Each request to the kernel's routing does what it says, for root and for an ordinary user's root.
. "$(dirname "$0")/lib.sh"

"$(dirname "$0")/io_in_pair.sh" "$BUILD/tests/net/io_netlink"
unshare --user --map-root-user --net true 2>/dev/null || exit 0
unshare --user --map-root-user --net "$(dirname "$0")/io_in_pair.sh" "$BUILD/tests/net/io_netlink"
