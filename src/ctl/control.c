/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/control.h"

#include "base/list.h"
#include "ctl/events.h"
#include "ctl/explain.h"
#include "ctl/model.h"
#include "ctl/model_quality.h"
#include "ctl/server.h"
#include "svc/daemon.h"
#include "svc/health.h"
#include "svc/route.h"
#include "svc/tunnel.h"
#include "svc/vrrp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct control {
	struct daemon *daemon;
	struct ctl_events *events;
	struct ctl_server *server;
	char path[512];
};

static int reply(json_t *model, json_t **data, struct err *err)
{
	if (!model)
		return err_set(err, -ENOMEM, "not enough memory for the answer");
	*data = model;
	return 0;
}

/* Each reading verb is one model; the command line renders it. */
#define READING_VERB(name)                                                                         \
	static int verb_##name(void *ctx, const json_t *args, json_t **data, struct err *err)      \
	{                                                                                          \
		struct control *c = ctx;                                                           \
                                                                                                   \
		(void)args;                                                                        \
		return reply(model_##name(c->daemon), data, err);                                  \
	}

READING_VERB(status)
READING_VERB(tunnels)
READING_VERB(routes)
READING_VERB(vrrp)
READING_VERB(failovers)

static int verb_quality(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	struct control *c = ctx;

	*data = model_quality(c->daemon, args, err);
	return *data ? 0 : -EINVAL;
}

static int verb_quality_series(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	struct control *c = ctx;

	*data = model_quality_series(c->daemon, args, err);
	return *data ? 0 : -EINVAL;
}

static const char *text_arg(const json_t *args, const char *key)
{
	return json_string_value(json_object_get(args, key));
}

static int verb_health(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	struct control *c = ctx;
	const char *tunnel = text_arg(args, "tunnel");

	if (tunnel && !healths_by_name(c->daemon->healths, tunnel))
		return err_set(err, -ENOENT,
			       "no tunnel %s has a health check; `futae health` lists them",
			       tunnel);
	return reply(model_health(c->daemon, tunnel), data, err);
}

static int verb_explain(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	struct control *c = ctx;
	const char *object = text_arg(args, "object");

	if (!object)
		return err_set(err, -EINVAL,
			       "explain what? the name of a tunnel, route, VRRP instance or track");
	*data = explain_object(c->daemon, object, err);
	return *data ? 0 : -ENOENT;
}

static int verb_switch(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	struct control *c = ctx;
	const char *route = text_arg(args, "route"), *tunnel = text_arg(args, "tunnel");

	(void)data;
	if (!route || !tunnel)
		return err_set(
			err, -EINVAL,
			"say which route and which tunnel, or auto: futae switch ROUTE TUNNEL");
	return routes_lock(c->daemon->routes, route, strcmp(tunnel, "auto") ? tunnel : NULL, err);
}

static int verb_vrrp_order(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	struct control *c = ctx;
	const char *name = text_arg(args, "name"), *order = text_arg(args, "order");

	(void)data;
	if (!name || !order)
		return err_set(
			err, -EINVAL,
			"say which instance, and give-up, take or auto: futae vrrp NAME ORDER");
	return vrrps_manual(c->daemon->vrrps, name, order, err);
}

static int refuse_reload(int r, const struct conf_report *report, struct err *err)
{
	const struct conf_message *m = conf_report_first_error(report);
	char place[32] = "";

	if (!m)
		return r;
	if (m->pos.line)
		(void)snprintf(place, sizeof(place), "%u:%u:", m->pos.line, m->pos.column);
	return err_set(err, r,
		       "%.60s:%s %.120s; nothing was changed, `futae check` lists all (%zu)",
		       report->file, place, m->text, report->errors);
}

static int verb_reload(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	static struct conf_report report; /* 27 kB */
	struct control *c = ctx;
	int r;

	(void)args;
	memset(&report, 0, sizeof(report));
	r = daemon_reload(c->daemon, &report, err);
	if (r && report.errors)
		return refuse_reload(r, &report, err);
	if (r)
		return r;
	return reply(model_report(&report), data, err);
}

static int verb_rekey(void *ctx, const json_t *args, json_t **data, struct err *err)
{
	struct control *c = ctx;
	const char *tunnel = text_arg(args, "tunnel"), *what = text_arg(args, "what");
	int r;

	(void)data;
	if (!tunnel)
		return err_set(err, -EINVAL, "say which tunnel: futae rekey TUNNEL");
	r = tunnels_rekey(c->daemon->tunnels, tunnel,
			  what && !strcmp(what, "ike") ? IPC_REKEY_IKE : IPC_REKEY_CHILD);
	if (r)
		return err_set(err, r, "there is no tunnel %s; `futae tunnels` lists them", tunnel);
	return 0;
}

static const struct ctl_verb verbs[] = {
	{ "status", false, verb_status },
	{ "tunnels", false, verb_tunnels },
	{ "health", false, verb_health },
	{ "routes", false, verb_routes },
	{ "vrrp", false, verb_vrrp },
	{ "failovers", false, verb_failovers },
	{ "explain", false, verb_explain },
	{ "quality", false, verb_quality },
	{ "quality-series", false, verb_quality_series },
	{ "switch", true, verb_switch },
	{ "reload", true, verb_reload },
	{ "rekey", true, verb_rekey },
	{ "vrrp-order", true, verb_vrrp_order },
};

struct control *control_new(struct daemon *d, struct loop *loop, const char *run_dir,
			    struct err *err)
{
	struct control *c = calloc(1, sizeof(*c));
	struct ctl_options o = { .loop = loop, .verbs = verbs, .verb_count = ARRAY_LEN(verbs) };

	if (c)
		c->events = ctl_events_new();
	if (!c || !c->events) {
		err_set(err, -ENOMEM, "not enough memory for the control socket");
		free(c);
		return NULL;
	}
	c->daemon = d;
	(void)snprintf(c->path, sizeof(c->path), "%s/control.sock", run_dir);
	o.path = c->path;
	o.ctx = c;
	o.events = c->events;
	if (ctl_server_new(&o, &c->server, err)) {
		ctl_events_free(c->events);
		free(c);
		return NULL;
	}
	log_set_sink(ctl_events_sink, c->events);
	return c;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	log_set_sink(NULL, NULL);
	ctl_server_free(c->server);
	ctl_events_free(c->events);
	free(c);
}
