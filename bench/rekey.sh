# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Throughput while ESP keys are replaced every two seconds, and what futae says it dropped for it.

rekey_each=2s
rekey_reasons='["no-sa", "unknown-spi", "sa-expired", "sequence-exhausted", "authentication"]'

# What both ends have dropped so far, by reason, as JSON.
drops_now() {
	local node
	for node in ga gb; do
		futae_on "$node" tunnels --json
	done | jq -s -c '[.[] | (.tunnels[].drops, .stray_drops) | to_entries[]]
		| group_by(.key) | map({(.[0].key): (map(.value) | add)}) | add // {}'
}

# drops_since JSON: what has come since, likewise
drops_since() {
	drops_now | jq -c --argjson old "$1" 'with_entries(.value -= ($old[.key] // 0))
		| with_entries(select(.value != 0))'
}

rekeys_done() { grep -c 'sa.add .*direction=out' "$run_dir/ga.log" || true; }

# rekey_measure RUN
rekey_measure() {
	local drops rekeys lost
	figures=()
	drops=$(drops_now) rekeys=$(rekeys_done)
	tcp tcp4 4
	# A modest, even stream: what it loses it does not lose to overload.
	lost=$(on "$client" setsid -w sh -c "$alone" sh "$blast" --from "${ns[$client]}=$client_ip" \
		--to "${ns[$server]}=$server_ip" --cpus "$cpu_a,$cpu_b" --size 64 --rate 5000 \
		--seconds "$whole_seconds" | jq '.sent - .received')
	figure lost "$lost"
	observe 2 # the old keys are deleted late, and counters are told once a second
	drops=$(drops_since "$drops")
	note "$mode, run $1: dropped while $system: $drops"
	figure rekey_drops "$(jq --argjson why "$rekey_reasons" \
		'[to_entries[] | select(.key | IN($why[])).value] | add // 0' <<<"$drops")"
	figure rekeys $(($(rekeys_done) - rekeys))
}

# rekey_one RUN LIFETIME
rekey_one() {
	say "run $1 of $runs, $mode: keys live $2"
	futae_lifetime=$2
	if system_up futae; then
		rekey_measure "$1"
		run_record "$1"
	else
		note "not measured: $system, $mode: no traffic came through"
	fi
	futae_lifetime=1h
}

rekey_run() {
	local n
	systems=(steady rekeyed)
	whole_seconds=$((whole_seconds * 4))
	for ((n = 1; n <= runs; n++)); do
		for mode in $modes; do
			system=steady && rekey_one "$n" 1h
			system=rekeyed && rekey_one "$n" "$rekey_each"
		done
	done
}
