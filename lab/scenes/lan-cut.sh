# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# CPE01's tunnel is fine, but its port at the office switch is dead.
scene_about="CPE01's LAN port goes dead"

scene_fault() {
	mark fault
	ip_on office link set dev p1 down
}
