/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/model_quality.h"

#include "ctl/model.h"
#include "fsm/stamp_stats.h"
#include "io/loop.h"
#include "svc/daemon.h"
#include "svc/drop_log.h"
#include "svc/health.h"
#include "svc/probe_stamp.h"
#include "svc/reflector.h"

#include <errno.h>

#define MINUTE 60u

static json_t *fraction(uint64_t part, uint64_t of)
{
	return of ? json_real((double)part / (double)of) : json_null();
}

static json_t *way(const struct stamp_sum *s, enum stamp_way w)
{
	uint64_t of = s->sent;

	if (!s->has_ways)
		return json_null();
	/* What was lost on its way there was never sent back. */
	if (w == STAMP_BACK)
		of -= s->lost_way[STAMP_THERE] < of ? s->lost_way[STAMP_THERE] : of;
	return json_pack("{s:I, s:o, s:o, s:o}", "lost", (json_int_t)s->lost_way[w], "loss",
			 fraction(s->lost_way[w], of), "delay_ms", model_msec(s->delay[w]),
			 "jitter_ms", model_msec(s->way_jitter[w]));
}

static json_t *sum(const struct stamp_sum *s)
{
	return json_pack("{s:i, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "seconds",
			 (int)s->seconds, "sent", (json_int_t)s->sent, "answered",
			 (json_int_t)s->answered, "lost", (json_int_t)s->lost, "loss",
			 fraction(s->lost, s->sent), "rtt_ms",
			 s->has_rtt ? model_msec(s->rtt) : json_null(), "rtt_worst_ms",
			 s->has_rtt ? model_msec(s->rtt_worst) : json_null(), "jitter_ms",
			 s->has_rtt ? model_msec(s->jitter) : json_null(), "there",
			 way(s, STAMP_THERE), "back", way(s, STAMP_BACK), "delay_is",
			 !s->has_ways  ? json_null()
			 : s->absolute ? json_string("one-way")
				       : json_string("above-best"));
}

static void add_span(json_t *list, const struct check *c, const char *name, unsigned seconds,
		     usec_t now)
{
	struct stamp_sum s = stamp_stats_sum(c->stats, 0, seconds, now);
	json_t *o = sum(&s);

	json_object_set_new(o, "span", json_string(name));
	json_array_append_new(list, o);
}

static json_t *spans(const struct check *c, unsigned last, usec_t now)
{
	json_t *list = json_array();

	if (!c->stats)
		return list;
	if (last) {
		add_span(list, c, "last", last, now);
		return list;
	}
	add_span(list, c, "second", 1, now);
	add_span(list, c, "minute", MINUTE, now);
	add_span(list, c, "hour", STAMP_SPAN_MAX, now);
	return list;
}

static json_t *session(const struct check *c)
{
	const struct stamp_stats *s = c->stats;

	if (!s || !s->has_ways)
		return json_null();
	return json_pack("{s:b, s:I, s:I, s:I, s:I}", "reflector_counts", s->stateful, "duplicates",
			 (json_int_t)s->duplicates, "reordered", (json_int_t)s->reordered,
			 "restarts", (json_int_t)s->restarts, "clock_steps",
			 (json_int_t)s->clock_steps);
}

static json_t *reflector(const struct daemon *d, const struct check *c)
{
	struct reflector_counts r = reflectors_counts(d->reflectors, c->path->if_id);

	if (!r.on)
		return json_null();
	return json_pack("{s:I, s:i, s:I}", "reflected", (json_int_t)r.reflected, "sessions",
			 (int)r.sessions, "evicted", (json_int_t)r.restarted);
}

static json_t *tunnel(const struct daemon *d, const struct check *c, unsigned last, usec_t now)
{
	const struct conf_health *h = &c->conf->health;

	return json_pack("{s:s, s:o, s:o, s:o, s:o}", "tunnel", c->path->name, "kind",
			 h->enabled ? json_string(conf_probe_name(h->kind)) : json_null(), "spans",
			 spans(c, last, now), "session", session(c), "reflector", reflector(d, c));
}

static json_t *drops(const struct drop_log *log)
{
	json_t *o = json_object();

	for (size_t i = 0; log && i < log->count; i++)
		if (log->drops[i])
			json_object_set_new(o, log->names[i],
					    json_integer((json_int_t)log->drops[i]));
	return o;
}

/* A number of args from least to most; *value stays as it is when there is none. */
static int get_number(const json_t *args, const char *key, unsigned least, unsigned most,
		      unsigned *value, struct err *err)
{
	const json_t *v = json_object_get(args, key);

	if (!v)
		return 0;
	if (!json_is_integer(v) || json_integer_value(v) < least || json_integer_value(v) > most)
		return err_set(err, -EINVAL, "%s is not a number from %u to %u", key, least, most);
	*value = (unsigned)json_integer_value(v);
	return 0;
}

static const struct check *find(const struct daemon *d, const char *name, struct err *err)
{
	const struct check *c = healths_by_name(d->healths, name);

	if (!c)
		(void)err_set(err, -ENOENT,
			      "there is no tunnel '%.40s'; `futae tunnels` lists them", name);
	return c;
}

static json_t *all_of(const struct daemon *d, unsigned from, unsigned limit, unsigned last,
		      json_t **next)
{
	json_t *list = json_array();
	usec_t now = clock_now();
	size_t i = from;

	for (; i < healths_count(d->healths) && json_array_size(list) < limit; i++)
		if (healths_get(d->healths, i))
			json_array_append_new(list,
					      tunnel(d, healths_get(d->healths, i), last, now));
	*next = i < healths_count(d->healths) ? json_integer((json_int_t)i) : json_null();
	return list;
}

json_t *model_quality(struct daemon *d, const json_t *args, struct err *err)
{
	const char *name = json_string_value(json_object_get(args, "tunnel"));
	unsigned from = 0, limit = QUALITY_TUNNELS, last = 0;
	struct probe_kind *kind = healths_kind(d->healths, CONF_PROBE_STAMP);
	json_t *list, *next = NULL;
	const struct check *c;

	if (get_number(args, "from", 0, CONF_TUNNELS_MAX, &from, err) ||
	    get_number(args, "limit", 1, QUALITY_TUNNELS, &limit, err) ||
	    get_number(args, "last", 1, STAMP_SPAN_MAX, &last, err))
		return NULL;
	if (name) {
		c = find(d, name, err);
		if (!c)
			return NULL;
		list = json_array();
		json_array_append_new(list, tunnel(d, c, last, clock_now()));
		next = json_null();
	} else {
		list = all_of(d, from, limit, last, &next);
	}
	return json_pack("{s:o, s:o, s:o, s:o}", "quality", list, "next", next, "stamp_drops",
			 drops(kind ? probe_stamp_drops(kind) : NULL), "reflector_drops",
			 drops(reflectors_drops(d->reflectors)));
}

static json_t *points(const struct check *c, unsigned step, unsigned skip, unsigned count,
		      unsigned *older)
{
	unsigned have = STAMP_SPAN_MAX / step;
	usec_t now = clock_now();
	json_t *list = json_array();
	unsigned end = skip + count < have ? skip + count : have;

	*older = end < have ? end : 0;
	for (unsigned i = end; i > skip; i--) {
		struct stamp_sum s = stamp_stats_sum(c->stats, (i - 1) * step, step, now);

		if (s.seconds)
			json_array_append_new(list, sum(&s));
	}
	return list;
}

json_t *model_quality_series(struct daemon *d, const json_t *args, struct err *err)
{
	const char *name = json_string_value(json_object_get(args, "tunnel"));
	unsigned step = 1, skip = 0, count = QUALITY_POINTS, older = 0;
	const struct check *c;
	json_t *list;

	if (get_number(args, "step", 1, STAMP_SPAN_MAX, &step, err) ||
	    get_number(args, "skip", 0, STAMP_SPAN_MAX, &skip, err) ||
	    get_number(args, "count", 1, QUALITY_POINTS, &count, err))
		return NULL;
	if (!name) {
		(void)err_set(err, -EINVAL, "say of which tunnel: {\"tunnel\": \"NAME\"}");
		return NULL;
	}
	c = find(d, name, err);
	if (!c)
		return NULL;
	list = c->stats ? points(c, step, skip, count, &older) : json_array();
	return json_pack("{s:s, s:i, s:i, s:o, s:o}", "tunnel", c->path->name, "step", (int)step,
			 "skip", (int)skip, "points", list, "next",
			 older ? json_integer((json_int_t)older) : json_null());
}
