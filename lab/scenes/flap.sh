# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Line 1 comes and goes.  Each time that it fails it must be good for longer before it is used again,
# so that the traffic soon stays where it is.
scene_about="line 1 goes down and up eight times"
restore=1s
record_checked=no # there are several
flaps=8
down_seconds=2 up_seconds=5
# Without the penalty it would be sixteen.  With it the fourth wait is longer than the line is ever
# good; when the penalty has decayed below that, it is used once more, and at once longer again.
switches_most=10

scene_bounds() {
	case $detection in
	relaxed) die "relaxed detection needs 5 s to see what this line does in 2: use normal or fast" ;;
	normal) : "${bound_median:=700}" "${bound_max:=1200}" ;;
	fast) : "${bound_median:=120}" "${bound_max:=300}" ;;
	esac
}

is_held() {
	futae_on gateway health --json | jq -e '.health[] | select(.tunnel == "line1")
		| .restore_left_ms != null and .restore_left_ms > 0'
}

scene_run() {
	local n
	switches_before=$(route_switches)
	trace "$run_dir/trace.before"
	meter_start
	observe 1
	mark fault
	for ((n = 1; n <= flaps; n++)); do
		line line1 cut >/dev/null
		observe "$down_seconds"
		line line1 heal >/dev/null
		[ "$n" != "$flaps" ] || break
		observe "$up_seconds"
	done
	# Good again for the last time: now it has to say how long it must stay so, and why.
	good is_held
	futae_on gateway explain line1 >"$run_dir/explain" || true
	futae_on gateway health --json >"$run_dir/health.json" || true
	observe 1
	meter_stop
}

route_switches() {
	futae_on gateway failovers --json | jq '[.failovers[] | select(.kind == "route")] | length'
}

scene_complaints() {
	local n
	complaints_common
	n=$(($(route_switches) - switches_before))
	say "$n changes of way in $flaps faults" >"$run_dir/switches"
	[ "$n" -le "$switches_most" ] || say "$n changes of way, more than $switches_most"
	[ "$n" -ge 3 ] || say "$n changes of way: the line was never used again, so no penalty was seen"
	jq -e '.health[] | select(.tunnel == "line1") | .flap_penalty >= 2' "$run_dir/health.json" >/dev/null ||
		say "the flap penalty has not grown: $(jq -c '.health[0].flap_penalty' "$run_dir/health.json")"
	grep -q "flap penalty" "$run_dir/explain" || say "the explanation does not show the penalty"
	grep -Eq "will be used in [0-9]" "$run_dir/explain" ||
		say "the explanation does not show the time left"
}

scene_show() {
	headline "what the traffic noticed"
	"$lab_dir/report" run "$run_dir/run.json"
	say '[gateway] $ futae explain line1'
	cat "$run_dir/explain"
	cat "$run_dir/switches"
	headline "why"
	show_failovers
}
