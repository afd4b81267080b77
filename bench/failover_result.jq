# SPDX-License-Identifier: GPL-2.0-or-later
# The runs, what they come to for each system, and what that says about the bounds.
# $runs, $notes, $scene, $quick, $busy, $seconds, $version, $order and $paces come from bench/failover.

def median: sort | if length == 0 then null
	elif length % 2 == 1 then .[length / 2 | floor]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;
def spread: {median: median, max: max};
def sum: add // 0;

# A run that had lost its way before the fault has no outage to show, only that.
def fault_figures:
	map(select(.settled)) as $fit
	| {runs: length, early: (length - ($fit | length)),
		worse_ms: ($fit | map(.worse_ms) | spread),
		cloud_to_office_ms: ($fit | map(.cloud_to_office_ms) | spread),
		office_to_cloud_ms: ($fit | map(.office_to_cloud_ms) | spread),
		lasting: ($fit | map(select(.recovered | not)) | length),
		false_changes: (map(.false_changes) | sum), relapses: (map(.relapses) | sum),
		meter_late_ms: (map(.meter_late_ms) | max)};

def flap_figures:
	{runs: length, route_changes: (map(.route_changes) | sum), vrrp_changes: (map(.vrrp_changes) | sum),
		false_changes: (map(.false_changes) | sum), gap_ms: (map(.gap_ms) | max), lost: (map(.lost) | sum),
		meter_late_ms: (map(.meter_late_ms) | max)};

def systems:
	. as $all
	| [["power-off", "line-cut", "busy", "random", "bursty"][] as $c | $order[] as $s
		| [$all[] | select(.system == $s and .condition == $c)]
		| select(length > 0)
		| {system: $s, condition: $c, about: $paces[$s].about, pace_ms: $paces[$s].pace}
			+ (if $c == "power-off" or $c == "line-cut" then fault_figures else flap_figures end)];

def figure($system; $condition): [.[] | select(.system == $system and .condition == $condition)][0];

def check($what; $value; $relation; $bound):
	{what: $what, $value, $relation, $bound,
		ok: (if $value == null or $bound == null then null
			elif $relation == "0 or <" then $value == 0 or $value < $bound else $value <= $bound end)};

def is_ours: startswith("futae");

def fault_bounds:
	figure("futae-fast"; $scene) as $fast | figure("futae-normal"; $scene) as $normal
	| [.[] | select(.system | is_ours | not).worse_ms.median | select(. != null)] as $peers
	| check("futae-fast: median, ms"; $fast.worse_ms.median; "<="; 40),
	  check("futae-fast: longest, ms"; $fast.worse_ms.max; "<="; 80),
	  check("futae-fast: median, and that of the best peer"; $fast.worse_ms.median; "<="; $peers | min),
	  check("futae-normal: longest, ms"; $normal.worse_ms.max; "<="; 600),
	  (("futae-fast", "futae-normal") as $s | figure($s; $scene) | select(. != null)
		| check("\($s): that did not recover, or had failed before"; .lasting + .early; "<="; 0));

# Of comparable speed: those that take no longer than futae's fast to see a failure, by their settings.
def flap_bounds:
	. as $all
	| check("busy: false changes of futae-fast"; figure("futae-fast"; "busy").false_changes; "<="; 0),
	  check("1 % loss: false changes of futae-fast"; figure("futae-fast"; "random").false_changes; "<="; 0),
	  (.[] | select(.condition == "bursty" and (.system | is_ours | not) and .pace_ms <= $paces["futae-fast"].pace)
		| check("bursts: false changes of futae-fast, and of \(.system)";
			$all | figure("futae-fast"; "bursty").false_changes; "0 or <"; .false_changes));

# --quick asks for no speed, only that each system was measured.
def quick_bounds:
	.[] | check("\(.system), \(.condition): runs that were measured"; -.runs; "<="; -1) | .value *= -1 | .bound = 1 | .relation = ">=";

def result:
	($runs | map(select(.missing == null)) | systems) as $systems
	| {version: $version, scene: $scene, quick: ($quick == "yes"), busy: ($busy == "yes"), seconds: $seconds,
		notes: ($notes | split("\n") | map(select(. != ""))),
		missing: ([$runs[] | select(.missing)] | group_by([.system, .missing])
			| map(.[0] + {times: length})),
		systems: $systems, runs: $runs,
		bounds: [$systems | if $quick == "yes" then quick_bounds
			elif $scene == "flap" then flap_bounds else fault_bounds end]}
	# What is ours, and could not be measured, is worse than slow.
	| .dead = [.missing[] | select(.system | is_ours) | "\(.system): \(.missing)"]
	| .ok = ((.systems | length > 0) and .dead == [] and (any(.bounds[]; .ok == false) | not));
