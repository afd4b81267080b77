# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# The article's trap: health check 2 is aimed at the server behind the routers.  Its reply leaves by
# the VRRP master, through tunnel 1, and says nothing about tunnel 2: futae must say just that.
scene_about="health check 2 is aimed at the server behind the routers"
health2_target=10.1.22.1

scene_bounds() { :; }

health2_is_wrong_path() {
	futae_on gateway health --json |
		jq -e '.health[] | select(.tunnel == "line2") | .state == "wrong-path"'
}

network_await() {
	good route_is_on gateway line1
	good vrrp_is cpe01 master
	good server_answers
	good health2_is_wrong_path
}

scene_run() {
	meter_start
	observe 2
	meter_stop
	futae_on gateway explain line2 >"$run_dir/explain" || true
}

# The explanation has to name the device the reply came by, and what to write instead.
scene_complaints() {
	complaints_common
	health2_is_wrong_path >/dev/null || say "the health of line 2 is not wrong-path"
	grep -q 'wrong-path' "$run_dir/explain" || say "the explanation does not say wrong-path"
	grep -q 'line1' "$run_dir/explain" || say "the explanation does not name line1"
	grep -Eq 'target|pin' "$run_dir/explain" || say "the explanation does not say what to do"
}

scene_show() {
	say '[gateway] $ futae health'
	futae_on gateway health
	say '[gateway] $ futae explain line2'
	cat "$run_dir/explain"
}
