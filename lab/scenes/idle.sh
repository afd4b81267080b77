# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Nothing happens.  Nothing may switch, not even when the machine is busy (--busy).
scene_about="nothing happens, and nothing switches"

scene_bounds() { : "${seconds:=60}"; }

scene_run() {
	local loops=() i
	switches_before=$(switches)
	if [ "$busy" = yes ]; then
		for ((i = 0; i < $(nproc); i++)); do
			daemon ecs /dev/null sh -c 'while :; do :; done'
			loops+=("$daemon_pid")
		done
		say "a busy loop on each of $(nproc) cores"
	fi
	meter_start
	observe "$seconds"
	meter_stop
	[ "${#loops[@]}" = 0 ] || kill "${loops[@]}"
	switches_seen=$(($(switches) - switches_before))
	say "$switches_seen switches in $seconds s"
}

scene_complaints() {
	complaints_common
	[ "$switches_seen" = 0 ] || say "$switches_seen switches without a reason"
	route_is_on gateway line1 >/dev/null || say "the gateway has left line 1"
	vrrp_is cpe01 master >/dev/null || say "CPE01 is not master any more"
	vrrp_is cpe02 backup >/dev/null || say "CPE02 is not backup any more"
}
