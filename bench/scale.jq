# SPDX-License-Identifier: GPL-2.0-or-later
# bench/detect-scale: two samples, or one switch -> the figures, the bounds, the text.
include "table";

def check($what; $value; $relation; $bound):
	{what: $what, $value, $relation, $bound,
		ok: (if $value == null then null
			elif $relation == ">=" then $value >= $bound else $value <= $bound end)};

# Of those that were counted between the two samples.
def late_spread($before; $after):
	([$before[] | {("\(.below_ms)"): .count}] | add // {}) as $was
	| [$after[] | .count -= ($was["\(.below_ms)"] // 0) | select(.count > 0)] | sort_by(.below_ms)
	| . as $all | (map(.count) | add // 0) as $n
	| def quantile($q): reduce $all[] as $b ({seen: 0, at: null};
		if .at == null and .seen + $b.count >= $q * $n then .at = $b.below_ms else . end | .seen += $b.count) | .at;
	  {n: $n, p50: quantile(0.5), p99: quantile(0.99), p999: quantile(0.999), max: (last // {}).below_ms};

def scale_bounds:
	if .quick then check("probes that were sent"; .probes_per_second; ">="; 1),
		check("that were answered, %"; .answered_percent; ">="; 50)
	else
		check("CPU of futaed, % of one processor"; .cpu_percent.futaed; "<="; 50),
		check("probes are late, p99, ms"; .late_ms.p99; "<="; 2),
		check("probes that were answered, %"; .answered_percent; ">="; 99),
		check("tunnels called dead"; .down; "<="; 0),
		# Late or left out: what was asked for must have been sent.
		check("of the probes that were due, sent, %"; .sent_percent; ">="; 98)
	end;

def scale_result:
	(($after.at - $before.at) / 1e9) as $s
	| (($normal * 10 + $fast * 100) * $s) as $due
	| ($after.sent - $before.sent) as $sent
	| {version: $version, quick: ($quick == "yes"), normal: $normal, fast: $fast, seconds: $s,
		notes: ($notes | split("\n") | map(select(. != ""))),
		cpu_percent: ($after.cpu | with_entries(.key as $k | .value = (.value - $before.cpu[$k]) / 1e7 / $s)),
		probes_per_second: ($sent / $s), sent_percent: ($sent * 100 / $due),
		answered_percent: (if $sent > 0 then ($after.received - $before.received) * 100 / $sent else null end),
		usec_per_probe: (if $sent > 0 then ($after.cpu.futaed - $before.cpu.futaed) / 1000 / $sent else null end),
		late_ms: late_spread($before.late; $after.late), down: $after.down,
		rss_kb: $rss, rss_kb_per_tunnel: ($rss | map_values(. / ($normal + $fast)))}
	| .bounds = [scale_bounds]
	| .ok = (any(.bounds[]; .ok != true) | not);

def bounds_rows: ["bound", "measured", "must be", ""],
	(.bounds[] | [.what, (.value | significant), "\(.relation) \(.bound)",
		(if .ok == null then "not measured" elif .ok then "ok" else "MISSED" end)]);

def head: "\n\(.version)" + (if .quick then ", QUICK: shows that it runs, not how fast it is" else "" end), (.notes[] | "  " + .);
def verdict: "", ([bounds_rows] | columns), "", (if .ok then "every bound holds" else "NOT AS IT SHOULD BE" end);

def scale_table:
	head,
	"\n\(.normal) tunnels probed each 100 ms, \(.fast) each 10 ms; \(.probes_per_second | round) probes a second for \(.seconds | number(1)) s", "",
	([["", "CPU %", "RSS MB", "kB per tunnel"],
		(("futaed", "futae-esp", "futae-ike") as $n
			| [$n, (.cpu_percent[$n] | significant), (.rss_kb[$n] / 1000 | significant), (.rss_kb_per_tunnel[$n] | significant)])] | columns),
	"\nprobes are late, ms: p50 < \(.late_ms.p50), p99 < \(.late_ms.p99), p99.9 < \(.late_ms.p999), max < \(.late_ms.max)",
	"futaed takes \(.usec_per_probe | significant) usec for a probe and its answer; \(.answered_percent | number(2)) % were answered",
	verdict;

# The record of the one switch, from the last good packet on; the others must not have suffered.
def switch_result:
	[.failovers[] | select(.kind == "route" and .object == "many")] as $r
	| {version: $version, quick: ($quick == "yes"), tunnels: $n, prefixes: $prefixes,
		notes: ($notes | split("\n") | map(select(. != ""))), switches: ($r | length), down: $down,
		detected_ms: $r[0].detected_ms, write_ms: ($r[0].written_ms - $r[0].decided_ms), outage_ms: $r[0].outage_ms}
	| .bounds = [check("switches"; .switches; "<="; 1), check("tunnels called dead"; .down; "<="; 1),
		(select(.quick | not) | check("from the decision until the kernel had it, ms"; .write_ms; "<="; 2)),
		(select(.quick | not) | check("until it was seen, ms"; .detected_ms; "<="; 600))]
	| .ok = (any(.bounds[]; .ok != true) | not);

def switch_table:
	head,
	"\n\(.tunnels) tunnels probed each 100 ms, one with \(.prefixes) prefixes behind it dies",
	"seen \(.detected_ms | number(1)) ms after its last packet, \(.write_ms | number(3)) ms from the decision until the kernel had it",
	verdict;
