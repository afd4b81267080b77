/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the line takes for ESP and for clear text, and what its dice do over many throws. */
#include "lab/line.h"

#include "base/list.h"
#include "lab/frameq.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Ethernet, IPv4 from 198.51.100.1 to 203.0.113.72, then 12 bytes: ports, length, checksum, data.
 */
static struct view frame_of(uint8_t protocol, uint16_t dport, uint8_t first, uint8_t out[static 48])
{
	static const uint8_t ip[] = { 0x45, 0, 0,   34, 0,   0, 0,   0, 64,  0,
				      0,    0, 198, 51, 100, 1, 203, 0, 113, 72 };

	memset(out, 0, 48);
	out[12] = 0x08;
	memcpy(out + 14, ip, sizeof(ip));
	out[14 + 9] = protocol;
	out[34] = 0x11;
	out[36] = (uint8_t)(dport >> 8);
	out[37] = (uint8_t)dport;
	out[42] = first;
	return (struct view){ out, 46 };
}

static void test_esp(void **state)
{
	static const struct {
		uint8_t protocol;
		uint16_t dport;
		uint8_t first;
		bool want;
	} rows[] = {
		{ 50, 0, 0, true }, /* bare ESP */
		{ 17, 4500, 1, true }, /* an SPI */
		{ 17, 4500, 0, false }, /* the non-ESP marker: IKE */
		{ 17, 500, 1, false }, /* IKE */
		{ 6, 4500, 1, false }, /* TCP */
		{ 1, 0, 0, false },
	};
	uint8_t data[48];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct view f = frame_of(rows[i].protocol, rows[i].dport, rows[i].first, data);

		assert_int_equal(frame_is_esp(f), rows[i].want);
	}
	/* A NAT keepalive is one byte long, and cut short anything is no ESP in UDP. */
	for (size_t len = 0; len < 46; len++) {
		struct view f = frame_of(17, 4500, 0xff, data);

		f.len = len;
		assert_false(frame_is_esp(f));
	}
}

static void test_clear(void **state)
{
	uint8_t data[48];
	struct view f = frame_of(17, 4500, 1, data);
	struct prefix inner;

	(void)state;
	assert_true(prefix_parse("10.1.22.0/24", &inner));
	assert_false(frame_is_clear(f, &inner, 1));
	memcpy(data + 26, (uint8_t[]){ 10, 1, 22, 1 }, 4);
	assert_true(frame_is_clear(f, &inner, 1));
	assert_false(frame_is_clear(f, &inner, 0));
}

static void test_dice(void **state)
{
	struct line_cfg cfg = { .delay = 5000, .jitter = 4000 };
	struct line_dir dir = { .rng = 1 };
	unsigned lost = 0, doubled = 0, overtook = 0;
	usec_t last = 0;

	(void)state;
	assert_true(line_cfg_set(&cfg, "loss=10"));
	assert_true(line_cfg_set(&cfg, "duplicate=20"));
	for (usec_t now = 1000; now < 10000000; now += 1000) {
		struct line_verdict v = line_decide(&cfg, &dir, now);

		lost += v.copies == 0;
		doubled += v.copies == 2;
		if (v.copies) {
			/* Jitter alone never lets one overtake another. */
			assert_true(v.due[0] >= last && v.due[0] >= now + 1000);
			assert_true(v.due[0] <= now + 9000);
			last = v.due[0];
		}
	}
	assert_in_range(lost, 850, 1150);
	assert_in_range(doubled, 1600, 2000);

	assert_true(line_cfg_set(&cfg, "reorder=5"));
	for (usec_t now = 1000; now < 10000000; now += 1000)
		overtook += line_decide(&cfg, &dir, now).due[0] == now;
	assert_in_range(overtook, 350, 550);
}

/* In a burst all is lost until it ends: with these chances, runs of ten on average. */
static void test_bursts(void **state)
{
	struct line_cfg cfg = { .burst_enter = 0.01, .burst_leave = 0.1 };
	struct line_dir dir = { .rng = 7 };
	unsigned lost = 0, bursts = 0;
	bool was_lost = false;

	(void)state;
	for (usec_t now = 0; now < 100000; now++) {
		bool is_lost = line_decide(&cfg, &dir, now).copies == 0;

		lost += is_lost;
		bursts += is_lost && !was_lost;
		was_lost = is_lost;
	}
	assert_in_range(bursts, 700, 1100);
	assert_in_range(lost / bursts, 8, 12);
}

/* Counted in time: 20 ms of 400 on average, however many frames come meanwhile. */
static void test_outages(void **state)
{
	static const usec_t every[] = { 100, 2000 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(every); i++) {
		struct line_cfg cfg = { 0 };
		struct line_dir dir = { .rng = 11 };
		usec_t lost = 0, outages = 0, end = 2000 * USEC_PER_SEC;
		bool was_lost = false;

		assert_true(line_cfg_set(&cfg, "burst_ms=20") && line_cfg_set(&cfg, "gap_ms=380"));
		for (usec_t now = 0; now < end; now += every[i]) {
			bool is_lost = line_decide(&cfg, &dir, now).copies == 0;

			lost += is_lost ? every[i] : 0;
			outages += is_lost && !was_lost;
			was_lost = is_lost;
		}
		assert_in_range(lost / USEC_PER_SEC, 92, 108); /* 5 % of 2000 s */
		assert_in_range(lost / outages, 18500, 22500);
		/* Over before the next frame, however long that took. */
		assert_true(line_cfg_set(&cfg, "burst_ms=0"));
		assert_int_equal(line_decide(&cfg, &dir, end).copies, 1);
	}
}

/* After an hour without a frame it does not go through the hour. */
static void test_outage_after_rest(void **state)
{
	struct line_cfg cfg = { .burst = 1, .gap = 1 };
	struct line_dir dir = { .rng = 3 };
	unsigned lost = 0;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		lost += line_decide(&cfg, &dir, i * (3600 * USEC_PER_SEC)).copies == 0;
	assert_in_range(lost, 420, 580);
}

static void test_words(void **state)
{
	static const char *const bad[] = { "loss",         "loss=", "loss=101",
					   "loss=-1",      "los=1", "delay_ms=x",
					   "delay_ms=1e9", "=5",    "loss=nan" };
	struct line_cfg cfg = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(line_cfg_set(&cfg, bad[i]));
	assert_true(line_cfg_set(&cfg, "delay_ms=2.5"));
	assert_int_equal(cfg.delay, 2500);
}

static void test_queue(void **state)
{
	static const usec_t due[] = { 5, 3, 9, 3, 1 };
	static const unsigned want[] = { 4, 1, 3, 0, 2 };
	struct frameq *q = frameq_new(ARRAY_LEN(due));
	uint8_t byte;
	unsigned port;

	(void)state;
	assert_non_null(q);
	assert_true(frameq_due(q) == USEC_NEVER);
	for (unsigned i = 0; i < ARRAY_LEN(due); i++) {
		byte = (uint8_t)i;
		assert_true(frameq_push(q, (struct view){ &byte, 1 }, i, due[i]));
	}
	assert_false(frameq_push(q, (struct view){ &byte, 0 }, 0, 0)); /* full */
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		struct view f = frameq_pop(q, &port);

		assert_int_equal(port, want[i]);
		assert_int_equal(f.data[0], want[i]);
	}
	frameq_free(q);
}

static void test_urgent(void **state)
{
	uint8_t data[48];
	struct view f = frame_of(17, 4500, 1, data);

	(void)state;
	assert_false(frame_is_urgent(f));
	data[15] = 0xb8; /* EF: a voice, not the network's own */
	assert_false(frame_is_urgent(f));
	data[15] = 0xc0;
	assert_true(frame_is_urgent(f));
	data[15] = 0;
	data[13] = 0x06; /* ARP */
	assert_true(frame_is_urgent(f));
}

/* 8 Mbit/s: a byte each usec, and room for 3 ms of them. */
static void test_access(void **state)
{
	struct line_cfg cfg = { 0 };
	struct accessq *q = accessq_new();
	uint8_t data[1000] = { 0 };
	struct view frame = { data, sizeof(data) }, out;
	unsigned taken = 0;
	usec_t leaves;

	(void)state;
	assert_non_null(q);
	assert_true(line_cfg_set(&cfg, "rate_mbit=8") && line_cfg_set(&cfg, "queue_ms=3"));
	assert_true(accessq_due(q) == USEC_NEVER);
	for (data[0] = 0; data[0] < 10; data[0]++)
		taken += accessq_push(q, &cfg.access, frame, false, 5000);
	assert_int_equal(taken, 4);
	data[0] = 77;
	assert_true(accessq_push(q, &cfg.access, frame, true, 5000));
	assert_false(accessq_next(q, &cfg.access, 5000, &out, &leaves));
	assert_true(accessq_next(q, &cfg.access, 5001, &out, &leaves));
	assert_int_equal(out.data[0], 77);
	assert_int_equal(leaves, 6000);
	assert_int_equal(accessq_due(q), 6000);
	for (unsigned i = 0; i < taken; i++) {
		assert_false(accessq_next(q, &cfg.access, leaves, &out, &leaves));
		assert_true(accessq_next(q, &cfg.access, leaves + 1, &out, &leaves));
		assert_int_equal(out.data[0], i);
		assert_int_equal(leaves, 7000 + i * 1000);
	}
	assert_false(accessq_next(q, &cfg.access, USEC_NEVER, &out, &leaves));
	/* After a rest it starts when the frame comes, and without a rate at once. */
	assert_true(accessq_push(q, &cfg.access, frame, false, 50000));
	assert_true(accessq_next(q, &cfg.access, 50001, &out, &leaves));
	assert_int_equal(leaves, 51000);
	assert_true(accessq_push(q, &cfg.access, frame, false, 60000));
	cfg.access.rate = 0;
	assert_true(accessq_next(q, &cfg.access, 1, &out, &leaves));
	assert_int_equal(leaves, 60000);
	accessq_free(q);
}

/* One direction, what is too large, and ESP only: nothing else is taken. */
static void test_rules(void **state)
{
	struct line_cfg cfg = { .mtu = 0 };
	uint8_t data[48];
	struct view esp = frame_of(50, 0, 0, data);
	enum line_rule rule;

	(void)state;
	for (unsigned from = 0; from < 2; from++) {
		assert_false(line_takes(&cfg, LINE_HEALED, from, esp));
		assert_true(line_takes(&cfg, LINE_CUT, from, esp));
		assert_true(line_takes(&cfg, LINE_DROP_ESP, from, esp));
		assert_int_equal(line_takes(&cfg, LINE_CUT_A, from, esp), from == 0);
		assert_int_equal(line_takes(&cfg, LINE_CUT_B, from, esp), from == 1);
	}
	assert_true(line_cfg_set(&cfg, "mtu=32")); /* the frame's IP part */
	assert_false(line_takes(&cfg, LINE_HEALED, 0, esp));
	assert_true(line_cfg_set(&cfg, "mtu=31"));
	assert_true(line_takes(&cfg, LINE_HEALED, 1, esp));
	for (enum line_rule i = LINE_CUT; i <= LINE_CUT_B; i++) {
		assert_true(line_rule_by_name(line_rule_name(i), &rule));
		assert_int_equal(rule, i);
	}
	assert_true(line_rule_by_name("heal", &rule) && rule == LINE_HEALED);
	assert_false(line_rule_by_name("mend", &rule));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_esp),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_clear),
		cmocka_unit_test(test_dice),
		cmocka_unit_test(test_bursts),
		cmocka_unit_test(test_outages),
		cmocka_unit_test(test_outage_after_rest),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_urgent),
		cmocka_unit_test(test_access),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
