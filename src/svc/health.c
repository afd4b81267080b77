/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/health.h"

#include "base/hash.h"
#include "base/list.h"
#include "base/log.h"
#include "svc/adapt.h"
#include "svc/board.h"
#include "svc/history.h"
#include "svc/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define HURRY 5 /* probes for each interval, at the most */
/* So many tunnels are not suspect at once by chance: asking them all again and again would only
 * make us late for the verdict. */
#define SUSPECTS_MAX 64
#define DRAIN_FRESH ((usec_t)500)

struct healths {
	const struct env *env;
	struct probe_kind *kinds[CONF_PROBE_COUNT]; /* owned; NULL: this machine has none */
	struct hash_key random;
	struct check *list[CONF_TUNNELS_MAX]; /* owned; by the path's slot, with gaps */
	size_t count; /* of slots in use or ever used */
	size_t suspects;
	struct path_watch watch;
	struct spread lateness;
	usec_t drained[CONF_PROBE_COUNT]; /* when each kind's sockets were empty last */
};

const char *check_state_word(const struct check *c)
{
	return grading_is_degraded(c) ? "degraded" : health_state_word(c->fsm.state);
}

usec_t check_since(const struct check *c)
{
	return grading_is_degraded(c) ? usec_max(c->grading.fsm.since, c->fsm.usable_since)
				      : c->fsm.since;
}

void check_say_why(struct check *c)
{
	if (grading_is_degraded(c))
		(void)grading_text(c, c->path->why, sizeof(c->path->why));
	else
		(void)health_cause_text(&c->fsm, c->path->why, sizeof(c->path->why));
}

static void add_detail(const struct check *c, const char *between)
{
	struct path *p = c->path;
	size_t len = strlen(p->why);

	(void)snprintf(p->why + len, sizeof(p->why) - len, "%s%s", between, c->detail);
}

/* It is down still, perhaps for another reason than at first. */
static void refresh_why(struct check *c)
{
	if (c->fsm.state != HEALTH_DOWN)
		return;
	check_say_why(c);
	add_detail(c, "; now: ");
}

static void tell_path(struct check *c, unsigned actions)
{
	struct path *p = c->path;
	struct board *board = c->owner->env->board;
	usec_t now = clock_now();

	bool usable = actions & (HEALTH_TELL_USABLE | HEALTH_TELL_UNUSABLE);

	check_say_why(c);
	if (*c->detail && c->fsm.state == HEALTH_DOWN)
		add_detail(c, ": ");
	p->suspect = c->fsm.state == HEALTH_SUSPECT;
	if (usable || (actions & HEALTH_TELL_ANSWERS)) {
		p->usable = health_is_usable(&c->fsm);
		p->answer = c->fsm.answer;
		p->since = c->fsm.usable_since;
		p->detected = now;
		p->last_good = c->fsm.why.last_good;
		/* First the routes, then everybody else: traffic waits for nobody's log line. */
		paths_tell(c->owner->env->paths, p, usable ? PATH_USABLE : PATH_ANSWERS);
	}
	board_set(board, BOARD_TUNNEL, p->name, health_is_usable(&c->fsm), p->why, now);
	board_hold(board, BOARD_TUNNEL, p->name, c->fsm.state == HEALTH_HELD);
	board_degrade(board, BOARD_TUNNEL, p->name, p->degraded);
	board_set(board, BOARD_HEALTH, p->name, p->answer == HEALTH_ANSWERS, p->why, now);
}

static void arm_copy(struct check *c)
{
	bool few = c->owner->suspects <= SUSPECTS_MAX;

	if (c->fsm.state == HEALTH_SUSPECT || c->copy.at != USEC_NEVER)
		timer_at(&c->copy,
			 few ? health_copy_at(&c->cfg, &c->fsm, clock_now()) : USEC_NEVER);
}

static void feed(struct check *c, const struct health_event *ev)
{
	enum health_state was = c->fsm.state;
	struct health_step s = health_step(&c->cfg, c->fsm, ev, clock_now());
	bool suspicion;

	c->fsm = s.next;
	timer_at(&c->deadline, s.next.deadline);
	c->owner->suspects -= was == HEALTH_SUSPECT;
	c->owner->suspects += s.next.state == HEALTH_SUSPECT;
	arm_copy(c);
	if (!s.actions)
		return;
	tell_path(c, s.actions);
	/* Suspicion comes and goes with single lost probes: not worth a notice. */
	suspicion = (was == HEALTH_UP || was == HEALTH_SUSPECT) && health_is_usable(&c->fsm);
	if (was != c->fsm.state)
		log_event(suspicion ? LOGL_DEBUG : LOGL_NOTICE, "health.state",
			  "tunnel=%s from=%s to=%s why=\"%s\"", c->path->name,
			  health_state_name(was), health_state_name(c->fsm.state), c->path->why);
}

static void feed_life(struct check *c)
{
	struct liveness_slot *live = c->path->live;
	struct health_event ev = {
		.kind = HEALTH_EV_LIFE,
		.rx_last = atomic_load_explicit(&live->rx_last, memory_order_relaxed),
		.rx_packets = atomic_load_explicit(&live->rx_data_packets, memory_order_relaxed),
	};

	feed(c, &ev);
}

/* The kind of probe has a clock of its own to forgive by: as much as was believed here. */
static void excuse(struct check *c, const struct health_event *ev)
{
	usec_t before = c->fsm.reply_ref;

	feed(c, ev);
	if (c->kind && c->kind->ops->late && c->fsm.reply_ref > before)
		c->kind->ops->late(c->kind, c, c->fsm.reply_ref - before);
}

/* What our own loop slept through must not be blamed on the peer (nor what the host stole). */
static void feed_late(struct check *c, usec_t due)
{
	usec_t late = usec_since(due, clock_now());
	struct health_event ev = { .kind = HEALTH_EV_LATE, .late = late };

	c->late_worst = usec_max(c->late_worst, late);
	measure_late(&c->measure, late, clock_now());
	if (late > c->cfg.interval / 4)
		excuse(c, &ev);
}

/* Something left by this tunnel, or came by any, since we handed over that probe. */
static bool esp_has_run(const struct check *c)
{
	const struct liveness *live = c->owner->env->live;

	if (atomic_load_explicit(&c->path->live->tx_packets, memory_order_relaxed) != c->handed_tx)
		return true;
	for (size_t i = 0; i < LIVENESS_WORKERS; i++)
		if (atomic_load_explicit(&live->worker[i].rx_last, memory_order_relaxed) >
		    c->handed_at)
			return true;
	return false;
}

/*
 * futae-esp has no priority over others, so on a busy machine it may stand still while we do
 * not: then our probes wait in its socket, and the peer's packets in the kernel.  What is dead
 * already has nothing to gain from asking.
 */
static void feed_esp_late(struct check *c)
{
	struct health_event ev = { .kind = HEALTH_EV_LATE, .guessed = true };

	if (c->handed_at && esp_has_run(c))
		c->handed_at = 0;
	if (!c->handed_at || (!health_is_usable(&c->fsm) && c->fsm.state != HEALTH_HELD))
		return;
	ev.late = usec_since(c->handed_at, clock_now());
	if (ev.late > c->cfg.interval / 4)
		excuse(c, &ev);
}

void check_note_late(struct check *c, usec_t due)
{
	feed_late(c, due);
	feed_esp_late(c);
}

/*
 * Replies that wait in the socket came before anything that is decided now.  Not again within
 * DRAIN_FRESH: hundreds of checks may be due in one turn, and for all of them one look will do.
 */
static void drain(struct check *c)
{
	struct healths *hs = c->owner;

	if (!c->kind || !c->kind->ops->drain)
		return;
	if (usec_since(hs->drained[c->conf->health.kind], clock_now()) < DRAIN_FRESH)
		return;
	c->kind->ops->drain(c->kind);
	hs->drained[c->conf->health.kind] = clock_now();
}

static int hand_over(struct check *c)
{
	uint64_t tx = atomic_load_explicit(&c->path->live->tx_packets, memory_order_relaxed);
	usec_t now = clock_now();
	int r = c->kind ? c->kind->ops->send(c->kind, c) : -EOPNOTSUPP;

	if (r == 0 && !c->handed_at) {
		c->handed_at = now;
		c->handed_tx = tx;
	}
	if (r == 0 && c->stats && c->seq % HEALTH_COPIES == 0)
		stamp_stats_sent(c->stats, now);
	return r;
}

static bool has_own_pace(const struct check *c)
{
	return c->kind && c->kind->ops->own_pace;
}

static void send_packet(struct check *c)
{
	/* Without an SA futae-esp could only drop it. */
	int r = c->path->index && path_has_sa(c->path) ? hand_over(c) : -ENODEV;

	c->seq++;
	if (has_own_pace(c)) /* it counts itself */
		return;
	if (r == 0)
		c->sent++;
	else
		c->send_errors++;
}

/*
 * The turns keep their places, however late one was and whatever was hurried in between: a thousand
 * checks that hurry at once must not stay in step.  A missed turn is not made up for.
 */
static usec_t next_turn(struct check *c, usec_t due)
{
	usec_t every = c->cfg.interval, soonest = usec_add(clock_now(), every / 2);
	usec_t next = c->planned ? c->planned : usec_add(due, every);

	c->planned = 0;
	if (next < soonest)
		next += (soonest - next + every - 1) / every * every;
	return next;
}

static void on_probe(struct timer *t)
{
	struct check *c = container_of(t, struct check, tick);
	struct health_event ev = { .kind = HEALTH_EV_PROBE_SENT };
	usec_t due = t->due;

	drain(c);
	feed_late(c, due);
	feed_esp_late(c);
	feed_life(c);
	adapt_turn(c);
	spread_add(&c->owner->lateness, usec_since(due, clock_now()));
	ev.seq = ++c->number;
	c->seq = c->number * HEALTH_COPIES;
	send_packet(c);
	c->sent_last = clock_now();
	feed(c, &ev);
	grading_tick(c);
	timer_at(t, next_turn(c, due));
}

/* A reply is missing: the newest probe once more. */
static void on_copy(struct timer *t)
{
	struct check *c = container_of(t, struct check, copy);

	drain(c);
	if (c->fsm.state == HEALTH_SUSPECT && c->seq % HEALTH_COPIES != 0) {
		c->repeated++;
		send_packet(c);
	}
	arm_copy(c);
}

static void on_deadline(struct timer *t)
{
	struct check *c = container_of(t, struct check, deadline);
	const struct health_event ev = { .kind = HEALTH_EV_TIMER };
	usec_t due = t->due;

	drain(c);
	feed_late(c, due);
	feed_esp_late(c);
	feed_life(c);
	feed(c, &ev);
}

static struct check *by_index(const struct healths *hs, uint32_t index)
{
	return index < hs->count ? hs->list[index] : NULL;
}

/*
 * Who speaks in turn answers no probe: each packet is one that was sent and answered, and the
 * next is missing when it is a quarter late.
 */
static uint32_t count_own(struct check *c)
{
	struct health_event ev = { .kind = HEALTH_EV_PROBE_SENT };

	/* It may have waited for us: that must be known before it is asked how long it was quiet.
	 */
	if (c->tick.at <= clock_now())
		feed_late(c, c->tick.due);
	feed_life(c);
	adapt_turn(c);
	ev.seq = ++c->number;
	c->seq = c->number * HEALTH_COPIES + 1;
	feed(c, &ev);
	timer_at(&c->tick, usec_add(clock_now(), c->cfg.interval + c->cfg.interval / 4));
	return c->number;
}

static void on_reply(void *ctx, const struct probe_answer *r)
{
	struct healths *hs = ctx;
	struct check *c = by_index(hs, r->index);
	struct health_event ev = { .at = r->at, .said = r->said };
	uint32_t behind = 0;

	if (c && r->big)
		grading_answer(c, r);
	/* Numbers wrap; what was never sent lies ahead. */
	if (!c || r->big || (!has_own_pace(c) && c->seq - 1 - r->seq > UINT32_MAX / 2))
		return;
	if (r->verdict == PROBE_NOTHING) {
		refresh_why(c);
		return;
	}
	if (has_own_pace(c)) {
		ev.seq = count_own(c);
	} else {
		behind = c->number - r->seq / HEALTH_COPIES;
		behind %= UINT32_MAX / HEALTH_COPIES + 1;
		ev.seq = c->number - behind;
	}
	if (r->verdict != PROBE_REPLY) {
		/* Only what came by the tunnel is the peer's word; anything else somebody made up.
		 */
		if (r->device != c->path->index)
			return;
		c->unreachable++;
		ev.kind = HEALTH_EV_UNREACHABLE;
		ev.first_party =
			r->verdict == PROBE_REFUSED || addr_equal(&r->src, &c->conf->health.target);
	} else if (!addr_equal(&r->src, &c->conf->health.target)) {
		return;
	} else if (r->device != c->path->index) {
		c->wrong++;
		c->wrong_last = r->at;
		c->wrong_device = r->device;
		ev.kind = HEALTH_EV_WRONG_PATH;
		ev.device = r->device;
	} else {
		c->received++;
		/* A copy says that the path is good now, not that nothing was lost. */
		if (has_own_pace(c) || r->seq % HEALTH_COPIES == 0)
			loss_answered(&c->measure.loss, behind);
		c->detail[0] = '\0';
		if (r->sent)
			c->rtt = ev.rtt = usec_since(r->sent, r->at);
		if (c->stats && r->seq % HEALTH_COPIES == 0)
			stamp_stats_answered(c->stats, r->seq / HEALTH_COPIES, r->sent, r->at);
		ev.kind = HEALTH_EV_REPLY;
	}
	feed(c, &ev);
}

static struct check *by_path(const struct healths *hs, const struct path *p)
{
	struct check *c = p->slot < hs->count ? hs->list[p->slot] : NULL;

	return c && c->path == p ? c : NULL;
}

static void on_path(struct path_watch *w, struct path *p, enum path_change what)
{
	struct healths *hs = container_of(w, struct healths, watch);
	struct health_event ev = { .kind = HEALTH_EV_SA_DOWN };
	struct check *c = by_path(hs, p);

	if (!c)
		return;
	if (what == PATH_CARRIES)
		grading_hurry(c);
	if (what != PATH_DEVICE && what != PATH_SA && what != PATH_GONE) /* our own words */
		return;
	if (what != PATH_GONE && p->index && path_has_sa(p))
		ev.kind = HEALTH_EV_SA_UP;
	feed(c, &ev);
	grading_hurry(c);
}

void healths_link(struct healths *hs, const char *tunnel, const char *why)
{
	const struct health_event ev = { .kind = HEALTH_EV_LINK, .link = why };

	for (size_t i = 0; i < hs->count; i++)
		if (hs->list[i] && !strcmp(hs->list[i]->path->name, tunnel))
			feed(hs->list[i], &ev);
}

typedef struct probe_kind *new_fn(const struct env *env, probe_fn *fn, void *ctx);

static new_fn *const makers[CONF_PROBE_COUNT] = {
	[CONF_PROBE_ICMP] = probe_icmp_new,   [CONF_PROBE_STAMP] = probe_stamp_new,
	[CONF_PROBE_BFD] = probe_bfd_new,     [CONF_PROBE_TCP] = probe_tcp_new,
	[CONF_PROBE_UDP] = probe_udp_new,     [CONF_PROBE_HTTP] = probe_http_new,
	[CONF_PROBE_HTTPS] = probe_https_new,
};

/* Only those that are used open sockets. */
static struct probe_kind *kind_of(struct healths *hs, enum conf_probe kind)
{
	if (!hs->kinds[kind])
		hs->kinds[kind] = makers[kind](hs->env, on_reply, hs);
	return hs->kinds[kind];
}

struct probe_kind *healths_kind(const struct healths *hs, enum conf_probe kind)
{
	return hs->kinds[kind];
}

static void free_kinds(struct healths *hs)
{
	for (size_t i = 0; i < CONF_PROBE_COUNT; i++)
		if (hs->kinds[i])
			hs->kinds[i]->ops->free(hs->kinds[i]);
}

struct healths *healths_new(const struct env *env)
{
	struct healths *hs = calloc(1, sizeof(*hs));

	if (!hs)
		return NULL;
	hs->env = env;
	/* Whoever may not ask by this may not do the rest: better said at once. */
	if (!kind_of(hs, CONF_PROBE_ICMP) ||
	    getrandom(&hs->random, sizeof(hs->random), 0) != sizeof(hs->random)) {
		free_kinds(hs);
		free(hs);
		return NULL;
	}
	hs->watch.fn = on_path;
	paths_watch(env->paths, &hs->watch);
	return hs;
}

static void stop_probe(struct check *c)
{
	if (c->kind && c->kind->ops->stop)
		c->kind->ops->stop(c->kind, c);
	c->kind = NULL;
}

static void keep_history(struct check *c, enum conf_probe kind)
{
	bool ways = kind == CONF_PROBE_STAMP;

	if (c->stats && c->stats->has_ways == ways)
		return;
	history_free(c->stats);
	c->stats = NULL;
	if (kind == CONF_PROBE_BFD) /* asks nothing, so that nothing can be lost */
		return;
	c->stats = history_new(ways, clock_now());
}

static void start_probe(struct check *c, enum conf_probe kind)
{
	struct probe_kind *k = kind_of(c->owner, kind);

	if (c->kind != k) {
		stop_probe(c);
		c->detail[0] = '\0';
	}
	c->kind = k;
	if (k && k->ops->start && k->ops->start(k, c) < 0)
		stop_probe(c);
	if (!c->kind)
		log_event(LOGL_ERROR, "health.kind",
			  "tunnel=%s error=\"this node cannot probe by %s\"", c->path->name,
			  conf_probe_name(kind));
}

/* Spread over an interval, so that a thousand checks do not all fire in one turn. */
static usec_t phase(struct check *c)
{
	return hash_bytes(&c->owner->random, &c->index, sizeof(c->index)) % c->cfg.interval;
}

static void drop(struct healths *hs, size_t i)
{
	struct check *c = hs->list[i];

	timer_stop(&c->tick);
	timer_stop(&c->deadline);
	timer_stop(&c->copy);
	hs->suspects -= c->fsm.state == HEALTH_SUSPECT;
	grading_stop(c);
	stop_probe(c);
	board_forget(hs->env->board, BOARD_TUNNEL, c->path->name);
	board_forget(hs->env->board, BOARD_HEALTH, c->path->name);
	hs->list[i] = NULL;
	history_free(c->stats);
	free(c);
}

void healths_free(struct healths *hs)
{
	if (!hs)
		return;
	paths_unwatch(hs->env->paths, &hs->watch);
	for (size_t i = 0; i < hs->count; i++)
		if (hs->list[i])
			drop(hs, i);
	free_kinds(hs);
	free(hs);
}

const struct check *healths_by_path(const struct healths *hs, const struct path *p)
{
	return by_path(hs, p);
}

void healths_hurry(struct healths *hs, const struct path *p)
{
	struct check *c = by_path(hs, p);
	usec_t soonest;

	if (!c || !c->kind || has_own_pace(c))
		return;
	/* What keeps changing must not make us send more than a few probes for each interval. */
	soonest = usec_max(clock_now(), usec_add(c->sent_last, c->cfg.interval / HURRY));
	if (soonest >= c->tick.due)
		return;
	if (!c->planned)
		c->planned = c->tick.due;
	timer_at(&c->tick, soonest);
}

void healths_unheard(struct healths *hs, const struct path *p)
{
	const struct health_event ev = { .kind = HEALTH_EV_UNHEARD };
	struct check *c = by_path(hs, p);

	if (c)
		feed(c, &ev);
}

void healths_unfit(struct healths *hs, const struct path *p)
{
	struct health_event ev = { .kind = HEALTH_EV_UNREACHABLE, .first_party = true };
	struct check *c = by_path(hs, p);

	if (!c)
		return;
	ev.seq = c->number;
	feed(c, &ev);
}

void healths_farewell(struct healths *hs)
{
	for (size_t i = 0; i < CONF_PROBE_COUNT; i++)
		if (hs->kinds[i] && hs->kinds[i]->ops->farewell)
			hs->kinds[i]->ops->farewell(hs->kinds[i]);
}

void check_set_pace(struct check *c, usec_t interval, usec_t silence)
{
	if (c->cfg.interval != interval && c->cfg.interval)
		loss_rescale(&c->measure.loss, c->cfg.interval, interval);
	c->cfg.interval = interval;
	c->cfg.silence = silence;
	if (c->tick.at != USEC_NEVER)
		timer_at(&c->tick, usec_min(c->tick.at, usec_add(clock_now(), 2 * interval)));
}

static struct check *add(struct healths *hs, struct path *p)
{
	struct check *c = calloc(1, sizeof(*c));
	size_t i = p->slot;

	if (!c || i >= CONF_TUNNELS_MAX || hs->list[i]) {
		free(c);
		return NULL;
	}
	c->owner = hs;
	c->path = p;
	c->index = (uint32_t)i;
	c->fsm = health_start(clock_now());
	timer_init(&c->tick, hs->env->loop, on_probe);
	timer_init(&c->deadline, hs->env->loop, on_deadline);
	timer_init(&c->copy, hs->env->loop, on_copy);
	grading_init(c, hs->env, hs->kinds[CONF_PROBE_ICMP]);
	hs->list[i] = c;
	hs->count = i < hs->count ? hs->count : i + 1;
	return c;
}

static void take_conf(struct check *c, const struct conf_tunnel *t)
{
	const struct conf_health *h = &t->health;
	usec_t now = clock_now(), before = c->cfg.interval;

	c->conf = t;
	c->wanted = true;
	c->cfg = (struct health_cfg){ .unprobed = !h->enabled,
				      .patience = h->detection.patience,
				      .restore = h->restore,
				      .damp = { h->flap.half_life, h->flap.max } };
	adapt_start(c, before);
	timer_stop(&c->tick);
	if (h->enabled) {
		keep_history(c, h->kind);
		start_probe(c, h->kind);
		c->cfg.repeats = c->kind && c->kind->ops->repeats;
		c->cfg.by_time = has_own_pace(c);
		timer_at(&c->tick, usec_add(now, phase(c)));
	} else {
		stop_probe(c);
	}
	grading_take_conf(c);
	on_path(&c->owner->watch, c->path, PATH_SA);
}

int healths_apply(struct healths *hs, const struct conf *conf)
{
	for (size_t i = 0; i < hs->count; i++)
		if (hs->list[i])
			hs->list[i]->wanted = false;
	for (size_t i = 0; i < conf->tunnel_count; i++) {
		const struct conf_tunnel *t = &conf->tunnels[i];
		struct path *p = paths_by_name(hs->env->paths, t->name);
		const struct check *known = healths_by_name(hs, t->name);
		struct check *c = known ? hs->list[known->index] : p ? add(hs, p) : NULL;

		if (!c)
			return -ENOMEM;
		take_conf(c, t);
	}
	return 0;
}

void healths_prune(struct healths *hs)
{
	for (size_t i = 0; i < hs->count; i++)
		if (hs->list[i] && !hs->list[i]->wanted)
			drop(hs, i);
}

const struct spread *healths_lateness(const struct healths *hs)
{
	return &hs->lateness;
}

size_t healths_count(const struct healths *hs)
{
	return hs->count;
}

const struct check *healths_get(const struct healths *hs, size_t i)
{
	return hs->list[i];
}

const struct check *healths_by_name(const struct healths *hs, const char *tunnel)
{
	for (size_t i = 0; i < hs->count; i++)
		if (hs->list[i] && !strcmp(hs->list[i]->path->name, tunnel))
			return hs->list[i];
	return NULL;
}
