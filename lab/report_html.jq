# SPDX-License-Identifier: GPL-2.0-or-later
# The result of all runs -> one HTML page, nothing loaded from elsewhere.

def esc: tostring | @html;
def ms: if . == null then "" else "\(. * 10 | round / 10)" end;

# One direction as a strip: a bar for each slice of time, as high as the share that arrived.
def strip($d; $y; $interval; $from; $span):
	($d.picture.width_ms / $interval) as $full |
	def x: (. - $from) / $span * 900;
	[ "<rect x='0' y='\($y)' width='900' height='60' fill='#f4f4f4'/>",
	  (select($d.outage_ms > 5 * $interval) |
		"<rect x='\($d.outage_from_ms | x)' y='\($y)' width='\($d.outage_ms / $span * 900)' height='60' fill='#f6c9c9'/>",
		"<text x='\(($d.outage_from_ms | x) + 4)' y='\($y + 14)' fill='#900'>\($d.outage_ms | ms) ms</text>"),
	  ($d.picture.counts | to_entries[] | select(.value > 0) |
		([.value / $full, 1] | min * 40) as $h |
		"<rect x='\($d.picture.from_ms + .key * $d.picture.width_ms | x)' y='\($y + 60 - $h)' width='\($d.picture.width_ms / $span * 900)' height='\($h)' fill='#3a7'/>")
	] | join("");

def picture:
	(.cloud_to_office.picture) as $p |
	$p.from_ms as $from | ($p.width_ms * ($p.counts | length)) as $span |
	((0 - $from) / $span * 900) as $zero |
	"<svg viewBox='-110 0 1020 170' role='img' aria-label='arrivals over time'>"
	+ "<text x='-108' y='36'>cloud to office</text><text x='-108' y='106'>office to cloud</text>"
	+ strip(.cloud_to_office; 0; .interval_ms; $from; $span)
	+ strip(.office_to_cloud; 70; .interval_ms; $from; $span)
	+ "<line x1='\($zero)' y1='0' x2='\($zero)' y2='135' stroke='#c00'/>"
	+ "<text x='\($zero + 3)' y='146'>fault</text>"
	+ "<text x='0' y='164'>\($from | ms) ms</text>"
	+ "<text x='900' y='164' text-anchor='end'>\($from + $span | ms) ms</text></svg>";

def cells($name; $s): "<tr><th>\($name)</th><td>\($s.min | ms)</td><td>\($s.median | ms)</td><td>\($s.max | ms)</td></tr>";

def direction($name; $d): "<tr><th>\($name)</th><td>\(if $d.recovered then $d.outage_ms | ms else "for ever" end)</td><td>\($d.sent)</td><td>\($d.lost)</td><td>\($d.reordered)</td><td>\($d.duplicated)</td><td>\($d.delay_ms.median | ms)</td></tr>";

# Times count from the last good packet.
def record($node): "<tr><th>\($node | esc): \(.kind // "" | esc) \(.object // "" | esc)</th><td>\(.from // "" | esc)</td><td>\(.to // "" | esc)</td><td>\(.detected_ms | ms)</td><td>\(.decided_ms | ms)</td><td>\(.written_ms | ms)</td><td>\(.first_packet_ms | ms)</td></tr><tr><td colspan='7' class='why'>\(.cause // "" | esc)</td></tr>";

def run:
	"<h2>Run \(.run)</h2>" + picture
	+ "<table><tr><th></th><th>outage, ms</th><th>sent</th><th>lost</th><th>reordered</th><th>duplicated</th><th>delay, ms</th></tr>"
	+ direction("cloud to office"; .cloud_to_office) + direction("office to cloud"; .office_to_cloud)
	+ "</table><p>In the clear: \(.clear | add) packets. The meter was held up for \(.meter_late_ms | ms) ms at most.</p>"
	+ (if .traceroute.before == "" then "" else
		"<details><summary>The way before and after</summary><pre>\(.traceroute.before | esc)\n\(.traceroute.after | esc)</pre></details>" end)
	+ "<table><tr><th>failover records</th><th>from</th><th>to</th><th>detected, ms</th><th>decided</th><th>written</th><th>first packet</th></tr>"
	+ ([.failovers | to_entries[] | .key as $node | .value // [] | .[] | record($node)] | join("")) + "</table>"
	+ (.complaints | map("<p class='bad'>\(esc)</p>") | join(""));

"<!doctype html><html lang='en'><meta charset='utf-8'><title>futae lab: \(.scene | esc)</title>"
+ "<style>body{font:15px sans-serif;max-width:64em;margin:2em auto;padding:0 1em;color:#222}"
+ "svg{width:100%;font:12px sans-serif}table{border-collapse:collapse;margin:1em 0}"
+ "td,th{padding:.2em .8em;text-align:right;border-bottom:1px solid #ddd}th:first-child{text-align:left}"
+ "td.why{text-align:left;color:#555}.bad{color:#900}.good{color:#060}pre{overflow:auto}</style>"
+ "<h1>\(.scene | esc), detection \(.detection | esc)</h1><p>\(.about | esc). \(.runs | length) run(s).</p>"
+ "<table><tr><th>outage, ms</th><th>min</th><th>median</th><th>max</th></tr>"
+ cells("cloud to office"; .spread_ms.cloud_to_office)
+ cells("office to cloud"; .spread_ms.office_to_cloud)
+ cells("worse direction"; .spread_ms.worse)
+ (if .bounds_ms.max == null then "" else cells("promised"; .bounds_ms + {min: null}) end) + "</table>"
+ (if .passed then "<p class='good'>passed</p>" else (.problems | map("<p class='bad'>\(esc)</p>") | join("")) end)
+ (.runs | map(run) | join("")) + "</html>"
