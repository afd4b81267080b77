/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/route_damp.h"

#include <string.h>

static bool is_usable(const struct route_member *m)
{
	return m->usable && m->has_sa;
}

static bool carries_well(const struct route_choice *c, unsigned member)
{
	return (c->mode == ROUTE_NORMAL || c->mode == ROUTE_STANDBY) &&
	       route_choice_uses(c, member);
}

/* What carries counts as usable until its fault is as old as the hold-off. */
static void hold_off(const struct route_damp_cfg *cfg, struct route_damp *d,
		     struct route_member *members, size_t n, const struct route_choice *current,
		     usec_t now)
{
	d->deadline = USEC_NEVER;
	for (size_t i = 0; i < n; i++) {
		struct route_member *m = &members[i];
		usec_t end;

		if (m->usable || !m->has_sa || !cfg->hold_off || !current ||
		    !carries_well(current, (unsigned)i)) {
			d->fault[i] = 0;
			continue;
		}
		/* Over in time.  The restore time protects from going to it; it was not left. */
		if (m->answers) {
			d->fault[i] = 0;
			m->usable = true;
			continue;
		}
		if (!d->fault[i])
			d->fault[i] = now;
		end = usec_add(d->fault[i], cfg->hold_off);
		if (now >= end)
			continue;
		m->usable = true;
		d->deadline = usec_min(d->deadline, end);
	}
}

/*
 * What carries now, less what is not usable any more, or degraded where `next` has better, and less
 * what carried by its weight and has none any more: whoever took that away wants it elsewhere.
 */
static struct route_choice what_is_left(const struct route_member *members, size_t n,
					const struct route_choice *current,
					const struct route_choice *next)
{
	struct route_choice c = { .mode = ROUTE_STANDBY, .publish = true };

	for (unsigned i = 0; i < n; i++) {
		uint8_t weight = members[i].weight;

		if (!route_choice_uses(current, i) || !is_usable(&members[i]) ||
		    (members[i].degraded && !route_choice_uses(next, i)) ||
		    (current->mode == ROUTE_NORMAL && !weight))
			continue;
		c.use[c.count++] = (struct route_use){ i, weight ? weight : 1 };
		c.mode = weight ? ROUTE_NORMAL : c.mode;
	}
	return c;
}

/* Does everything carry that should when nothing is wrong? */
static bool is_whole(const struct route_member *members, size_t n, const struct route_choice *c)
{
	for (unsigned i = 0; i < n; i++)
		if (members[i].weight && !route_choice_uses(c, i))
			return false;
	return c->mode == ROUTE_NORMAL;
}

static bool leaves_one(const struct route_choice *current, const struct route_choice *next)
{
	for (unsigned i = 0; i < current->count; i++)
		if (!route_choice_uses(next, current->use[i].member))
			return true;
	return false;
}

/* `next` is where the route would go with revert. */
static struct route_choice stay(const struct route_damp_cfg *cfg, struct route_damp *d,
				const struct route_member *members, size_t n,
				const struct route_choice *current, const struct route_choice *next)
{
	struct route_choice left = what_is_left(members, n, current, next);

	left.lock_ignored = next->lock_ignored;
	d->failed_over =
		d->failed_over || (left.count < current->count && leaves_one(current, next));
	if (!cfg->led && d->failed_over && left.count && !route_choice_same_use(&left, next)) {
		d->stays = true;
		return left;
	}
	if (is_whole(members, n, next))
		d->failed_over = false;
	return *next;
}

struct route_choice route_damp_choose(const struct route_damp_cfg *cfg, struct route_damp *d,
				      const struct route_member *members, size_t n, int lock,
				      const struct route_choice *current, usec_t now)
{
	struct route_member m[ROUTE_MEMBERS_MAX];
	struct route_choice next;

	n = n < ROUTE_MEMBERS_MAX ? n : ROUTE_MEMBERS_MAX;
	memcpy(m, members, n * sizeof(m[0]));
	hold_off(cfg, d, m, n, current, now);
	next = route_set_choose(m, n, lock, current);
	d->stays = false;
	if (cfg->revert || next.locked) {
		/* A person's word ends what a failover began. */
		d->failed_over = false;
		return next;
	}
	if (!current || !current->publish || !current->count)
		return next;
	return stay(cfg, d, m, n, current, &next);
}
