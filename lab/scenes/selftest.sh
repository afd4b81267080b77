# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# The lab's test of itself, with routes where the tunnels would be: an outage of known length must be
# measured as that long, and packets lost, doubled and overtaken on purpose must be seen as such.
scene_about="plain routes instead of tunnels: the meter measures faults whose size is known"
plain=yes
hop_before=

scene_bounds() { :; }

scene_run() {
	local cut healed
	good server_answers
	trace "$run_dir/trace.before"
	meter_start
	observe 0.5
	mark fault
	cut=$(line line1 cut | jq .since_usec)
	observe 0.4
	healed=$(line line1 heal | jq .since_usec)
	line line1 drop-esp >/dev/null
	observe 0.3
	line line1 heal >/dev/null
	jq -n --argjson cut "$cut" --argjson healed "$healed" '{cut_ms: (($healed - $cut) / 1000)}' \
		>"$run_dir/truth.json"
	meter_stop
	mv "$run_dir/meter.json" "$run_dir/meter.clean.json"
	meter_start
	line line1 set loss=10 duplicate=10 reorder=10 >/dev/null
	observe 2
	meter_stop
	mv "$run_dir/meter.json" "$run_dir/meter.rough.json"
	mv "$run_dir/meter.clean.json" "$run_dir/meter.json"
}

# A frame that starts when the line is mended arrives one delay later: 5 ms.
scene_complaints() {
	jq -r --slurpfile truth "$run_dir/truth.json" '
		($truth[0].cut_ms + 5) as $want | (.meter_late_ms + 30) as $slack |
		(.cloud_to_office, .office_to_cloud) |
		(if (.outage_ms - $want) > $slack or ($want - .outage_ms) > $slack
		 then "a cut of \($want - 5) ms was measured as \(.outage_ms) ms" else empty end),
		(if (.lost - $truth[0].cut_ms) > 2 * $slack or ($truth[0].cut_ms - .lost) > 2 * $slack
		 then "a cut of \($truth[0].cut_ms) ms lost \(.lost) packets" else empty end),
		(if .reordered + .duplicated > 0 then "a clean line reordered or doubled packets" else empty end),
		(if .delay_ms.min < 5 then "the line delays by 5 ms, measured \(.delay_ms.min)" else empty end)
	' "$run_dir/run.json"
	jq -r '(.cloud_to_office, .office_to_cloud) |
		(if .lost < .sent * 0.05 or .lost > .sent * 0.15
		 then "10 % loss was measured as \(.lost) of \(.sent)" else empty end),
		(if .duplicated < .sent * 0.05 then "10 % doubled: only \(.duplicated) seen" else empty end),
		(if .reordered < .sent * 0.05 then "10 % overtaking: only \(.reordered) seen" else empty end)
	' "$run_dir/meter.rough.json"
	jq -r 'if .clear.line1 < 1000 or .clear.gateway < 1000
		then "plain packets were not counted as clear text" else empty end' "$run_dir/run.json"
}

scene_show() { "$lab_dir/report" run "$run_dir/run.json"; }
