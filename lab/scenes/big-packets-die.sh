# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# An access line of a smaller MTU than its ends think, and nobody who says so: every ping passes,
# every download stalls.  The meter's packets are as large as the tunnel's MTU.
scene_about="line 1 silently drops packets above 1,200 bytes"
degraded_track=lost
record_checked=no # no packet of the health check was late: there is no last good one to tell of
meter_options=(--bytes 1400 --interval-usec 5000)

# Large packets are probed each 10 s; three lost ones decide, with two intervals and round trips each.
scene_bounds() {
	case $detection in
	relaxed) : "${bound_median:=15000}" "${bound_max:=18000}" "${settle:=25}" ;;
	normal | fast) : "${bound_median:=10000}" "${bound_max:=12500}" "${settle:=18}" ;;
	esac
}

scene_fault() {
	mark fault
	line line1 set mtu=1200 >/dev/null
}

# is_degraded NODE TUNNEL: by large packets, and the largest that passes is known and plausible: ESP
# takes 60 to 100 of the line's 1,200 bytes.
is_degraded() {
	futae_on "$1" health --json | jq -e --arg t "$2" '.health[] | select(.tunnel == $t)
		| .state == "degraded" and .degraded.cause == "big-packets"
			and .big_packets.state == "die"
			and .big_packets.largest >= 1090 and .big_packets.largest <= 1150'
}

scene_complaints() {
	complaints_common
	complaints_hops "$hop_before" "$hop_after"
	[ -z "$early" ] || say "$early"
	degraded_says gateway line1
	degraded_says cpe01 cloud
	route_is_on gateway line2 >/dev/null || say "the gateway has not left line 1"
}

degraded_says() {
	futae_on "$1" explain "$2" >"$run_dir/explain.$1" || true
	is_degraded "$1" "$2" >/dev/null || say "$1 does not call $2 degraded by big-packets"
	grep -q "packets of 1400 bytes do not arrive, those of 1[01][0-9][0-9] do" "$run_dir/explain.$1" ||
		say "$1 does not say which packets die"
	grep -q "lower mtu: to 1[01][0-9][0-9]" "$run_dir/explain.$1" ||
		say "$1 does not say what to do"
}

scene_show() {
	headline "what the traffic noticed"
	"$lab_dir/report" run "$run_dir/run.json"
	say '[gateway] $ futae explain line1'
	cat "$run_dir/explain.gateway"
	say '[cpe01] $ futae explain cloud'
	cat "$run_dir/explain.cpe01"
	headline "why"
	show_failovers
}
