# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# One router with two lines; the gateway wishes for line 1 and the router for line 2.  Then what the
# gateway sends by line 1 is lost: the router hears nothing, while the gateway still hears the router.
# Both ends send by the same line all the time, and the gateway leaves by the router's word.
scene_about="the ends wish for different lines, and one direction of line 1 dies"
two_lines=yes
hop_before=10.1.22.252
hop_after=10.1.22.252
record_checked=no # the end that was told knows of no silence of its own
gateway_lead=200
cpe_via="line1: 0, line2: 100"

# Both send by the same line, whatever each wishes for.
as_before() {
	route_is_on gateway line1 >/dev/null && route_is_on cpe01 line1 >/dev/null &&
		vrrp_is cpe01 master >/dev/null
}

scene_fault() {
	mark fault
	line line1 cut-a >/dev/null
}

cause_is() { # NODE TUNNEL CAUSE
	futae_on "$1" health --json | jq -e --arg t "$2" --arg c "$3" \
		'.health[] | select(.tunnel == $t) | .cause == $c' >/dev/null
}

scene_complaints() {
	local node
	complaints_common
	[ -z "$early" ] || say "${early}, or the ends did not agree"
	complaints_hops "$hop_before" "$hop_after"
	for node in gateway cpe01; do
		route_is_on "$node" line2 >/dev/null || say "$node does not send by line 2"
	done
	cause_is gateway line1 unheard ||
		say "the gateway did not leave by the router's word: $(futae_on gateway explain line1 | head -n 1)"
	cause_is cpe01 line1 silence || say "the router did not leave by silence"
}
