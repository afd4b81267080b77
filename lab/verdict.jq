# SPDX-License-Identifier: GPL-2.0-or-later
# All runs of a scene -> one result: the spread of each figure, and what is wrong.
# Input: an array of runs.  Arguments: scene, about, detection, median, max (ms or null).

def median: sort | if length == 0 then null
	elif length % 2 == 1 then .[(length - 1) / 2]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def spread: {min: min, median: median, max: max};

{
	scene: $scene, about: $about, detection: $detection,
	bounds_ms: {median: $median, max: $max},
	spread_ms: {
		cloud_to_office: (map(.cloud_to_office.outage_ms) | spread),
		office_to_cloud: (map(.office_to_cloud.outage_ms) | spread),
		worse: (map(.worse_ms) | spread)
	},
	clear: (map(.clear | add) | add),
	runs: .
}
| .problems = (
	[.runs[] | .run as $n | .complaints[] | "run \($n): \(.)"]
	+ (if $max != null and .spread_ms.worse.max > $max
	   then ["the longest outage, \(.spread_ms.worse.max) ms, is above \($max) ms"] else [] end)
	# One or two runs have no median worth the name.
	+ (if $median != null and (.runs | length) > 2 and .spread_ms.worse.median > $median
	   then ["the median outage, \(.spread_ms.worse.median) ms, is above \($median) ms"]
	   else [] end))
| .passed = (.problems == [])
