# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Keys that last a few seconds, under full traffic: no packet may notice.
scene_about="ESP keys are replaced every few seconds under full traffic"
child_rekey=2s
rekeys_wanted=10

scene_bounds() { :; }

# Those of line 1, which has the traffic, as futaed knows them: the log has futae-ike's lines too.
rekeys() {
	futae_on gateway events --limit 4096 --json | jq '[.events[] | select(.event == "ike.event" and
		(.text | test("^tunnel=line1 kind=child-rekeyed ")))] | length'
}

rekeyed_enough() { [ "$(rekeys)" -ge $((rekeys_before + rekeys_wanted)) ]; }

scene_run() {
	rekeys_before=$(rekeys)
	meter_start
	mark fault
	eventually 120 rekeyed_enough || true # too few are complained about below
	meter_stop
	rekeys_seen=$(($(rekeys) - rekeys_before))
	say "$rekeys_seen rekeys seen by the gateway"
}

scene_complaints() {
	complaints_common
	[ "$rekeys_seen" -ge "$rekeys_wanted" ] || say "only $rekeys_seen rekeys in two minutes"
	jq -r '(.cloud_to_office, .office_to_cloud) | select(.lost > 0) |
		"\(.lost) packets lost by rekeying"' "$run_dir/run.json"
}
