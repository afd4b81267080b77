/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/agree.h"

#include "base/hash.h"
#include "base/list.h"
#include "base/log.h"
#include "io/loop.h"
#include "svc/answer.h"
#include "svc/board.h"
#include "svc/health.h"
#include "svc/iface.h"
#include "svc/route.h"
#include "svc/stamp_hook.h"
#include "svc/vrrp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* A word is repeated once a second (esp/words.c) or with every probe, whichever is rarer. */
#define HOLD (4 * USEC_PER_SEC)
#define HOLD_PROBES 4
#define COMING USEC_PER_SEC
#define GATHER (5 * USEC_PER_MSEC)

struct agreed {
	struct agrees *owner;
	struct path *path;
	struct agree_cfg cfg;
	struct agree fsm;
	struct agree_facts facts;
	struct timer timer;
	usec_t sa_at; /* when it last had none, and got one; 0: it has none */
	bool wanted, untold;
};

struct agrees {
	const struct env *env;
	struct agrees_parts parts;
	const struct conf *conf; /* running */
	uint64_t node, nonce;
	struct agreed *list[CONF_TUNNELS_MAX]; /* owned; by the number of the liveness slot */
	struct timer tell;
	bool telling;
	struct path_watch watch;
	struct board_watch board_watch;
	struct iface_watch iface_watch;
	struct stamp_hook stamp; /* the words travel in STAMP packets, too */
};

static struct agreed *of(const struct agrees *as, const struct path *p)
{
	struct agreed *a = p->slot < CONF_TUNNELS_MAX ? as->list[p->slot] : NULL;

	return a && a->path == p ? a : NULL;
}

/*
 * What has just come up and never failed is about to be usable at both ends.  To say "not yet"
 * would make the other end leave it for that moment.
 */
static bool is_coming(const struct agreed *a, const struct check *c, usec_t now)
{
	return a->sa_at && !c->fsm.restore_due && path_has_sa(a->path) &&
	       usec_since(a->sa_at, now) < usec_max(COMING, 2 * c->cfg.silence);
}

static enum agree_sight sight(const struct agreed *a, const struct check *c, usec_t now)
{
	if (health_is_usable(&c->fsm))
		return a->path->degraded ? AGREE_HELD : AGREE_USABLE;
	if (is_coming(a, c, now))
		return AGREE_USABLE;
	if (usec_since(c->fsm.life_ref, now) >= c->cfg.silence)
		return AGREE_SILENT;
	/* Who waits for a fault to last uses the tunnel until then, and has the peer do so. */
	return routes_hold(a->owner->parts.routes, a->path) ? AGREE_USABLE : AGREE_HELD;
}

static enum agree_role role(const struct vrrps *vs)
{
	enum agree_role best = AGREE_NO_VRRP;

	for (size_t i = 0; i < vrrps_count(vs); i++) {
		const struct vrrp *v = vrrps_get(vs, i);

		if (v->fsm.state == VRRP_MASTER)
			return AGREE_MASTER;
		if (vrrp_is_running(v))
			best = AGREE_BACKUP;
	}
	return best;
}

/* What costs more to find out than a probe may cost: asked when something says that it changed. */
static void recount(struct agreed *a)
{
	const struct agrees_parts *parts = &a->owner->parts;
	const struct check *c = healths_by_path(parts->healths, a->path);

	a->facts.carries = routes_use(parts->routes, a->path);
	a->facts.lead = routes_locked(parts->routes, a->path) ? AGREE_LEAD_HAND
							      : a->owner->conf->agree.lead;
	a->facts.fit = !c || !c->conf->health.enabled ||
		       !answers_denies(parts->answers, &c->conf->health.source);
}

/*
 * A switch at the other end is told in one word for each tunnel: all of them are waited for, or
 * the routes would go there by way of a state that nobody wanted.  What is urgent goes by the
 * health check, at once.
 */
static void tell_soon(struct agrees *as)
{
	if (!as->telling)
		timer_at(&as->tell, usec_add(clock_now(), GATHER));
	as->telling = true;
}

static void tell_path(struct agreed *a)
{
	const struct path_peer was = a->path->peer;
	const struct path_peer is = {
		.node = a->fsm.known ? a->fsm.peer.node : 0,
		.led = agree_is_led(&a->cfg, &a->fsm),
		.carries = a->fsm.known && a->fsm.peer.carries,
		.avoids = agree_is_avoided(&a->fsm),
	};

	if (was.node == is.node && was.led == is.led && was.carries == is.carries &&
	    was.avoids == is.avoids)
		return;
	a->path->peer = is;
	a->untold = true;
}

/* First all of it, then what follows: a route looks at all of its tunnels at once. */
static void on_tell(struct timer *t)
{
	struct agrees *as = container_of(t, struct agrees, tell);

	as->telling = false;
	for (size_t i = 0; i < CONF_TUNNELS_MAX; i++)
		if (as->list[i])
			tell_path(as->list[i]);
	for (size_t i = 0; i < CONF_TUNNELS_MAX; i++)
		if (as->list[i] && as->list[i]->untold) {
			as->list[i]->untold = false;
			paths_tell(as->env->paths, as->list[i]->path, PATH_PEER);
		}
}

/* What holds at our end; true: that is news. */
static bool note(struct agreed *a)
{
	const struct agrees_parts *parts = &a->owner->parts;
	const struct check *c = healths_by_path(parts->healths, a->path);
	struct agree_step s;

	a->facts.sight = c ? sight(a, c, clock_now()) : AGREE_HELD;
	a->facts.role = role(parts->vrrps);
	s = agree_note(a->fsm, &a->facts);
	a->fsm = s.next;
	/* Who leads may have changed with our own `lead`. */
	if (s.actions & AGREE_SPEAK)
		tell_soon(a->owner);
	return s.actions & AGREE_SPEAK;
}

/* Something has changed: the peer is told at once, not when the next probe is due. */
static void changed(struct agreed *a)
{
	recount(a);
	if (note(a))
		healths_hurry(a->owner->parts.healths, a->path);
}

static void all_changed(struct agrees *as)
{
	for (size_t i = 0; i < CONF_TUNNELS_MAX; i++)
		if (as->list[i])
			changed(as->list[i]);
}

static void log_peer(const struct agreed *a)
{
	static const char *const sights[] = { "silent", "held", "usable" };
	const struct agree_word *w = &a->fsm.peer;

	if (a->fsm.twin)
		log_event(LOGL_WARN, "agree.twin",
			  "tunnel=%s the other end is called %s, too: give them different names "
			  "(node:), or they cannot agree",
			  a->path->name, a->owner->conf->node);
	else if (!a->fsm.known)
		log_event(LOGL_INFO, "agree.peer", "tunnel=%s says=nothing", a->path->name);
	else
		log_event(LOGL_INFO, "agree.peer", "tunnel=%s says=%s carries=%s fit=%s leads=%s",
			  a->path->name, sights[w->sight], w->carries ? "yes" : "no",
			  w->fit ? "yes" : "no", agree_is_led(&a->cfg, &a->fsm) ? "yes" : "no");
}

static void heed(struct agreed *a)
{
	struct healths *healths = a->owner->parts.healths;

	/* Again with each word, for as long as it holds: a reply in between changes nothing. */
	if (agree_is_unheard(&a->fsm))
		healths_unheard(healths, a->path);
	else if (agree_is_unfit(&a->fsm))
		healths_unfit(healths, a->path);
}

static void take(struct agreed *a, struct agree_step s)
{
	a->fsm = s.next;
	timer_at(&a->timer, a->fsm.deadline ? a->fsm.deadline : USEC_NEVER);
	if (s.actions & AGREE_CHANGED) {
		log_peer(a);
		tell_soon(a->owner);
	}
	if (s.actions & AGREE_SPEAK)
		healths_hurry(a->owner->parts.healths, a->path);
}

static void on_timer(struct timer *t)
{
	struct agreed *a = container_of(t, struct agreed, timer);

	take(a, agree_timer(a->fsm, clock_now()));
}

size_t agrees_say(struct agrees *as, const struct path *p, uint8_t out[AGREE_WORD_LEN])
{
	struct agreed *a = as ? of(as, p) : NULL;
	struct agree_word w;

	if (!a)
		return 0;
	(void)note(a);
	w = agree_say(&a->cfg, &a->fsm);
	agree_word_encode(&w, out);
	return AGREE_WORD_LEN;
}

void agrees_hear(struct agrees *as, const struct path *p, struct view word)
{
	struct agreed *a = as ? of(as, p) : NULL;
	struct agree_word w;

	if (!a || agree_word_decode(word, &w) < 0)
		return;
	take(a, agree_hear(&a->cfg, a->fsm, &w, clock_now()));
	heed(a);
}

static void note_sa(struct agreed *a)
{
	if (!path_has_sa(a->path))
		a->sa_at = 0;
	else if (a->sa_at == 0)
		a->sa_at = clock_now();
}

static size_t stamp_say(struct stamp_hook *h, struct path *p, uint8_t *out, size_t cap)
{
	uint8_t word[AGREE_WORD_LEN];
	size_t len = agrees_say(container_of(h, struct agrees, stamp), p, word);

	if (len == 0 || len > cap)
		return 0;
	memcpy(out, word, len);
	return len;
}

/* Proven or not: the word's own echo tells whether to believe it. */
static void stamp_hear(struct stamp_hook *h, struct path *p, struct view value, bool proven)
{
	(void)proven;
	agrees_hear(container_of(h, struct agrees, stamp), p, value);
}

static void on_path(struct path_watch *watch, struct path *p, enum path_change what)
{
	struct agrees *as = container_of(watch, struct agrees, watch);
	struct agreed *a = of(as, p);

	if (a && what == PATH_SA)
		note_sa(a);
	if (a && (what == PATH_USABLE || what == PATH_ANSWERS || what == PATH_CARRIES ||
		  what == PATH_GRADE))
		changed(a);
}

/* A VRRP instance stopped, or a port lost its carrier: what is behind us may be out of reach. */
static void on_board(struct board_watch *w, enum board_kind kind, const char *name)
{
	(void)name;
	if (kind == BOARD_VRRP || kind == BOARD_MASTER)
		all_changed(container_of(w, struct agrees, board_watch));
}

static void on_iface(struct iface_watch *w, const struct iface *iface)
{
	(void)iface;
	all_changed(container_of(w, struct agrees, iface_watch));
}

struct agrees *agrees_new(const struct env *env, const struct agrees_parts *parts)
{
	struct agrees *as = calloc(1, sizeof(*as));

	if (!as)
		return NULL;
	as->env = env;
	as->parts = *parts;
	if (getrandom(&as->nonce, sizeof(as->nonce), 0) != sizeof(as->nonce)) {
		free(as);
		return NULL;
	}
	as->nonce |= 1; /* never 0 */
	as->stamp = (struct stamp_hook){ .say = stamp_say, .hear = stamp_hear };
	timer_init(&as->tell, env->loop, on_tell);
	as->watch.fn = on_path;
	paths_watch(env->paths, &as->watch);
	/* After svc/answer: it must have decided before it is asked. */
	as->board_watch.fn = on_board;
	board_watch_add(env->board, &as->board_watch);
	as->iface_watch.fn = on_iface;
	ifaces_watch(parts->ifaces, &as->iface_watch);
	return as;
}

static void drop(struct agrees *as, size_t i)
{
	struct agreed *a = as->list[i];

	timer_stop(&a->timer);
	as->list[i] = NULL;
	free(a);
}

void agrees_free(struct agrees *as)
{
	if (!as)
		return;
	timer_stop(&as->tell);
	paths_unwatch(as->env->paths, &as->watch);
	board_watch_remove(as->env->board, &as->board_watch);
	for (size_t i = 0; i < CONF_TUNNELS_MAX; i++)
		if (as->list[i])
			drop(as, i);
	free(as);
}

static struct agreed *add(struct agrees *as, struct path *p)
{
	struct agreed *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->owner = as;
	a->path = p;
	timer_init(&a->timer, as->env->loop, on_timer);
	as->list[p->slot] = a;
	return a;
}

/* The same after a restart, so that the lead does not change with it. */
static uint64_t node_number(const struct conf *conf)
{
	static const struct hash_key key = { 0x6675746165206167, 0x7265656d656e7473 };
	uint64_t h = hash_bytes(&key, conf->node, strlen(conf->node));

	return h ? h : 1;
}

/* Other kinds of probes have no room for them, or come from no futae. */
static bool carries_words(const struct conf_tunnel *t)
{
	return t->health.enabled &&
	       (t->health.kind == CONF_PROBE_ICMP || t->health.kind == CONF_PROBE_STAMP);
}

int agrees_apply(struct agrees *as, const struct conf *conf)
{
	as->conf = conf;
	as->node = node_number(conf);
	for (size_t i = 0; i < CONF_TUNNELS_MAX; i++)
		if (as->list[i])
			as->list[i]->wanted = false;
	for (size_t i = 0; conf->agree.enabled && i < conf->tunnel_count; i++) {
		const struct conf_tunnel *t = &conf->tunnels[i];
		struct path *p = paths_by_name(as->env->paths, t->name);
		struct agreed *a = p ? of(as, p) : NULL;

		if (!p || p->slot >= CONF_TUNNELS_MAX || !carries_words(t))
			continue;
		if (!a)
			a = add(as, p);
		if (!a)
			return -ENOMEM;
		a->wanted = true;
		a->cfg = (struct agree_cfg){
			.node = as->node,
			.nonce = as->nonce,
			.hold = usec_max(HOLD, HOLD_PROBES * t->health.detection.interval),
		};
	}
	all_changed(as);
	return 0;
}

void agrees_prune(struct agrees *as)
{
	for (size_t i = 0; i < CONF_TUNNELS_MAX; i++)
		if (as->list[i] && !as->list[i]->wanted) {
			struct path *p = as->list[i]->path;

			drop(as, i);
			p->peer = (struct path_peer){ 0 };
			paths_tell(as->env->paths, p, PATH_PEER);
		}
}

const struct agree *agrees_get(const struct agrees *as, const struct path *p)
{
	const struct agreed *a = as ? of(as, p) : NULL;

	return a ? &a->fsm : NULL;
}

bool agrees_is_led(const struct agrees *as, const struct path *p)
{
	const struct agreed *a = as ? of(as, p) : NULL;

	return a && agree_is_led(&a->cfg, &a->fsm);
}

struct stamp_hook *agrees_stamp_hook(struct agrees *as)
{
	return &as->stamp;
}
