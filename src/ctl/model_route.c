/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Routes and failover records as JSON. */
#include "ctl/model.h"

#include "ctl/model_parts.h"
#include "io/loop.h"
#include "svc/daemon.h"
#include "svc/record.h"
#include "svc/route.h"
#include "svc/route_member.h"

#include <stdio.h>
#include <time.h>

#define PREFIXES_SHOWN 16

static const char *member_name(const struct daemon *d, const struct route *r, size_t m)
{
	return d->conf->tunnels[r->conf->via[m].tunnel].name;
}

json_t *model_route_active(const struct route *r)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < r->choice.count; i++) {
		const struct path *p = r->members[r->choice.use[i].member];

		json_array_append_new(list, json_string(p ? p->name : "?"));
	}
	return list;
}

static json_t *member(const struct daemon *d, const struct route *r, size_t i,
		      struct route_member m, usec_t now)
{
	const struct path *p = r->members[i];
	char lost[256];

	return json_pack("{s:s, s:i, s:i, s:b, s:b, s:b, s:b, s:o, s:o, s:o}", "tunnel",
			 member_name(d, r, i), "weight", r->conf->via[i].weight, "weight_now",
			 m.weight, "active", route_choice_uses(&r->choice, (unsigned)i), "usable",
			 p && p->usable, "degraded", p && p->usable && p->degraded, "usable_here",
			 m.usable, "why", model_text(p ? p->why : "no device"), "tracks_lost",
			 model_text(route_member_lost(&d->env, r, i, lost, sizeof(lost))),
			 "hold_off_left_ms",
			 r->damp.fault[i]
				 ? model_until(usec_add(r->damp.fault[i], r->conf->hold_off), now)
				 : json_null());
}

static json_t *members(const struct daemon *d, const struct route *r, usec_t now)
{
	struct route_member m[ROUTE_MEMBERS_MAX] = { 0 };
	json_t *list = json_array();

	(void)route_members(&d->env, r, m);
	for (size_t i = 0; i < r->member_count; i++)
		json_array_append_new(list, member(d, r, i, m[i], now));
	return list;
}

static json_t *prefixes(const struct conf_route *c)
{
	json_t *list = json_array();
	char text[PREFIX_TEXT];

	for (size_t i = 0; i < c->to_count && i < PREFIXES_SHOWN; i++)
		json_array_append_new(list, json_string(prefix_format(&c->to[i], text)));
	return list;
}

static json_t *from(const struct conf_route *c)
{
	char text[PREFIX_TEXT];

	return c->from.addr.family == ADDR_NONE ? json_null()
						: json_string(prefix_format(&c->from, text));
}

static json_t *route(const struct daemon *d, const struct route *r, usec_t now)
{
	return json_pack(
		"{s:s, s:o, s:i, s:o, s:s, s:o, s:b, s:b, s:o, s:o, s:b, s:o, s:o, s:i, s:o, "
		"s:o, s:b, s:b}",
		"name", r->name, "to", prefixes(r->conf), "to_count", (int)r->conf->to_count,
		"from", from(r->conf), "mode", route_mode_name(r->choice.mode), "via",
		members(d, r, now), "published", r->published, "publish", r->conf->publish,
		"locked",
		r->lock == ROUTE_NO_LOCK ? json_null()
					 : json_string(member_name(d, r, (size_t)r->lock)),
		"locked_since_ms",
		r->lock == ROUTE_NO_LOCK ? json_null() : model_since(r->lock_since, now),
		"lock_ignored", r->choice.lock_ignored, "group_v4",
		r->v4 ? json_integer(route_group_id(r, ADDR_V4)) : json_null(), "group_v6",
		r->v6 ? json_integer(route_group_id(r, ADDR_V6)) : json_null(), "switches",
		(int)r->switches, "since_ms", model_since(r->since, now), "hold_off_ms",
		model_msec(r->conf->hold_off), "revert", r->conf->revert, "stays", r->damp.stays);
}

json_t *model_routes(struct daemon *d)
{
	usec_t now = clock_now();
	json_t *list = json_array();

	for (size_t i = 0; i < routes_count(d->routes); i++)
		json_array_append_new(list, route(d, routes_get(d->routes, i), now));
	return json_pack("{s:o}", "routes", list);
}

static json_t *wall_text(int64_t usec)
{
	time_t sec = (time_t)(usec / (int64_t)USEC_PER_SEC);
	char day[32], text[48];
	struct tm tm;

	if (!gmtime_r(&sec, &tm) || !strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm))
		return json_null();
	(void)snprintf(text, sizeof(text), "%s.%06ldZ", day, (long)(usec % (int64_t)USEC_PER_SEC));
	return json_string(text);
}

static json_t *failover(const struct daemon *d, const struct failover *f)
{
	struct failover_times t = failover_times(f);
	usec_t first = f->last_good ? f->last_good : f->detected ? f->detected : f->decided;

	return json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "id", (json_int_t)f->id, "at",
			 wall_text(records_wall(d->env.records, f, first)), "kind",
			 failover_kind_name(f->kind), "object", f->object, "from", f->from, "to",
			 f->to, "cause", model_text(f->cause), "last_good_ms",
			 f->last_good ? json_real(0.0) : json_null(), "detected_ms",
			 model_msec(t.detected), "decided_ms", model_msec(t.decided), "written_ms",
			 model_msec(t.written), "first_packet_ms", model_msec(t.first_packet),
			 "sent_into_dead_path",
			 f->sent_known ? json_integer((json_int_t)f->sent_into_dead_path)
				       : json_null(),
			 "outage_ms", f->last_good ? model_msec(t.first_packet) : json_null());
}

json_t *model_failovers(struct daemon *d)
{
	json_t *list = json_array();
	const struct failover *f;

	for (size_t i = 0; (f = records_get(d->env.records, i)) != NULL; i++)
		json_array_append_new(list, failover(d, f));
	return json_pack("{s:o}", "failovers", list);
}
