# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# One measurement of one system: the network, the system, the fault or the nuisance, the figures.

# scene_take SYSTEM RUN
scene_take() {
	local condition
	if [ "$scene" != flap ]; then
		say "run $2 of $runs: $1 ($(system_about "$1"))"
		run_once "$1" "$2" "$scene" fault_take
		return
	fi
	for condition in ${conditions//,/ }; do
		say "run $2 of $runs, $condition: $1 ($(system_about "$1"))"
		run_once "$1" "$2" "$condition" flap_take
	done
}

# run_once SYSTEM RUN CONDITION FUNCTION
run_once() {
	local figures
	network_destroy
	network_build
	if ! { system_start "$1" && watch_start && eventually 60 is_good "$1"; }; then
		watches_show "$1"
		cannot_record "$1" "it did not come up: see its logs (--logs)"
	elif figures=$("$4" "$1"); then
		jq -c --arg system "$1" --arg condition "$3" --argjson run "$2" \
			'. + {system: $system, condition: $condition, run: $run}' <<<"$figures" |
			tee -a "$run_dir/runs" | jq -r '"  " + (to_entries | map("\(.key)=\(.value)") | join(" "))'
	else
		cannot_record "$1" "it was not good for long enough to be measured"
	fi
	[ -z "$logs" ] || logs_keep "$logs/$1-$3-$2"
	network_destroy
}

logs_keep() {
	mkdir -p "$1"
	cp -r "$run_dir"/{gateway,cpe01,cpe02} "$run_dir"/way.* "$1"
	rm -f "$1"/*/*.psk
}

watches_show() {
	local node
	for node in gateway cpe01 cpe02; do
		say "  $node: $(way_now "$node"), $(vip_now "$node")"
		tail -qn 3 "$run_dir/$node"/*.log 2>/dev/null | sed 's/^/    /' || true
	done
}

# --- what each router does, by the kernel's own word

watch_start() {
	way_watch gateway 172.16.41.1 vpc0 10.1.22.1
	way_watch cpe01 10.1.22.1 lan0 172.16.41.1 10.1.22.254
	way_watch cpe02 10.1.22.1 lan0 172.16.41.1 10.1.22.254
}

way_watch() {
	rm -f "$run_dir/way.$1"
	daemon "$1" "$run_dir/way.$1" "$build_dir/bench/waywatch" "${@:2}"
}

way_now() { awk '$2 == "way" { w = $3 } END { print w }' "$run_dir/way.$1"; }
vip_now() { awk '$2 == "vip" { w = $3 } END { print w }' "$run_dir/way.$1"; }
changes() { cat "$run_dir"/way.{gateway,cpe01,cpe02} | wc -l; }

# is_good SYSTEM: the first line carries, and has for a second, and its failure would be seen
is_good() {
	local before way
	way=$(system_way "$1")
	is_settled "$way" && server_replies && system_ready "$1" || return 1
	before=$(changes)
	observe 1
	[ "$(changes)" = "$before" ] && is_settled "$way"
}

# is_settled DEVICE.  The second router has a way of its own, too.
is_settled() {
	[[ $(way_now cpe02) != lan0 && $(way_now cpe02) != none ]] &&
		[ "$(way_now gateway)" = "$1" ] && [ "$(vip_now cpe01)" = yes ] && [ "$(vip_now cpe02)" = no ]
}

server_replies() { on ecs ping -n -c 1 -W 1 10.1.22.1; }

# --- nuisances

loops_start() {
	local i
	loop_pids=()
	for ((i = 0; i < loops; i++)); do
		daemon ecs /dev/null sh -c 'while :; do :; done'
		loop_pids+=("$daemon_pid")
	done
}

loops_stop() { [ "${#loop_pids[@]}" = 0 ] || kill "${loop_pids[@]}"; }

lines_set() {
	local name
	for name in line1 line2; do
		line "$name" set "$@" >/dev/null
	done
}

# --- the scenes; each prints its figures as one JSON object

moment() { "$tools/tell" "$run_dir/meter.sock" mark "$1"; }

fault_take() {
	local way start fault
	loop_pids=()
	way=$(system_way "$1")
	[ "$busy" = no ] || loops_start
	meter_start
	start=$(moment start)
	observe 1
	observe "$(random_phase)"
	is_settled "$way" && settled=true || settled=false
	rm -f "$run_dir/marks"
	scene_fault_now
	fault=$(cat "$run_dir/marks")
	eventually "$(system_settle "$1")" server_replies || true
	# Long enough to see a relapse.
	if [ "$quick" = yes ]; then observe 1; else observe 3; fi
	meter_stop
	loops_stop
	fault_figures "$start" "$fault" "$way"
}

scene_fault_now() {
	case $scene in
	power-off) cpe_off cpe01 fault >/dev/null ;;
	line-cut)
		mark fault
		line line1 cut >/dev/null
		;;
	esac
}

# changes_between FROM TO KIND NODE...: how often the answer has changed
changes_between() {
	local node
	for node in "${@:4}"; do
		awk -v from="$1" -v to="$2" -v kind="$3" '$1 > from && $1 < to && $2 == kind' "$run_dir/way.$node"
	done | wc -l
}

# Changes before the fault are false.  Who has moved and moves back while the fault lasts has relapsed.
fault_figures() {
	local false relapses
	false=$(($(changes_between "$1" "$2" way gateway cpe01 cpe02) + $(changes_between "$1" "$2" vip cpe01 cpe02)))
	relapses=$(cat "$run_dir/way.gateway" "$run_dir/way.cpe02" | awk -v t="$2" -v w="$3" \
		'$1 > t && (($2 == "way" && $3 == w) || ($2 == "vip" && $3 == "no"))' | wc -l)
	jq -c --argjson false "$false" --argjson relapses "$relapses" --argjson settled "$settled" '
		{worse_ms: ([.cloud_to_office.outage_ms, .office_to_cloud.outage_ms] | max),
		 cloud_to_office_ms: .cloud_to_office.outage_ms, office_to_cloud_ms: .office_to_cloud.outage_ms,
		 recovered: (.cloud_to_office.recovered and .office_to_cloud.recovered),
		 settled: $settled, false_changes: $false, relapses: $relapses, meter_late_ms}' "$run_dir/meter.json"
}

# Nothing is broken: whatever changes is wrong.
flap_take() {
	local start end
	loop_pids=()
	meter_start
	start=$(moment start)
	case $condition in
	busy) loops_start ;;
	random) lines_set loss=1 ;;
	# Of 5 % of the time, in either direction of either line, nothing arrives.
	bursty) lines_set burst_ms="$burst_ms" gap_ms=$((19 * burst_ms)) ;;
	esac
	observe "$seconds"
	end=$(moment end)
	loops_stop
	meter_stop
	jq -c --argjson route "$(changes_between "$start" "$end" way gateway cpe01 cpe02)" \
		--argjson vrrp "$(changes_between "$start" "$end" vip cpe01 cpe02)" '
		{route_changes: $route, vrrp_changes: $vrrp, false_changes: ($route + $vrrp),
		 gap_ms: ([.cloud_to_office.outage_ms, .office_to_cloud.outage_ms] | max),
		 lost: (.cloud_to_office.lost + .office_to_cloud.lost), meter_late_ms}' "$run_dir/meter.json"
}
