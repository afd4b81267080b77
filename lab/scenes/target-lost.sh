# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Tunnel 1 is alive, but what CPE01 watches in the cloud cannot be reached through it any more.
scene_about="the cloud target is gone through tunnel 1 only"
# The gateway's own checks are answered until CPE01 steps down: for it, that is when line 1 ends.
record_checked=no

scene_fault() {
	mark fault
	on gateway nft -f - <<-N
		table inet lab {
			chain lost {
				type filter hook forward priority 0
				iifname line1 ip daddr 172.16.41.1 drop
				oifname line1 ip saddr 172.16.41.1 drop
			}
		}
	N
}
