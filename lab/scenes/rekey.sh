# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Keys that last a few seconds, under full traffic: no packet may notice.
scene_about="ESP keys are replaced every few seconds under full traffic"
child_rekey=2s
rekeys_wanted=10

scene_bounds() { :; }

# Those of line 1, which has the traffic.
rekeys() { grep -c 'ike.event .*tunnel=line1 .*child-rekeyed' "$run_dir/gateway/futaed.log" || true; }

rekeyed_enough() { [ "$(rekeys)" -ge $((rekeys_before + rekeys_wanted)) ]; }

scene_run() {
	rekeys_before=$(rekeys)
	meter_start
	mark fault
	good rekeyed_enough
	meter_stop
	rekeys_seen=$(($(rekeys) - rekeys_before))
	say "$rekeys_seen rekeys seen by the gateway"
}

scene_complaints() {
	complaints_common
	jq -r '(.cloud_to_office, .office_to_cloud) | select(.lost > 0) |
		"\(.lost) packets lost by rekeying"' "$run_dir/run.json"
}
