/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any configuration, then any packets and delays, and what must hold after each step. */
#include "fsm/bfd_fsm.h"

#include <stdlib.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

#define EVENT 9 /* bytes of input for one */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Small steps up to hours, and the limits. */
static uint32_t interval(uint8_t d)
{
	return d == 0 ? 0 : d == 255 ? UINT32_MAX : 1000u * d * (d & 1 ? 1 : 100);
}

static struct bfd_cfg config(const uint8_t *d)
{
	return (struct bfd_cfg){ .discr = 1,
				 .tx = interval(d[0]) ? interval(d[0]) : 1,
				 .rx = interval(d[1]) ? interval(d[1]) : 1,
				 .mult = d[2] ? d[2] : 1,
				 .demand = d[3] & 1,
				 .auth = d[3] & 2   ? BFD_AUTH_METICULOUS_SHA1
					 : d[3] & 4 ? BFD_AUTH_SHA1
						    : BFD_AUTH_NONE };
}

static void check(const struct bfd_cfg *cfg, const struct bfd *old, const struct bfd_step *s,
		  const struct bfd_event *ev, usec_t now)
{
	const struct bfd *b = &s->next;
	unsigned sends = s->actions & (BFD_SEND | BFD_SEND_FINAL);
	uint8_t buf[BFD_PKT_MAX];
	struct bfd_pkt p;

	MUST(sends != (BFD_SEND | BFD_SEND_FINAL));
	MUST(!!(s->actions & BFD_TELL_STATE) == (old->state != b->state));
	MUST(old->state == b->state || sends);
	MUST(!(s->actions & BFD_SEND_FINAL) ||
	     (ev->kind == BFD_EV_PACKET && ev->packet->poll && s->drop == BFD_DROP_NONE));
	/* A packet that is refused changes nothing at all but, after long, what may be counted. */
	if (s->drop != BFD_DROP_NONE)
		MUST(s->actions == 0 && b->state == old->state && b->seq_in == old->seq_in &&
		     b->detect_at == old->detect_at);
	MUST(b->seq_out - old->seq_out == (sends != 0));
	/* 6.8.3: slow while not Up, and no faster than either side wants ever. */
	MUST(b->state == BFD_UP || b->tx_said >= BFD_SLOW_USEC);
	MUST(bfd_tx_interval(b) >= b->remote_rx || b->remote_rx == 0);
	MUST(b->state == BFD_UP || !b->polling);
	MUST(!b->poll_again || b->polling);
	/* who lives is watched: by the peer's own packets, or by our polls */
	if (b->state == BFD_UP || b->state == BFD_INIT)
		MUST(b->deadline != USEC_NEVER);
	/* or the loop would spin */
	MUST(ev->kind != BFD_EV_TIMER || b->deadline > now);
	/* whatever happens, it can be said */
	p = bfd_packet(cfg, b, s->actions & BFD_SEND_FINAL);
	MUST(bfd_pkt_encode(&p, buf, sizeof(buf)) > 0);
	MUST(!p.poll || !p.final);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bfd_cfg cfg;
	struct bfd b;
	usec_t now = USEC_PER_SEC;

	if (len < 4)
		return 0;
	cfg = config(data);
	b = bfd_start(&cfg, data[3] * 0x1010101u, now);
	for (size_t i = 4; i + EVENT <= len; i += EVENT) {
		const uint8_t *d = data + i;
		const struct bfd_pkt p = {
			.diag = d[1] & 0x1f,
			.state = d[2] >> 6,
			.poll = d[2] & 1,
			.final = d[2] & 2,
			.demand = d[2] & 4,
			.mult = d[3] ? d[3] : 1,
			.my_discr = 2,
			/* as the decoder lets through */
			.your_discr = d[2] >> 6 > BFD_DOWN ? 1 + !(d[2] & 0x38) : !(d[2] & 8),
			.tx = interval(d[4]),
			.rx = interval(d[5]),
			.auth = { .type = d[6] & 0x80 ? BFD_AUTH_PASSWORD : cfg.auth,
				  .seq = b.seq_in + (uint32_t)(d[6] & 0x1f) - 4 },
		};
		const struct bfd_event ev = { .kind = d[0] % 6,
					      .packet = &p,
					      .authentic = !(d[6] & 0x40),
					      .on = d[1] & 1,
					      .at = d[7] & 1 ? now : 0,
					      .late = d[1] * UINT64_C(1000),
					      .random = d[6] * 0x1234567u };
		struct bfd_step s;

		now += d[7] & 0x80 ? d[8] * UINT64_C(1000000) : d[8] * UINT64_C(500);
		if (ev.kind == BFD_EV_CONFIG)
			cfg = config(d + 1);
		/* What is late is fed before the timer; one that is due is never left out. */
		s = bfd_step(&cfg, b, &ev, now);
		if (ev.kind != BFD_EV_CONFIG)
			check(&cfg, &b, &s, &ev, now);
		b = s.next;
	}
	return 0;
}
