/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/witness.h"

#include "base/log.h"
#include "io/nl_lookout.h"
#include "svc/board.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One condition of a configuration, the same for all tracks that have it. */
struct seen {
	enum board_kind kind; /* BOARD_PREFIX, BOARD_ADDRESS or BOARD_OPER */
	char name[BOARD_NAME]; /* of an interface, for the last two */
	struct nl_want *want; /* of a prefix */
	bool wanted;
};

struct witness {
	const struct env *env;
	struct nl_lookout *lookout;
	struct seen *list; /* owned, with room for old and new */
	struct nl_want *wants; /* owned; those of the running configuration */
	size_t count;
};

static void tell(struct witness *w, const struct seen *s, bool good, const char *why)
{
	const struct board_fact *f = board_get(w->env->board, s->kind, s->name);

	if (f && f->good == good)
		return;
	log_event(LOGL_INFO, "track.fact", "%s=\"%s\" state=%s", board_kind_name(s->kind), s->name,
		  good ? "good" : "lost");
	board_set(w->env->board, s->kind, s->name, good, why, loop_now(w->env->loop));
}

static void on_routes(void *ctx)
{
	struct witness *w = ctx;

	for (size_t i = 0; i < w->count; i++) {
		const struct seen *s = &w->list[i];

		if (s->kind == BOARD_PREFIX && s->want)
			tell(w, s, s->want->there,
			     s->want->there ? "the kernel has this route"
					    : "the kernel has no such route that leads somewhere");
	}
}

struct look {
	int index;
	bool found;
};

/* Link-local addresses come by themselves, and so prove nothing. */
static void take_address(void *ctx, const struct nl_address *a)
{
	struct look *l = ctx;
	const uint8_t *b = a->local.addr.bytes;

	if (a->index != l->index || a->tentative)
		return;
	if (a->local.addr.family == ADDR_V4)
		l->found |= !(b[0] == 169 && b[1] == 254);
	else
		l->found |= !(b[0] == 0xfe && (b[1] & 0xc0) == 0x80);
}

static void look_at_link(struct witness *w, const struct seen *s)
{
	struct nl_link link = { 0 };
	bool there = nl_link_by_name(w->env->nl, s->name, &link) == 0;
	struct look look = { .index = link.index };

	if (s->kind == BOARD_OPER) {
		tell(w, s, there && link.oper_up,
		     !there         ? "there is no such interface"
		     : link.oper_up ? "up"
				    : "not up");
		return;
	}
	if (there)
		(void)nl_address_dump(w->env->nl, take_address, &look);
	tell(w, s, there && link.up && link.carrier && look.found,
	     !there                      ? "there is no such interface"
	     : !link.up || !link.carrier ? "no carrier or administratively down"
	     : look.found                ? "it has an address"
					 : "it has no address");
}

static void on_links(void *ctx)
{
	struct witness *w = ctx;

	for (size_t i = 0; i < w->count; i++)
		if (w->list[i].kind != BOARD_PREFIX && w->list[i].wanted)
			look_at_link(w, &w->list[i]);
}

struct witness *witness_new(const struct env *env, struct err *err)
{
	struct witness *w = calloc(1, sizeof(*w));
	const struct nl_lookout_calls calls = { on_routes, on_links, w };

	if (!w) {
		err_set(err, -ENOMEM, "not enough memory");
		return NULL;
	}
	w->env = env;
	w->lookout = nl_lookout_new(env->loop, env->nl, &calls, err);
	if (w->lookout)
		return w;
	free(w);
	return NULL;
}

void witness_free(struct witness *w)
{
	if (!w)
		return;
	nl_lookout_free(w->lookout);
	free(w->list);
	free(w->wants);
	free(w);
}

static bool kind_of(const struct conf_cond *c, enum board_kind *kind)
{
	switch (c->kind) {
	case CONF_COND_ADDRESS:
		*kind = BOARD_ADDRESS;
		return true;
	case CONF_COND_OPER:
		*kind = BOARD_OPER;
		return true;
	case CONF_COND_PREFIX:
		*kind = BOARD_PREFIX;
		return true;
	case CONF_COND_TUNNEL:
	case CONF_COND_INTERFACE:
	case CONF_COND_TRACK:
	case CONF_COND_ROUTE:
	case CONF_COND_HEALTH:
	case CONF_COND_VRRP:
	case CONF_COND_SCRIPT:
		return false;
	}
	return false;
}

static struct seen *find(struct witness *w, enum board_kind kind, const char *name)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->list[i].kind == kind && !strcmp(w->list[i].name, name))
			return &w->list[i];
	return NULL;
}

static void add(struct witness *w, const struct conf_cond *c, struct nl_want *wants, size_t *count)
{
	enum board_kind kind;
	struct seen *s;

	if (!kind_of(c, &kind))
		return;
	s = find(w, kind, c->name);
	if (s && s->wanted)
		return;
	if (!s) {
		s = &w->list[w->count++];
		*s = (struct seen){ .kind = kind };
		(void)snprintf(s->name, sizeof(s->name), "%s", c->name);
	}
	s->wanted = true;
	if (kind != BOARD_PREFIX)
		return;
	s->want = &wants[(*count)++];
	*s->want = (struct nl_want){ .to = c->to, .table = c->table };
	memcpy(s->want->device, c->device, sizeof(s->want->device));
}

static size_t count_conditions(const struct conf *conf)
{
	size_t n = 0;
	enum board_kind kind;

	for (size_t i = 0; i < conf->track_count; i++)
		for (size_t k = 0; k < conf->tracks[i].cond_count; k++)
			n += kind_of(&conf->tracks[i].cond[k], &kind);
	return n;
}

int witness_apply(struct witness *w, const struct conf *conf)
{
	size_t most = count_conditions(conf), count = 0;
	struct seen *list = realloc(w->list, (w->count + most + 1) * sizeof(*list));
	struct nl_want *wants = calloc(most + 1, sizeof(*wants)), *old = w->wants;

	if (list)
		w->list = list;
	if (!list || !wants) {
		free(wants);
		return -ENOMEM;
	}
	for (size_t i = 0; i < w->count; i++) {
		w->list[i].wanted = false;
		w->list[i].want = NULL;
	}
	for (size_t i = 0; i < conf->track_count; i++)
		for (size_t k = 0; k < conf->tracks[i].cond_count; k++)
			add(w, &conf->tracks[i].cond[k], wants, &count);
	w->wants = wants;
	nl_lookout_set(w->lookout, wants, count);
	free(old);
	on_links(w);
	return 0;
}

void witness_prune(struct witness *w)
{
	for (size_t i = w->count; i-- > 0;) {
		const struct seen gone = w->list[i];

		if (gone.wanted)
			continue;
		w->list[i] = w->list[--w->count];
		board_forget(w->env->board, gone.kind, gone.name);
	}
}
