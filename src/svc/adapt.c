/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/adapt.h"

#include "base/log.h"
#include "conf/value.h"
#include "io/loop.h"
#include "svc/health.h"

static struct health_auto_cfg auto_cfg(const struct conf_detection *d)
{
	return (struct health_auto_cfg){ .budget = (double)d->budget / VALUE_RATE_YEARS,
					 .fastest = d->fastest,
					 .slowest = d->slowest };
}

static void set(struct check *c, usec_t interval, usec_t silence)
{
	if (c->cfg.interval && c->cfg.interval != interval)
		loss_rescale(&c->measure.loss, c->cfg.interval, interval);
	c->cfg.interval = interval;
	c->cfg.silence = silence;
}

void adapt_start(struct check *c, usec_t before)
{
	const struct conf_detection *d = &c->conf->health.detection;
	struct health_auto *a = &c->automatic;

	c->cfg.interval = before;
	if (d->profile != CONF_AUTO) {
		*a = (struct health_auto){ 0 };
		set(c, d->interval, d->silence);
		return;
	}
	/* What it chose outlives a reload, unless it is out of bounds now. */
	if (!a->interval || a->silence < d->fastest || a->silence > d->slowest) {
		const struct health_auto_cfg cfg = auto_cfg(d);

		*a = health_auto_start(&cfg, clock_now());
	}
	set(c, a->interval, a->silence);
}

static void judge(struct check *c, usec_t now)
{
	const struct health_auto_cfg cfg = auto_cfg(&c->conf->health.detection);
	struct health_path path;
	struct health_auto next;
	char text[160];

	if (usec_since(c->automatic.judged, now) < HEALTH_AUTO_PAUSE_USEC)
		return;
	path = measure_path(&c->measure, &c->cfg, &c->fsm);
	next = health_auto_step(&cfg, c->automatic, &c->cfg, &path, c->measure.loss.probes,
				c->fsm.state == HEALTH_UP, now);
	if (next.changed != c->automatic.changed) {
		log_event(LOGL_NOTICE, "health.auto",
			  "tunnel=%s interval_us=%llu silence_us=%llu "
			  "why=\"%s\"",
			  c->path->name, (unsigned long long)next.interval,
			  (unsigned long long)next.silence,
			  health_auto_text(&next, text, sizeof(text)));
		set(c, next.interval, next.silence);
	}
	c->automatic = next;
}

void adapt_turn(struct check *c)
{
	usec_t now = clock_now();

	measure_turn(&c->measure, &c->cfg, &c->fsm,
		     atomic_load_explicit(&c->path->live->rx_packets, memory_order_relaxed),
		     c->received, now);
	/* A session's intervals are agreed on with the peer. */
	if (c->conf->health.detection.profile == CONF_AUTO && !c->cfg.by_time)
		judge(c, now);
}
