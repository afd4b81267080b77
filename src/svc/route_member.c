/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/route_member.h"

#include "fsm/agree.h"
#include "svc/board.h"

#include <stdio.h>
#include <string.h>

/* Taking off leaves 1 at least: who wants a standby says so. */
static void apply_track(struct route_member *m, const struct conf_via_track *t)
{
	switch (t->lost) {
	case CONF_VIA_UNUSABLE:
		/* Nor as a last resort that is told to others. */
		m->usable = m->answers = m->doubtful = false;
		break;
	case CONF_VIA_STANDBY:
		m->weight = 0;
		break;
	case CONF_VIA_WEIGHT:
		if (m->weight)
			m->weight = m->weight > t->less ? (uint8_t)(m->weight - t->less) : 1;
		break;
	}
}

static struct route_member member(const struct env *env, const struct route *r, size_t i)
{
	const struct conf_via *via = &r->conf->via[i];
	const struct path *p = r->members[i];
	struct route_member m = { .weight = via->weight, .rank = (unsigned)i };

	m.has_sa = p && p->index && path_has_sa(p);
	m.usable = m.has_sa && p->usable;
	m.degraded = p && p->degraded;
	m.answers = m.has_sa && p->answer == HEALTH_ANSWERS;
	m.doubtful = m.has_sa && p->answer == HEALTH_DOUBTFUL;
	m.down_since = p ? p->since : 0;
	for (size_t k = 0; k < via->track_count; k++)
		if (!board_is_good(env->board, BOARD_TRACK, via->track[k].track))
			apply_track(&m, &via->track[k]);
	return m;
}

/* What the other ends say of what our own end wants. */
static bool shape(const struct route *r, struct route_member *m)
{
	struct agree_member said[ROUTE_MEMBERS_MAX] = { 0 };
	bool led = false, better = false;

	for (size_t i = 0; i < r->member_count; i++) {
		const struct path *p = r->members[i];

		said[i].weight = m[i].weight;
		said[i].usable = m[i].usable;
		if (!p)
			continue;
		said[i].node = p->peer.node;
		said[i].led = p->peer.led;
		said[i].carried = p->peer.carries;
		said[i].avoided = p->peer.avoids;
	}
	agree_shape(said, r->member_count);
	for (size_t i = 0; i < r->member_count; i++)
		better = better || (said[i].usable && !said[i].avoided);
	for (size_t i = 0; i < r->member_count; i++) {
		/* Left for the other end's sake: that it answers us does not end this fault. */
		if (better && said[i].avoided)
			m[i].answers = m[i].doubtful = false;
		m[i].usable = said[i].usable;
		m[i].weight = said[i].weight;
		led = led || (said[i].led && said[i].carried && said[i].usable);
	}
	return led;
}

bool route_members(const struct env *env, const struct route *r,
		   struct route_member out[static ROUTE_MEMBERS_MAX])
{
	for (size_t i = 0; i < r->member_count; i++)
		out[i] = member(env, r, i);
	return shape(r, out);
}

bool route_member_tracks(const struct route *r, const char *track)
{
	for (size_t i = 0; i < r->member_count; i++)
		for (size_t k = 0; k < r->conf->via[i].track_count; k++)
			if (!strcmp(r->conf->via[i].track[k].track, track))
				return true;
	return false;
}

const char *route_member_lost(const struct env *env, const struct route *r, size_t i, char *out,
			      size_t size)
{
	const struct conf_via *via = &r->conf->via[i];
	size_t n = 0;

	*out = '\0';
	for (size_t k = 0; k < via->track_count && n < size; k++) {
		const struct conf_via_track *t = &via->track[k];
		char less[32] = "stands by here";
		int w;

		if (board_is_good(env->board, BOARD_TRACK, t->track))
			continue;
		if (t->lost == CONF_VIA_UNUSABLE)
			(void)snprintf(less, sizeof(less), "not to be used here");
		else if (t->lost == CONF_VIA_WEIGHT)
			(void)snprintf(less, sizeof(less), "%u less weight here", t->less);
		w = snprintf(out + n, size - n, "%strack %s is lost, so %s", n ? "; " : "",
			     t->track, less);
		n += w > 0 ? (size_t)w : 0;
	}
	return out;
}
