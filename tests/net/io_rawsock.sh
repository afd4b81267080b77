#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Packets enter and leave by the right device, for root and for an ordinary user's root.
. "$(dirname "$0")/lib.sh"

"$(dirname "$0")/io_in_pair.sh" "$BUILD/tests/net/io_rawsock"
unshare --user --map-root-user --net true 2>/dev/null || exit 0
unshare --user --map-root-user --net "$(dirname "$0")/io_in_pair.sh" "$BUILD/tests/net/io_rawsock"
