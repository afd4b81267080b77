# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Keys that last a few seconds, under full traffic: no packet may notice.  With --load: neither may
# the throughput.
scene_about="ESP keys are replaced every few seconds under full traffic"
child_rekey=2s
rekeys_wanted=10
dip_bound=5 # percent
pairs_wanted=12 # of a second with a rekey and one without

scene_bounds() { [ "$load" = no ] || child_rekey=1h; }

# Those of line 1, which has the traffic, as futaed knows them: the log has futae-ike's lines too.
rekeys() {
	futae_on gateway events --limit 4096 --json | jq '[.events[] | select(.event == "ike.event" and
		(.text | test("^tunnel=line1 kind=child-rekeyed ")))] | length'
}

rekeyed_enough() { [ "$(rekeys)" -ge $((rekeys_before + rekeys_wanted)) ]; }

scene_run() {
	rekeys_before=$(rekeys)
	load_start
	probes_start
	drops_before=$(drops gateway cpe01)
	meter_start
	mark fault
	if [ "$load" = yes ]; then
		rekey_in_slots
	else
		eventually 120 rekeyed_enough || true # too few are complained about below
	fi
	meter_stop
	probes_stop
	[ "$load" = no ] || load_count_switches
	load_stop
	load_drops=$(drops_since "$drops_before" gateway cpe01)
	rekeys_seen=$(($(rekeys) - rekeys_before))
	say "$rekeys_seen rekeys seen by the gateway"
}

# Slots of a second, in pairs: a coin says which of the two begins with a rekey.  So whatever else
# changes the throughput falls on both kinds alike, and what differs is the rekey's.
rekey_in_slots() {
	local pair half coin
	rekeys_wanted=${seconds:+$((seconds / 2))}
	: "${rekeys_wanted:=$pairs_wanted}"
	: >"$run_dir/slots"
	for ((pair = 0; pair < rekeys_wanted; pair++)); do
		coin=$((RANDOM % 2))
		for half in 0 1; do
			echo "$pair $((coin == half)) $(uptime_usec)" >>"$run_dir/slots"
			[ "$coin" != "$half" ] || futae_on gateway rekey line1 >/dev/null &
			observe 1
		done
	done
	echo "end 0 $(uptime_usec)" >>"$run_dir/slots"
	good rekeyed_enough
}

# How much less is carried in a slot with a rekey, in percent, and the 95 % interval around that.
dip_record() {
	jq -Rnc --rawfile slots "$run_dir/slots" '
		def interpolate($s; $t): ($s | map(.[0] < $t) | rindex(true) // 0) as $i
			| $s[$i] as $a | ($s[$i + 1] // $a) as $b
			| if $b[0] == $a[0] then $a[1]
			  else $a[1] + ($b[1] - $a[1]) * ($t - $a[0]) / ($b[0] - $a[0]) end;
		[inputs | split(" ") | map(tonumber) | select(length == 3) | [.[0], .[1] + .[2]]] as $s
		| [$slots | split("\n")[] | select(. != "") | split(" ")] as $slot
		| [range(0; ($slot | length) - 1) as $i
			| {pair: $slot[$i][0], rekey: ($slot[$i][1] == "1"),
			   from: ($slot[$i][2] | tonumber), to: ($slot[$i + 1][2] | tonumber)}
			| .rate = (interpolate($s; .to) - interpolate($s; .from)) * 8 / (.to - .from)] as $all
		| ($all | map(.rate) | add / length) as $mean
		| [$all | group_by(.pair)[] | (map(select(.rekey | not).rate)[0] - map(select(.rekey).rate)[0]) / $mean * 100] as $d
		| ($d | length) as $n | ($d | add / $n) as $dip
		| ($d | map((. - $dip) * (. - $dip)) | add / ([$n - 1, 1] | max) | sqrt) as $sd
		| {pairs: $n, mbit: $mean, dip_percent: $dip, dip_plus_minus: (2.1 * $sd / ($n | sqrt))}' \
		"$run_dir/rates" >"$run_dir/dip.json"
}

scene_complaints() {
	complaints_common
	if [ "$load" = yes ]; then
		rekey_load_complaints
		return
	fi
	[ "$rekeys_seen" -ge "$rekeys_wanted" ] || say "only $rekeys_seen rekeys in two minutes"
	jq -r '(.cloud_to_office, .office_to_cloud) | select(.lost > 0) |
		"\(.lost) packets lost by rekeying"' "$run_dir/run.json"
}

# A full line loses packets, whatever the keys are: only what has to do with keys is judged, and
# losses that no full queue explains.
rekey_load_complaints() {
	load_complaints
	jq -r --argjson seen "$rekeys_seen" --argjson want "$rekeys_wanted" '
		(.load.drops | to_entries[] | .key as $node | .value | to_entries[]
			| select(.key | IN("no-sa", "unknown-spi", "sequence-exhausted", "sa-expired",
				"replay", "authentication", "wrong-address"))
			| "\(.value) packets lost by rekeying: \(.key) at \($node)"),
		(if $seen != $want then "\($want) rekeys were asked for, \($seen) seen" else empty end),
		(([.cloud_to_office.lost, .office_to_cloud.lost] | add) as $lost
			| (([.load.drops[][]] | add // 0)
				+ ([.lines.line1.a, .lines.line1.b | .congested, .overflow] | add)) as $full
			| select($lost > $full)
			| "\($lost) packets of the meter are lost, and full queues dropped only \($full)")
		' "$run_dir/run.json"
	dip_record
	jq -r --argjson bound "$dip_bound" '
		(select(.dip_percent > $bound) | "throughput is \(.dip_percent * 10 | round / 10) % lower with a rekey"),
		(select(.dip_plus_minus > $bound) | "the throughput varies too much to tell a dip of \($bound) %: use more --seconds")
		' "$run_dir/dip.json"
	jq -c --slurpfile dip "$run_dir/dip.json" '.load += $dip[0]' "$run_dir/run.json" >"$run_dir/run.with-dip"
	mv "$run_dir/run.with-dip" "$run_dir/run.json"
}
