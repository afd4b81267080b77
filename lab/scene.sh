# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# What a scene is, and what it does unless scenes/NAME.sh says otherwise.

scene_about=
hop_before=10.1.22.252 # hop 2 of the traceroutes; empty: not looked at
hop_after=10.1.22.253
early= # when not empty: what went wrong before the fault
scene_runs=1 # how often, when nobody says: a scene of two variants twice
settle= # seconds measured after the fault
bound_median='' bound_max='' # ms without traffic in the worse direction
record_checked=yes # the gateway's record has to say what the meter saw

# What the issue promises for each detection profile.
scene_bounds() {
	case $detection in
	relaxed) : "${bound_median:=7000}" "${bound_max:=12000}" "${settle:=15}" ;;
	normal) : "${bound_median:=700}" "${bound_max:=1200}" "${settle:=3}" ;;
	fast) : "${bound_median:=120}" "${bound_max:=300}" "${settle:=2}" ;;
	esac
}

# Takes the scene's own words for what differs.
scene_load() {
	# shellcheck source=/dev/null
	. "$lab_dir/scenes/$scene.sh"
}

# Each scene that uses scene_run has its own.
scene_fault() { false; }

# The article's order: the way before, a running ping, the fault, the way after.
scene_run() {
	early=
	headline "before"
	trace "$run_dir/trace.before"
	load_start
	probes_start
	meter_start
	ping_start
	load_watch
	observe 1
	as_before || early="it had switched before the fault"
	observe "$(random_phase)"
	probes_stop
	headline "the fault: $scene_about"
	scene_fault
	observe "$settle"
	meter_stop
	headline "after"
	trace "$run_dir/trace.after"
	ping_stop
	load_stop
}

# Line 1 carries and CPE01 is master: what a fault is measured against.
as_before() {
	route_is_on gateway line1 >/dev/null && vrrp_is cpe01 master >/dev/null
}

# A record's last good packet may be a reply, a probe's interval before the fault, and its first one
# by the new path the other router's probe, an interval after the switch.
record_slack() {
	case $detection in
	relaxed) echo 2050 ;;
	normal) echo 250 ;;
	fast) echo 70 ;;
	esac
}

scene_complaints() {
	complaints_common
	load_complaints
	[ "$record_checked" = no ] || complaints_record "$(record_slack)"
	[ -z "$early" ] || say "$early"
	[ -z "$hop_before" ] || complaints_hops "$hop_before" "$hop_after"
}

scene_show() {
	headline "what the traffic noticed"
	"$lab_dir/report" run "$run_dir/run.json"
	headline "why"
	show_failovers
}

# All runs together: the figures, and whether they keep what is promised.
verdict() {
	jq -s --arg scene "$scene" --arg about "$scene_about" --arg detection "$detection" \
		--argjson median "${bound_median:-null}" --argjson max "${bound_max:-null}" \
		-f "$lab_dir/verdict.jq" "$run_dir/runs" >"$run_dir/result.json"
	headline "verdict"
	"$lab_dir/report" table "$run_dir/result.json"
	jq -e .passed "$run_dir/result.json" >/dev/null
}
