/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any members and any lock, one round after another; each choice is the next one's current. */
#include "fsm/route_set.h"

#include <stdlib.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct round {
	struct route_member members[ROUTE_MEMBERS_MAX + 4];
	size_t n;
	int lock;
	bool any_usable, any_good, good_weighted, any_sa, any_answers;
};

static bool is_usable(const struct route_member *m)
{
	return m->usable && m->has_sa;
}

static bool is_good(const struct route_member *m)
{
	return is_usable(m) && !m->degraded;
}

static struct round read_round(const uint8_t *data, size_t n, int lock)
{
	struct round r = { .n = n, .lock = lock };

	for (size_t i = 0; i < n; i++) {
		struct route_member *m = &r.members[i];

		m->usable = data[2 * i] & 1;
		m->has_sa = data[2 * i] & 2;
		m->answers = data[2 * i] & 4;
		m->doubtful = data[2 * i] & 8;
		m->rank = data[2 * i] >> 5 & 3;
		m->degraded = data[2 * i] >> 7;
		m->down_since = data[2 * i] >> 4 & 1;
		m->weight = data[2 * i + 1];
		if (i >= ROUTE_MEMBERS_MAX)
			continue;
		r.any_usable |= is_usable(m);
		r.any_good |= is_good(m);
		r.good_weighted |= is_good(m) && m->weight > 0;
		r.any_sa |= m->has_sa;
		r.any_answers |= m->has_sa && m->answers;
	}
	return r;
}

static void check_mode(const struct round *r, const struct route_choice *c)
{
	MUST(c->publish == r->any_usable);
	MUST((c->mode == ROUTE_BLACKHOLE) == !r->any_sa);
	MUST((c->mode == ROUTE_LAST_RESORT) == (r->any_sa && !r->any_usable));
	if (!c->locked && r->any_good)
		MUST((c->mode == ROUTE_NORMAL) == r->good_weighted);
	MUST((c->count == 0) == (c->mode == ROUTE_BLACKHOLE));
	MUST(c->count <= 1 || c->mode == ROUTE_NORMAL);
}

static void check_use(const struct round *r, const struct route_choice *c)
{
	for (unsigned i = 0; i < c->count; i++) {
		const struct route_member *m = &r->members[c->use[i].member];

		MUST(c->use[i].member < r->n && c->use[i].member < ROUTE_MEMBERS_MAX);
		MUST(i == 0 || c->use[i].member > c->use[i - 1].member);
		MUST(c->use[i].weight >= 1 && c->use[i].weight <= 255);
		MUST(m->has_sa && (m->usable || !r->any_usable));
		MUST(c->use[i].weight == m->weight || m->weight == 0);
	}
	/* Each good weight has its share, and no degraded one beside it, unless a person decided
	 * otherwise. */
	for (unsigned i = 0; r->any_good && !c->locked && i < r->n; i++)
		if (i < ROUTE_MEMBERS_MAX && c->mode == ROUTE_NORMAL)
			MUST(route_choice_uses(c, i) ==
			     (is_good(&r->members[i]) && r->members[i].weight > 0));
		else if (i < ROUTE_MEMBERS_MAX && route_choice_uses(c, i))
			MUST(is_good(&r->members[i]));
}

static void check_lock(const struct round *r, const struct route_choice *c)
{
	bool has = r->lock >= 0 && (size_t)r->lock < r->n && r->lock < ROUTE_MEMBERS_MAX;

	MUST(!(c->locked && c->lock_ignored));
	MUST(has || !(c->locked || c->lock_ignored));
	MUST(!c->locked || (c->count == 1 && (int)c->use[0].member == r->lock));
	MUST(!has || !is_usable(&r->members[r->lock]) || c->locked);
	MUST(!has || c->locked || c->lock_ignored || c->mode == ROUTE_BLACKHOLE);
}

/* Never on a path that does not answer while another one does. */
static void check_answers(const struct round *r, const struct route_choice *old,
			  const struct route_choice *c)
{
	const struct route_member *m = &r->members[c->count ? c->use[0].member : 0];

	if (c->mode == ROUTE_LAST_RESORT) {
		MUST(!r->any_answers || m->answers || m->doubtful);
		MUST(!m->answers || c->answers);
		MUST(!c->answers || m->answers || (m->doubtful && old->answers));
	}
	MUST(!c->answers || c->mode == ROUTE_LAST_RESORT);
	/* A last resort is published once, and what is usable forgives. */
	MUST(!c->publish_last || (c->answers && !c->publish && !c->lapsed));
	MUST(!c->answers || c->publish_last || c->lapsed);
	MUST(!c->lapsed || !c->publish);
	MUST(!old->lapsed || c->lapsed || c->publish);
	MUST(!old->publish_last || c->publish_last || c->publish || c->lapsed);
}

/* The last resort stays where traffic was, as long as that is as good as any. */
static void check_stable(const struct round *r, const struct route_choice *old,
			 const struct route_choice *c)
{
	struct route_choice again = route_set_choose(r->members, r->n, r->lock, c);

	MUST(route_choice_same_use(c, &again) && c->mode == again.mode);
	/* All degraded: what carries and is usable stays. */
	for (unsigned i = 0; r->any_usable && !r->any_good && !c->locked && i < old->count; i++)
		if (old->use[i].member < r->n && is_usable(&r->members[old->use[i].member]) &&
		    r->members[old->use[0].member].weight > 0 &&
		    r->members[old->use[i].member].weight > 0)
			MUST(c->mode == ROUTE_STANDBY || route_choice_uses(c, old->use[i].member));
	if (c->mode != ROUTE_LAST_RESORT || c->locked)
		return;
	for (unsigned i = 0; i < old->count; i++) {
		const struct route_member *m = &r->members[old->use[i].member];

		if (old->use[i].member < r->n && m->has_sa &&
		    (m->answers || m->doubtful || !r->any_answers))
			MUST(route_choice_uses(old, c->use[0].member));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct route_choice current = { .mode = ROUTE_BLACKHOLE };

	while (len >= 2) {
		size_t n = data[0] % (ROUTE_MEMBERS_MAX + 5);
		int lock = data[1] - 8; /* some negative, some beyond the members */

		data += 2;
		len -= 2;
		n = n < len / 2 ? n : len / 2;

		struct round r = read_round(data, n, lock);
		struct route_choice c = route_set_choose(r.members, r.n, r.lock, &current);

		check_mode(&r, &c);
		check_use(&r, &c);
		check_lock(&r, &c);
		check_answers(&r, &current, &c);
		check_stable(&r, &current, &c);
		current = c;
		data += 2 * n;
		len -= 2 * n;
	}
	return 0;
}
