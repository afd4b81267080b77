# SPDX-License-Identifier: GPL-2.0-or-later
# result.json as text.

def round_to($digits): . * pow(10; $digits) | round | . / pow(10; $digits);
def number($digits): if . == null then "-" else round_to($digits) | tostring end;
def significant: if . == null then "-" elif . >= 1000 then (round | tostring)
	elif . >= 10 then number(1) else number(2) end;
def left($n): tostring | . + " " * ([0, $n - length] | max);
def right($n): tostring | " " * ([0, $n - length] | max) + .;

# Rows of cells as columns, the first to the left, the others to the right.
def columns: . as $rows
	| [range(0; $rows[0] | length) as $i | [$rows[][$i] | length] | max] as $w
	| $rows[] | [to_entries[] | if .key == 0 then .value | left($w[0]) else . as $c | .value | right($w[$c.key]) end]
	| join("  ");

def kilo: if . == null or . == 0 then null else . / 1000 end;

def tunnels_table($mode):
	(["", "TCP x16", "ns/B", "UDP 64 B", "ns/pkt", "USO 1372", "RSS esp", "RSS ike", "up after"],
	 ["", "Gbit/s", "", "kpps", "", "kpps", "MB", "MB", "s"],
	 (.tunnels as $n | .medians[] | select(.mode == $mode) | .system as $s | .figures
		| [(if $s == "many" then "\($n) tunnels" else "1 tunnel" end), (.tcp16 | number(2)), (.tcp16_ns_byte | number(2)),
			(.udp64 | kilo | number(0)), (.udp64_ns_packet | number(0)), (.uso1372 | kilo | number(0)),
			(.esp_rss_kb | kilo | number(1)), (.ike_rss_kb | kilo | number(1)), (.up_seconds | number(0))]));

def rekey_table($mode):
	(["", "TCP x4", "ns/B", "rekeys", "dropped for it", "lost of 5 kpps"],
	 ["", "Gbit/s", "", "", "packets", "packets"],
	 (.medians[] | select(.mode == $mode) | .system as $s | .figures
		| [$s, (.tcp4 | number(2)), (.tcp4_ns_byte | number(2)), (.rekeys | number(0)),
			(.rekey_drops | number(0)), (.lost | number(0))]));

def peers_table($mode):
	(["", "TCP x1", "reverse", "x4", "ns/B x1", "ns/B x4", "UDP 64 B", "ns/pkt", "1372 B", "ns/pkt",
		"USO 64", "USO 1372", "ping", "p99", "RSS"],
	 ["", "Gbit/s", "Gbit/s", "Gbit/s", "", "", "kpps", "", "kpps", "", "kpps", "kpps", "ms", "ms", "MB"],
	 (.medians[] | select(.mode == $mode) | .system as $s | .figures
		| (if $s == "plain" then {} else . end) as $cpu
		| [$s, (.tcp1 | number(2)), (.tcp_reverse | number(2)), (.tcp4 | number(2)),
			($cpu.tcp1_ns_byte | number(2)), ($cpu.tcp4_ns_byte | number(2)),
			(.udp64 | kilo | number(0)), ($cpu.udp64_ns_packet | number(0)),
			(.udp1372 | kilo | number(0)), ($cpu.udp1372_ns_packet | number(0)),
			(.uso64 | kilo | number(0)), (.uso1372 | kilo | number(0)),
			(.ping_avg | number(2)), (.ping_p99 | number(2)),
			($cpu.rss_kb | kilo | number(1))]));

def value_of($mode; $system; $figure):
	[.medians[] | select(.mode == $mode and .system == $system).figures[$figure] | select(. != null)][0];

def figures_table($mode):
	if .kind == "tunnels" then tunnels_table($mode)
	elif .kind == "rekey" then rekey_table($mode)
	else peers_table($mode) end;

# futae divided by each of the others, column by column
def ratio_table($mode):
	. as $all
	| (["futae /", "TCP x1", "reverse", "x4", "UDP 64 B", "1372 B", "USO 64", "CPU/B x1", "CPU/B x4"],
	   (.medians[] | select(.mode == $mode and .system != "futae").system as $other
		| [$other, ("tcp1", "tcp_reverse", "tcp4", "udp64", "udp1372", "uso64", "tcp1_ns_byte", "tcp4_ns_byte"
			| . as $f | ($all | value_of($mode; "futae"; $f)) as $a | ($all | value_of($mode; $other; $f)) as $b
			| if $a == null or $b == null or $b == 0 then "-" else $a / $b | significant end)]));

def bounds_table:
	["bound", "measured", "must be", ""],
	(.bounds[] | [.what, (.value | significant), "\(.relation) \(.bound)",
		(if .ok == null then "not measured" elif .ok then "ok" else "MISSED" end)]);

def table:
	"\n\(.version), \(if .topology == "gateway" then "host - gateway = gateway - host" else "gateway = gateway" end)" +
		(if .quick then ", QUICK: shows that it runs, not how fast it is" else "" end),
	(.notes[] | "  " + .),
	(.dead[] | "  DOES NOT WORK: \(.)"),
	(([.medians[].mode] | unique[]) as $mode
		| "\n\($mode), median of \([.medians[] | select(.mode == $mode).runs] | max)",
		  ([figures_table($mode)] | columns),
		  (if .kind == "peers" and any(.medians[]; .mode == $mode and .system == "futae")
			then "", ([ratio_table($mode)] | columns) else empty end)),
	"",
	([bounds_table] | columns),
	"",
	(if .ok then "every bound that was measured holds" else "NOT AS IT SHOULD BE" end)
	+ (([.bounds[] | select(.ok == null)] | length) as $n
		| if $n > 0 then "; \($n) could not be measured" else "" end);
