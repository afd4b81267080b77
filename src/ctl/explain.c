/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/explain.h"

#include "ctl/explain_parts.h"
#include "ctl/model.h"
#include "svc/board.h"
#include "svc/daemon.h"
#include "svc/route.h"
#include "svc/script.h"
#include "svc/track.h"
#include "svc/tunnel.h"
#include "svc/vrrp.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct explanation explanation_new(const char *object, const char *kind)
{
	return (struct explanation){ .object = object,
				     .kind = kind,
				     .sentences = json_array(),
				     .evidence = json_array(),
				     .advice = json_array() };
}

__attribute__((format(printf, 2, 0))) static void add(json_t *list, const char *fmt, va_list ap)
{
	char text[512];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	json_array_append_new(list, model_text(text)); /* a peer's words may be any bytes */
}

void explain_say(struct explanation *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(e->sentences, fmt, ap);
	va_end(ap);
}

void explain_evidence(struct explanation *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(e->evidence, fmt, ap);
	va_end(ap);
}

void explain_advise(struct explanation *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(e->advice, fmt, ap);
	va_end(ap);
}

const char *explain_span(usec_t span, char out[static EXPLAIN_SPAN])
{
	if (span == USEC_NEVER)
		(void)snprintf(out, EXPLAIN_SPAN, "never");
	else if (span < USEC_PER_SEC)
		(void)snprintf(out, EXPLAIN_SPAN, "%.1f ms", (double)span / 1000.0);
	else if (span < 120 * USEC_PER_SEC)
		(void)snprintf(out, EXPLAIN_SPAN, "%.1f s", (double)span / 1e6);
	else if (span < 7200 * USEC_PER_SEC)
		(void)snprintf(out, EXPLAIN_SPAN, "%.0f min", (double)span / 6e7);
	else
		(void)snprintf(out, EXPLAIN_SPAN, "%.1f h", (double)span / 3.6e9);
	return out;
}

static json_t *finish(const struct explanation *e, const char *state)
{
	return json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "object", e->object, "kind", e->kind,
			 "state", state, "sentences", e->sentences, "evidence", e->evidence,
			 "advice", e->advice);
}

static const struct route *route_named(const struct daemon *d, const char *name)
{
	for (size_t i = 0; i < routes_count(d->routes); i++)
		if (!strcmp(routes_get(d->routes, i)->name, name))
			return routes_get(d->routes, i);
	return NULL;
}

static const struct tunnel *tunnel_named(const struct daemon *d, const char *name)
{
	for (size_t i = 0; i < tunnels_count(d->tunnels); i++)
		if (!strcmp(tunnels_get(d->tunnels, i)->path.name, name))
			return tunnels_get(d->tunnels, i);
	return NULL;
}

static const struct vrrp *vrrp_named(const struct daemon *d, const char *name)
{
	for (size_t i = 0; i < vrrps_count(d->vrrps); i++)
		if (!strcmp(vrrps_get(d->vrrps, i)->name, name))
			return vrrps_get(d->vrrps, i);
	return NULL;
}

static void explain_script(const struct script_check *c, struct explanation *e, usec_t now)
{
	char every[EXPLAIN_SPAN], most[EXPLAIN_SPAN], took[EXPLAIN_SPAN];

	explain_evidence(e, "%s runs each %s, for %s at most; the last took %s", c->conf->command,
			 explain_span(c->cfg.interval, every), explain_span(c->cfg.timeout, most),
			 explain_span(c->took, took));
	explain_evidence(e,
			 "%llu runs, %llu killed at the time-out, %u turns passed over since a run "
			 "was still out",
			 (unsigned long long)c->runs, (unsigned long long)c->timeouts,
			 c->fsm.overlaps);
	explain_evidence(e, "last result: %s", c->why);
	if (c->fsm.streak)
		explain_evidence(e, "%u of %u results that make it %s", c->fsm.streak,
				 c->fsm.good ? c->cfg.fall : c->cfg.rise,
				 c->fsm.good ? "lost" : "good");
	if (c->fsm.phase == SCRIPT_WAITING)
		explain_say(e, "It waits its turn, for %s now: at most %d scripts run at once.",
			    explain_span(usec_since(c->waits_since, now), every), SCRIPTS_AT_ONCE);
}

static json_t *explain_track(const struct daemon *d, const struct board_fact *f, usec_t now)
{
	const struct script_check *c =
		f->kind == BOARD_TRACK ? scripts_by_name(d->scripts, f->name) : NULL;
	usec_t change = f->kind == BOARD_TRACK ? tracks_change_at(d->tracks, f->name) : USEC_NEVER;

	struct explanation e = explanation_new(f->name, board_kind_name(f->kind));
	char span[EXPLAIN_SPAN];

	explain_say(&e, "%s %s is %s, for %s.", e.kind, f->name, f->good ? "good" : "lost",
		    explain_span(usec_since(f->since, now), span));
	if (change != USEC_NEVER)
		explain_say(&e, "It becomes %s in %s if nothing changes before.",
			    f->good ? "lost" : "good", explain_span(usec_since(now, change), span));
	explain_evidence(&e, "%s", f->why);
	if (c)
		explain_script(c, &e, now);
	return finish(&e, f->good ? "good" : "lost");
}

json_t *explain_object(struct daemon *d, const char *object, struct err *err)
{
	const struct tunnel *t = tunnel_named(d, object);
	const struct route *r = route_named(d, object);
	const struct vrrp *v = vrrp_named(d, object);
	const struct board_fact *f = board_get(d->env.board, BOARD_TRACK, object);
	struct explanation e;

	if (!f)
		f = board_get(d->env.board, BOARD_INTERFACE, object);
	if (t) {
		e = explanation_new(object, "tunnel");
		return finish(&e, explain_tunnel(d, t, &e));
	}
	if (r) {
		e = explanation_new(object, "route");
		return finish(&e, explain_route(d, r, &e));
	}
	if (v) {
		e = explanation_new(object, "vrrp");
		return finish(&e, explain_vrrp(d, v, &e));
	}
	if (f)
		return explain_track(d, f, clock_now());
	err_set(err, -ENOENT,
		"nothing here is called %s; `futae status` lists tunnels, routes and VRRP "
		"instances",
		object);
	return NULL;
}
