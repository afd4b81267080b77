# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# CPE01 comes back, empty, while line 2 carries.  Both paths are good at the moment of the switch
# back, so nothing may be lost.
scene_about="CPE01 comes back: traffic returns to it after the restore delay"
restore=3s
hop_before=10.1.22.253
hop_after=10.1.22.252

scene_bounds() { bound_median=25 bound_max=25 settle=3; }

scene_run() {
	cpe_off cpe01
	good route_is_on gateway line2
	good vrrp_is cpe02 master
	good server_answers
	headline "before: CPE01 has no power"
	trace "$run_dir/trace.before"
	meter_start
	ping_start
	observe "1$(random_phase | cut -c2-)"
	headline "the event: $scene_about"
	mark fault
	cpe_on cpe01
	node_start cpe01
	good route_is_on gateway line1
	good vrrp_is cpe01 master
	observe "$settle"
	meter_stop
	headline "after"
	trace "$run_dir/trace.after"
	ping_stop
}

scene_complaints() {
	complaints_common
	complaints_hops "$hop_before" "$hop_after"
	jq -r '(.cloud_to_office, .office_to_cloud) | select(.lost_after_fault > 0) |
		"\(.lost_after_fault) packets lost on the way back"' "$run_dir/run.json"
}
