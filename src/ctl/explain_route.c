/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Explains routes and VRRP instances. */
#include "ctl/explain_parts.h"

#include "svc/daemon.h"
#include "svc/record.h"
#include "svc/route.h"
#include "svc/route_member.h"
#include "svc/vrrp.h"

#include <stdio.h>
#include <string.h>

static const char *mode_sentence(enum route_mode mode)
{
	switch (mode) {
	case ROUTE_NORMAL:
		return "the tunnels of positive weight that are usable carry it";
	case ROUTE_STANDBY:
		return "no tunnel of positive weight is usable, so the standby carries it";
	case ROUTE_LAST_RESORT:
		return "no tunnel is usable; the best one that still has an SA is kept, since "
		       "nothing "
		       "can leak there";
	case ROUTE_BLACKHOLE:
		return "no tunnel has an SA; packets are dropped rather than sent in the clear";
	}
	return "";
}

static void explain_last(struct daemon *d, const char *object, struct explanation *e)
{
	const struct failover *f;
	char text[640];

	for (size_t i = 0; (f = records_get(d->env.records, i)) != NULL; i++)
		if (!strcmp(f->object, object)) {
			explain_evidence(e, "last switch: %s",
					 failover_text(f, text, sizeof(text)));
			return;
		}
}

static void explain_member(struct daemon *d, const struct route *r, size_t i, struct route_member m,
			   usec_t now, struct explanation *e)
{
	const struct path *p = r->members[i];
	char span[EXPLAIN_SPAN], lost[256], weight[32];

	if (m.weight == r->conf->via[i].weight)
		(void)snprintf(weight, sizeof(weight), "%u", m.weight);
	else
		(void)snprintf(weight, sizeof(weight), "%u instead of %u", m.weight,
			       r->conf->via[i].weight);
	explain_evidence(e, "%s (weight %s) %s, %s: %s", p->name, weight,
			 route_choice_uses(&r->choice, (unsigned)i) ? "carries" : "does not carry",
			 p->usable ? "usable" : "not usable", p->why);
	if (*route_member_lost(&d->env, r, i, lost, sizeof(lost)))
		explain_evidence(e, "%s: %s", p->name, lost);
	if (m.weight != r->conf->via[i].weight && p->peer.led)
		explain_evidence(e, "%s: the other end leads, and %s by it", p->name,
				 p->peer.carries ? "carries" : "does not carry");
	if (r->damp.fault[i])
		explain_say(e, "hold-off: it leaves %s in %s if the fault lasts.", p->name,
			    explain_span(usec_since(now,
						    usec_add(r->damp.fault[i], r->conf->hold_off)),
					 span));
}

static void explain_lock(const struct route *r, usec_t now, struct explanation *e)
{
	char span[EXPLAIN_SPAN];

	if (r->lock == ROUTE_NO_LOCK)
		return;
	explain_say(e, "It is locked by hand to %s, for %s%s.",
		    r->members[r->lock] ? r->members[r->lock]->name : "a missing tunnel",
		    explain_span(usec_since(r->lock_since, now), span),
		    r->choice.lock_ignored ? ", which is not usable: the lock waits" : "");
	explain_advise(e, "`futae switch %s auto` ends the lock; so does a new start of futaed.",
		       r->name);
}

const char *explain_route(struct daemon *d, const struct route *r, struct explanation *e)
{
	struct route_member m[ROUTE_MEMBERS_MAX] = { 0 };
	usec_t now = clock_now();
	char span[EXPLAIN_SPAN];

	explain_say(e, "Route %s is in mode %s for %s: %s.", r->name,
		    route_mode_name(r->choice.mode), explain_span(usec_since(r->since, now), span),
		    mode_sentence(r->choice.mode));
	(void)route_members(&d->env, r, m);
	for (size_t i = 0; i < r->member_count; i++)
		if (r->members[i])
			explain_member(d, r, i, m[i], now, e);
	explain_lock(r, now, e);
	if (r->damp.stays) {
		explain_say(e, "It stays where it is though a better tunnel is usable: revert is "
			       "off.");
		explain_advise(e, "`futae switch %s auto` takes it back.", r->name);
	}
	if (r->conf->publish)
		explain_evidence(e, "it is %spublished", r->published ? "" : "not ");
	if (r->choice.mode == ROUTE_LAST_RESORT || r->choice.mode == ROUTE_BLACKHOLE)
		explain_advise(
			e, "Explain its tunnels: `futae explain TUNNEL` says what each waits for.");
	explain_last(d, r->name, e);
	return route_mode_name(r->choice.mode);
}

const char *explain_vrrp(struct daemon *d, const struct vrrp *v, struct explanation *e)
{
	usec_t now = clock_now();
	char span[EXPLAIN_SPAN];

	explain_say(e, "VRRP %s on %s is %s for %s: %s.", v->name, v->conf->interface,
		    vrrp_state_word(v), explain_span(usec_since(v->since, now), span), v->why);
	explain_evidence(e, "priority %d (configured %u)", vrrp_priority(v), v->conf->priority);
	if (v->manual != VRRP_MANUAL_AUTO) {
		explain_say(e, "It was told by hand to %s.", vrrp_manual_name(v->manual));
		explain_advise(e, "`futae vrrp %s auto` lets the priorities decide again.",
			       v->name);
	}
	if (vrrp_preempt_wait(v, now))
		explain_say(e, "It may push aside the master (priority %u) in %s.",
			    v->fsm.master_priority, explain_span(vrrp_preempt_wait(v, now), span));
	if (*v->conf->group)
		explain_evidence(e, "moves with group %s%s", v->conf->group,
				 v->fsm.candidate ? "; would be master, and waits for the others"
						  : "");
	for (size_t i = 0; i < v->conf->track_count; i++) {
		char what[128];
		bool good = vrrp_track_state(v, i, what, sizeof(what));

		explain_evidence(e, "tracks %s: %s", what, good ? "good" : "lost");
	}
	if (!vrrp_is_running(v))
		explain_advise(
			e, "It starts again by itself when what it tracks and its interface are "
			   "good.");
	explain_last(d, v->name, e);
	return vrrp_state_word(v);
}
