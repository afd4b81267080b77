# SPDX-License-Identifier: GPL-2.0-or-later
# bench/failover's result as a picture: each run is a dot, each system a row, time to the right,
# logarithmic; the stroke is the median.  For flap: the number of false changes, as bars.

def escape: gsub("&"; "&amp;") | gsub("<"; "&lt;");
def width: 860;
def left: 170;
def right: 110;
def row: 26;
def colour: if startswith("futae") then "#0b7285" else "#c9853e" end;
def short: if . == null then "-" elif . >= 100 then round elif . >= 10 then . * 10 | round / 10 else . * 100 | round / 100 end;

def decades($low; $high): [range($low | log10 | floor; ($high | log10 | ceil) + 1)];

def fault_rows($runs):
	[.systems[] | . as $s | $s + {dots: [$runs[] | select(.system == $s.system and .settled and .worse_ms != null).worse_ms
		| if . < 1 then 1 else . end]} | select(.dots | length > 0)] as $rows
	| ([$rows[].dots[]] | if length == 0 then [1, 10] else . end) as $all
	| decades($all | min; $all | max) as $d
	| def at: left + (log10 - $d[0]) / ($d[-1] - $d[0]) * (width - left - right);
	  ($d[] | pow(10; .) | . as $ms | (at | round) as $x
		| "<line x1='\($x)' x2='\($x)' y1='40' y2='\(50 + ($rows | length) * row)' stroke='#dee2e6'/>",
		  "<text x='\($x)' y='\(66 + ($rows | length) * row)' text-anchor='middle'>\($ms) ms</text>"),
	  ($rows | to_entries[] | (52 + .key * row) as $y | .value
		| "<text x='\(left - 14)' y='\($y + 4)' text-anchor='end'>\(.system | escape)</text>",
		  (.system as $name | .dots | to_entries[]
			| "<circle cx='\(.value | at | round)' cy='\($y + (.key % 5 - 2) * 3)' r='3' fill='\($name | colour)' fill-opacity='0.6'/>"),
		  ((.worse_ms.median | if . < 1 then 1 else . end | at | round) as $x
			| "<line x1='\($x)' x2='\($x)' y1='\($y - 10)' y2='\($y + 10)' stroke='black' stroke-width='2'/>"),
		  "<text x='\(width - right + 12)' y='\($y + 4)'>\(.worse_ms.median | short) / \(.worse_ms.max | short)</text>");

def flap_rows:
	.systems as $rows
	| ([$rows[].false_changes] | max | if . > 0 then . else 1 end) as $top
	| ($rows | to_entries[] | (52 + .key * row) as $y | .value
		| ([1, .false_changes / $top * (width - left - right - 60)] | max | round) as $w
		| "<text x='\(left - 14)' y='\($y + 4)' text-anchor='end'>\(.system | escape), \(.condition)</text>",
		  "<rect x='\(left)' y='\($y - 8)' width='\($w)' height='16' fill='\(.system | colour)'/>",
		  "<text x='\(left + $w + 6)' y='\($y + 4)'>\(.false_changes); gap \(.gap_ms | short) ms</text>");

def svg:
	.runs as $runs
	| (.systems | length) as $n
	| ["<svg xmlns='http://www.w3.org/2000/svg' width='\(width)' height='\(80 + $n * row)' font-family='sans-serif' font-size='12'>",
		"<rect width='100%' height='100%' fill='white'/>",
		"<text x='10' y='24' font-size='15'>\(.version | escape), \(.scene): \(if .scene == "flap" then "changes without a failure in \(.seconds) s" else "outage, median / longest" end)</text>",
		(if .scene == "flap" then flap_rows else fault_rows($runs) end),
		"</svg>"] | join("\n");
