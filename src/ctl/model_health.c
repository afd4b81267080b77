/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a health check has measured, and what its setting and others give on that path. */
#include "ctl/model.h"

#include "base/list.h"
#include "conf/value.h"
#include "ctl/model_parts.h"
#include "svc/health.h"

static const char *profile_name(enum conf_profile p)
{
	switch (p) {
	case CONF_RELAXED:
		return "relaxed";
	case CONF_NORMAL:
		return "normal";
	case CONF_FAST:
		return "fast";
	case CONF_OWN:
		return "own";
	case CONF_AUTO:
		return "auto";
	}
	return "own";
}

static json_t *automatic(const struct check *c)
{
	const struct conf_detection *d = &c->conf->health.detection;
	char text[160];

	if (d->profile != CONF_AUTO)
		return json_null();
	return json_pack("{s:s, s:f, s:o, s:o, s:o}", "text",
			 health_auto_text(&c->automatic, text, sizeof(text)), "budget_per_year",
			 (double)d->budget / VALUE_RATE_YEARS, "fastest_ms", model_msec(d->fastest),
			 "slowest_ms", model_msec(d->slowest), "since_ms",
			 model_since(c->automatic.changed, clock_now()));
}

json_t *model_detection(const struct check *c)
{
	return json_pack("{s:s, s:o, s:o, s:i, s:o}", "profile",
			 profile_name(c->conf->health.detection.profile), "interval_ms",
			 model_msec(c->cfg.interval), "silence_ms", model_msec(c->cfg.silence),
			 "patience", (int)c->cfg.patience, "auto", automatic(c));
}

static void add_expectation(json_t *o, const struct health_expectation *e)
{
	json_object_set_new(o, "expected_detection_ms", model_msec(e->detect));
	json_object_set_new(o, "worst_detection_ms", model_msec(e->detect_max));
	json_object_set_new(o, "false_per_year", json_real(e->false_per_year));
}

static json_t *choice(const char *name, const struct check *c, const struct health_path *path,
		      usec_t interval, usec_t silence)
{
	struct health_cfg cfg = c->cfg;
	struct health_expectation e;
	json_t *o = json_pack("{s:s, s:o, s:o, s:b}", "name", name, "interval_ms",
			      model_msec(interval), "silence_ms", model_msec(silence), "in_force",
			      interval == cfg.interval && silence == cfg.silence);

	cfg.interval = interval;
	cfg.silence = silence;
	e = health_model(&cfg, path);
	add_expectation(o, &e);
	return o;
}

static json_t *choices(const struct check *c, const struct health_path *path)
{
	static const char *const names[] = { "relaxed", "normal", "fast" };
	usec_t interval = c->cfg.interval, silence = c->cfg.silence;
	json_t *list = json_array();

	json_array_append_new(list, choice("twice as slow", c, path, 2 * interval, 2 * silence));
	if (interval >= 2 * USEC_PER_MSEC)
		json_array_append_new(list,
				      choice("twice as fast", c, path, interval / 2, silence / 2));
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct conf_detection *d = conf_profile(names[i]);

		json_array_append_new(list, choice(names[i], c, path, d->interval, d->silence));
	}
	return list;
}

/* Nothing was measured while nothing was sent. */
static void add_measured(const struct check *c, const struct health_path *path, json_t *o)
{
	struct loss_estimate l = loss_estimate(&c->measure.loss, c->cfg.interval);
	usec_t now = clock_now();

	json_object_set_new(o, "loss", json_real(l.path.loss));
	json_object_set_new(o, "burst", json_real(l.burst));
	json_object_set_new(o, "loss_probes", json_real(l.probes));
	json_object_set_new(o, "loss_known", json_boolean(l.known));
	json_object_set_new(o, "loss_lately",
			    health_loss_is_known(&c->cfg, &c->fsm, now)
				    ? json_real(health_loss_permille(&c->cfg, &c->fsm, now) /
						1000.0)
				    : json_null());
	json_object_set_new(o, "rtt_mean_ms", path->rtt ? model_msec(path->rtt) : json_null());
	json_object_set_new(o, "rtt_deviation_ms",
			    path->rtt ? model_msec(path->rttvar) : json_null());
	json_object_set_new(o, "life_gap_ms", model_msec(path->life));
	json_object_set_new(o, "own_late_ms", model_msec(path->late));
}

void model_expectation(const struct check *c, bool others, json_t *o)
{
	static const char *const keys[] = { "loss",
					    "loss_lately",
					    "burst",
					    "loss_probes",
					    "rtt_mean_ms",
					    "rtt_deviation_ms",
					    "life_gap_ms",
					    "own_late_ms",
					    "expected_detection_ms",
					    "worst_detection_ms",
					    "false_per_year",
					    "choices" };
	struct health_path path;
	struct health_expectation e;

	if (c->cfg.unprobed) {
		for (size_t i = 0; i < ARRAY_LEN(keys); i++)
			json_object_set_new(o, keys[i], json_null());
		json_object_set_new(o, "loss_known", json_false());
		return;
	}
	path = measure_path(&c->measure, &c->cfg, &c->fsm);
	e = health_model(&c->cfg, &path);
	add_measured(c, &path, o);
	add_expectation(o, &e);
	json_object_set_new(o, "choices", others ? choices(c, &path) : json_null());
}
