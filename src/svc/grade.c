/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/grade.h"

#include "base/list.h"
#include "base/log.h"
#include "svc/board.h"
#include "svc/env.h"
#include "svc/health.h"
#include "svc/path.h"
#include "svc/probe.h"

#include <stdio.h>

#define WAIT_LEAST (250 * USEC_PER_MSEC)
#define SMALL_PAYLOAD 56 /* of the small probes, as ping sends them */
#define ICMP_HDR 8
#define WINDOW 64 /* probes whose loss is counted */

bool grading_is_degraded(const struct check *c)
{
	return c->grading.fsm.cause != GRADE_GOOD && health_is_usable(&c->fsm);
}

const char *grading_text(const struct check *c, char *out, size_t size)
{
	const struct grading *g = &c->grading;

	if (g->fsm.cause == GRADE_BIG_PACKETS && g->size.state == SIZE_BROKEN)
		return size_text(&g->size_cfg, &g->size, clock_now(), out, size);
	if (g->fsm.cause == GRADE_BIG_PACKETS) {
		(void)snprintf(out, size,
			       "large packets arrive again; it must stay so for a while");
		return out;
	}
	return grade_text(&g->cfg, &g->fsm, out, size);
}

/* What others see of it; `health` says it anew whenever it decides something itself. */
static void tell(struct check *c)
{
	struct path *p = c->path;
	bool degraded = c->grading.fsm.cause != GRADE_GOOD;

	p->degraded = degraded;
	check_say_why(c);
	p->detected = clock_now();
	paths_tell(c->grading.paths, p, PATH_GRADE);
	board_degrade(c->grading.board, BOARD_TUNNEL, p->name, degraded);
}

static void feed(struct check *c)
{
	struct grading *g = &c->grading;
	usec_t now = clock_now();
	bool held = c->fsm.state == HEALTH_HELD;
	const struct grade_seen seen = {
		.answers = health_is_usable(&c->fsm) || (held && c->fsm.proven),
		.window_full = c->fsm.window >= WINDOW,
		.loss_permille = health_loss_permille(&c->cfg, &c->fsm, now),
		.rtt = usec_min(c->fsm.srtt, c->rtt),
		.big_broken = g->size.state == SIZE_BROKEN,
	};
	struct grade_step s = grade_step(&g->cfg, g->fsm, &seen, now);
	char text[256];

	g->fsm = s.next;
	if (!s.changed)
		return;
	tell(c);
	log_event(LOGL_NOTICE, "health.grade", "tunnel=%s grade=%s cause=%s why=\"%s\"",
		  c->path->name, g->fsm.cause == GRADE_GOOD ? "good" : "degraded",
		  grade_cause_name(g->fsm.cause), grading_text(c, text, sizeof(text)));
}

/* Two small probes and their replies fit into it, so that they tell size from silence. */
static usec_t wait_of(const struct check *c)
{
	usec_t round = usec_add(2 * c->fsm.srtt, 4 * c->fsm.rttvar);

	return usec_max(WAIT_LEAST, usec_add(2 * c->cfg.interval, round));
}

static void size_feed(struct check *c, const struct size_event *ev)
{
	struct grading *g = &c->grading;
	enum size_state was = g->size.state;
	usec_t now = clock_now();
	struct size_step s;
	char text[256];

	g->size_cfg.wait = wait_of(c);
	s = size_step(&g->size_cfg, g->size, ev, now);
	g->size = s.next;
	if (s.send && probe_icmp_send_big(g->icmp, c, g->size.seq, s.send) == 0)
		g->sent++;
	timer_at(&g->timer, g->size.deadline);
	if (!s.changed)
		return;
	log_event(g->size.state == SIZE_BROKEN ? LOGL_NOTICE : LOGL_INFO, "health.big_packets",
		  "tunnel=%s state=%s why=\"%s\"", c->path->name, size_state_name(g->size.state),
		  size_text(&g->size_cfg, &g->size, now, text, sizeof(text)));
	if (was != g->size.state)
		feed(c);
	else if (g->fsm.cause == GRADE_BIG_PACKETS)
		check_say_why(c); /* how large they may be was found out */
}

/* Not while the path does not work: then it is no question of size. */
static void on_timer(struct timer *t)
{
	struct check *c = container_of(t, struct check, grading.timer);
	const struct size_event ev = {
		.kind = SIZE_EV_TIMER,
		.loss_permille = health_loss_permille(&c->cfg, &c->fsm, clock_now()),
		.small_reply = c->fsm.reply_last,
	};

	if (c->fsm.answer == HEALTH_SILENT && !c->grading.size.waiting) {
		timer_at(t, usec_add(clock_now(), wait_of(c)));
		return;
	}
	size_feed(c, &ev);
}

void grading_init(struct check *c, const struct env *env, struct probe_kind *icmp)
{
	struct grading *g = &c->grading;

	g->paths = env->paths;
	g->board = env->board;
	g->icmp = icmp;
	g->fsm = grade_start(clock_now());
	g->size = size_start(clock_now());
	timer_init(&g->timer, env->loop, on_timer);
}

void grading_stop(struct check *c)
{
	timer_stop(&c->grading.timer);
}

/* What was learnt by other limits, or of another target, is worth nothing. */
static void reset(struct check *c)
{
	struct grading *g = &c->grading;
	bool was = g->fsm.cause != GRADE_GOOD;

	g->fsm = grade_start(clock_now());
	g->size = size_start(clock_now());
	if (was)
		tell(c);
}

void grading_take_conf(struct check *c)
{
	struct grading *g = &c->grading;
	const struct conf_health *h = &c->conf->health;
	const struct conf_degraded *d = &h->degraded;
	bool v6 = h->target.family == ADDR_V6;
	bool same = g->mtu == c->conf->mtu && g->conf.loss_percent == d->loss_percent &&
		    g->conf.delay == d->delay && g->conf.big_every == d->big_every &&
		    addr_equal(&g->target, &h->target);

	g->conf = *d;
	g->mtu = c->conf->mtu;
	g->target = h->target;
	g->cfg = (struct grade_cfg){ .loss_permille = d->loss_percent * 10u,
				     .delay = d->delay,
				     .interval = c->cfg.interval,
				     .restore = c->cfg.restore,
				     .damp = c->cfg.damp };
	g->size_cfg =
		(struct size_cfg){ .small = (uint16_t)((v6 ? 40 : 20) + ICMP_HDR + SMALL_PAYLOAD),
				   .full = g->mtu,
				   .every = h->enabled && g->icmp ? d->big_every : 0 };
	if (!same || !h->enabled)
		reset(c);
	if (g->size_cfg.every)
		timer_at(&g->timer, usec_add(clock_now(), wait_of(c)));
	else
		timer_stop(&g->timer);
}

void grading_tick(struct check *c)
{
	c->grading.cfg.interval = c->cfg.interval; /* auto changes it */
	feed(c);
}

void grading_answer(struct check *c, const struct probe_answer *r)
{
	struct grading *g = &c->grading;
	struct size_event ev = { .kind = SIZE_EV_REPLY, .seq = r->seq, .mtu = r->bytes };

	if (g->size_cfg.every == 0 || r->device != c->path->index)
		return;
	if (r->verdict == PROBE_TOO_BIG)
		ev.kind = SIZE_EV_TOO_BIG;
	else if (r->verdict != PROBE_REPLY || !addr_equal(&r->src, &c->conf->health.target) ||
		 r->bytes != g->size.sent) /* a short answer proves nothing */
		return;
	g->received += ev.kind == SIZE_EV_REPLY;
	size_feed(c, &ev);
}

void grading_hurry(struct check *c)
{
	const struct size_event ev = { .kind = SIZE_EV_HURRY };

	if (c->grading.size_cfg.every)
		size_feed(c, &ev);
}
