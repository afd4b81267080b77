# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# Two tunnels between the same two gateways, and a route over them with as many prefixes as one likes.  A
# switch is measured twice: by futae's own record, from the decision until the kernel had it, and by the
# kernel's notification, which waywatch hears as somebody else would.

watched_prefix=10.64.0.1 # in the first prefix

# prefix_list COUNT: 10.64.0.0/28 and those after it
prefix_list() {
	seq 0 $(($1 - 1)) | awk '{ n = $1 * 16; printf "%s10.%d.%d.%d/28", (NR > 1 ? ", " : ""),
		64 + int(n / 65536), int(n / 256) % 256, n % 256 }'
}

# prefixes_node NODE OUTER OTHER-OUTER INITIATE HEALTH, routes on standard input; only A asks, and the kernel of
# B answers
prefixes_node() {
	local i
	futae_dir "$1"
	{
		printf 'node: %s\ndetection: fast\ntunnels:\n' "$1"
		for i in 1 2; do
			cat <<-E
				  way$i:
				    local: $2
				    remote: $3
				    secret: { file: psk }
				    identity: { local: way$i.$1, remote: way$i.other }
				    nat-traversal: force
				    initiate: $4
			E
			[ "$5" = no ] || echo "    health: { source: 10.10.0.$i, target: 10.9.0.$i }"
		done
		echo 'routes:'
		cat
	} | sed "s/way\([12]\).other/way\1.$([ "$1" = ga ] && echo gb || echo ga)/" >"$run_dir/$1/futaed.yaml"
}

prefixes_up() {
	bench_network
	ip_on gb route add local 10.9.0.0/16 dev lo
	prefixes_node ga "$outer_a" "$outer_b" yes yes <<-E
		  - name: many
		    to: [$(prefix_list "$1")]
		    via: { way1: 100, way2: 0 }
		  - { to: 10.9.0.1/32, via: { way1: 100 } }
		  - { to: 10.9.0.2/32, via: { way2: 100 } }
	E
	prefixes_node gb "$outer_b" "$outer_a" no no <<-E
		  - { to: 10.10.0.1/32, via: { way1: 100 } }
		  - { to: 10.10.0.2/32, via: { way2: 100 } }
	E
	futae_run "$bin"
	eventually 60 prefixes_good || die "the tunnels did not come up: $(tail -n 5 "$run_dir/ga.log")"
	rm -f "$run_dir/way"
	daemon ga "$run_dir/way" "$build_dir/bench/waywatch" 10.8.1.2 wan0 "$watched_prefix"
	eventually 20 way_is way1 || die "the route does not lead by way1: $(cat "$run_dir/way")"
}

prefixes_good() {
	futae_on ga health --json | jq -e '.health | length == 2 and all(.state == "up")'
}

way_is() { [ "$(awk '$2 == "way" { w = $3 } END { print w }' "$run_dir/way")" = "$1" ]; }

records() { futae_on ga failovers --json | jq -c '[.failovers[] | select(.kind == "route" and .object == "many")]'; }
record_count() { records | jq length; }
has_records() { [ "$(record_count)" -ge "$1" ]; }

# switch_by NAME COMMAND... WAY: does it, and waits until it is done and recorded
switch_done() {
	eventually 10 has_records $(($1 + 1)) && eventually 10 way_is "$2"
}

prefixes_run() {
	local i to before
	prefixes_up "$1"
	for ((i = 0; i < switches; i++)); do
		to=way$((i % 2 == 0 ? 2 : 1))
		before=$(record_count)
		futae_on ga switch many "$to" >/dev/null
		switch_done "$before" "$to" || die "the switch to $to was not seen"
		prefix_record "$1" hand
	done
	futae_on ga switch many auto >/dev/null
	eventually 10 way_is way1 || die "the route did not go back to way1"
	for ((i = 0; i < deaths; i++)); do
		# It is used again when it has been good for as long as futaed wants it.
		[ "$i" = 0 ] || eventually 120 way_is way1 || die "the route did not come back to way1"
		prefixes_death "$1"
	done
	network_destroy
}

# The newest record of the route: from the decision until the kernel had it, and until waywatch heard of it.
prefix_record() {
	records | jq -c --argjson n "$1" --arg how "$2" '.[0] | {prefixes: $n, how: $how,
		write_ms: (.written_ms - .decided_ms), outage_ms, from, to}' >>"$run_dir/runs"
}

# The first tunnel's packets vanish until the route has left it, and come again.  Its health check finds it dead.
prefixes_death() {
	local before
	before=$(record_count)
	drop_way1 add
	switch_done "$before" way2 || die "a dead tunnel was not left: $(tail -n 5 "$run_dir/ga.log")"
	prefix_record "$1" death
	drop_way1 delete
}

# What comes to B by the first tunnel is dropped, so that it answers nothing there.
drop_way1() {
	case $1 in
	add) on gb nft 'table ip bench { chain in { type filter hook prerouting priority raw; iifname way1 drop; }; }' ;;
	delete) on gb nft delete table ip bench ;;
	esac
}
