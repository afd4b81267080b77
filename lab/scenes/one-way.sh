# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# One direction of line 1 is dead, the other one is good: in odd runs what the gateway sends to the
# office is lost, in even runs what the office sends.
scene_about="one direction of line 1 is dead"
scene_runs=2

# Who hears nothing decides after one silence, and tells the other end, which still hears it: so the
# bounds are everybody's.
one_way_is_odd() { [ $((number % 2)) = 1 ]; }

scene_fault() {
	mark fault
	if one_way_is_odd; then
		say "what the gateway sends is lost"
		line line1 cut-a >/dev/null
	else
		say "what the office sends is lost"
		line line1 cut-b >/dev/null
	fi
}

scene_complaints() {
	complaints_common
	complaints_hops "$hop_before" "$hop_after"
	[ -z "$early" ] || say "$early"
	if one_way_is_odd; then
		one_way_says gateway line1 to
		one_way_says cpe01 cloud from
	else
		one_way_says gateway line1 from
		one_way_says cpe01 cloud to
	fi
}

# one_way_says NODE TUNNEL to|from: which direction it has to name as dead, seen from there.
one_way_says() {
	local told=
	[ "$3" != to ] || told="the way there is dead"
	futae_on "$1" explain "$2" >"$run_dir/explain.$1" || true
	grep -q -e "The direction $3 the peer is dead" ${told:+-e "$told"} "$run_dir/explain.$1" ||
		say "$1 does not say that the direction $3 the peer is dead: $(head -n 2 "$run_dir/explain.$1" | tr '\n' ' ')"
}

scene_show() {
	headline "what the traffic noticed"
	"$lab_dir/report" run "$run_dir/run.json"
	say '[gateway] $ futae explain line1'
	cat "$run_dir/explain.gateway"
	say '[cpe01] $ futae explain cloud'
	cat "$run_dir/explain.cpe01"
}
