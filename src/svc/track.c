/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/track.h"

#include "base/list.h"
#include "base/log.h"
#include "fsm/track_fsm.h"
#include "io/loop.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tracked {
	struct tracks *owner;
	char name[CONF_NAME];
	const struct conf_track *conf;
	struct track_cfg cfg;
	struct track fsm;
	struct timer timer;
	bool wanted;
};

struct tracks {
	const struct env *env;
	struct tracked *list[CONF_TRACKS_MAX]; /* owned */
	size_t count;
	struct board_watch watch;
};

enum board_kind track_board_kind(enum conf_cond_kind kind)
{
	switch (kind) {
	case CONF_COND_TUNNEL:
		return BOARD_TUNNEL;
	case CONF_COND_INTERFACE:
		return BOARD_INTERFACE;
	case CONF_COND_TRACK:
		return BOARD_TRACK;
	case CONF_COND_ROUTE:
		return BOARD_ROUTE;
	case CONF_COND_HEALTH:
		return BOARD_HEALTH;
	case CONF_COND_VRRP:
		return BOARD_MASTER;
	case CONF_COND_ADDRESS:
		return BOARD_ADDRESS;
	case CONF_COND_OPER:
		return BOARD_OPER;
	case CONF_COND_PREFIX:
		return BOARD_PREFIX;
	case CONF_COND_SCRIPT:
		return BOARD_SCRIPT;
	}
	return BOARD_TRACK;
}

static bool counts_as_lost(const struct board *b, const struct conf_cond *c)
{
	return c->degraded_lost && board_is_degraded(b, track_board_kind(c->kind), c->name);
}

/* What nobody has said anything about holds neither straight nor negated. */
bool track_cond_is_good(const struct board *b, const struct conf_cond *c)
{
	const struct board_fact *f = board_get(b, track_board_kind(c->kind), c->name);

	return f && (f->good && !counts_as_lost(b, c)) != c->negate;
}

bool track_cond_is_held(const struct board *b, const struct conf_cond *c)
{
	return !c->negate &&
	       (board_is_held(b, track_board_kind(c->kind), c->name) || counts_as_lost(b, c));
}

static const struct board_fact *fact_of(const struct tracked *t, unsigned i)
{
	const struct conf_cond *c = &t->conf->cond[i];

	return board_get(t->owner->env->board, track_board_kind(c->kind), c->name);
}

/* Would it be good if what is only held counted? */
static bool is_held(const struct tracked *t)
{
	uint64_t inputs = t->fsm.inputs;

	for (unsigned i = 0; i < t->cfg.inputs; i++)
		if (track_cond_is_held(t->owner->env->board, &t->conf->cond[i]))
			inputs |= UINT64_C(1) << i;
	return track_start(&t->cfg, inputs, 0).good;
}

/* "2 of 3 good; tunnel line1 is not" */
static void say_why(const struct tracked *t, char *out, size_t size)
{
	int n = snprintf(out, size, "%u of %u good", track_good_inputs(&t->cfg, &t->fsm),
			 t->cfg.inputs);

	for (unsigned i = 0; i < t->cfg.inputs && n > 0 && (size_t)n < size; i++) {
		const struct conf_cond *c = &t->conf->cond[i];
		int k;

		if (t->fsm.inputs >> i & 1)
			continue;
		k = snprintf(out + n, size - (size_t)n, "; %s %s is%s",
			     board_kind_name(track_board_kind(c->kind)), c->name,
			     c->negate && fact_of(t, i) ? ", and must not be" : " not");
		n = k > 0 ? n + k : n;
	}
}

static void tell(struct tracked *t)
{
	struct board *board = t->owner->env->board;
	char why[BOARD_WHY];

	if (t->conf->mode == CONF_TRACK_SCRIPT && t->cfg.inputs && fact_of(t, 0))
		(void)snprintf(why, sizeof(why), "%s", fact_of(t, 0)->why);
	else
		say_why(t, why, sizeof(why));
	board_set(board, BOARD_TRACK, t->name, t->fsm.good, why, loop_now(t->owner->env->loop));
	board_hold(board, BOARD_TRACK, t->name, !t->fsm.good && is_held(t));
}

static void feed(struct tracked *t, const struct track_event *ev)
{
	usec_t now = loop_now(t->owner->env->loop);
	struct track_step s = track_step(&t->cfg, t->fsm, ev, now);

	t->fsm = s.next;
	timer_at(&t->timer, s.next.deadline);
	if (s.actions)
		log_event(LOGL_NOTICE, "track.state", "track=%s state=%s", t->name,
			  t->fsm.good ? "good" : "lost");
	tell(t);
}

static void on_timer(struct timer *timer)
{
	const struct track_event ev = { .kind = TRACK_EV_TIMER };

	feed(container_of(timer, struct tracked, timer), &ev);
}

static void on_board(struct board_watch *w, enum board_kind kind, const char *name)
{
	struct tracks *ts = container_of(w, struct tracks, watch);

	for (size_t n = 0; n < ts->count; n++) {
		struct tracked *t = ts->list[n];

		for (unsigned i = 0; i < t->cfg.inputs; i++) {
			const struct conf_cond *c = &t->conf->cond[i];
			struct track_event ev = { .kind = TRACK_EV_INPUT, .input = i };

			if (track_board_kind(c->kind) != kind || strcmp(c->name, name) != 0)
				continue;
			ev.good = track_cond_is_good(ts->env->board, c);
			feed(t, &ev);
		}
	}
}

struct tracks *tracks_new(const struct env *env)
{
	struct tracks *ts = calloc(1, sizeof(*ts));

	if (!ts)
		return NULL;
	ts->env = env;
	ts->watch.fn = on_board;
	board_watch_add(env->board, &ts->watch);
	return ts;
}

void tracks_free(struct tracks *ts)
{
	if (!ts)
		return;
	board_watch_remove(ts->env->board, &ts->watch);
	for (size_t i = 0; i < ts->count; i++) {
		timer_stop(&ts->list[i]->timer);
		free(ts->list[i]);
	}
	free(ts);
}

static struct tracked *by_name(const struct tracks *ts, const char *name)
{
	for (size_t i = 0; i < ts->count; i++)
		if (!strcmp(ts->list[i]->name, name))
			return ts->list[i];
	return NULL;
}

usec_t tracks_change_at(const struct tracks *ts, const char *name)
{
	const struct tracked *t = by_name(ts, name);

	return t ? t->fsm.deadline : USEC_NEVER;
}

static struct tracked *add(struct tracks *ts, const char *name)
{
	struct tracked *t = ts->count < CONF_TRACKS_MAX ? calloc(1, sizeof(*t)) : NULL;

	if (!t)
		return NULL;
	t->owner = ts;
	(void)snprintf(t->name, sizeof(t->name), "%s", name);
	timer_init(&t->timer, ts->env->loop, on_timer);
	ts->list[ts->count++] = t;
	return t;
}

static enum track_mode mode_of(enum conf_track_mode mode)
{
	switch (mode) {
	case CONF_TRACK_ALL:
	case CONF_TRACK_SCRIPT:
		return TRACK_ALL;
	case CONF_TRACK_ANY:
		return TRACK_ANY;
	case CONF_TRACK_AT_LEAST:
		return TRACK_AT_LEAST;
	}
	return TRACK_ALL;
}

static bool same_conditions(const struct track_cfg *cfg, const struct conf_track *old,
			    const struct conf_track *new)
{
	if (mode_of(new->mode) != cfg->mode || new->at_least != cfg->at_least ||
	    new->cond_count != old->cond_count)
		return false;
	for (size_t i = 0; i < new->cond_count; i++)
		if (new->cond[i].kind != old->cond[i].kind ||
		    new->cond[i].negate != old->cond[i].negate ||
		    new->cond[i].weight != old->cond[i].weight ||
		    new->cond[i].degraded_lost != old->cond[i].degraded_lost ||
		    strcmp(new->cond[i].name, old->cond[i].name) != 0)
			return false;
	return true;
}

/* A reload that leaves it as it was leaves a delay that runs, too. */
static void take_conf(struct tracked *t, const struct conf_track *c)
{
	bool same = t->conf && same_conditions(&t->cfg, t->conf, c);
	uint64_t inputs = 0;

	t->conf = c;
	t->wanted = true;
	t->cfg = (struct track_cfg){
		.mode = mode_of(c->mode),
		.at_least = c->at_least,
		.inputs = c->cond_count < TRACK_INPUTS_MAX ? (unsigned)c->cond_count
							   : TRACK_INPUTS_MAX,
		.down_delay = c->down_delay,
		.up_delay = c->up_delay,
	};
	for (unsigned i = 0; i < t->cfg.inputs; i++)
		t->cfg.weight[i] = c->cond[i].weight;
	if (same)
		return;
	for (unsigned i = 0; i < t->cfg.inputs; i++)
		if (track_cond_is_good(t->owner->env->board, &c->cond[i]))
			inputs |= UINT64_C(1) << i;
	t->fsm = track_start(&t->cfg, inputs, loop_now(t->owner->env->loop));
	timer_at(&t->timer, t->fsm.deadline);
	tell(t);
}

int tracks_apply(struct tracks *ts, const struct conf *conf)
{
	for (size_t i = 0; i < ts->count; i++)
		ts->list[i]->wanted = false;
	for (size_t i = 0; i < conf->track_count; i++) {
		struct tracked *t = by_name(ts, conf->tracks[i].name);

		if (!t)
			t = add(ts, conf->tracks[i].name);
		if (!t)
			return -ENOMEM;
		take_conf(t, &conf->tracks[i]);
	}
	return 0;
}

void tracks_prune(struct tracks *ts)
{
	for (size_t i = ts->count; i-- > 0;) {
		struct tracked *t = ts->list[i];

		if (t->wanted)
			continue;
		timer_stop(&t->timer);
		ts->list[i] = ts->list[--ts->count];
		board_forget(ts->env->board, BOARD_TRACK, t->name);
		free(t);
	}
}
