/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/repair.h"

#include "base/log.h"
#include "svc/health.h"
#include "svc/path.h"
#include "svc/tunnel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Both ends see the same silence: who has the higher address leaves it to the other first. */
#define HEAD_START (5 * USEC_PER_SEC)

struct one {
	char tunnel[CONF_NAME];
	struct repair fsm;
};

struct repairs {
	struct tunnels *tunnels;
	struct healths *healths;
	struct one *list; /* owned; those that were ever in need */
	size_t count, room;
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
	if (!rs)
		return;
	free(rs->list);
	free(rs);
}

static struct one *find(const struct repairs *rs, const char *tunnel)
{
	for (size_t i = 0; i < rs->count; i++)
		if (!strcmp(rs->list[i].tunnel, tunnel))
			return &rs->list[i];
	return NULL;
}

const struct repair *repairs_by_name(const struct repairs *rs, const char *tunnel)
{
	const struct one *o = find(rs, tunnel);

	return o ? &o->fsm : NULL;
}

/* At most one for each tunnel there ever was, and a name costs 100 bytes. */
static struct one *add(struct repairs *rs, const char *tunnel)
{
	struct one *o;

	if (rs->count == rs->room) {
		size_t room = rs->room ? 2 * rs->room : 8;
		struct one *list =
			room <= CONF_TUNNELS_MAX ? realloc(rs->list, room * sizeof(*list)) : NULL;

		if (!list)
			return NULL;
		rs->list = list;
		rs->room = room;
	}
	o = &rs->list[rs->count++];
	*o = (struct one){ .fsm = repair_start() };
	(void)snprintf(o->tunnel, sizeof(o->tunnel), "%s", tunnel);
	return o;
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

static void look(struct repairs *rs, const struct tunnel *t, usec_t now)
{
	const struct check *c = healths_by_name(rs->healths, t->path.name);
	const struct repair_cfg cfg = {
		.head_start = addr_compare(&t->conf->local, &t->conf->remote) > 0 ? HEAD_START : 0,
		.may_redial = t->conf->initiate,
	};
	struct one *o = find(rs, t->path.name);
	struct repair_seen seen = { .silent = c && is_silent(t, c, now),
				    .ike_answered = t->child_rekeyed };
	struct repair_step s;

	if (!o && seen.silent)
		o = add(rs, t->path.name);
	if (!o)
		return;
	s = repair_step(&cfg, o->fsm, &seen, now);
	o->fsm = s.next;
	if (s.action != REPAIR_NOTHING)
		act(rs, t, o, s.action, now);
}

/* Names that are gone make room for others. */
static void forget(struct repairs *rs)
{
	for (size_t i = rs->count; i-- > 0;)
		if (!healths_by_name(rs->healths, rs->list[i].tunnel))
			rs->list[i] = rs->list[--rs->count];
}

void repairs_tick(struct repairs *rs, usec_t now)
{
	forget(rs);
	for (size_t i = 0; i < tunnels_count(rs->tunnels); i++)
		look(rs, tunnels_get(rs->tunnels, i), now);
}
