/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/script_fsm.h"

struct script script_start(usec_t now)
{
	return (struct script){ .next = now, .give_up = USEC_NEVER, .deadline = now };
}

static unsigned take_result(const struct script_cfg *cfg, struct script *s, bool good)
{
	s->phase = SCRIPT_IDLE;
	s->give_up = USEC_NEVER;
	if (!s->known) {
		s->known = true;
		s->good = good;
		return SCRIPT_TELL;
	}
	if (good == s->good) {
		s->streak = 0;
		return 0;
	}
	if (++s->streak < (good ? cfg->rise : cfg->fall))
		return 0;
	s->good = good;
	s->streak = 0;
	return SCRIPT_TELL;
}

/* A turn that was missed is not made up for. */
static unsigned take_turn(const struct script_cfg *cfg, struct script *s, usec_t now)
{
	s->next = usec_add(s->next, cfg->interval);
	if (s->next <= now)
		s->next = usec_add(now, cfg->interval);
	if (s->phase != SCRIPT_IDLE) {
		s->overlaps++;
		return 0;
	}
	s->phase = SCRIPT_WAITING;
	return SCRIPT_WANTS_RUN;
}

struct script_step script_step(const struct script_cfg *cfg, struct script s, enum script_event ev,
			       usec_t now)
{
	unsigned actions = 0;

	switch (ev) {
	case SCRIPT_EV_TIMER:
		if (s.phase == SCRIPT_RUNNING && now >= s.give_up)
			actions |= take_result(cfg, &s, false) | SCRIPT_NO_WORD;
		if (now >= s.next)
			actions |= take_turn(cfg, &s, now);
		break;
	case SCRIPT_EV_STARTED:
		if (s.phase != SCRIPT_WAITING)
			break;
		s.phase = SCRIPT_RUNNING;
		s.give_up = usec_add(now, usec_add(cfg->timeout, SCRIPT_GRACE));
		break;
	case SCRIPT_EV_GOOD:
	case SCRIPT_EV_BAD:
		if (s.phase == SCRIPT_RUNNING)
			actions |= take_result(cfg, &s, ev == SCRIPT_EV_GOOD);
		break;
	}
	s.deadline = usec_min(s.next, s.give_up);
	return (struct script_step){ s, actions };
}
