# SPDX-License-Identifier: GPL-2.0-or-later
# The runs, their medians, and what the medians say about the bounds.
# $runs, $notes, $kind, $topology, $quick, $many and $version come from bench/esp.

def median: sort | if length == 0 then null
	elif length % 2 == 1 then .[length / 2 | floor]
	else (.[length / 2 - 1] + .[length / 2]) / 2 end;

# Of each system and mode, in the order they were measured.
def medians:
	(reduce .[] as $r ([]; [$r.mode, $r.system] as $k | if index([$k]) then . else . + [$k] end)) as $keys
	| [$keys[] as [$mode, $system]
		| [.[] | select(.mode == $mode and .system == $system).figures] as $f
		| {$mode, $system, runs: ($f | length),
			figures: ([$f[] | keys[]] | unique
				| map(. as $k | {($k): ([$f[][$k] | select(. != null)] | if $k == "rekey_drops" then max else median end)})
				| add // {})}];

# The best of the systems called that, or a variant of it (libipsec-aesni): null when there is none.
def of($medians; $mode; $system; $figure):
	[$medians[] | select(.mode == $mode and (.system | . == $system or
		($system == "libipsec" and startswith("libipsec")))).figures[$figure] | select(. != null)] | max;

def check($what; $value; $relation; $bound):
	{what: $what, $value, $relation, $bound,
		ok: (if $value == null then null
			elif $relation == ">=" then $value >= $bound else $value <= $bound end)};

def ratio($m; $mode; $system; $to; $figure; $name; $bound):
	of($m; $mode; $system; $figure) as $a | of($m; $mode; $to; $figure) as $b
	| check("\($mode): \($name), \($system) / \($to)";
		if $a == null or $b == null or $b == 0 then null else $a / $b end; ">="; $bound);

def point_bounds($m):
	ratio($m; "native"; "futae"; "relay"; "tcp1"; "TCP x1"; 0.8),
	ratio($m; "native"; "futae"; "relay"; "tcp4"; "TCP x4"; 0.85),
	ratio($m; "native"; "futae"; "libipsec"; "tcp1"; "TCP x1"; 10),
	ratio($m; "native"; "futae"; "libipsec"; "tcp4"; "TCP x4"; 15),
	ratio($m; "native"; "futae"; "openvpn"; "tcp1"; "TCP x1"; 10),
	ratio($m; "native"; "futae"; "openvpn"; "tcp4"; "TCP x4"; 10),
	ratio($m; "native"; "futae"; "wireguard-go"; "tcp1"; "TCP x1"; 10),
	ratio($m; "native"; "futae"; "wireguard-go"; "tcp4"; "TCP x4"; 10),
	ratio($m; "native"; "futae"; "libipsec"; "udp64"; "UDP 64 B"; 10),
	ratio($m; "native"; "futae-raw"; "futae"; "tcp1"; "TCP x1"; 0.5),
	check("native: CPU of both gateways, TCP x1, ns/B"; of($m; "native"; "futae"; "tcp1_ns_byte"); "<="; 2.0),
	check("native: CPU of both gateways, TCP x4, ns/B"; of($m; "native"; "futae"; "tcp4_ns_byte"); "<="; 1.3),
	check("native: UDP 64 B, USO sender, packets/s"; of($m; "native"; "futae"; "uso64"); ">="; 1e6);

def gateway_bounds($m):
	("native", "wire") as $mode
	| ratio($m; $mode; "futae"; "plain"; "tcp1"; "TCP x1"; 0.4),
	  ratio($m; $mode; "futae"; "plain"; "tcp4"; "TCP x4"; 0.4);

def tunnels_bounds($m):
	($m | map(.mode) | unique[]) as $mode
	| ratio($m; $mode; "many"; "one"; "tcp16"; "TCP, 16 streams"; 0.8),
	  ratio($m; $mode; "many"; "one"; "uso1372"; "UDP 1372 B, USO sender"; 0.8),
	  check("\($mode): CPU per 64 B packet, \($many) tunnels / one";
		of($m; $mode; "many"; "udp64_ns_packet") as $a | of($m; $mode; "one"; "udp64_ns_packet") as $b
		| if $a and $b and $b > 0 then $a / $b else null end; "<="; 1.5),
	  check("\($mode): RSS of futae-esp, MB"; of($m; $mode; "many"; "esp_rss_kb")
		| if . then . / 1000 else null end; "<="; 64);

def rekey_bounds($m):
	($m | map(.mode) | unique[]) as $mode
	| ratio($m; $mode; "rekeyed"; "steady"; "tcp4"; "TCP x4"; 0.95),
	  check("\($mode): rekeys meanwhile"; of($m; $mode; "rekeyed"; "rekeys"); ">="; 3),
	  check("\($mode): packets lost to rekey"; of($m; $mode; "rekeyed"; "rekey_drops"); "<="; 0);

# --quick asks for no speed, only that all was measured.
def quick_bounds($m):
	$m[] | . as $x
	| (if $kind == "peers" then "tcp1", "tcp4", "udp64", "ping_avg"
		elif $kind == "tunnels" then "tcp16", "udp64" else "tcp4" end)
	| {what: "\($x.mode): \($x.system): \(.) was measured", value: $x.figures[.], relation: ">", bound: 0}
	| .ok = ((.value // 0) > 0);

def result:
	($runs | medians) as $m
	| {version: $version, kind: $kind, topology: $topology, quick: ($quick == "yes"), tunnels: $many,
		notes: ($notes | split("\n") | map(select(. != "")) | reduce .[] as $n ([];
			if index($n) then . else . + [$n] end)),
		medians: $m, runs: $runs,
		bounds: [if $quick == "yes" then quick_bounds($m)
			elif $kind == "tunnels" then tunnels_bounds($m)
			elif $kind == "rekey" then rekey_bounds($m)
			elif $topology == "gateway" then gateway_bounds($m)
			else point_bounds($m) end]}
	# What is ours, and could not be measured, is worse than slow.
	| [$systems[] | select(IN("plain", "futae", "futae-raw", "relay", "one", "many", "steady", "rekeyed"))] as $ours
	| [$modes[] as $mode | $ours[] | select(. as $s | any($m[]; .mode == $mode and .system == $s) | not)
		| "\($mode): \(.)"] as $dead
	| .dead = $dead
	| .ok = ((.medians | length > 0) and ($dead == []) and (any(.bounds[]; .ok == false) | not));
