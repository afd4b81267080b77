/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/health_fsm.h"

#include "health_bench.h"

#include <string.h>

static void test_first_up(void **state)
{
	struct bench b = bench_of(&normal, 10 * MS);

	(void)state;
	says(&b, "no SA");
	run(&b, 1 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_NO_SA); /* replies without an SA prove nothing */
	feed_kind(&b, HEALTH_EV_SA_UP);
	assert_int_equal(b.h.state, HEALTH_DOWN);
	says(&b, "no reply by it yet");
	run(&b, 110 * MS, HEALTH_HELD);
	assert_int_equal(b.h.state, HEALTH_HELD);
	assert_string_equal(health_state_word(b.h.state), "down");
	assert_int_equal(run(&b, 1 * S, HEALTH_UP), 200 * MS); /* three in a row */
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_FIRST);
	assert_int_equal(b.usable_told, 1);
}

static const struct {
	const struct health_cfg *cfg;
	usec_t rtt, cut; /* cut: this long after a tick */
} cuts[] = {
	{ &normal, 10 * MS, 0 },       { &normal, 10 * MS, 50 * MS },
	{ &normal, 10 * MS, 99 * MS }, { &normal, 250 * MS, 50 * MS },
	{ &fast, 1 * MS, 0 },          { &fast, 1 * MS, 9 * MS },
	{ &fast, 30 * MS, 5 * MS },    { &fast, 200 * MS, 5 * MS }, /* far beyond the silence */
};

/* What was under way when the path is cut is lost as well. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
		const struct health_cfg *cfg = cuts[i].cfg;
		struct bench b = bench_up(cfg, cuts[i].rtt);
		usec_t took;

		b.now = b.tick;
		probe(&b);
		run(&b, cuts[i].cut, RUN_ALL);
		b.path = PATH_CUT;
		b.head = b.tail;
		took = run(&b, 10 * S, HEALTH_DOWN);
		assert_in_range(took, cfg->silence - cfg->interval,
				cfg->silence + cfg->interval + 5 * MS);
		assert_int_equal(b.h.why.cause, HEALTH_CAUSE_SILENCE);
		assert_int_equal(b.unusable_told, 1);
		assert_in_range(b.h.why.last_good, b.now - took - cfg->interval, b.now - took);
		says(&b, "silence: last authenticated packet ");
		says(&b, " probes unanswered");
	}
}

static void test_suspect(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);
	usec_t took;

	(void)state;
	b.path = PATH_CUT;
	took = run(&b, 1 * S, HEALTH_SUSPECT);
	assert_in_range(took, 60 * MS, 160 * MS);
	assert_true(health_is_usable(&b.h));
	says(&b, "1 probe unanswered");
	b.path = PATH_GOOD;
	took = run(&b, 1 * S, HEALTH_UP);
	assert_true(took <= 110 * MS);
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_ANSWERED);
	assert_int_equal(b.unusable_told, 0);
	assert_in_range(health_loss_permille(&normal, &b.h, b.now), 1000 / 64, 1000 / 64);
}

/* Four lost in a row are bad luck; the fifth has its whole chance. */
static void test_four_lost(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);

	(void)state;
	b.now = b.tick;
	probe(&b);
	run(&b, 20 * MS, RUN_ALL);
	b.path = PATH_CUT;
	run(&b, 400 * MS, RUN_ALL);
	assert_int_equal(b.h.unanswered, 4);
	b.path = PATH_GOOD;
	b.rtt = 55 * MS; /* and it may be slower than the others were */
	run(&b, 10 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_UP);
	assert_int_equal(b.unusable_told, 0);
}

static void test_weak(void **state)
{
	struct bench b = bench_of(&normal, 10 * MS);
	usec_t took;

	(void)state;
	b.packets_per_tick = 1; /* the peer's own probes */
	feed_kind(&b, HEALTH_EV_SA_UP);
	run(&b, 10 * S, RUN_ALL);
	b.path = PATH_CUT;
	took = run(&b, 10 * S, HEALTH_DOWN);
	assert_in_range(took, 1900 * MS, 2100 * MS);
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_NO_REPLIES);
	assert_in_range(b.h.why.last_good, b.now - 2100 * MS, b.now - 1900 * MS);
	says(&b, "though the peer's traffic arrives: last reply 2.0");
}

static const struct {
	unsigned usual, then; /* packets per tick */
	bool peer_probes;
	enum health_cause want;
	usec_t from, to;
} rates[] = {
	{ 20, 0, true, HEALTH_CAUSE_COLLAPSE, 400 * MS, 600 * MS }, /* one way only */
	{ 20, 1, true, HEALTH_CAUSE_COLLAPSE, 900 * MS, 1100 * MS }, /* or a backlog */
	{ 20, 1, false, HEALTH_CAUSE_COLLAPSE, 900 * MS, 1100 * MS },
	{ 20, 4, false, HEALTH_CAUSE_COLLAPSE, 900 * MS, 1100 * MS },
	{ 20, 6, false, HEALTH_CAUSE_NO_REPLIES, 1900 * MS, 2100 * MS }, /* less, but not gone */
	{ 20, 20, false, HEALTH_CAUSE_NO_REPLIES, 1900 * MS, 2100 * MS },
	{ 20, 0, false, HEALTH_CAUSE_SILENCE, 400 * MS, 700 * MS },
	{ 1, 1, false, HEALTH_CAUSE_NO_REPLIES, 1900 * MS, 2100 * MS },
	{ 1, 0, true, HEALTH_CAUSE_NO_REPLIES, 1900 * MS, 2100 * MS }, /* too little to tell */
};

static void test_collapse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct bench b = bench_of(&normal, 10 * MS);
		usec_t took;

		b.packets_per_tick = rates[i].usual;
		b.peer_probes = rates[i].peer_probes;
		feed_kind(&b, HEALTH_EV_SA_UP);
		run(&b, 10 * S, RUN_ALL);
		b.path = PATH_CUT;
		b.packets_per_tick = rates[i].then;
		took = run(&b, 10 * S, HEALTH_DOWN);
		assert_int_equal(b.h.why.cause, rates[i].want);
		assert_in_range(took, rates[i].from, rates[i].to);
	}
}

/* The other end hears nothing of us, and moves its traffic; only its probes go on.  What came until
 * then does not count for long. */
static void test_moved_by_the_peer(void **state)
{
	struct bench b = bench_of(&normal, 10 * MS);

	(void)state;
	b.packets_per_tick = 20;
	b.peer_probes = true;
	feed_kind(&b, HEALTH_EV_SA_UP);
	run(&b, 10 * S, RUN_ALL);
	b.path = PATH_CUT;
	run(&b, 550 * MS, RUN_ALL);
	assert_true(health_is_usable(&b.h));
	b.packets_per_tick = 0;
	assert_in_range(run(&b, 10 * S, HEALTH_DOWN), 400 * MS, 650 * MS);
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_COLLAPSE);
}

/* Our own interface: at once, with its name, and back as after any fault. */
static void test_link(void **state)
{
	const struct health_event down = { .kind = HEALTH_EV_LINK, .link = "wan0 has no carrier" };
	struct bench b = bench_up(&normal, 10 * MS);

	(void)state;
	b.path = PATH_CUT;
	run(&b, 50 * MS, RUN_ALL); /* nothing is under way any more */
	assert_true(health_is_usable(&b.h));
	feed(&b, down);
	assert_int_equal(b.h.state, HEALTH_DOWN);
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_LINK);
	assert_int_equal(b.unusable_told, 1);
	says(&b, "the line's own interface is down: wan0 has no carrier");
	run(&b, 10 * S, RUN_ALL);
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_LINK);
	feed_kind(&b, HEALTH_EV_LINK); /* it is back, but the line is not */
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_SILENCE);
	b.path = PATH_GOOD;
	run(&b, 60 * S, HEALTH_UP);
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_RESTORED);
	feed_kind(&b, HEALTH_EV_LINK);
	assert_int_equal(b.h.state, HEALTH_UP);
	/* held, it starts anew; without an SA or switched off it is no news */
	feed(&b, down);
	run(&b, 10 * S, HEALTH_HELD);
	feed(&b, down);
	assert_int_equal(b.h.state, HEALTH_DOWN);
	feed_kind(&b, HEALTH_EV_SA_DOWN);
	feed(&b, down);
	assert_int_equal(b.h.state, HEALTH_NO_SA);
	feed_kind(&b, HEALTH_EV_ADMIN_DOWN);
	feed(&b, down);
	assert_int_equal(b.h.state, HEALTH_ADMIN);
}

/*
 * A peer that is behind with its work: its replies wait in its queue, and of its traffic one
 * packet in seven comes, as was seen of one with a slow data plane.
 */
static void test_backlog(void **state)
{
	static const struct health_cfg *const cfgs[] = { &normal, &fast };

	(void)state;
	for (size_t i = 0; i < sizeof(cfgs) / sizeof(cfgs[0]); i++) {
		struct bench b = bench_of(cfgs[i], 1 * MS);

		b.packets_per_tick = 80;
		feed_kind(&b, HEALTH_EV_SA_UP);
		run(&b, 10 * S, RUN_ALL);
		for (int times = 0; times < 20; times++) {
			b.path = PATH_CUT;
			b.packets_per_tick = 12;
			run(&b, cfgs[i]->silence * 17 / 10, RUN_ALL);
			assert_true(health_is_usable(&b.h));
			b.path = PATH_GOOD;
			b.packets_per_tick = 80;
			run(&b, 20 * cfgs[i]->silence, RUN_ALL);
		}
		assert_int_equal(b.unusable_told, 0);
		/* Nothing but that trickle any more: it is as good as gone. */
		b.path = PATH_CUT;
		b.packets_per_tick = 12;
		assert_in_range(run(&b, 10 * S, HEALTH_DOWN), cfgs[i]->silence * 18 / 10,
				cfgs[i]->silence * 22 / 10);
		assert_int_equal(b.h.why.cause, HEALTH_CAUSE_COLLAPSE);
		says(&b, "replies and traffic stopped together: ");
	}
}

/* The counters begin anew with a new futae-esp: no collapse, no wrap-around. */
static void test_counter_reset(void **state)
{
	struct bench b = bench_of(&normal, 10 * MS);

	(void)state;
	b.packets_per_tick = 20;
	feed_kind(&b, HEALTH_EV_SA_UP);
	run(&b, 10 * S, RUN_ALL);
	b.rx_packets = 0;
	run(&b, 10 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_UP);
	assert_int_equal(b.unusable_told, 0);
	assert_in_range(b.h.usual / 16, 90, 110);
}

static void test_not_fit(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);

	(void)state;
	b.path = PATH_NOT_FIT;
	assert_true(run(&b, 1 * S, HEALTH_DOWN) <= 110 * MS);
	says(&b, "the peer says: not fit");
	run(&b, 60 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_DOWN);
	b.path = PATH_GOOD;
	run(&b, 1 * S, HEALTH_HELD);
	says(&b, "used after 30.0 s");
	says(&b, "it failed by: the peer says: not fit");
	assert_in_range(run(&b, 60 * S, HEALTH_UP), 30 * S, 30 * S);
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_RESTORED);
}

static void test_unreachable(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);

	(void)state;
	b.path = PATH_REFUSED;
	assert_in_range(run(&b, 1 * S, HEALTH_DOWN), 200 * MS, 310 * MS);
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_UNREACHABLE);

	/* The same complaint three times is one. */
	b = bench_up(&normal, 10 * MS);
	for (int i = 0; i < 3; i++)
		feed(&b, (struct health_event){ .kind = HEALTH_EV_UNREACHABLE, .seq = b.seq });
	assert_true(health_is_usable(&b.h));
	/* About probes that were never sent it says nothing. */
	for (uint32_t i = 0; i < 3; i++)
		feed(&b, (struct health_event){ .kind = HEALTH_EV_UNREACHABLE,
						.seq = b.seq + 10 + i,
						.first_party = true });
	assert_true(health_is_usable(&b.h));
}

static void test_wrong_path(void **state)
{
	struct bench b = bench_of(&normal, 10 * MS);

	(void)state;
	/* From the start, as in the article: the quick way back, for it was never in use. */
	b.path = PATH_WRONG;
	feed_kind(&b, HEALTH_EV_SA_UP);
	assert_in_range(run(&b, 5 * S, HEALTH_WRONG_PATH), 500 * MS, 510 * MS);
	assert_int_equal(b.h.why.device, WRONG_DEVICE);
	says(&b, "replies come by another device and not by this tunnel's");
	run(&b, 60 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_WRONG_PATH);
	b.path = PATH_GOOD;
	assert_true(run(&b, 5 * S, HEALTH_UP) <= 400 * MS);

	/* In use: the other tunnel's device gets the replies, while life goes on in this one. */
	b.packets_per_tick = 1;
	run(&b, 10 * S, RUN_ALL);
	b.path = PATH_WRONG;
	assert_in_range(run(&b, 5 * S, HEALTH_WRONG_PATH), 400 * MS, 610 * MS);
	assert_int_equal(b.unusable_told, 1);

	/* They cease: down after the patience, and back only after the restore time. */
	b.path = PATH_CUT;
	assert_in_range(run(&b, 5 * S, HEALTH_DOWN), 1900 * MS, 2110 * MS);
	b.path = PATH_GOOD;
	assert_in_range(run(&b, 60 * S, HEALTH_UP), 30 * S, 30 * S + 200 * MS);
}

static void test_restore_and_penalty(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);

	(void)state;
	b.path = PATH_CUT;
	run(&b, 5 * S, HEALTH_DOWN);
	b.path = PATH_GOOD;
	run(&b, 20 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_HELD);

	/* One lost probe does not start the wait anew, three do. */
	b.path = PATH_CUT;
	run(&b, 100 * MS, RUN_ALL);
	b.path = PATH_GOOD;
	run(&b, 5 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_HELD);
	b.path = PATH_CUT;
	run(&b, 500 * MS, HEALTH_DOWN);
	says(&b, "went missing again during the restore time");
	says(&b, "it failed by: silence");
	b.path = PATH_GOOD;
	run(&b, 1 * S, HEALTH_HELD);
	assert_in_range(run(&b, 60 * S, HEALTH_UP), 30 * S, 30 * S);

	/* The second failure within the half-life costs more: 1000 of about 55 s ago and 1000. */
	b.path = PATH_CUT;
	run(&b, 5 * S, HEALTH_DOWN);
	b.path = PATH_GOOD;
	run(&b, 1 * S, HEALTH_HELD);
	says(&b, "because it failed so often");
	assert_in_range(run(&b, 100 * S, HEALTH_UP), 40 * S, 50 * S);
	assert_int_equal(b.unusable_told, 2);
}

/* Held, it answers from the third reply in a row on, until three go missing. */
static void test_answers(void **state)
{
	struct bench b = bench_of(&normal, 10 * MS);

	(void)state;
	feed_kind(&b, HEALTH_EV_SA_UP);
	run(&b, 110 * MS, HEALTH_HELD);
	assert_int_equal(b.h.answer, HEALTH_DOUBTFUL); /* one reply proves little */
	run(&b, 1 * S, HEALTH_UP);
	assert_int_equal(b.h.answer, HEALTH_ANSWERS);
	run(&b, 10 * S, RUN_ALL);
	assert_int_equal(b.answers_told, 2);

	b.path = PATH_CUT;
	run(&b, 5 * S, HEALTH_DOWN);
	assert_int_equal(b.h.answer, HEALTH_SILENT);
	b.path = PATH_GOOD;
	run(&b, 1 * S, HEALTH_HELD);
	run(&b, 190 * MS, RUN_ALL);
	assert_int_equal(b.h.answer, HEALTH_DOUBTFUL);
	run(&b, 20 * MS, RUN_ALL);
	assert_int_equal(b.h.answer, HEALTH_ANSWERS);
	assert_int_equal(b.h.state, HEALTH_HELD);

	/* Two lost ones put it in doubt, no more. */
	b.answers_told = 0;
	b.path = PATH_CUT;
	run(&b, 200 * MS, RUN_ALL);
	assert_int_equal(b.h.answer, HEALTH_DOUBTFUL);
	b.path = PATH_GOOD;
	run(&b, 1 * S, RUN_ALL);
	assert_int_equal(b.h.answer, HEALTH_ANSWERS);
	assert_int_equal(b.answers_told, 2);
	b.path = PATH_CUT;
	assert_in_range(run(&b, 1 * S, HEALTH_DOWN), 200 * MS, 400 * MS);
	assert_int_equal(b.h.answer, HEALTH_SILENT);
	assert_int_equal(b.answers_told, 4); /* by way of doubt */
	b.path = PATH_GOOD;
	run(&b, 60 * S, HEALTH_UP);
	assert_int_equal(b.answers_told, 6); /* from held to up nothing changes */
	feed_kind(&b, HEALTH_EV_SA_DOWN);
	assert_int_equal(b.h.answer, HEALTH_SILENT);
}

static void test_sa(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);

	(void)state;
	/* Dialled again on purpose: the first few replies are enough. */
	feed_kind(&b, HEALTH_EV_SA_DOWN);
	assert_int_equal(b.h.state, HEALTH_NO_SA);
	assert_int_equal(b.unusable_told, 1);
	says(&b, "the last SA is gone");
	b.path = PATH_CUT;
	run(&b, 400 * MS, RUN_ALL);
	b.path = PATH_GOOD;
	feed_kind(&b, HEALTH_EV_SA_UP);
	feed_kind(&b, HEALTH_EV_SA_UP); /* said twice */
	assert_true(run(&b, 5 * S, HEALTH_UP) <= 400 * MS);

	/* Gone for longer: that was a failure. */
	feed_kind(&b, HEALTH_EV_SA_DOWN);
	b.path = PATH_CUT;
	run(&b, 2 * S, RUN_ALL);
	b.path = PATH_GOOD;
	feed_kind(&b, HEALTH_EV_SA_UP);
	assert_in_range(run(&b, 60 * S, HEALTH_UP), 30 * S, 30 * S + 200 * MS);
}

static void test_new_sa_new_traffic(void **state)
{
	struct bench b = bench_of(&normal, 10 * MS);

	(void)state;
	b.packets_per_tick = 20;
	feed_kind(&b, HEALTH_EV_SA_UP);
	run(&b, 10 * S, RUN_ALL);
	assert_in_range(b.h.usual / 16, 90, 110);
	feed_kind(&b, HEALTH_EV_SA_DOWN);
	feed_kind(&b, HEALTH_EV_SA_UP);
	assert_int_equal(b.h.usual, 0);
}

static void test_late_answer_from_before_the_sa(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);
	uint32_t old = b.seq;

	(void)state;
	feed_kind(&b, HEALTH_EV_SA_DOWN);
	feed_kind(&b, HEALTH_EV_SA_UP);
	for (uint32_t i = 0; i < 5; i++)
		feed(&b, (struct health_event){
				 .kind = HEALTH_EV_REPLY, .seq = old - i, .rtt = 10 * MS });
	assert_int_equal(b.h.state, HEALTH_DOWN);
}

static void test_admin(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);

	(void)state;
	b.path = PATH_CUT;
	run(&b, 5 * S, HEALTH_DOWN);
	feed_kind(&b, HEALTH_EV_ADMIN_DOWN);
	b.path = PATH_GOOD;
	run(&b, 5 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_ADMIN);
	feed_kind(&b, HEALTH_EV_SA_DOWN);
	feed_kind(&b, HEALTH_EV_SA_UP);
	assert_int_equal(b.h.state, HEALTH_ADMIN);
	feed_kind(&b, HEALTH_EV_ADMIN_UP);
	assert_true(run(&b, 5 * S, HEALTH_UP) <= 400 * MS); /* no restore time */
	feed_kind(&b, HEALTH_EV_ADMIN_DOWN);
	assert_int_equal(b.unusable_told, 2);
	feed_kind(&b, HEALTH_EV_SA_DOWN);
	feed_kind(&b, HEALTH_EV_ADMIN_UP);
	assert_int_equal(b.h.state, HEALTH_NO_SA);
}

/* Our loop stands still for two seconds while the replies queue up in the socket. */
static void test_stall(void **state)
{
	struct bench b = bench_up(&fast, 1 * MS);

	(void)state;
	run(&b, 5 * MS, RUN_ALL); /* nothing is under way */
	b.now = b.tick;
	b.states_told = 0;
	probe(&b);
	b.now += 2 * S;
	feed(&b, (struct health_event){ .kind = HEALTH_EV_LATE, .late = 2 * S });
	feed_kind(&b, HEALTH_EV_TIMER);
	assert_int_equal(b.states_told, 0); /* not even suspect */
	b.tick = b.now;
	b.head = b.tail; /* the queue overflowed: the old reply is not left */
	run(&b, 10 * S, RUN_ALL);
	assert_int_equal(b.unusable_told, 0);
	assert_int_equal(b.h.state, HEALTH_UP);

	/* The same without an answer after it: decided one silence later. */
	b.path = PATH_CUT;
	b.now += 2 * S;
	feed(&b, (struct health_event){ .kind = HEALTH_EV_LATE, .late = 2 * S });
	b.tick = b.now;
	assert_in_range(run(&b, 10 * S, HEALTH_DOWN), 30 * MS, 65 * MS);
}

/* Four probes unanswered, then a stall: the fifth is not missing while nobody can read it. */
static void test_stall_under_suspicion(void **state)
{
	struct bench b = bench_up(&fast, 1 * MS);

	(void)state;
	b.path = PATH_CUT;
	run(&b, 50 * MS, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_SUSPECT);
	b.now += 30 * MS;
	feed(&b, (struct health_event){ .kind = HEALTH_EV_LATE, .late = 30 * MS });
	assert_int_equal(b.h.state, HEALTH_SUSPECT);
	b.path = PATH_GOOD;
	run(&b, 1 * S, RUN_ALL);
	assert_int_equal(b.unusable_told, 0);

	/* Under signs of life the same holds for the long limit. */
	b = bench_up(&normal, 10 * MS);
	b.packets_per_tick = 1;
	b.path = PATH_CUT;
	run(&b, 1500 * MS, RUN_ALL);
	b.now += 400 * MS;
	feed(&b, (struct health_event){ .kind = HEALTH_EV_LATE, .late = 400 * MS });
	feed(&b, (struct health_event){ .kind = HEALTH_EV_LATE, .late = 390 * MS }); /* the same */
	assert_int_equal(b.h.excused, 400 * MS);
	assert_in_range(run(&b, 10 * S, HEALTH_DOWN), 400 * MS, 600 * MS);
}

/*
 * The data plane stands still for a while, as it does on a saturated machine: nothing is sent
 * and received, and all of it as soon as it runs again.
 */
static unsigned alarms_of_still(const struct health_cfg *cfg, usec_t still, bool told)
{
	unsigned alarms = 0;

	for (int phase = 0; phase < 10; phase++) {
		struct bench b = bench_up(cfg, cfg->interval / 10);
		usec_t end;

		run(&b, cfg->interval * 2 / 10, RUN_ALL); /* nothing is under way */
		run(&b, b.tick - b.now + cfg->interval * (unsigned)phase / 10, RUN_ALL);
		end = b.now + still;
		b.handed = told ? b.now : 0;
		b.path = PATH_CUT;
		/* What still waited to be sent then is answered later, as these replies are. */
		run(&b, still, RUN_ALL);
		b.handed = 0;
		b.path = PATH_GOOD;
		feed(&b, (struct health_event){ .kind = HEALTH_EV_LIFE, .rx_last = end });
		run(&b, 2 * S, RUN_ALL);
		alarms += b.unusable_told;
		if (b.unusable_told == 0)
			assert_int_equal(b.h.state, HEALTH_UP);
	}
	return alarms;
}

static void test_data_plane_still(void **state)
{
	(void)state;
	assert_true(alarms_of_still(&fast, 62 * MS, false) > 5); /* as it was */
	assert_int_equal(alarms_of_still(&fast, 62 * MS, true), 0);
	assert_int_equal(alarms_of_still(&fast, 40 * MS, true), 0);
	assert_int_equal(alarms_of_still(&normal, 450 * MS, true), 0);
}

/* When it is not the data plane but all lines, a guess must not cost much. */
static void test_guess_is_short(void **state)
{
	struct bench b = bench_up(&fast, 1 * MS);

	(void)state;
	b.path = PATH_CUT;
	b.handed = b.now;
	assert_in_range(run(&b, 10 * S, HEALTH_DOWN), 60 * MS, 90 * MS);
	assert_int_equal(b.h.why.cause, HEALTH_CAUSE_SILENCE);
	assert_int_equal(b.h.guessed, 25 * MS);

	b = bench_up(&normal, 10 * MS);
	b.path = PATH_CUT;
	b.handed = b.now;
	assert_in_range(run(&b, 10 * S, HEALTH_DOWN), 450 * MS, 655 * MS);
	assert_int_equal(b.h.guessed, 50 * MS);

	/* What was known to be ours is not guessed again, and a packet gives a new allowance. */
	b = bench_up(&fast, 1 * MS);
	b.now += 20 * MS;
	feed(&b, (struct health_event){ .kind = HEALTH_EV_LATE, .late = 20 * MS });
	feed(&b, (struct health_event){ .kind = HEALTH_EV_LATE, .late = 20 * MS, .guessed = true });
	assert_int_equal(b.h.excused, 20 * MS);
	b.now += 20 * MS;
	feed(&b, (struct health_event){ .kind = HEALTH_EV_LATE, .late = 40 * MS, .guessed = true });
	assert_int_equal(b.h.excused, 40 * MS);
	assert_int_equal(b.h.guessed, 20 * MS);
	feed(&b, (struct health_event){ .kind = HEALTH_EV_LIFE, .rx_last = b.now - 30 * MS });
	assert_int_equal(b.h.guessed, 0);
}

/* A loop that is late at every tick cannot put off the decision for ever. */
static void test_always_late(void **state)
{
	struct bench b = bench_up(&fast, 1 * MS);

	(void)state;
	b.late = 10 * MS;
	b.path = PATH_CUT;
	assert_true(run(&b, 10 * S, HEALTH_DOWN) <= 300 * MS);
}

static void test_garbage_replies(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);
	uint32_t last = b.seq;
	usec_t heard;

	(void)state;
	b.path = PATH_CUT;
	run(&b, 5 * S, HEALTH_DOWN);
	b.states_told = 0;
	heard = b.h.reply_last;
	for (uint32_t i = 1; i < 8; i++) {
		/* duplicates, replays, and answers to what was never asked */
		feed(&b, (struct health_event){ .kind = HEALTH_EV_REPLY, .seq = last - i });
		feed(&b, (struct health_event){ .kind = HEALTH_EV_REPLY, .seq = last - 100 - i });
		feed(&b, (struct health_event){ .kind = HEALTH_EV_REPLY, .seq = b.seq + i });
		feed(&b,
		     (struct health_event){ .kind = HEALTH_EV_REPLY, .seq = b.seq + (1u << 31) });
	}
	assert_int_equal(b.h.reply_last, heard);
	assert_int_equal(b.states_told, 0);
	/* One that was held up for a while is real, but old: it proves nothing about now. */
	run(&b, 2 * S, RUN_ALL);
	feed(&b, (struct health_event){ .kind = HEALTH_EV_REPLY, .seq = b.seq - 20 });
	assert_int_equal(b.h.reply_last, b.now);
	assert_int_equal(b.states_told, 0);
}

/* What a right reply interrupts is not in a row. */
static void test_mixed_answers(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);

	(void)state;
	for (int i = 0; i < 20; i++) {
		b.path = i % 4 == 3 ? PATH_GOOD : PATH_REFUSED;
		run(&b, 100 * MS, RUN_ALL);
		if (i % 4 == 2) /* two refused, the third is lost */
			b.head = b.tail;
	}
	b.path = PATH_GOOD;
	run(&b, 1 * S, RUN_ALL);
	for (int i = 0; i < 20; i++) {
		b.path = i % 4 == 3 ? PATH_GOOD : PATH_WRONG;
		run(&b, 100 * MS, RUN_ALL);
	}
	assert_int_equal(b.unusable_told, 0);
	assert_true(b.h.wrong < HEALTH_STREAK + 1);
}

static void test_sequence_wrap(void **state)
{
	struct bench b = bench_of(&fast, 30 * MS);

	(void)state;
	b.seq = UINT32_MAX - 50;
	feed_kind(&b, HEALTH_EV_SA_UP);
	run(&b, 5 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_UP);
	assert_int_equal(b.unusable_told, 0);
	assert_int_equal(health_loss_permille(&fast, &b.h, b.now), 0);
	b.seq = 7; /* a new prober: its first probes count from nothing */
	run(&b, 5 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_UP);
	assert_int_equal(b.unusable_told, 0);
}

static void test_early_timer(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);
	struct health before;

	(void)state;
	b.path = PATH_CUT;
	run(&b, 300 * MS, RUN_ALL);
	before = b.h;
	feed_kind(&b, HEALTH_EV_TIMER);
	assert_int_equal(b.h.state, before.state);
	assert_int_equal(b.h.deadline, before.deadline);
	assert_int_equal(b.h.why.at, before.why.at);
}

static void test_unprobed(void **state)
{
	struct health_cfg cfg = normal;
	struct bench b;

	(void)state;
	cfg.unprobed = true;
	b = bench_of(&cfg, 0);
	feed_kind(&b, HEALTH_EV_SA_UP);
	assert_int_equal(b.h.state, HEALTH_UP);
	assert_int_equal(b.h.deadline, USEC_NEVER);
	b.now += 100 * S;
	feed_kind(&b, HEALTH_EV_TIMER);
	assert_int_equal(b.h.state, HEALTH_UP);
	feed_kind(&b, HEALTH_EV_SA_DOWN);
	assert_int_equal(b.h.state, HEALTH_NO_SA);

	/* A reload takes the check away from a path that is down. */
	b = bench_up(&normal, 10 * MS);
	b.path = PATH_CUT;
	run(&b, 5 * S, HEALTH_DOWN);
	b.cfg = &cfg;
	feed_kind(&b, HEALTH_EV_TIMER);
	assert_int_equal(b.h.state, HEALTH_UP);
	says(&b, "no health check is configured");
}

/* Round trips beyond the silence are no fault, as long as the replies keep coming. */
static void test_long_round_trip(void **state)
{
	struct bench b = bench_up(&fast, 200 * MS);

	(void)state;
	b.states_told = 0;
	run(&b, 60 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_UP);
	assert_int_equal(b.states_told, 0);
}

/* Copies of the newest probe leave while it is suspect, at times of their own, and only then. */
static void test_copies(void **state)
{
	struct health_cfg cfg = normal;
	struct bench b;
	usec_t sent;

	(void)state;
	cfg.repeats = true;
	b = bench_up(&cfg, 10 * MS);
	assert_int_equal(health_copy_at(&cfg, &b.h, b.now), USEC_NEVER);
	b.path = PATH_CUT;
	run(&b, 1 * S, HEALTH_SUSPECT);
	sent = b.h.sent_at;
	assert_in_range(b.now, sent + 1, sent + 99 * MS);
	assert_int_equal(health_copy_at(&cfg, &b.h, sent), sent + 25 * MS);
	assert_int_equal(health_copy_at(&cfg, &b.h, sent + 25 * MS - 1), sent + 25 * MS);
	assert_int_equal(health_copy_at(&cfg, &b.h, sent + 25 * MS), sent + 50 * MS);
	assert_int_equal(health_copy_at(&cfg, &b.h, sent + 74 * MS), sent + 75 * MS);
	assert_int_equal(health_copy_at(&cfg, &b.h, sent + 75 * MS),
			 USEC_NEVER); /* a probe's turn */
	assert_int_equal(health_copy_at(&cfg, &b.h, sent + 10 * S), USEC_NEVER);
	run(&b, 1 * S, HEALTH_DOWN);
	assert_int_equal(health_copy_at(&cfg, &b.h, b.now), USEC_NEVER);

	/* No finer than 2 ms, and not where the kind of probe does not allow it. */
	cfg.interval = 5 * MS;
	assert_int_equal(health_quick_usec(&cfg), 2 * MS);
	cfg.interval = 2 * MS;
	assert_int_equal(health_quick_usec(&cfg), 0);
	assert_int_equal(health_quick_usec(&normal), 0);
}

/* An answer to a copy is an answer to its probe. */
static void test_copy_answered(void **state)
{
	struct bench b = bench_up(&normal, 10 * MS);

	(void)state;
	b.path = PATH_CUT;
	run(&b, 540 * MS, HEALTH_DOWN);
	assert_int_equal(b.h.state, HEALTH_SUSPECT);
	assert_true(b.h.unanswered >= 4);
	feed(&b, (struct health_event){ .kind = HEALTH_EV_REPLY, .seq = b.seq, .rtt = 10 * MS });
	assert_int_equal(b.h.state, HEALTH_UP);
	assert_int_equal(b.h.unanswered, 0);
	run(&b, 400 * MS, RUN_ALL);
	assert_true(health_is_usable(&b.h));
}

/* No figure out of what was lost before the tunnel came up, or of a fault. */
static void test_loss_is_known(void **state)
{
	struct bench b = bench_of(&normal, 20 * MS);

	(void)state;
	run(&b, 10 * S, RUN_ALL); /* without an SA: all lost */
	assert_false(health_loss_is_known(&normal, &b.h, b.now));
	feed_kind(&b, HEALTH_EV_SA_UP);
	run(&b, 2 * S, HEALTH_UP);
	run(&b, 6 * S, RUN_ALL);
	assert_int_equal(b.h.state, HEALTH_UP);
	assert_false(health_loss_is_known(&normal, &b.h, b.now));
	run(&b, 1 * S, RUN_ALL);
	assert_true(health_loss_is_known(&normal, &b.h, b.now));
	assert_int_equal(health_loss_permille(&normal, &b.h, b.now), 0);
	b.path = PATH_CUT;
	run(&b, 1 * S, HEALTH_SUSPECT);
	assert_false(health_loss_is_known(&normal, &b.h, b.now));
	run(&b, 1 * S, HEALTH_DOWN);
	assert_false(health_loss_is_known(&normal, &b.h, b.now));
}

/* The reason that README.md shows is one that exists. */
static void test_readme(void **state)
{
	const struct health_evidence e = { .cause = HEALTH_CAUSE_SILENCE,
					   .reply_age = 512 * MS,
					   .life_age = 512 * MS,
					   .unanswered = 5 };
	char why[256], want[320], line[512];
	bool found = false;
	FILE *f = fopen(SOURCE_ROOT "/README.md", "re");

	(void)state;
	assert_non_null(f);
	health_evidence_text(&e, why, sizeof(why));
	(void)snprintf(want, sizeof(want), "! tunnel line1 is not usable: %s\n", why);
	while (!found && fgets(line, sizeof(line), f))
		found = strcmp(line, want) == 0;
	(void)fclose(f);
	if (!found)
		fail_msg("README.md does not have: %s", want);
}

static void test_names_differ(void **state)
{
	(void)state;
	for (int i = HEALTH_CAUSE_START; i <= HEALTH_CAUSE_UNPROBED; i++) {
		struct health_evidence e = { .cause = (enum health_cause)i };
		char text[256] = "";

		health_evidence_text(&e, text, sizeof(text));
		assert_true(strlen(text) > 10);
		assert_string_not_equal(health_cause_name((enum health_cause)i), "?");
		for (int j = HEALTH_CAUSE_START; j < i; j++)
			assert_string_not_equal(health_cause_name((enum health_cause)i),
						health_cause_name((enum health_cause)j));
	}
	assert_string_equal(health_state_name(HEALTH_WRONG_PATH), "wrong-path");
	assert_string_equal(health_state_name(HEALTH_HELD), "held");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_up),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_suspect),
		cmocka_unit_test(test_four_lost),
		cmocka_unit_test(test_weak),
		cmocka_unit_test(test_collapse),
		cmocka_unit_test(test_moved_by_the_peer),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_backlog),
		cmocka_unit_test(test_counter_reset),
		cmocka_unit_test(test_not_fit),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_wrong_path),
		cmocka_unit_test(test_restore_and_penalty),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_sa),
		cmocka_unit_test(test_new_sa_new_traffic),
		cmocka_unit_test(test_late_answer_from_before_the_sa),
		cmocka_unit_test(test_admin),
		cmocka_unit_test(test_stall),
		cmocka_unit_test(test_stall_under_suspicion),
		cmocka_unit_test(test_data_plane_still),
		cmocka_unit_test(test_guess_is_short),
		cmocka_unit_test(test_always_late),
		cmocka_unit_test(test_garbage_replies),
		cmocka_unit_test(test_mixed_answers),
		cmocka_unit_test(test_sequence_wrap),
		cmocka_unit_test(test_early_timer),
		cmocka_unit_test(test_unprobed),
		cmocka_unit_test(test_long_round_trip),
		cmocka_unit_test(test_copies),
		cmocka_unit_test(test_copy_answered),
		cmocka_unit_test(test_loss_is_known),
		cmocka_unit_test(test_readme),
		cmocka_unit_test(test_names_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
