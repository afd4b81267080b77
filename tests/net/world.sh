#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The private world works: a cut link is seen from the other end, and a mended one carries again.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
need ping

# `ip link` says "state UP" only while the other end is up too
carrier() { on "$1" ip -o link show "$2" | grep -q 'LOWER_UP'; }
no_carrier() { on "$1" ip -o link show "$2" | grep -q 'NO-CARRIER'; }

ns a b
veth a:eth0 192.0.2.1/24 b:eth0 192.0.2.2/24
eventually 5 on b ping -c1 -W1 192.0.2.1

ip -n a link set eth0 down
eventually 5 no_carrier b eth0

ip -n a link set eth0 up
eventually 5 carrier b eth0
eventually 5 on b ping -c1 -W1 192.0.2.1

[ -z "$(ls "$WORK")" ] || fail "$WORK is not empty"
