# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# A firewall on the way forgets ESP: IKE and its dead peer detection see nothing wrong.
scene_about="line 1 passes IKE but drops ESP"

scene_fault() {
	mark fault
	line line1 drop-esp >/dev/null
}
