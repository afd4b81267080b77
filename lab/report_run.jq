# SPDX-License-Identifier: GPL-2.0-or-later
# One run -> a table for the terminal.

def left($n): tostring | . + " " * ($n - length);
def right($n): tostring | " " * ([$n - length, 0] | max) + .;
def ms: . * 10 | round / 10;
def row($name; $d): ($name | left(18))
	+ (if $d.recovered then "\($d.outage_ms | ms) ms" else "for ever" end | right(12))
	+ ($d.sent | right(9)) + ($d.lost | right(8)) + ($d.reordered | right(11))
	+ ($d.duplicated | right(12)) + ("\($d.delay_ms.median | ms) ms" | right(12));

"direction               outage     sent    lost  reordered  duplicated       delay",
row("cloud to office"; .cloud_to_office),
row("office to cloud"; .office_to_cloud),
"in the clear: \(.clear.line1) packets on line 1, \(.clear.line2) on line 2, \(.clear.gateway) at the gateway",
(if .meter_late_ms > 3 then
	"the meter itself was held up for \(.meter_late_ms | ms) ms: this machine is too busy to trust shorter outages"
else empty end),
([.cloud_to_office.gap_before_ms, .office_to_cloud.gap_before_ms] | max | if . > 25 then
	"before the fault there was a gap of \(ms) ms already"
else empty end),
(.load // empty |
	"the load: \(.cloud_to_office_mbit | round) Mbit/s to the office, \(.office_to_cloud_mbit | round) to the cloud, on a line of \(if .line_mbit == 0 then "any rate" else "\(.line_mbit) Mbit/s" end)",
	(.probes | "health checks under load: \(.probes), \(.lost) lost, delay \(.delay_ms.p50 | ms) ms (p50), \(.delay_ms.p99 | ms) ms (p99)"),
	"tunnels called dead under load: \(.alarms), ways changed: \(.switches)",
	(if .pairs then "throughput dip at a rekey: \(.dip_percent | ms) %, give or take \(.dip_plus_minus | ms), over \(.pairs) pairs" else empty end),
	"dropped at the ends: \(if .drops | map(length) | add == 0 then "nothing" else .drops | tojson end)"),
(if .load then .lines.line1 | "dropped by line 1: \(.a.congested + .b.congested) by its full queue, \(.a.overflow + .b.overflow) by the lab" else empty end)
