# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154
# A prompt inside the running lab, with its functions at hand.

prompt_help() {
	cat <<-H

		The network is up; it goes when you leave this shell.

		  on NODE CMD...        run it there: on ecs ping 10.1.22.1, on cpe01 ip route
		  futae_on NODE VERB    the node's futae: futae_on gateway status
		  line line1 cut        also drop-esp, heal, set loss=1 jitter_ms=2, stats; line2 alike
		  cpe_off cpe01         its power goes;  cpe_on cpe01 && node_start cpe01: and is back
		  prompt_help           this

		Nodes: ${!ns[*]}
		Logs, configuration: $run_dir/NODE/
	H
}

lab_prompt() {
	{
		declare -p ns prefix run_dir detection scene restore two_lines plain
		printf '. %q\n' "$lab_dir/lib.sh"
		printf 'lab_load\n'
		printf 'scene_load\n'
		# Sourcing has set these anew; this is the network that runs.
		declare -p ns prefix run_dir detection scene
		printf 'set +eu\nPS1="lab> "\nprompt_help\n'
	} >"$run_dir/rc"
	FUTAE_BUILD=$build_dir bash --noprofile --rcfile "$run_dir/rc" -i || true
}
