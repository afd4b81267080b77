# SPDX-License-Identifier: GPL-2.0-or-later
# bench/failover's result as text.
include "table";

def ms: if . == null then "-" else number(1) end;
def to_ours($value; $ours): if $value == null or $ours == null or $ours == 0 then "-" else $value / $ours | significant end;

def fault_table:
	([.systems[] | select(.system == "futae-fast")][0].worse_ms) as $ours
	| ["outage, ms", "median", "max", "to futae-fast", "max", "to office", "to cloud", "runs", "lasting", "failed before", "relapses", "false"],
	  (.systems[] | [.system, (.worse_ms.median | ms), (.worse_ms.max | ms),
		to_ours(.worse_ms.median; $ours.median), to_ours(.worse_ms.max; $ours.max),
		(.cloud_to_office_ms.median | ms), (.office_to_cloud_ms.median | ms),
		(.runs | tostring), (.lasting | tostring), (.early | tostring), (.relapses | tostring), (.false_changes | tostring)]);

def flap_table:
	["false changes", "nuisance", "way", "VRRP", "longest gap, ms", "lost", "runs"],
	(.systems[] | [.system, {busy: "8 busy loops", random: "1 % loss", bursty: "5 % in bursts"}[.condition],
		(.route_changes | tostring), (.vrrp_changes | tostring), (.gap_ms | ms), (.lost | tostring), (.runs | tostring)]);

def failover_bounds:
	["bound", "measured", "must be", ""],
	(.bounds[] | [.what, (.value | significant), "\(.relation) \(.bound | significant)",
		(if .ok == null then "not measured" elif .ok then "ok" else "MISSED" end)]);

def table:
	"\n\(.version), \(.scene)" + (if .busy then ", 8 busy loops" else "" end)
		+ (if .quick then ", QUICK: shows that it runs, not how fast it is" else "" end),
	(.notes[] | "  " + .),
	(.missing[] | "  not measured: \(.system), \(.times) times: \(.missing)"),
	(.dead[] | "  DOES NOT WORK: \(.)"),
	(.systems | unique_by(.system)[] | "  \(.system): \(.about)"),
	"",
	([if .scene == "flap" then flap_table else fault_table end] | columns),
	"",
	([failover_bounds] | columns),
	"",
	(if .ok then "every bound that was measured holds" else "NOT AS IT SHOULD BE" end)
	+ (([.bounds[] | select(.ok == null)] | length) as $n
		| if $n > 0 then "; \($n) could not be measured" else "" end);
