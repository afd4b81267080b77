# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# The article's experiment: the master router's power fails under a running ping.
scene_about="CPE01 loses its power"

scene_fault() { cpe_off cpe01 fault; }
