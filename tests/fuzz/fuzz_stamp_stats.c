/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Probes, replies, samples and time in any order and with any numbers, as a reflector that lies or
 * a line that repeats could bring them: sums stay sums.
 */
#include "fsm/stamp_stats.h"

#include "base/buf.h"

#include <stdlib.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check(struct stamp_stats *s, unsigned skip, unsigned count, usec_t now)
{
	struct stamp_sum sum = stamp_stats_sum(s, skip, count, now);

	MUST(sum.seconds <= count);
	MUST(sum.answered <= sum.sent && sum.lost == sum.sent - sum.answered);
	MUST(sum.lost_way[STAMP_THERE] + sum.lost_way[STAMP_BACK] <= 2 * sum.sent);
	MUST(!sum.has_rtt || sum.rtt <= sum.rtt_worst + sum.rtt_worst / 1000 + 1);
	MUST(s->has_ways || !sum.has_ways);
}

static void step(struct stamp_stats *s, struct rbuf *r, usec_t *now)
{
	uint8_t op = rbuf_u8(r);
	uint32_t a = rbuf_u16(r), b = rbuf_u16(r);
	struct stamp_sample x;

	switch (op % 8) {
	case 0:
	case 1:
		stamp_stats_sent(s, *now);
		break;
	case 2:
		stamp_stats_answered(s, a, usec_since(b * USEC_PER_MSEC, *now), *now);
		break;
	case 3:
		*now += a * USEC_PER_MSEC;
		break;
	case 4:
		*now += a * USEC_PER_SEC;
		break;
	case 5:
		check(s, a % 1800, b % 1800, *now);
		break;
	case 6:
		x = (struct stamp_sample){ .sender_seq = a,
					   .reflector_seq = b,
					   .sent = usec_since(rbuf_u8(r) * USEC_PER_MSEC, *now),
					   .at = *now,
					   .synced = op & 0x80 };
		x.there_ns = (int64_t)rbuf_u64(r);
		x.back_ns = (int64_t)rbuf_u64(r);
		stamp_stats_sample(s, &x);
		break;
	default:
		stamp_stats_session(s, *now);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint64_t room[(STAMP_WAYS_BYTES + 7) / 8];
	struct rbuf r = rbuf_of(data, len);
	bool ways = rbuf_u8(&r) & 1;
	usec_t now = 5 * USEC_PER_SEC;
	struct stamp_stats s;

	stamp_stats_init(&s, (struct stamp_rings *)(void *)room, ways, now);
	while (rbuf_left(&r) > 0)
		step(&s, &r, &now);
	check(&s, 0, STAMP_SPAN_MAX, now + 3 * USEC_PER_SEC);
	return 0;
}
