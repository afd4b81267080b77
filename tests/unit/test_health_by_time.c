/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Health of a path whose peer speaks by itself, in turn, as a BFD session does. */
#include "fsm/health_fsm.h"
#include "fsm/health_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define MS USEC_PER_MSEC
#define S USEC_PER_SEC

static const struct health_cfg cfg = {
	.by_time = true, .interval = 10 * MS, .silence = 30 * MS, .patience = 4
};

struct line {
	struct health h;
	usec_t now;
	uint32_t seq;
	uint64_t packets; /* of data */
	usec_t life;
};

static unsigned feed(struct line *l, struct health_event ev)
{
	struct health_step s = health_step(&cfg, l->h, &ev, l->now);

	l->h = s.next;
	return s.actions;
}

/* As svc/health does for each packet of the peer, or for one that is overdue (`refused`: its
 * words). */
static unsigned turn(struct line *l, bool heard, const char *refused)
{
	unsigned actions;

	actions = feed(l, (struct health_event){ .kind = HEALTH_EV_LIFE,
						 .rx_last = heard ? l->now : l->life,
						 .rx_packets = l->packets });
	actions |= feed(l, (struct health_event){ .kind = HEALTH_EV_PROBE_SENT, .seq = l->seq });
	if (heard && refused)
		actions |= feed(l, (struct health_event){ .kind = HEALTH_EV_UNREACHABLE,
							  .seq = l->seq,
							  .first_party = true,
							  .said = refused });
	else if (heard)
		actions |= feed(l, (struct health_event){ .kind = HEALTH_EV_REPLY, .seq = l->seq });
	l->seq++;
	return actions;
}

static struct line up(void)
{
	struct line l = { .h = health_start(S), .now = S };

	(void)feed(&l, (struct health_event){ .kind = HEALTH_EV_SA_UP });
	for (unsigned i = 0; i < 20; i++) {
		l.now += 9 * MS; /* never quite in turn */
		(void)turn(&l, true, NULL);
	}
	assert_int_equal(l.h.state, HEALTH_UP);
	return l;
}

/* Silent from now on but for data and life; how long until it is down. */
static usec_t until_down(struct line *l, unsigned data_per_tick, bool life)
{
	usec_t from = l->now, tick = l->now + 12500;

	while (l->h.state != HEALTH_DOWN && l->now < from + S) {
		l->now = usec_min(tick, l->h.deadline);
		if (life)
			l->life = l->now;
		l->packets += data_per_tick;
		if (l->now == tick) {
			(void)turn(l, false, NULL);
			tick += 10 * MS;
		}
		(void)feed(l, (struct health_event){ .kind = HEALTH_EV_LIFE,
						     .rx_last = l->life,
						     .rx_packets = l->packets });
		(void)feed(l, (struct health_event){ .kind = HEALTH_EV_TIMER });
	}
	return l->now - from;
}

static void silence_decides(void **state)
{
	struct line l = up();

	(void)state;
	assert_int_equal(until_down(&l, 0, false), 30 * MS);
	assert_int_equal(l.h.why.cause, HEALTH_CAUSE_SILENCE);
}

/* Each of them is as good as the first: none is taken for a repetition. */
static void every_packet_counts(void **state)
{
	struct line l = up();

	(void)state;
	l.now += MS;
	(void)turn(&l, true, NULL);
	l.now += MS;
	(void)turn(&l, true, NULL);
	assert_int_equal(until_down(&l, 0, false), 30 * MS);
	assert_int_equal(health_loss_permille(&cfg, &l.h, l.now) > 0, 1);
}

static void data_buys_patience(void **state)
{
	struct line l = up();

	(void)state;
	assert_int_equal(until_down(&l, 1, true), 120 * MS);
	assert_int_equal(l.h.why.cause, HEALTH_CAUSE_NO_REPLIES);
}

/* Answers to our own packets, such as "port unreachable", are no traffic. */
static void life_alone_does_not(void **state)
{
	struct line l = up();

	(void)state;
	assert_int_equal(until_down(&l, 0, true), 30 * MS);
	assert_int_equal(l.h.why.cause, HEALTH_CAUSE_NO_REPLIES);
}

static void own_words(void **state)
{
	struct line l = up();
	char text[256];
	unsigned actions;

	(void)state;
	actions = turn(&l, true, "concatenated path down");
	assert_int_equal(l.h.state, HEALTH_DOWN);
	assert_true(actions & HEALTH_TELL_UNUSABLE);
	assert_non_null(strstr(health_cause_text(&l.h, text, sizeof(text)),
			       "the peer says: concatenated path down"));
	/* said again it is no news; other words are */
	l.now += 10 * MS;
	assert_int_equal(turn(&l, true, l.h.why.said), 0);
	l.now += 10 * MS;
	assert_int_equal(turn(&l, true, "administratively down"), HEALTH_TELL_STATE);
	assert_non_null(strstr(health_cause_text(&l.h, text, sizeof(text)), "administratively"));
	for (unsigned i = 0; i < 4; i++) {
		l.now += 10 * MS;
		(void)turn(&l, true, NULL);
	}
	assert_int_equal(l.h.state, HEALTH_UP);
}

static void expected(void **state)
{
	const struct health_path path = { .life = USEC_NEVER };
	struct health_expectation e = health_model(&cfg, &path);

	(void)state;
	assert_int_equal(e.detect_max, 30 * MS);
	assert_int_equal(e.detect, 25 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_decides),    cmocka_unit_test(every_packet_counts),
		cmocka_unit_test(data_buys_patience), cmocka_unit_test(life_alone_does_not),
		cmocka_unit_test(own_words),          cmocka_unit_test(expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
