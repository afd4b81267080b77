/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/route_set.h"

#define NONE ROUTE_MEMBERS_MAX

static bool is_usable(const struct route_member *m)
{
	return m->usable && m->has_sa;
}

static struct route_choice alone(enum route_mode mode, size_t member, uint8_t weight)
{
	struct route_choice c = { .mode = mode, .count = 1 };

	c.use[0].member = (unsigned)member;
	c.use[0].weight = weight == 0 ? 1 : weight; /* the kernel knows no 0 */
	return c;
}

static bool is_good(const struct route_member *m)
{
	return is_usable(m) && !m->degraded;
}

static struct route_choice share(const struct route_member *members, size_t n,
				 bool (*fits)(const struct route_member *m))
{
	struct route_choice c = { .mode = ROUTE_NORMAL };

	for (size_t i = 0; i < n; i++)
		if (fits(&members[i]) && members[i].weight > 0)
			c.use[c.count++] = (struct route_use){ (unsigned)i, members[i].weight };
	return c;
}

static size_t first(const struct route_member *members, size_t n,
		    bool (*fits)(const struct route_member *m))
{
	size_t best = NONE;

	for (size_t i = 0; i < n; i++)
		if (fits(&members[i]) && (best == NONE || members[i].rank < members[best].rank))
			best = i;
	return best;
}

static size_t first_usable(const struct route_member *members, size_t n)
{
	return first(members, n, is_usable);
}

/* All of them of one kind: who has a weight shares, or else the first in order stands in. */
static struct route_choice among(const struct route_member *members, size_t n,
				 bool (*fits)(const struct route_member *m))
{
	struct route_choice c = share(members, n, fits);
	size_t one = c.count == 0 ? first(members, n, fits) : NONE;

	return one == NONE ? c : alone(ROUTE_STANDBY, one, 1);
}

/* What is left of the choice in force: of degraded members none is worth a move. */
static struct route_choice stay(const struct route_member *members, size_t n,
				const struct route_choice *current)
{
	struct route_choice c = { .mode = ROUTE_NORMAL };

	for (unsigned i = 0; current && i < current->count; i++) {
		unsigned m = current->use[i].member;

		if (m >= n || !is_usable(&members[m]))
			continue;
		if (members[m].weight == 0)
			return alone(ROUTE_STANDBY, m, 1);
		c.use[c.count++] = (struct route_use){ m, members[m].weight };
	}
	return c;
}

static bool answers(const struct route_member *m)
{
	return m->answers && m->has_sa;
}

/* Good enough to stay, or to go to. */
static bool will_do(const struct route_member *m, bool carries)
{
	return answers(m) || (carries && m->doubtful && m->has_sa);
}

static bool any_answers(const struct route_member *members, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (answers(&members[i]))
			return true;
	return false;
}

static bool is_better_last(const struct route_member *a, bool a_carries,
			   const struct route_member *b, bool b_carries)
{
	bool a_will_do = will_do(a, a_carries);

	if (a_will_do != will_do(b, b_carries))
		return a_will_do;
	if (a_carries != b_carries)
		return a_carries;
	if (a->weight != b->weight)
		return a->weight > b->weight;
	if (a->rank != b->rank)
		return a->rank < b->rank;
	return a->down_since > b->down_since;
}

/* Nothing is usable.  What answers is best, and then what carries already. */
static size_t last_resort(const struct route_member *members, size_t n,
			  const struct route_choice *current)
{
	size_t best = NONE;
	bool best_carries = false;

	for (size_t i = 0; i < n; i++) {
		bool carries = current && route_choice_uses(current, (unsigned)i);

		if (!members[i].has_sa)
			continue;
		if (best != NONE &&
		    !is_better_last(&members[i], carries, &members[best], best_carries))
			continue;
		best = i;
		best_carries = carries;
	}
	return best;
}

static struct route_choice choose(const struct route_member *members, size_t n,
				  const struct route_choice *current)
{
	struct route_choice c = among(members, n, is_good);

	if (c.count == 0)
		c = stay(members, n, current);
	if (c.count == 0)
		c = among(members, n, is_usable);
	if (c.count > 0)
		return c;

	size_t one = last_resort(members, n, current);

	if (one != NONE)
		return alone(ROUTE_LAST_RESORT, one, members[one].weight);
	return (struct route_choice){ .mode = ROUTE_BLACKHOLE };
}

/* A person's wish holds as long as nothing is in a better class than its member. */
static bool lock_holds(const struct route_member *members, size_t n, const struct route_member *m)
{
	if (first_usable(members, n) != NONE)
		return is_usable(m);
	return m->has_sa && (will_do(m, true) || !any_answers(members, n));
}

static void publish(struct route_choice *c, const struct route_member *members, bool usable,
		    const struct route_choice *current)
{
	c->publish = usable;
	/* Doubt is too little to begin with, and too little to end it. */
	c->answers = c->mode == ROUTE_LAST_RESORT &&
		     will_do(&members[c->use[0].member], current && current->answers);
	c->lapsed = !usable && current && (current->lapsed || (current->answers && !c->answers));
	c->publish_last = c->answers && !c->lapsed;
}

struct route_choice route_set_choose(const struct route_member *members, size_t n, int lock,
				     const struct route_choice *current)
{
	n = n < ROUTE_MEMBERS_MAX ? n : ROUTE_MEMBERS_MAX;

	bool usable = first_usable(members, n) != NONE;
	bool has_lock = lock >= 0 && (size_t)lock < n;
	struct route_choice c;

	if (has_lock && lock_holds(members, n, &members[lock])) {
		uint8_t weight = members[lock].weight;
		enum route_mode mode = weight > 0 ? ROUTE_NORMAL : ROUTE_STANDBY;

		c = alone(usable ? mode : ROUTE_LAST_RESORT, (size_t)lock, weight);
		c.locked = true;
	} else {
		c = choose(members, n, current);
		c.lock_ignored = has_lock && c.mode != ROUTE_BLACKHOLE;
	}
	publish(&c, members, usable, current);
	return c;
}

bool route_choice_uses(const struct route_choice *c, unsigned member)
{
	for (unsigned i = 0; i < c->count; i++)
		if (c->use[i].member == member)
			return true;
	return false;
}

bool route_choice_same_use(const struct route_choice *a, const struct route_choice *b)
{
	if (a->count != b->count)
		return false;
	for (unsigned i = 0; i < a->count; i++)
		if (a->use[i].member != b->use[i].member ||
		    (a->count > 1 && a->use[i].weight != b->use[i].weight)) /* one has it all */
			return false;
	return true;
}

const char *route_mode_name(enum route_mode mode)
{
	switch (mode) {
	case ROUTE_BLACKHOLE:
		return "blackhole";
	case ROUTE_LAST_RESORT:
		return "last-resort";
	case ROUTE_STANDBY:
		return "standby";
	case ROUTE_NORMAL:
		return "normal";
	}
	return "?";
}
