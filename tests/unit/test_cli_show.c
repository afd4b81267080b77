/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's answers and what people get to see of them. */
#include "cli/show.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* clang-format off: a table in a string is only readable as it is */
static const struct row {
	show_fn *show;
	const char *data, *want;
} rows[] = {
	{
		show_status,
		"{\"node\":\"gateway\",\"version\":\"0.1.0\",\"uptime_ms\":192345.678,"
		"\"realtime\":true,\"config_file\":\"/etc/futae/gateway.yaml\","
		"\"config_loaded_ms_ago\":2345.1,\"processes\":[{\"name\":\"futae-esp\","
		"\"pid\":4711,\"state\":\"running\",\"restarts\":0},{\"name\":\"futae-ike\","
		"\"pid\":0,\"state\":\"stopped\",\"restarts\":2}],"
		"\"tunnels\":[{\"name\":\"line1\",\"health\":\"up\",\"usable\":true,"
		"\"ike\":\"up\"},{\"name\":\"大阪\",\"health\":\"down\",\"usable\":false,"
		"\"ike\":\"retry\"}],\"routes\":[{\"name\":\"10.1.22.0/24\","
		"\"mode\":\"normal\",\"active\":[\"line1\"],\"published\":true}],"
		"\"vrrp\":[{\"name\":\"lan\",\"state\":\"master\",\"priority\":200}],"
		"\"problems\":[\"tunnel 大阪 is not usable: no answer from "
		"192.0.2.2\\u001b[2J\"]}",
		"gateway: futae 0.1.0, up 3m12s, real-time\n"
		"configuration /etc/futae/gateway.yaml, loaded 2.3s ago\n"
		"\n"
		"PROCESS    STATE     PID  RESTARTS\n"
		"futae-esp  running  4711         0\n"
		"futae-ike  stopped     -         2\n"
		"\n"
		"TUNNEL  HEALTH  USABLE  IKE\n"
		"line1   up      yes     up\n"
		"大阪    down    no      retry\n"
		"\n"
		"ROUTE         MODE    BY     PUBLISHED\n"
		"10.1.22.0/24  normal  line1  yes\n"
		"\n"
		"VRRP  STATE   PRIORITY\n"
		"lan   master       200\n"
		"\n"
		"! tunnel 大阪 is not usable: no answer from 192.0.2.2?[2J\n",
	},
	{
		show_status,
		"{\"node\":\"cpe01\",\"version\":\"0.1.0\",\"uptime_ms\":999,"
		"\"realtime\":false,\"processes\":[],\"tunnels\":[{\"name\":\"cloud\","
		"\"health\":\"none\",\"usable\":true,\"ike\":\"up\"}],"
		"\"routes\":[{\"name\":\"to-cloud\",\"mode\":\"normal\",\"active\":[\"a\","
		"\"b\"],\"published\":false}],\"vrrp\":[{\"name\":\"lan\",\"state\":\"backup\","
		"\"priority\":100}],\"problems\":[]}",
		"cpe01: futae 0.1.0, up 999ms\n"
		"configuration -, loaded - ago\n"
		"\n"
		"TUNNEL  HEALTH  USABLE  IKE\n"
		"cloud   none    yes     up\n"
		"\n"
		"ROUTE     MODE    BY     PUBLISHED\n"
		"to-cloud  normal  a + b  no\n"
		"\n"
		"VRRP  STATE   PRIORITY\n"
		"lan   backup       100\n"
		"\n"
		"no problems\n",
	},
	{
		show_tunnels,
		"{\"tunnels\":[{\"name\":\"line1\",\"device\":\"line1\",\"if_id\":1,"
		"\"local\":\"203.0.113.72\",\"remote\":\"198.51.100.2\",\"mtu\":1400,"
		"\"mss_v4\":1360,\"ike\":{\"phase\":\"up\",\"version\":2,"
		"\"suite\":\"AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384\","
		"\"child_suite\":\"AES_GCM_16_256\",\"children\":1,\"nat_local\":false,"
		"\"nat_remote\":true,\"encap\":true,\"since_ms\":3723000,\"attempts\":1,"
		"\"retry_in_ms\":null,\"trouble\":null,\"remote_id\":\"198.51.100.2\"},"
		"\"sa\":{\"in\":1,\"out\":1},\"health\":\"up\","
		"\"traffic\":{\"in_packets\":1200,\"in_bytes\":1234567,\"out_packets\":800,"
		"\"out_bytes\":999},\"drops\":{\"replay\":3,\"no-sa\":0}},{\"name\":\"line2\","
		"\"device\":\"line2\",\"local\":\"203.0.113.72\",\"remote\":null,\"mtu\":1400,"
		"\"ike\":{\"phase\":\"retry\",\"attempts\":4,\"retry_in_ms\":7200,"
		"\"trouble\":\"192.0.2.2 does not answer\"},\"sa\":{\"in\":0,\"out\":0},"
		"\"health\":\"no-sa\",\"traffic\":{\"in_bytes\":0,\"out_bytes\":0},"
		"\"drops\":{}}]}",
		"TUNNEL  DEVICE  LOCAL         REMOTE        IKE    SA I/O  HEALTH   MTU      "
		"IN    OUT\n"
		"line1   line1   203.0.113.72  198.51.100.2  up     1/1     up      1400  1.2 "
		"MB  999 B\n"
		"line2   line2   203.0.113.72  any           retry  0/0     no-sa   1400     0 "
		"B    0 B\n"
		"\n"
		"line1: IKEv2 AES_GCM_16_256/PRF_HMAC_SHA2_384/ECP_384, ESP AES_GCM_16_256, "
		"NAT there, for 1h02m, peer 198.51.100.2\n"
		"  dropped 3: replay\n"
		"line2: no IKE SA; 4 tries, next in 7.2s\n"
		"  ! 192.0.2.2 does not answer\n",
	},
	{
		show_health,
		"{\"health\":[{\"tunnel\":\"line1\",\"state\":\"up\",\"usable\":true,"
		"\"since_ms\":192000,\"why\":\"replies arrive\",\"source\":\"172.16.41.201\","
		"\"target\":\"10.1.22.252\",\"detection\":{\"profile\":\"fast\","
		"\"interval_ms\":10.0,\"silence_ms\":50.0,\"patience\":4},\"rtt_ms\":10.234,"
		"\"sent\":19200,\"received\":19198,\"unanswered\":0,\"last_reply_ms\":4.1,"
		"\"last_life_ms\":1.0,\"wrong_path\":null,\"expected_detection_ms\":55.0,"
		"\"false_per_year\":0.0123,\"restore_left_ms\":null},{\"tunnel\":\"line2\","
		"\"state\":\"wrong-path\",\"usable\":false,\"since_ms\":61000,\"why\":\"the "
		"reply came by line1\",\"source\":\"172.16.41.202\",\"target\":\"10.1.22.1\","
		"\"detection\":{\"profile\":\"normal\"},\"rtt_ms\":null,\"sent\":610,"
		"\"received\":0,\"last_reply_ms\":null,\"wrong_path\":{\"device\":\"line1\","
		"\"count\":609,\"last_ms\":80.2},\"expected_detection_ms\":550.0,"
		"\"false_per_year\":null,\"restore_left_ms\":0},{\"tunnel\":\"line3\","
		"\"state\":\"down\",\"since_ms\":5000,\"why\":\"good again, but not for long "
		"enough\",\"restore_left_ms\":25000}]}",
		"TUNNEL  STATE         FOR  SOURCE         TARGET          RTT  REPLY  "
		"DETECTION  DECIDES IN  FALSE/YEAR\n"
		"line1   up          3m12s  172.16.41.201  10.1.22.252  10.2ms  4.1ms  "
		"fast           55.0ms       0.012\n"
		"line2   wrong-path  1m01s  172.16.41.202  10.1.22.1         -      -  "
		"normal          550ms           -\n"
		"line3   down         5.0s  -              -                 -      -  "
		"-                   -           -\n"
		"line2: the reply came by line1\n"
		"line2: 609 replies came by line1 instead, the last 80.2ms ago\n"
		"line3: good again, but not for long enough\n"
		"line3: good again, used in 25s\n",
	},
	{
		show_routes,
		"{\"routes\":[{\"name\":\"10.1.22.0/24\",\"to\":[\"10.1.22.0/24\"],"
		"\"to_count\":1,\"from\":null,\"mode\":\"standby\","
		"\"via\":[{\"tunnel\":\"line1\",\"weight\":100,\"active\":false,"
		"\"usable\":false,\"why\":\"silence for 512 ms\"},{\"tunnel\":\"line2\","
		"\"weight\":0,\"active\":true,\"usable\":true,\"why\":\"replies arrive\"}],"
		"\"published\":true,\"publish\":true,\"locked\":null,\"group_v4\":4026531841,"
		"\"group_v6\":null,\"switches\":1,\"since_ms\":70000},{\"name\":\"branch\","
		"\"to\":[\"10.1.0.0/24\",\"10.2.0.0/24\"],\"to_count\":300,"
		"\"from\":\"172.16.0.0/16\",\"mode\":\"blackhole\","
		"\"via\":[{\"tunnel\":\"line1\",\"weight\":100,\"active\":false,"
		"\"usable\":false,\"why\":null}],\"published\":false,\"publish\":false,"
		"\"locked\":\"line1\",\"lock_ignored\":true,\"switches\":0,\"since_ms\":100}]}",
		"10.1.22.0/24: standby for 1m10s, switched 1 times, published\n"
		"  VIA    WEIGHT  CARRIES  USABLE  WHY\n"
		"  line1     100  -        no      silence for 512 ms\n"
		"  line2       0  yes      yes     replies arrive\n"
		"\n"
		"branch from 172.16.0.0/16 to 10.1.0.0/24 and 299 more: blackhole for 100ms, "
		"switched 0 times, not to be published, locked to line1 (which is not usable: "
		"ignored)\n"
		"  VIA    WEIGHT  CARRIES  USABLE  WHY\n"
		"  line1     100  -        no      -\n",
	},
	{
		show_quality,
		"{\"quality\":[{\"tunnel\":\"line1\",\"kind\":\"stamp\",\"spans\":["
		"{\"span\":\"second\",\"sent\":10,\"loss\":0.0,\"rtt_ms\":8.02,"
		"\"rtt_worst_ms\":9.1,\"jitter_ms\":0.31,\"there\":{\"loss\":0.0,"
		"\"delay_ms\":3.0,\"jitter_ms\":0.2},\"back\":{\"loss\":0.0,\"delay_ms\":5.0,"
		"\"jitter_ms\":0.1},\"delay_is\":\"above-best\"},"
		"{\"span\":\"minute\",\"sent\":600,\"loss\":0.0005,\"rtt_ms\":8.5,"
		"\"rtt_worst_ms\":120.4,\"jitter_ms\":0.4,\"there\":{\"loss\":0.0005,"
		"\"delay_ms\":3.1,\"jitter_ms\":0.2},\"back\":{\"loss\":0.0,\"delay_ms\":5.1,"
		"\"jitter_ms\":0.1},\"delay_is\":\"above-best\"}],"
		"\"session\":{\"reflector_counts\":true}},"
		"{\"tunnel\":\"line2\",\"kind\":\"icmp\",\"spans\":[{\"span\":\"second\","
		"\"sent\":10,\"loss\":0.1,\"rtt_ms\":20.0,\"rtt_worst_ms\":20.0,"
		"\"jitter_ms\":0.0,\"there\":null,\"back\":null,\"delay_is\":null}],"
		"\"session\":null}],\"next\":null,\"stamp_drops\":{\"stray\":3},"
		"\"reflector_drops\":{}}",
		"TUNNEL  KIND   LAST    SENT    LOSS     RTT   WORST  JITTER  LOSS THERE  DELAY  "
		"JITTER"
		"  LOSS BACK  DELAY  JITTER\n"
		"line1   stamp  second    10    0.0%   8.0ms   9.1ms   0.3ms        0.0%  3.0ms   "
		"0.2ms"
		"       0.0%  5.0ms   0.1ms\n"
		"               minute   600  0.050%   8.5ms   120ms   0.4ms      0.050%  3.1ms   "
		"0.2ms"
		"       0.0%  5.1ms   0.1ms\n"
		"line2   icmp   second    10   10.0%  20.0ms  20.0ms   0.0ms           -      -    "
		"   -"
		"          -      -       -\n"
		"line1: delays of a direction are above the best of the last minute: the clocks of "
		"the "
		"two ends are not in step\n"
		"STAMP replies: dropped 3: stray\n",
	},
	{
		show_vrrp,
		"{\"vrrp\":[{\"name\":\"lan\",\"interface\":\"lan0\",\"id\":10,\"version\":3,"
		"\"family\":\"ipv4\",\"state\":\"backup\",\"since_ms\":4000,"
		"\"why\":\"10.1.22.252 has priority 200\",\"priority\":50,"
		"\"configured_priority\":100,\"addresses\":[\"10.1.22.254\"],"
		"\"interval_ms\":1000.0,\"group\":\"g\",\"manual\":\"give-up\","
		"\"preempt_wait_ms\":2500.0,\"master\":{\"address\":\"10.1.22.252\","
		"\"priority\":200},\"track\":[{\"what\":\"tunnel cloud\",\"good\":false,"
		"\"effect\":\"-50\"},{\"what\":\"interface wan0\",\"good\":true,"
		"\"effect\":\"stop\"}],\"counters\":{\"adv_sent\":12,\"adv_received\":340,"
		"\"garp_sent\":5,\"bad_ttl\":0,\"bad_checksum\":7}}]}",
		"lan: backup for 4.0s (10.1.22.252 has priority 200)\n"
		"  10.1.22.254 on lan0, VRRPv3 id 10, every 1.0s\n"
		"  priority 50 (configured 100), master 10.1.22.252 with 200, group g\n"
		"  told by hand to give-up\n"
		"  may push the master aside in 2.5s\n"
		"  track tunnel cloud: lost (when lost: -50)\n"
		"  track interface wan0: good (when lost: stop)\n"
		"  sent 12, received 340, announced 5, bad_checksum 7\n",
	},
	{
		show_failovers,
		"{\"failovers\":[{\"id\":3,\"at\":\"2026-11-22T10:00:00.123456Z\","
		"\"kind\":\"route\",\"object\":\"10.1.22.0/24\",\"from\":\"line1\","
		"\"to\":\"line2\",\"cause\":\"no packet from 198.51.100.2 for 512 ms\","
		"\"last_good_ms\":0.0,\"detected_ms\":512.3,\"decided_ms\":512.4,"
		"\"written_ms\":512.6,\"first_packet_ms\":522.9,\"sent_into_dead_path\":512,"
		"\"outage_ms\":522.9},{\"id\":4,\"at\":\"2026-11-22T10:01:00Z\","
		"\"kind\":\"vrrp\",\"object\":\"lan\",\"from\":\"backup\",\"to\":\"master\","
		"\"cause\":\"priority 0 from 10.1.22.252\",\"last_good_ms\":null,"
		"\"detected_ms\":-1,\"decided_ms\":3.25,\"written_ms\":3.5,"
		"\"first_packet_ms\":null,\"sent_into_dead_path\":null,\"outage_ms\":null}]}",
		"#3 route 10.1.22.0/24: line1 -> line2, 2026-11-22 10:00:00.123\n"
		"   cause: no packet from 198.51.100.2 for 512 ms\n"
		"   last good packet 0 ms, detected +512.3, decided +512.4, route written "
		"+512.6, first packet on the new path +522.9\n"
		"   outage 523ms, packets sent into the dead path 512\n"
		"\n"
		"#4 vrrp lan: backup -> master, 2026-11-22 10:01:00\n"
		"   cause: priority 0 from 10.1.22.252\n"
		"   last good packet unknown, decided +3.2, announced +3.5, first packet on "
		"the new path unknown\n"
		"   outage unknown\n",
	},
	{
		show_explain,
		"{\"object\":\"line2\",\"kind\":\"tunnel\",\"state\":\"wrong-path\","
		"\"sentences\":[\"Replies to its probes come back by line1.\"],"
		"\"evidence\":[\"609 replies by line1, the last 80 ms ago\"],\"advice\":[\"aim "
		"the probe at the router's own address: 10.1.22.253\"]}",
		"tunnel line2: wrong-path\n"
		"Replies to its probes come back by line1.\n"
		"evidence\n"
		"  - 609 replies by line1, the last 80 ms ago\n"
		"what to do\n"
		"  > aim the probe at the router's own address: 10.1.22.253\n",
	},
	{
		show_events,
		"{\"events\":[{\"id\":1,\"at\":\"2026-11-22T10:00:00.123456Z\","
		"\"level\":\"notice\",\"event\":\"health.state\",\"text\":\"tunnel=line1 "
		"from=up to=down\"},{\"id\":2,\"at\":\"not a time\",\"level\":\"error\","
		"\"event\":\"x\",\"text\":\"\"}]}",
		"2026-11-22 10:00:00.123  notice   health.state tunnel=line1 from=up to=down\n"
		"not a time  error    x -\n",
	},
	{
		show_report,
		"{\"file\":\"gw.yaml\",\"messages\":[{\"severity\":\"warning\",\"line\":3,"
		"\"column\":5,\"text\":\"line2 is in no route\"},{\"severity\":\"error\","
		"\"line\":0,\"column\":0,\"text\":\"it is empty\"}]}",
		"gw.yaml:3:5: warning: line2 is in no route\n"
		"gw.yaml: error: it is empty\n",
	},
	{ show_status, "{}",
	  "-: futae -, up -\n"
	  "configuration -, loaded - ago\n"
	  "\n"
	  "no problems\n" },
	{ show_tunnels, "{}", "no tunnels\n" },
	{ show_health, "{}", "no health checks\n" },
	{ show_health,
	  "{\"health\":[{\"tunnel\":\"a\",\"state\":\"up\",\"since_ms\":1000,\"detection\":"
	  "{\"profile\":\"auto\",\"interval_ms\":20.0,\"silence_ms\":120.0,\"auto\":{\"text\":"
	  "\"auto chose 20ms/120ms\"}},\"loss\":0.004,\"burst\":2.1,\"loss_probes\":84000.4,"
	  "\"loss_known\":true,\"rtt_mean_ms\":12.1,\"rtt_deviation_ms\":0.3,\"life_gap_ms\":8.0,"
	  "\"own_late_ms\":1.2,\"expected_detection_ms\":120.0,\"worst_detection_ms\":131.2,"
	  "\"false_per_year\":0.31,\"choices\":[{\"name\":\"same\",\"in_force\":true},{\"name\":"
	  "\"fast\",\"interval_ms\":5.0,\"silence_ms\":30.0,\"in_force\":false,"
	  "\"expected_detection_ms\":30.0,\"worst_detection_ms\":33.7,\"false_per_year\":12345.6}]}"
	  ","
	  "{\"tunnel\":\"b\",\"state\":\"down\",\"loss\":0.001,\"burst\":1.0,\"loss_probes\":12,"
	  "\"loss_known\":false,\"rtt_mean_ms\":null,\"life_gap_ms\":null,\"false_per_year\":1e-20,"
	  "\"choices\":null}]}",
	  "TUNNEL  STATE   FOR  SOURCE  TARGET  RTT  REPLY  DETECTION  DECIDES IN  FALSE/YEAR\n"
	  "a       up     1.0s  -       -         -      -  auto            120ms        0.31\n"
	  "b       down      -  -       -         -      -  -                   -      < 1e-6\n"
	  "\n"
	  "a:\n"
	  "  measured: loss 0.4 % in bursts of 2.1 probes (of 84000)\n"
	  "  round trip 12.1ms, deviation 0.3ms; signs of life besides replies each 8.0ms; own "
	  "lateness 1.2ms\n"
	  "  auto chose 20ms/120ms\n"
	  "  SETTING         PROBE EACH  SILENCE  DECIDES IN  AT WORST  FALSE/YEAR\n"
	  "  in force: auto      20.0ms    120ms       120ms     131ms        0.31\n"
	  "  fast                 5.0ms   30.0ms      30.0ms    33.7ms       12346\n"
	  "\n"
	  "b:\n"
	  "  loss is not known yet (12 probes): 0.1 % in bursts of 1.0 is assumed\n"
	  "  round trip -, deviation -; no signs of life besides replies; own lateness -\n"
	  "  SETTING      PROBE EACH  SILENCE  DECIDES IN  AT WORST  FALSE/YEAR\n"
	  "  in force: -           -        -           -         -      < 1e-6\n" },
	{ show_routes, "{}", "no routes\n" },
	{ show_vrrp, "{}", "no VRRP instances\n" },
	{ show_failovers, "{}", "no failovers since the start\n" },
	{ show_explain, "{}", "- -: -\n" },
	{ show_events, "{}", "" },
	{ show_report, "{}", "" },
};
/* clang-format on */

static char *render(show_fn *show, const json_t *data, bool colour)
{
	char *text = NULL;
	size_t size = 0;
	struct term t = { open_memstream(&text, &size), colour };

	assert_non_null(t.file);
	show(&t, data);
	assert_int_equal(fclose(t.file), 0);
	return text;
}

static json_t *parse(const char *text)
{
	json_t *data = json_loads(text, 0, NULL);

	assert_non_null(data);
	return data;
}

static void shows_what_it_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *data = parse(rows[i].data);
		char *text = render(rows[i].show, data, false);

		assert_string_equal(text, rows[i].want);
		free(text);
		json_decref(data);
	}
}

/* Less what the colours add, a terminal gets the same text. */
static void colours_change_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *data = parse(rows[i].data);
		char *text = render(rows[i].show, data, true), *to = text;

		for (const char *from = text; *from;) {
			if (*from == '\033')
				from += strcspn(from, "m") + 1;
			else
				*to++ = *from++;
		}
		*to = '\0';
		assert_string_equal(text, rows[i].want);
		free(text);
		json_decref(data);
	}
}

static json_t *wrong_value(int kind)
{
	switch (kind) {
	case 0:
		return json_null();
	case 1:
		return json_array();
	case 2:
		return json_string("x");
	case 3:
		return json_real(-1e300);
	default:
		return json_object();
	}
}

/* Every value, at every depth, replaced by one of another type: shown somehow, never a crash.  As
 * deep as the row is. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void mangle(show_fn *show, const json_t *whole, json_t *part)
{
	const char *key;
	json_t *value;
	void *tmp;
	size_t i;

	json_object_foreach_safe(part, tmp, key, value)
	{
		json_incref(value);
		mangle(show, whole, value);
		for (int kind = 0; kind < 5; kind++) {
			assert_int_equal(json_object_set_new(part, key, wrong_value(kind)), 0);
			free(render(show, whole, false));
		}
		assert_int_equal(json_object_set_new(part, key, value), 0);
	}
	json_array_foreach(part, i, value)
	{
		json_incref(value);
		mangle(show, whole, value);
		for (int kind = 0; kind < 5; kind++) {
			assert_int_equal(json_array_set_new(part, i, wrong_value(kind)), 0);
			free(render(show, whole, false));
		}
		assert_int_equal(json_array_set_new(part, i, value), 0);
	}
}

static void bears_any_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		json_t *data = parse(rows[i].data);

		mangle(rows[i].show, data, data);
		json_decref(data);
	}
}

static void knows_good_from_bad(void **state)
{
	static const struct {
		const char *data;
		bool good;
	} cases[] = {
		{ "{}", true },
		{ "{\"tunnels\":[{\"usable\":true}]}", true },
		{ "{\"tunnels\":[{\"usable\":true},{\"usable\":false}]}", false },
		{ "{\"processes\":[{\"state\":\"running\"}]}", true },
		{ "{\"processes\":[{\"state\":\"stopped\"}]}", false },
		{ "{\"routes\":[{\"mode\":\"standby\",\"active\":[\"b\"]}]}", true },
		{ "{\"routes\":[{\"mode\":\"last-resort\",\"active\":[\"b\"]}]}", false },
		{ "{\"routes\":[{\"mode\":\"normal\",\"active\":[]}]}", false },
		{ "{\"vrrp\":[{\"state\":\"backup\"},{\"state\":\"master\"}]}", true },
		{ "{\"vrrp\":[{\"state\":\"init\"}]}", false },
		/* said, but nothing is down */
		{ "{\"problems\":[\"no real-time scheduling\"]}", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *data = parse(cases[i].data);

		assert_int_equal(status_is_good(data), cases[i].good);
		json_decref(data);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_what_it_should),
		cmocka_unit_test(colours_change_nothing_else),
		cmocka_unit_test(bears_any_answer),
		cmocka_unit_test(knows_good_from_bad),
	};

	if (setenv("TZ", "UTC", 1))
		return 1;
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
