/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/size_fsm.h"

#include <stdio.h>

#define SEARCH_TRIES 2u /* of one size */
#define SEARCH_AGAIN (600 * USEC_PER_SEC)
#define TOLD_LIFE (600 * USEC_PER_SEC) /* RFC 1191, 6.3 */
#define MTU_LEAST 576u /* that a device may have, conf/schema.c */
#define GOOD_AGAIN 3u /* replies in a row */

struct size_probe size_start(usec_t now)
{
	return (struct size_probe){ .state = SIZE_UNKNOWN, .since = now, .deadline = now };
}

unsigned size_losses_needed(unsigned loss_permille)
{
	uint64_t chance = 1000000; /* in millionths */
	unsigned n = 0;

	while (n < SIZE_LOST_MOST && (n < SIZE_LOST_LEAST || chance > 1)) {
		chance = chance * (loss_permille < 1000 ? loss_permille : 1000) / 1000;
		n++;
	}
	return n;
}

uint16_t size_full(const struct size_cfg *cfg, const struct size_probe *p, usec_t now)
{
	return p->told && now < p->told_until && p->told < cfg->full ? p->told : cfg->full;
}

static struct size_step send(struct size_probe p, uint16_t bytes, const struct size_cfg *cfg,
			     usec_t now)
{
	p.sent = bytes;
	p.seq++;
	p.sent_at = now;
	p.waiting = true;
	p.deadline = usec_add(now, usec_max(cfg->wait, 1));
	return (struct size_step){ .next = p, .send = bytes };
}

static struct size_step rest(struct size_probe p, usec_t wait, usec_t now)
{
	p.waiting = false;
	p.deadline = usec_add(now, usec_max(wait, 1));
	return (struct size_step){ .next = p };
}

static void enter(struct size_probe *p, enum size_state state, usec_t now)
{
	p->state = state;
	p->since = now;
	p->lost = p->answered = 0;
}

/* The next size to try, or the end of the search. */
static struct size_step search(const struct size_cfg *cfg, struct size_probe p, usec_t now)
{
	struct size_step s;

	p.search_lost = 0;
	if (p.fails > p.passes + SIZE_PRECISION)
		return send(p, (uint16_t)(p.passes + (p.fails - p.passes) / 2), cfg, now);
	p.searching = false;
	s = rest(p, cfg->every, now);
	s.changed = true;
	return s;
}

static struct size_step begin_search(const struct size_cfg *cfg, struct size_probe p, usec_t now)
{
	p.searching = true;
	p.searched = now;
	p.passes = cfg->small;
	p.fails = p.sent;
	return search(cfg, p, now);
}

static struct size_step lost_in_search(const struct size_cfg *cfg, struct size_probe p, usec_t now)
{
	if (++p.search_lost < SEARCH_TRIES)
		return send(p, p.sent, cfg, now);
	p.fails = p.sent;
	return search(cfg, p, now);
}

/* Of full size. */
static struct size_step lost(const struct size_cfg *cfg, struct size_probe p,
			     const struct size_event *ev, usec_t now)
{
	struct size_step s;
	bool broke = false;

	p.answered = 0;
	if (p.lost < SIZE_LOST_MOST)
		p.lost++;
	if (p.lost < size_losses_needed(ev->loss_permille))
		return send(p, size_full(cfg, &p, now), cfg, now);
	if (p.state == SIZE_GOOD) {
		enter(&p, SIZE_BROKEN, now);
		broke = true;
	}
	p.lost = p.state == SIZE_BROKEN ? SIZE_LOST_MOST : 0;
	s = broke || p.searched == 0 || usec_since(p.searched, now) >= SEARCH_AGAIN
		    ? begin_search(cfg, p, now)
		    : rest(p, cfg->every, now);
	s.changed |= broke;
	return s;
}

static struct size_step on_timer(const struct size_cfg *cfg, struct size_probe p,
				 const struct size_event *ev, usec_t now)
{
	if (now < p.deadline)
		return (struct size_step){ .next = p };
	if (!p.waiting)
		return send(p, size_full(cfg, &p, now), cfg, now);
	/* Nothing at all is answered: that is another fault, and says nothing about size. */
	if (ev->small_reply <= p.sent_at) {
		p.searching = false;
		return rest(p, cfg->every, now);
	}
	return p.searching ? lost_in_search(cfg, p, now) : lost(cfg, p, ev, now);
}

static struct size_step on_reply(const struct size_cfg *cfg, struct size_probe p,
				 const struct size_event *ev, usec_t now)
{
	struct size_step s;

	if (!p.waiting || ev->seq != p.seq)
		return (struct size_step){ .next = p };
	if (p.searching) {
		p.passes = p.sent;
		return search(cfg, p, now);
	}
	p.lost = 0;
	if (p.answered < GOOD_AGAIN)
		p.answered++;
	if (p.state == SIZE_BROKEN && p.answered < GOOD_AGAIN)
		return rest(p, cfg->wait, now);
	if (p.state == SIZE_GOOD)
		return rest(p, cfg->every, now);
	enter(&p, SIZE_GOOD, now);
	p.searched = 0;
	p.passes = 0;
	s = rest(p, cfg->every, now);
	s.changed = true;
	return s;
}

/* Whoever sends larger ones is told the same, and sends smaller ones: nothing is lost in silence.
 */
static struct size_step on_too_big(const struct size_cfg *cfg, struct size_probe p,
				   const struct size_event *ev, usec_t now)
{
	if (!p.waiting || ev->seq != p.seq || ev->mtu >= p.sent || ev->mtu <= cfg->small)
		return (struct size_step){ .next = p };
	p.told = ev->mtu;
	p.told_until = usec_add(now, TOLD_LIFE);
	p.searching = false;
	return send(p, p.told, cfg, now);
}

struct size_step size_step(const struct size_cfg *cfg, struct size_probe p,
			   const struct size_event *ev, usec_t now)
{
	if (cfg->every == 0 || cfg->full <= cfg->small + SIZE_PRECISION) {
		p = size_start(now);
		p.deadline = USEC_NEVER;
		return (struct size_step){ .next = p };
	}
	switch (ev->kind) {
	case SIZE_EV_TIMER:
		return on_timer(cfg, p, ev, now);
	case SIZE_EV_REPLY:
		return on_reply(cfg, p, ev, now);
	case SIZE_EV_TOO_BIG:
		return on_too_big(cfg, p, ev, now);
	case SIZE_EV_HURRY:
		if (!p.waiting)
			p.deadline = usec_min(p.deadline, usec_add(p.sent_at, cfg->wait));
		break;
	}
	return (struct size_step){ .next = p };
}

const char *size_state_name(enum size_state state)
{
	switch (state) {
	case SIZE_UNKNOWN:
		return "not-known";
	case SIZE_GOOD:
		return "pass";
	case SIZE_BROKEN:
		return "die";
	}
	return "?";
}

const char *size_text(const struct size_cfg *cfg, const struct size_probe *p, usec_t now, char *out,
		      size_t size)
{
	unsigned full = size_full(cfg, p, now);
	bool found = p->searched != 0 && !p->searching && p->passes > 0;

	switch (p->state) {
	case SIZE_UNKNOWN:
		if (found && p->passes > cfg->small)
			snprintf(out, size,
				 "not known: the peer has never answered one of %u bytes; the "
				 "largest "
				 "answered has %u",
				 full, p->passes);
		else
			snprintf(out, size,
				 "not known: the peer has never answered one of %u bytes", full);
		break;
	case SIZE_GOOD:
		snprintf(out, size, "packets of %u bytes arrive", full);
		break;
	case SIZE_BROKEN:
		if (found && p->passes >= MTU_LEAST)
			snprintf(
				out, size,
				"packets of %u bytes do not arrive, those of %u do: the line's MTU "
				"is smaller than thought; lower mtu: to %u or mend the line",
				full, (unsigned)p->passes, (unsigned)p->passes);
		else
			snprintf(
				out, size,
				"packets of %u bytes do not arrive, those of %u do: the line's MTU "
				"is smaller than thought",
				full, found ? (unsigned)p->passes : (unsigned)cfg->small);
		break;
	}
	return out;
}
