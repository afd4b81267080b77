# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# The article's other shape: one router, two lines; line 1 is cut.
scene_about="one router with two lines: line 1 silently drops everything"
two_lines=yes
hop_before=10.1.22.252
hop_after=10.1.22.252 # the same router; only the line differs, which a traceroute does not show

scene_fault() {
	mark fault
	line line1 cut >/dev/null
}
