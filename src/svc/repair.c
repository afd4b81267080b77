/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/repair.h"

#include "base/list.h"
#include "base/log.h"
#include "svc/health.h"
#include "svc/path.h"
#include "svc/tunnel.h"

#include <stdint.h>
#include <stdlib.h>

/* Both ends see the same silence: who has the higher address leaves it to the other first. */
#define HEAD_START (5 * USEC_PER_SEC)

struct one {
	uint32_t if_id; /* whose it is; 0: nobody's */
	struct repair fsm;
};

struct repairs {
	struct tunnels *tunnels;
	struct healths *healths;
	struct one list[LIVENESS_SLOTS]; /* by the path's slot */
};

struct repairs *repairs_new(struct tunnels *tunnels, struct healths *healths)
{
	struct repairs *rs = calloc(1, sizeof(*rs));

	if (!rs)
		return NULL;
	rs->tunnels = tunnels;
	rs->healths = healths;
	return rs;
}

void repairs_free(struct repairs *rs)
{
	free(rs);
}

const struct repair *repairs_of(const struct repairs *rs, const struct path *p)
{
	const struct one *o = &rs->list[p->slot];

	return o->if_id == p->if_id ? &o->fsm : NULL;
}

/* Everything says that it should work, and nothing comes through. */
static bool is_silent(const struct tunnel *t, const struct check *c, usec_t now)
{
	const struct health *h = &c->fsm;

	return c->conf->health.enabled && path_has_sa(&t->path) && t->ike.phase == IPC_IKE_UP &&
	       h->state == HEALTH_DOWN && h->why.cause != HEALTH_CAUSE_LINK &&
	       usec_since(h->life_last, now) > c->cfg.silence;
}

static void act(struct repairs *rs, const struct tunnel *t, const struct one *o,
		enum repair_action action, usec_t now)
{
	unsigned silent = (unsigned)(usec_since(o->fsm.silent_since, now) / USEC_PER_SEC);
	const char *name = t->path.name;
	int r = action == REPAIR_REKEY ? tunnels_rekey(rs->tunnels, name, IPC_REKEY_CHILD)
				       : tunnels_redial(rs->tunnels, name);

	log_event(LOGL_NOTICE, "tunnel.repair",
		  "tunnel=%s action=%s why=\"the SAs are there, but nothing has come through for "
		  "%u s%s\"%s",
		  name, repair_action_name(action), silent,
		  action == REPAIR_REDIAL ? "; IKE is answered, and new keys did not help" : "",
		  r ? " error=\"futae-ike could not be asked\"" : "");
}

static void look(struct repairs *rs, const struct check *c, usec_t now)
{
	const struct tunnel *t = container_of(c->path, struct tunnel, path);
	const struct repair_cfg cfg = {
		.head_start = addr_compare(&t->conf->local, &t->conf->remote) > 0 ? HEAD_START : 0,
		.may_redial = t->conf->initiate,
	};
	struct one *o = &rs->list[c->path->slot];
	const struct repair_seen seen = { is_silent(t, c, now), t->child_rekeyed };
	struct repair_step s;

	if (o->if_id != c->path->if_id && !seen.silent)
		return; /* nearly always */
	if (o->if_id != c->path->if_id)
		*o = (struct one){ c->path->if_id, repair_start() };
	s = repair_step(&cfg, o->fsm, &seen, now);
	o->fsm = s.next;
	if (s.action != REPAIR_NOTHING)
		act(rs, t, o, s.action, now);
}

void repairs_tick(struct repairs *rs, usec_t now)
{
	for (size_t i = 0; i < healths_count(rs->healths); i++)
		if (healths_get(rs->healths, i))
			look(rs, healths_get(rs->healths, i), now);
}
