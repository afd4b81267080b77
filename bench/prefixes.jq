# SPDX-License-Identifier: GPL-2.0-or-later
# bench/prefixes: every switch -> the figures, the bounds, the text.
include "table";

def median: sort | if length == 0 then null
	elif length % 2 == 1 then .[length / 2 | floor]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;

# As good as nothing: below this the clock and the machine decide, not the number of prefixes.
def floor_ms: 0.05;

def result:
	[$runs | group_by([.prefixes, .how])[]
		| {prefixes: .[0].prefixes, how: .[0].how, n: length,
			median_ms: (map(.write_ms) | median), max_ms: (map(.write_ms) | max),
			outage_ms: (map(.outage_ms | select(. != null)) | median)}] as $figures
	| {version: $version, quick: ($quick == "yes"), notes: ($notes | split("\n") | map(select(. != ""))),
		figures: $figures, runs: $runs,
		bounds: [("hand") as $how | [$figures[] | select(.how == $how)] | sort_by(.prefixes)
			| select(length > 1) | . as $f
			| $f[1:][] | {what: "\($how): \(.prefixes) prefixes / \($f[0].prefixes)",
				value: (([.median_ms, floor_ms] | max) / ([$f[0].median_ms, floor_ms] | max)), relation: "<=", bound: 2}]}
	| .bounds |= map(.ok = (($quick == "yes") or .value <= .bound))
	| .ok = ((.figures | length > 0) and (any(.bounds[]; .ok != true) | not));

def table:
	"\n\(.version)" + (if .quick then ", QUICK: shows that it runs, not how fast it is" else "" end), (.notes[] | "  " + .), "",
	([["prefixes", "moved by", "switches", "median, ms", "max, ms", "outage, ms"],
		(.figures[] | [(.prefixes | tostring), .how, (.n | tostring), (.median_ms | number(3)), (.max_ms | number(3)), (.outage_ms | number(1))])] | columns),
	"",
	([["bound", "measured", "must be", ""], (.bounds[] | [.what, (.value | significant), "\(.relation) \(.bound)",
		(if .ok then "ok" else "MISSED" end)])] | columns),
	"", (if .ok then "every bound holds" else "NOT AS IT SHOULD BE" end);
