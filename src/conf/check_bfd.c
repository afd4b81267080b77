/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BFD as a health check: intervals it can say, and what it is to tell the peer about. */
#include "conf/check.h"

#include "conf/schema_def.h"
#include "conf/suggest.h"
#include "conf/value.h"

#include <string.h>

#define INTERVAL_MIN (3 * USEC_PER_MSEC)
#define MULT_MAX 255u

static void check_detection(struct loader *ld, size_t i)
{
	const struct conf_tunnel *t = &ld->conf->tunnels[i];
	const struct conf_detection *d = &t->health.detection;
	struct conf_pos pos = schema_pos(ld, "tunnels", i, "detection", NULL);
	char text[VALUE_TEXT], other[VALUE_TEXT];

	if (!d->interval)
		return; /* wrong, and told */
	if (d->interval < INTERVAL_MIN)
		schema_error(ld, pos,
			     "'%s' is probed by BFD, and interval %s is less than %s; write "
			     "interval: %s or more",
			     t->name, value_format_duration(d->interval, text),
			     value_format_duration(INTERVAL_MIN, other), other);
	else if (d->silence / d->interval > MULT_MAX)
		schema_error(ld, pos,
			     "'%s' is probed by BFD, which misses at most %u packets, and silence "
			     "%s is more; write silence: %s or less",
			     t->name, MULT_MAX, value_format_duration(d->silence, text),
			     value_format_duration(d->interval * MULT_MAX, other));
}

static const char *vrrp_name(const struct conf *conf, size_t i)
{
	return i < conf->vrrp_count ? conf->vrrps[i].name : NULL;
}

static const char *track_name(const struct conf *conf, size_t i)
{
	return i < conf->track_count ? conf->tracks[i].name : NULL;
}

static void check_name(struct loader *ld, size_t tunnel, const char *kind, const char *name,
		       const char *(*name_of)(const struct conf *conf, size_t i))
{
	struct conf_pos pos = schema_pos(ld, "tunnels", tunnel, "health", "bfd");
	struct suggest near = suggest_for(name);
	const char *other;

	if (!*name)
		return;
	for (size_t i = 0; (other = name_of(ld->conf, i)) != NULL; i++) {
		if (!strcmp(other, name))
			return;
		suggest_offer(&near, other);
	}
	if (near.best)
		schema_error(ld, pos, "tell-%s: unknown %s '%s'; did you mean '%s'?", kind, kind,
			     name, near.best);
	else
		schema_error(ld, pos, "tell-%s: unknown %s '%s'; write it under %s:", kind, kind,
			     name, strcmp(kind, "vrrp") ? "tracks" : "vrrp");
}

void check_bfd(struct loader *ld)
{
	for (size_t i = 0; i < ld->conf->tunnel_count; i++) {
		const struct conf_health *h = &ld->conf->tunnels[i].health;

		if (!h->enabled || h->kind != CONF_PROBE_BFD)
			continue;
		check_detection(ld, i);
		check_name(ld, i, "vrrp", h->bfd.tell_vrrp, vrrp_name);
		check_name(ld, i, "track", h->bfd.tell_track, track_name);
	}
}
