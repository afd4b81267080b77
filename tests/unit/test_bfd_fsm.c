/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/bfd_fsm.h"

#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC
#define S USEC_PER_SEC
#define US 7u /* our discriminator */
#define PEER 9u

static const struct bfd_cfg cfg = { .discr = US, .tx = 10000, .rx = 10000, .mult = 3 };

static struct bfd_pkt heard(enum bfd_state state)
{
	return (struct bfd_pkt){ .state = state,
				 .mult = 3,
				 .my_discr = PEER,
				 .your_discr = US,
				 .tx = 10000,
				 .rx = 10000 };
}

static struct bfd_step take(const struct bfd_cfg *c, struct bfd b, struct bfd_pkt p, usec_t now)
{
	const struct bfd_event ev = { .kind = BFD_EV_PACKET, .packet = &p, .authentic = true };

	return bfd_step(c, b, &ev, now);
}

static struct bfd_step time_out(const struct bfd_cfg *c, struct bfd b, usec_t now)
{
	const struct bfd_event ev = { .kind = BFD_EV_TIMER };

	return bfd_step(c, b, &ev, now);
}

static struct bfd_step set(const struct bfd_cfg *c, struct bfd b, enum bfd_event_kind kind, bool on,
			   usec_t now)
{
	const struct bfd_event ev = { .kind = kind, .on = on };

	return bfd_step(c, b, &ev, now);
}

/* A session that has come Up at `now`, and whose first poll is answered. */
static struct bfd up(const struct bfd_cfg *c, usec_t now)
{
	struct bfd b = bfd_start(c, 100, now);
	struct bfd_pkt p = heard(BFD_INIT);

	p.auth = (struct bfd_auth){ .type = c->auth, .key_id = c->key_id, .seq = 1000 };
	b = take(c, b, p, now).next;
	p.state = BFD_UP;
	p.final = true;
	p.auth.seq++;
	b = take(c, b, p, now).next;
	assert_int_equal(b.state, BFD_UP);
	assert_false(b.polling);
	return b;
}

/* 6.8.6, 6.2: every state and every word of the peer. */
static void state_table(void **state)
{
	static const enum bfd_state want[4][4] = {
		[BFD_ADMIN_DOWN] = { BFD_ADMIN_DOWN, BFD_ADMIN_DOWN, BFD_ADMIN_DOWN,
				     BFD_ADMIN_DOWN },
		[BFD_DOWN] = { BFD_DOWN, BFD_INIT, BFD_UP, BFD_DOWN },
		[BFD_INIT] = { BFD_DOWN, BFD_INIT, BFD_UP, BFD_UP },
		[BFD_UP] = { BFD_DOWN, BFD_DOWN, BFD_UP, BFD_UP },
	};

	(void)state;
	for (unsigned own = 0; own < 4; own++) {
		for (unsigned said = 0; said < 4; said++) {
			struct bfd b = bfd_start(&cfg, 0, S);
			struct bfd_step s;

			b.state = (enum bfd_state)own;
			s = take(&cfg, b, heard((enum bfd_state)said), 2 * S);
			assert_int_equal(s.next.state, want[own][said]);
			/* a change is told, and sent out of turn */
			assert_int_equal(!!(s.actions & BFD_TELL_STATE), own != want[own][said]);
			assert_int_equal(!!(s.actions & BFD_SEND), own != want[own][said]);
			assert_int_equal(s.drop,
					 own == BFD_ADMIN_DOWN ? BFD_DROP_ADMIN : BFD_DROP_NONE);
			if (own != want[own][said] && want[own][said] == BFD_DOWN)
				assert_int_equal(s.next.diag, BFD_DIAG_NEIGHBOR);
			if (s.drop == BFD_DROP_NONE)
				assert_int_equal(s.next.remote_discr, PEER);
		}
	}
}

static void handshake(void **state)
{
	struct bfd b = bfd_start(&cfg, 0, S);
	struct bfd_step s = time_out(&cfg, b, S);
	struct bfd_pkt p = bfd_packet(&cfg, &s.next, false);

	(void)state;
	/* The first says Down, knows nobody, and is slow (6.8.3). */
	assert_int_equal(s.actions, BFD_SEND);
	assert_int_equal(p.state, BFD_DOWN);
	assert_int_equal(p.your_discr, 0);
	assert_int_equal(p.my_discr, US);
	assert_int_equal(p.tx, S);
	assert_int_equal(p.echo_rx, 0);
	p = heard(BFD_DOWN);
	p.your_discr = 0;
	s = take(&cfg, s.next, p, S + MS);
	p = bfd_packet(&cfg, &s.next, false);
	assert_int_equal(p.state, BFD_INIT);
	assert_int_equal(p.your_discr, PEER);
	assert_int_equal(p.tx, S);
	s = take(&cfg, s.next, heard(BFD_UP), S + 2 * MS);
	p = bfd_packet(&cfg, &s.next, false);
	/* Up: as fast as wished, told by a poll. */
	assert_int_equal(p.state, BFD_UP);
	assert_int_equal(p.tx, 10000);
	assert_true(p.poll);
	assert_false(bfd_packet(&cfg, &s.next, true).poll);
	assert_true(s.next.send_at <= S + 12 * MS);
}

static void detection(void **state)
{
	struct bfd b = up(&cfg, S);
	struct bfd_step s;

	(void)state;
	assert_int_equal(bfd_detection_time(&cfg, &b), 30 * MS);
	s = time_out(&cfg, b, S + 30 * MS - 1);
	assert_int_equal(s.next.state, BFD_UP);
	s = time_out(&cfg, s.next, S + 30 * MS);
	assert_int_equal(s.next.state, BFD_DOWN);
	assert_int_equal(s.next.diag, BFD_DIAG_EXPIRED);
	assert_int_equal(s.next.remote_discr, 0);
	assert_true(s.actions & BFD_SEND);
	/* and slow again at once, for the session is not Up */
	assert_int_equal(bfd_tx_interval(&s.next), S);
	/* A peer that is slower than we would like it decides how long we wait, and its multiplier.
	 */
	b = up(&cfg, S);
	struct bfd_pkt p = heard(BFD_UP);

	p.tx = 50000;
	p.mult = 5;
	s = take(&cfg, b, p, S);
	assert_int_equal(bfd_detection_time(&cfg, &s.next), 250 * MS);
	assert_int_equal(s.next.detect_at, S + 250 * MS);
	/* Init does not last without the peer either. */
	b = take(&cfg, bfd_start(&cfg, 0, S), heard(BFD_DOWN), S).next;
	assert_int_equal(b.state, BFD_INIT);
	s = time_out(&cfg, b, b.detect_at);
	assert_int_equal(s.next.state, BFD_DOWN);
}

static void arrival_counts_not_handling(void **state)
{
	struct bfd b = up(&cfg, S);
	struct bfd_pkt p = heard(BFD_UP);
	const struct bfd_event ev = {
		.kind = BFD_EV_PACKET, .packet = &p, .authentic = true, .at = S + 20 * MS
	};
	struct bfd_step s = bfd_step(&cfg, b, &ev, S + 40 * MS);

	(void)state;
	assert_int_equal(s.next.detect_at, S + 50 * MS);
}

static void own_lateness(void **state)
{
	struct bfd b = up(&cfg, S);
	struct bfd_event ev = { .kind = BFD_EV_LATE, .late = 20 * MS };
	struct bfd_step s = bfd_step(&cfg, b, &ev, S + 30 * MS);

	(void)state;
	assert_int_equal(s.next.detect_at, S + 50 * MS);
	/* the same stall, told by another timer */
	s = bfd_step(&cfg, s.next, &ev, S + 31 * MS);
	assert_int_equal(s.next.detect_at, S + 51 * MS);
	/* a loop that is always late gets one detection time */
	ev.late = 500 * MS;
	s = bfd_step(&cfg, s.next, &ev, S + 40 * MS);
	s = bfd_step(&cfg, s.next, &ev, S + 400 * MS);
	assert_int_equal(s.next.detect_at, S + 60 * MS);
	s = take(&cfg, s.next, heard(BFD_UP), S + 400 * MS);
	assert_int_equal(s.next.detect_at, S + 430 * MS);
}

static void polls(void **state)
{
	struct bfd b = up(&cfg, S);
	struct bfd_cfg slow = cfg;
	struct bfd_pkt p = heard(BFD_UP);
	struct bfd_step s;

	(void)state;
	/* The peer's is answered at once, and does not move our own pace. */
	p.poll = true;
	s = take(&cfg, b, p, S + MS);
	assert_int_equal(s.actions, BFD_SEND_FINAL);
	assert_true(bfd_packet(&cfg, &s.next, true).final);
	assert_int_equal(s.next.sent_at, b.sent_at);
	/* Slower: said at once, done when it is answered. */
	slow.tx = 50000;
	slow.rx = 5000;
	s = set(&slow, b, BFD_EV_CONFIG, false, S + MS);
	assert_int_equal(bfd_packet(&slow, &s.next, false).tx, 50000);
	assert_int_equal(bfd_packet(&slow, &s.next, false).rx, 5000);
	assert_true(bfd_packet(&slow, &s.next, false).poll);
	assert_int_equal(bfd_tx_interval(&s.next), 10 * MS);
	assert_int_equal(bfd_rx_interval(&slow, &s.next), 10 * MS);
	/* Changed once more before that: the answer may be to the first poll. */
	slow.tx = 20000;
	s = set(&slow, s.next, BFD_EV_CONFIG, false, S + MS);
	p = heard(BFD_UP);
	p.tx = 5000;
	p.final = true;
	s = take(&slow, s.next, p, S + 2 * MS);
	assert_true(s.next.polling);
	assert_int_equal(bfd_tx_interval(&s.next), 10 * MS);
	s = take(&slow, s.next, p, S + 3 * MS);
	assert_false(s.next.polling);
	assert_int_equal(bfd_tx_interval(&s.next), 20 * MS);
	assert_int_equal(bfd_rx_interval(&slow, &s.next), 5 * MS);
	/* Faster is done at once, and expected only later; the other way about for receiving. */
	s = set(&cfg, s.next, BFD_EV_CONFIG, false, S + 4 * MS);
	assert_int_equal(bfd_tx_interval(&s.next), 10 * MS);
	assert_int_equal(bfd_rx_interval(&cfg, &s.next), 10 * MS);
}

static void jitter(void **state)
{
	static const uint32_t chances[] = { 0, 1, 125, 150, 151, 250, 251, 4000000000u };

	(void)state;
	for (unsigned mult = 1; mult <= 3; mult++) {
		for (size_t i = 0; i < ARRAY_LEN(chances); i++) {
			struct bfd_cfg c = cfg;
			struct bfd_event ev = { .kind = BFD_EV_TIMER, .random = chances[i] };
			struct bfd b;
			usec_t wait;

			c.mult = (uint8_t)mult;
			b = up(&c, S);
			b.remote_mult = 100;
			b = bfd_step(&c, b, &ev, b.send_at).next;
			wait = b.send_at - b.sent_at;
			assert_true(wait >= 7500 && wait <= (mult == 1 ? 9000 : 10000));
		}
	}
}

static void who_wants_no_packets(void **state)
{
	struct bfd b = up(&cfg, S);
	struct bfd_pkt p = heard(BFD_UP);
	struct bfd_step s;

	(void)state;
	p.rx = 0;
	s = take(&cfg, b, p, S);
	assert_int_equal(s.next.send_at, USEC_NEVER);
	/* but one that fell silent then is spoken to again */
	s = time_out(&cfg, s.next, s.next.detect_at);
	assert_int_equal(s.next.state, BFD_DOWN);
	assert_true(s.next.send_at <= s.next.sent_at + S);
	s = take(&cfg, up(&cfg, S), p, S);
	/* demand mode of the peer, only while both are Up */
	p.rx = 10000;
	p.demand = true;
	s = take(&cfg, s.next, p, S);
	assert_int_equal(s.next.send_at, USEC_NEVER);
	s = time_out(&cfg, s.next, s.next.detect_at);
	assert_int_equal(s.next.state, BFD_DOWN);
	assert_int_not_equal(s.next.send_at, USEC_NEVER);
}

/* 6.6: we poll, the peer is silent but for its answers. */
static void demand(void **state)
{
	struct bfd_cfg c = cfg;
	struct bfd b;
	struct bfd_pkt p = heard(BFD_UP);
	struct bfd_step s;

	(void)state;
	c.demand = true;
	b = up(&c, S);
	assert_true(bfd_demand_is_active(&c, &b));
	assert_true(bfd_packet(&c, &b, false).demand);
	assert_int_equal(b.detect_at, USEC_NEVER); /* nothing is expected */
	s = time_out(&c, b, b.send_at);
	assert_true(bfd_packet(&c, &s.next, false).poll);
	assert_int_equal(s.next.detect_at, b.send_at + 30 * MS);
	p.final = true;
	s = take(&c, s.next, p, b.send_at + MS);
	assert_int_equal(s.next.detect_at, USEC_NEVER);
	/* Of three polls none is answered. */
	for (unsigned i = 0; i < 10 && s.next.state == BFD_UP; i++)
		s = time_out(&c, s.next, s.next.deadline);
	assert_int_equal(s.next.state, BFD_DOWN);
	assert_int_equal(s.next.diag, BFD_DIAG_EXPIRED);
	assert_false(bfd_packet(&c, &s.next, false).demand);
	/* Both in demand mode: both poll. */
	b = up(&c, S);
	p.final = false;
	p.demand = true;
	b = take(&c, b, p, S).next;
	assert_true(b.send_at <= S + 10 * MS);
	assert_true(bfd_packet(&c, (s = time_out(&c, b, b.send_at), &s.next), false).poll);
}

static void administratively(void **state)
{
	struct bfd_step s = set(&cfg, up(&cfg, S), BFD_EV_ADMIN, true, S);
	struct bfd_pkt p = bfd_packet(&cfg, &s.next, false);

	(void)state;
	assert_int_equal(p.state, BFD_ADMIN_DOWN);
	assert_int_equal(p.diag, BFD_DIAG_ADMIN);
	assert_true(s.actions & BFD_SEND);
	assert_int_not_equal(s.next.send_at, USEC_NEVER); /* and goes on saying so */
	assert_int_equal(set(&cfg, s.next, BFD_EV_ADMIN, true, S).actions, 0);
	s = set(&cfg, s.next, BFD_EV_ADMIN, false, S);
	assert_int_equal(s.next.state, BFD_DOWN);
}

static void concatenated(void **state)
{
	struct bfd_step s = set(&cfg, up(&cfg, S), BFD_EV_CONCATENATED, true, S);

	(void)state;
	assert_int_equal(s.actions, BFD_SEND);
	assert_int_equal(bfd_packet(&cfg, &s.next, false).diag, BFD_DIAG_CONCATENATED);
	assert_int_equal(s.next.state, BFD_UP);
	assert_int_equal(set(&cfg, s.next, BFD_EV_CONCATENATED, true, S).actions, 0);
	s = set(&cfg, s.next, BFD_EV_CONCATENATED, false, S);
	assert_int_equal(s.actions, BFD_SEND);
	assert_int_equal(bfd_packet(&cfg, &s.next, false).diag, BFD_DIAG_NONE);
	/* While the session is down, its own reason is the news. */
	s = time_out(&cfg, s.next, S + 30 * MS);
	s = set(&cfg, s.next, BFD_EV_CONCATENATED, true, S + 30 * MS);
	assert_int_equal(bfd_packet(&cfg, &s.next, false).diag, BFD_DIAG_EXPIRED);
}

/* 6.7.3, 6.7.4.  Since the last number, 1001; then what is taken next. */
static void authentication(void **state)
{
	static const struct {
		enum bfd_auth_type type;
		uint32_t ahead;
		enum bfd_drop want;
		uint8_t key_id;
		bool forged;
	} rows[] = {
		{ BFD_AUTH_METICULOUS_SHA1, 1, BFD_DROP_NONE, 5, false },
		{ BFD_AUTH_METICULOUS_SHA1, 9, BFD_DROP_NONE, 5, false },
		{ BFD_AUTH_METICULOUS_SHA1, 10, BFD_DROP_SEQUENCE, 5, false },
		{ BFD_AUTH_METICULOUS_SHA1, 0, BFD_DROP_SEQUENCE, 5, false },
		{ BFD_AUTH_METICULOUS_SHA1, (uint32_t)-1, BFD_DROP_SEQUENCE, 5, false },
		{ BFD_AUTH_METICULOUS_SHA1, 1, BFD_DROP_DIGEST, 5, true },
		{ BFD_AUTH_METICULOUS_SHA1, 1, BFD_DROP_KEY_ID, 6, false },
		{ BFD_AUTH_NONE, 0, BFD_DROP_AUTH_MISSING, 0, false },
		{ BFD_AUTH_PASSWORD, 0, BFD_DROP_AUTH_TYPE, 5, false },
		{ BFD_AUTH_METICULOUS_MD5, 1, BFD_DROP_AUTH_TYPE, 5, false },
		{ BFD_AUTH_SHA1, 1, BFD_DROP_AUTH_TYPE, 5, false },
	};
	struct bfd_cfg c = cfg;

	(void)state;
	c.auth = BFD_AUTH_METICULOUS_SHA1;
	c.key_id = 5;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bfd b = up(&c, S);
		struct bfd_pkt p = heard(BFD_ADMIN_DOWN);
		const struct bfd_event ev = { .kind = BFD_EV_PACKET,
					      .packet = &p,
					      .authentic = !rows[i].forged };
		struct bfd_step s;

		p.auth = (struct bfd_auth){ .type = rows[i].type,
					    .key_id = rows[i].key_id,
					    .seq = 1001 + rows[i].ahead };
		s = bfd_step(&c, b, &ev, S + MS);
		assert_int_equal(s.drop, rows[i].want);
		/* What is not taken changes nothing. */
		assert_int_equal(s.next.state, s.drop ? BFD_UP : BFD_DOWN);
		assert_int_equal(s.next.seq_in, s.drop ? 1001 : p.auth.seq);
		assert_int_equal(s.next.detect_at, s.drop ? S + 30 * MS : s.next.detect_at);
	}
	/* Without meticulous the same number may come again. */
	c.auth = BFD_AUTH_SHA1;
	struct bfd b = up(&c, S);
	struct bfd_pkt p = heard(BFD_UP);

	p.auth = (struct bfd_auth){ .type = BFD_AUTH_SHA1, .key_id = 5, .seq = 1001 };
	assert_int_equal(take(&c, b, p, S).drop, BFD_DROP_NONE);
	p.auth.seq = 1000;
	assert_int_equal(take(&c, b, p, S).drop, BFD_DROP_SEQUENCE);
	/* 6.8.1: a peer that was away for two detection times may count anew, not before. */
	assert_int_equal(take(&c, b, p, S + 60 * MS - 1).drop, BFD_DROP_SEQUENCE);
	assert_int_equal(take(&c, b, p, S + 60 * MS).drop, BFD_DROP_NONE);
	/* Nobody asked for it: not a session of ours. */
	assert_int_equal(take(&cfg, up(&cfg, S), p, S).drop, BFD_DROP_AUTH_TYPE);
}

static void numbers_of_ours(void **state)
{
	struct bfd_cfg c = cfg;
	struct bfd b;
	uint32_t last;

	(void)state;
	c.auth = BFD_AUTH_METICULOUS_SHA1;
	b = up(&c, S);
	b.seq_out = UINT32_MAX - 1;
	for (unsigned i = 0; i < 4; i++) {
		struct bfd_step s;

		last = bfd_packet(&c, &b, false).auth.seq;
		s = time_out(&c, b, b.deadline);
		b = s.next;
		if (s.actions & BFD_SEND)
			assert_int_equal((uint32_t)(bfd_packet(&c, &b, false).auth.seq - last), 1);
	}
}

static void other_discriminator(void **state)
{
	struct bfd_pkt p = heard(BFD_DOWN);

	(void)state;
	p.your_discr = US + 1;
	assert_int_equal(take(&cfg, up(&cfg, S), p, S).drop, BFD_DROP_DISCR);
	/* One that was started anew does not know us. */
	p.your_discr = 0;
	assert_int_equal(take(&cfg, up(&cfg, S), p, S).next.state, BFD_DOWN);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(bfd_drop_name(BFD_DROP_SEQUENCE), "sequence");
	assert_string_equal(bfd_drop_name(BFD_DROP_COUNT), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_table),     cmocka_unit_test(handshake),
		cmocka_unit_test(detection),       cmocka_unit_test(arrival_counts_not_handling),
		cmocka_unit_test(own_lateness),    cmocka_unit_test(polls),
		cmocka_unit_test(jitter),          cmocka_unit_test(who_wants_no_packets),
		cmocka_unit_test(demand),          cmocka_unit_test(administratively),
		cmocka_unit_test(concatenated),    cmocka_unit_test(authentication),
		cmocka_unit_test(numbers_of_ours), cmocka_unit_test(other_discriminator),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
