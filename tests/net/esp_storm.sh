#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A thousand recorded packets, each sent again a hundred times while traffic flows: every copy is
# counted as replay, none is delivered, and the traffic does not notice.
# shellcheck source=tests/net/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/net/esp_lib.sh
. "$(dirname "$0")/esp_lib.sh"
need ping python3 ethtool
COUNT=1000 TIMES=100

ns a b
veth a:eth0 192.0.2.1/24 b:eth0 192.0.2.2/24
# What is recorded must be what is on a wire: with its checksum, one packet each
on a ethtool -K eth0 tx off >/dev/null
esp a
esp b
tunnel a 1 10.0.0.1/24
tunnel b 1 10.0.0.2/24
# Not a packet but the test's own
for node in a b; do
	on $node sysctl -qw net.ipv6.conf.tun1.disable_ipv6=1
done
sa_pair 1 0x1000 192.0.2.1 192.0.2.2 aes128gcm encap window=1024
esp_b=$(sed -n 's/^ready //p' "$WORK/b.out")
before=$(counts b 1)
case $before in *replay*) fail "replays before there were any: $before" ;; esac

on a python3 "$(dirname "$0")/replay_storm.py" eth0 $COUNT $TIMES "/proc/$esp_b/net/udp" \
	>"$WORK/storm" 2>&1 &
storm=$!
recording() { on a ss -0 -l | grep -q eth0; }
eventually 5 recording
# Pings of several sizes: those that are recorded, and those that the storm must not harm
ping_series() { on a ping -q -n -c"$1" -i0.002 -W5 -s "$2" 10.0.0.2 >"$WORK/ping.$2" 2>&1; }
ping_series $((COUNT / 2)) 56 || fail "$(cat "$WORK/ping.56")"
ping_series $((COUNT / 2)) 1200 || fail "$(cat "$WORK/ping.1200")"
eventually 5 grep -q "^recorded $COUNT$" "$WORK/storm"
rounds=0
while kill -0 $storm 2>/dev/null; do
	ping_series 200 300 || fail "in the storm: $(cat "$WORK/ping.300")"
	grep -q ' 0% packet loss' "$WORK/ping.300" || fail "the storm cost packets: $(cat "$WORK/ping.300")"
	rounds=$((rounds + 1))
done
wait $storm || fail "storm: $(cat "$WORK/storm")"
[ $rounds -gt 0 ] || fail "the storm was over before traffic met it"
grep -q '^done, 0 found no room' "$WORK/storm" || fail "storm: $(cat "$WORK/storm")"
counted b 1 replay $((COUNT * TIMES)) || fail "not every copy is a replay: $(counts b 1)"
# Not a copy was delivered: b has got what a has sent, and answered as often
case "$(counts b 1)" in
*" in=$((COUNT + 200 * rounds)) "*) ;;
*) fail "delivered: $(counts b 1), sent: $COUNT and $rounds times 200" ;;
esac
counted a 1 replay && fail "a saw replays: $(counts a 1)"
esp_end a b
