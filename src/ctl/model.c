/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/model.h"

#include "base/utf8.h"
#include "ctl/model_parts.h"
#include "ctl/reason.h"
#include "svc/daemon.h"
#include "svc/health.h"
#include "svc/route.h"
#include "svc/tunnel.h"
#include "svc/vrrp.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

json_t *model_msec(usec_t span)
{
	return span == USEC_NEVER ? json_null() : json_real((double)span / 1000.0);
}

json_t *model_since(usec_t then, usec_t now)
{
	return then ? model_msec(usec_since(then, now)) : json_null();
}

json_t *model_until(usec_t then, usec_t now)
{
	return then && then != USEC_NEVER ? model_msec(usec_since(now, then)) : json_null();
}

json_t *model_addr(const struct addr *a)
{
	char text[ADDR_TEXT];

	return a->family == ADDR_NONE ? json_null() : json_string(addr_format(a, text));
}

json_t *model_text(const char *text)
{
	char clean[600];

	if (!*text)
		return json_null();
	/* A peer's words may be any bytes. */
	(void)snprintf(clean, sizeof(clean), "%s", text);
	utf8_clean(clean);
	return json_string(clean);
}

json_t *model_report(const struct conf_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->count; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:i, s:i, s:o}", "severity",
						conf_severity_name(report->messages[i].severity),
						"line", (int)report->messages[i].pos.line, "column",
						(int)report->messages[i].pos.column, "text",
						model_text(report->messages[i].text)));
	return json_pack("{s:s, s:o}", "file", report->file, "messages", list);
}

static json_t *process(const struct sibling *s)
{
	return json_pack("{s:s, s:i, s:s, s:i}", "name", s->name, "pid", (int)s->pid, "state",
			 s->pid > 0 ? "running" : "stopped", "restarts", (int)s->restarts);
}

static json_t *processes(const struct daemon *d)
{
	json_t *list = json_array();

	for (unsigned w = 0; w < d->workers; w++)
		json_array_append_new(list, process(&d->esp[w]));
	json_array_append_new(list, process(&d->ike));
	if (d->script.started)
		json_array_append_new(list, process(&d->script));
	return list;
}

__attribute__((format(printf, 2, 3))) static void add_problem(json_t *problems, const char *fmt,
							      ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(problems, model_text(text));
}

static void tunnel_problems(const struct daemon *d, const struct tunnel *t, const struct check *c,
			    json_t *problems)
{
	char why[REASON_TEXT];

	if (!t->path.usable)
		add_problem(problems, "tunnel %s is not usable: %s", t->path.name,
			    reason_of(d, t, c, why));
	else if (t->path.degraded)
		add_problem(problems, "tunnel %s is degraded: %s", t->path.name,
			    reason_of(d, t, c, why));
	else if (t->trouble[0])
		add_problem(problems, "tunnel %s: %s", t->path.name, t->trouble);
	/* Also of a tunnel that is good still: its SAs may not be renewed. */
	if (t->ike.trouble[0])
		add_problem(problems, "IKE of tunnel %s: %s", t->path.name, t->ike.trouble);
}

static json_t *status_tunnels(struct daemon *d, json_t *problems)
{
	json_t *list = json_array();

	for (size_t i = 0; i < tunnels_count(d->tunnels); i++) {
		const struct tunnel *t = tunnels_get(d->tunnels, i);
		const struct check *c = healths_by_name(d->healths, t->path.name);

		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s}", "name", t->path.name,
						      "health", c ? check_state_word(c) : "none",
						      "usable", t->path.usable, "ike",
						      ipc_ike_phase_name(t->ike.phase)));
		tunnel_problems(d, t, c, problems);
	}
	return list;
}

static json_t *status_routes(struct daemon *d, json_t *problems)
{
	json_t *list = json_array();

	for (size_t i = 0; i < routes_count(d->routes); i++) {
		const struct route *r = routes_get(d->routes, i);

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:o, s:b}", "name", r->name, "mode",
						route_mode_name(r->choice.mode), "active",
						model_route_active(r), "published", r->published));
		if (!r->choice.publish)
			add_problem(problems, "route %s has no usable tunnel (%s)", r->name,
				    route_mode_name(r->choice.mode));
	}
	return list;
}

static json_t *status_vrrp(struct daemon *d, json_t *problems)
{
	json_t *list = json_array();

	for (size_t i = 0; i < vrrps_count(d->vrrps); i++) {
		const struct vrrp *v = vrrps_get(d->vrrps, i);

		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:i}", "name", v->name, "state",
						vrrp_state_word(v), "priority", vrrp_priority(v)));
		if (!vrrp_is_running(v))
			add_problem(problems, "vrrp %s is stopped: %s", v->name, v->why);
	}
	return list;
}

/* Counted since the start; who wants those of a while asks twice. */
static json_t *probe_lateness(const struct daemon *d)
{
	const struct spread *late = healths_lateness(d->healths);
	json_t *list = json_array();

	for (size_t i = 0; i < SPREAD_BUCKETS; i++)
		if (late->count[i])
			json_array_append_new(list, json_pack("{s:o, s:I}", "below_ms",
							      model_msec(spread_below(i)), "count",
							      (json_int_t)late->count[i]));
	return list;
}

json_t *model_status(struct daemon *d)
{
	usec_t now = clock_now();
	json_t *problems = json_array();
	json_t *tunnels = status_tunnels(d, problems);
	json_t *routes = status_routes(d, problems);
	json_t *vrrp = status_vrrp(d, problems);

	if (!d->options.realtime)
		json_array_append_new(problems,
				      json_string(
					      "no real-time scheduling: detection under 100 ms may "
					      "flap when the machine is busy"));
	return json_pack("{s:s, s:s, s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "node",
			 d->conf->node, "version", FUTAE_VERSION, "uptime_ms",
			 model_since(d->started_at, now), "realtime", d->options.realtime,
			 "config_file", d->options.config, "config_loaded_ms_ago",
			 model_since(d->applied_at, now), "processes", processes(d), "tunnels",
			 tunnels, "routes", routes, "vrrp", vrrp, "probe_lateness",
			 probe_lateness(d), "problems", problems);
}
