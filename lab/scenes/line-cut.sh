# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# The provider's fault that no link light shows: everything on line 1 vanishes, carrier stays.
scene_about="line 1 silently drops everything"

scene_fault() {
	mark fault
	line line1 cut >/dev/null
}
