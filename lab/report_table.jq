# SPDX-License-Identifier: GPL-2.0-or-later
# The result of all runs -> a table for the terminal.

def left($n): tostring | . + " " * ([$n - length, 0] | max);
def right($n): tostring | " " * ([$n - length, 0] | max) + .;
def ms: if . == null then "-" else "\(. * 10 | round / 10) ms" end;
def row($name; $s): ($name | left(18)) + ($s.min | ms | right(13)) + ($s.median | ms | right(13))
	+ ($s.max | ms | right(13));

"\(.scene), detection \(.detection), \(.runs | length) run\(if (.runs | length) == 1 then "" else "s" end)",
"outage                      min       median          max",
row("cloud to office"; .spread_ms.cloud_to_office),
row("office to cloud"; .spread_ms.office_to_cloud),
row("worse direction"; .spread_ms.worse),
(if .bounds_ms.max == null then empty else
	("promised" | left(18)) + ("" | right(13)) + (.bounds_ms.median | ms | right(13))
	+ (.bounds_ms.max | ms | right(13)) end),
"packets in the clear: \(.clear)",
(.problems[] | "FAILED: \(.)"),
(if .passed then "passed" else empty end)
