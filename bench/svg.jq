# SPDX-License-Identifier: GPL-2.0-or-later
# result.json as a picture: one panel for each measure, one bar for each system and mode.

def escape: gsub("&"; "&amp;") | gsub("<"; "&lt;");
def width: 720;
def left: 190;
def bar: 20;
def colour: if startswith("futae") or IN("many", "rekeyed") then "#0b7285"
	elif . == "relay" then "#66a3ad" elif . == "plain" then "#adb5bd" else "#c9853e" end;
def short: if . >= 100 then round elif . >= 10 then . * 10 | round / 10 else . * 100 | round / 100 end;

# [figure, title, divisor]; those that nobody was measured by are left out
def panels: [
	["tcp1", "TCP, 1 stream, Gbit/s", 1], ["tcp4", "TCP, 4 streams, Gbit/s", 1],
	["tcp16", "TCP, 16 streams, Gbit/s", 1],
	["tcp4_ns_byte", "CPU of both gateways, ns per byte (4 streams; less is better)", 1],
	["udp64", "UDP 64 B, 1000 packets/s at 1 % loss", 1000],
	["udp1372", "UDP 1372 B, 1000 packets/s at 1 % loss", 1000],
	["uso64", "UDP 64 B, USO sender, 1000 packets/s", 1000],
	["ping_avg", "ping, ms (less is better)", 1]];

def bars($all; $panel):
	[$all[] | select(.figures[$panel[0]] != null)
		| select(.system != "plain" or ($panel[0] | test("ns_byte") | not))
		| {name: "\(.system), \(.mode)", system, value: (.figures[$panel[0]] / $panel[2])}];

def draw($y; $panel; $bars):
	(([$bars[].value] | max) | if . > 0 then . else 1 end) as $top
	| "<text x='10' y='\($y + 16)' font-weight='bold'>\($panel[1] | escape)</text>",
	  ($bars | to_entries[] | ($y + 26 + .key * bar) as $at
		| ([1, .value.value / $top * (width - left - 80)] | max | round) as $w
		| "<text x='\(left - 8)' y='\($at + 13)' text-anchor='end'>\(.value.name | escape)</text>",
		  "<rect x='\(left)' y='\($at)' width='\($w)' height='\(bar - 5)' fill='\(.value.system | colour)'/>",
		  "<text x='\(left + $w + 6)' y='\($at + 13)'>\(.value.value | short)</text>");

def svg:
	. as $r
	| [panels[] | {panel: ., bars: bars($r.medians; .)} | select(.bars | length > 0)] as $p
	| (reduce $p[] as $x ([40]; . + [.[-1] + 44 + ($x.bars | length) * bar])) as $tops
	| ["<svg xmlns='http://www.w3.org/2000/svg' width='\(width)' height='\($tops[-1])' font-family='sans-serif' font-size='12'>",
		"<rect width='100%' height='100%' fill='white'/>",
		"<text x='10' y='24' font-size='15'>\($r.version | escape), \($r.topology), \($r.notes[0] | escape)</text>",
		(range(0; $p | length) | draw($tops[.]; $p[.].panel; $p[.].bars)),
		"</svg>"] | join("\n");
