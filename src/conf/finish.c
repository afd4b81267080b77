/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What follows from a group as a whole: values that depend on others, and rules that
 * concern one object alone.  Rules between objects are in check.c.
 */
#include "conf/schema_def.h"

#include "conf/value.h"

#include <stdlib.h>
#include <string.h>

#define LINE_MTU 1500u
/* The worst algorithm we know, ESP in UDP: 100 bytes over IPv4, 120 over IPv6. */
#define OVERHEAD_V4 100u
#define OVERHEAD_V6 120u
#define BFD_KEY_MAX 20u
#define BFD_MIN_TTL 254

/* What `auto` starts from, and how far it goes when nobody says. */
#define AUTO_INTERVAL (100 * USEC_PER_MSEC)
#define AUTO_SILENCE (500 * USEC_PER_MSEC)
#define AUTO_FASTEST (30 * USEC_PER_MSEC)
#define AUTO_SLOWEST (5 * USEC_PER_SEC)

void finish_auto(struct conf_detection *d)
{
	d->profile = CONF_AUTO;
	d->is_auto = true;
	d->interval = AUTO_INTERVAL;
	d->silence = AUTO_SILENCE;
	if (!d->budget)
		d->budget = VALUE_RATE_YEARS;
	if (!d->fastest)
		d->fastest = usec_min(AUTO_FASTEST, d->slowest ? d->slowest : AUTO_FASTEST);
	if (!d->slowest)
		d->slowest = usec_max(AUTO_SLOWEST, d->fastest);
}

static void check_auto(struct loader *ld, struct conf_pos pos, struct conf_detection *d)
{
	if (d->interval || d->silence)
		schema_error(ld, pos,
			     "auto chooses interval and silence; remove them, or auto: yes");
	else if (d->fastest && d->slowest && d->fastest > d->slowest)
		schema_error(ld, pos,
			     "fastest is longer than slowest; write them the other way "
			     "round");
	finish_auto(d);
}

void finish_detection(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct conf_detection *d = raw;
	char interval[VALUE_TEXT], silence[VALUE_TEXT], least[VALUE_TEXT];

	if (d->is_auto) {
		check_auto(ld, pos, d);
		return;
	}
	if (d->budget || d->fastest || d->slowest)
		schema_error(ld, pos,
			     "false-failovers, fastest and slowest go with auto; add auto: yes, or "
			     "remove them");
	if (!d->interval)
		schema_error(ld, pos, "'interval' is missing; write interval: DURATION");
	if (!d->silence)
		schema_error(ld, pos, "'silence' is missing; write silence: DURATION");
	if (d->interval && d->silence && d->silence / 3 < d->interval)
		schema_error(
			ld, pos,
			"silence of %s is less than three intervals of %s; write silence: %s or "
			"more",
			value_format_duration(d->silence, silence),
			value_format_duration(d->interval, interval),
			value_format_duration(3 * d->interval, least));
}

void finish_top(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct conf_kernel *k = &((struct conf *)raw)->kernel;

	k->protocol = 200;
	if (k->table >= 253 && k->table <= 255)
		schema_error(
			ld, pos,
			"table %u is the kernel's own (default, main, local); write another number",
			k->table);
	if (k->publish_metric >= k->guard_metric)
		schema_error(
			ld, pos,
			"publish-metric %u does not come before guard-metric %u; write a smaller "
			"one",
			k->publish_metric, k->guard_metric);
}

void finish_secret(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct conf_secret *s = &((struct raw_tunnel *)raw)->tunnel.secret;

	if (s->kind == CONF_SECRET_NONE)
		schema_error(ld, pos, "the secret is missing; write file: PATH");
	s->kind = CONF_SECRET_PSK;
}

/* RFC 5880, 6.7.4 */
void finish_bfd_secret(struct loader *ld, struct conf_pos pos, void *raw)
{
	const struct conf_secret *s = &((struct raw_tunnel *)raw)->tunnel.health.bfd.key;

	if (s->kind == CONF_SECRET_NONE)
		schema_error(ld, pos, "the secret is missing; write file: PATH");
	else if (s->psk.len > BFD_KEY_MAX)
		schema_error(ld, pos,
			     "the secret has %zu bytes; BFD takes 1 to %u, write a shorter one",
			     s->psk.len, BFD_KEY_MAX);
}

void finish_certificate(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct conf_secret *s = &((struct raw_tunnel *)raw)->tunnel.secret;

	if (s->kind == CONF_SECRET_PSK)
		schema_error(ld, pos, "the tunnel has both secret and certificate; keep one");
	s->kind = CONF_SECRET_CERT;
}

void finish_health(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct conf_health *h = &((struct raw_tunnel *)raw)->tunnel.health;

	static const uint16_t ports[CONF_PROBE_COUNT] = { [CONF_PROBE_STAMP] = 862,
							  [CONF_PROBE_UDP] = 7,
							  [CONF_PROBE_HTTP] = 80,
							  [CONF_PROBE_HTTPS] = 443 };

	h->enabled = true;
	if (h->kind != CONF_PROBE_BFD && h->bfd.min_ttl)
		schema_error(ld, pos, "health has bfd, but kind is %s; write kind: bfd",
			     conf_probe_name(h->kind));
	if (!h->bfd.min_ttl)
		h->bfd.min_ttl = BFD_MIN_TTL; /* nothing was written about BFD */
	if (!h->port)
		h->port = ports[h->kind];
	if ((h->kind == CONF_PROBE_HTTP || h->kind == CONF_PROBE_HTTPS) && !*h->url_path)
		(void)snprintf(h->url_path, sizeof(h->url_path), "/");
	if (h->source.family == ADDR_NONE || h->target.family == ADDR_NONE)
		return;
	if (h->source.family != h->target.family)
		schema_error(
			ld, pos,
			"health source and target are of different families; write two IPv4 or two "
			"IPv6 addresses");
	else if (addr_equal(&h->source, &h->target))
		schema_error(
			ld, pos,
			"health source and target are the same address; write the other router's "
			"own address as target");
}

static void finish_outer(struct loader *ld, struct conf_pos pos, struct conf_tunnel *t)
{
	if (t->remote.family == ADDR_NONE) {
		t->initiate = false;
		return;
	}
	if (t->local.family == ADDR_NONE)
		return;
	if (t->local.family != t->remote.family)
		schema_error(
			ld, pos,
			"local and remote of '%s' are of different families; write two IPv4 or two "
			"IPv6 addresses",
			t->name);
	else if (addr_equal(&t->local, &t->remote))
		schema_error(ld, pos,
			     "local and remote of '%s' are the same; write the peer's address",
			     t->name);
}

static void finish_sizes(struct raw_tunnel *r)
{
	struct conf_tunnel *t = &r->tunnel;

	if (!t->mtu)
		t->mtu = (uint16_t)(LINE_MTU -
				    (t->local.family == ADDR_V6 ? OVERHEAD_V6 : OVERHEAD_V4));
	if (!r->mss)
		return;
	/* The headers of IP and TCP: 40 bytes, and 20 more with IPv6. */
	t->mss_v4 = r->mss == RAW_MSS_AUTO ? (uint16_t)(t->mtu - 40) : r->mss;
	t->mss_v6 = (uint16_t)(t->mss_v4 - 20);
}

/* Selectors that let everything pass. */
static void fill_selectors(struct loader *ld, struct prefix **list, size_t *count)
{
	if (*count || *list)
		return;
	*list = schema_alloc(ld, 2, sizeof(**list));
	if (!*list)
		return;
	(*list)[0].addr.family = ADDR_V4;
	(*list)[1].addr.family = ADDR_V6;
	*count = 2;
}

static void finish_device(struct loader *ld, struct conf_pos pos, struct conf_tunnel *t)
{
	if (!*t->device && !value_is_device(t->name))
		schema_error(ld, pos,
			     "'%s' cannot be the name of an interface; add device: with at most 15 "
			     "characters",
			     t->name);
	else if (!*t->device)
		memcpy(t->device, t->name, strlen(t->name) + 1);
	if (!strcmp(t->device, "lo") || !strcmp(t->device, "all") || !strcmp(t->device, "default"))
		schema_error(ld, pos, "device '%s' is taken by the kernel; write another name",
			     t->device);
}

void finish_tunnel(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct raw_tunnel *r = raw;
	struct conf_tunnel *t = &r->tunnel;

	if (t->secret.kind == CONF_SECRET_NONE)
		schema_error(
			ld, pos,
			"tunnel '%s' has no secret; write secret: { file: PATH } or certificate:",
			t->name);
	ld->credentials_bytes = 0;
	finish_device(ld, pos, t);
	finish_outer(ld, pos, t);
	finish_sizes(r);
	fill_selectors(ld, &t->ts_local, &t->ts_local_count);
	fill_selectors(ld, &t->ts_remote, &t->ts_remote_count);
	t->health.restore = r->restore == USEC_NEVER ? ld->conf->restore : r->restore;
	t->health.flap.half_life =
		r->flap_half_life == USEC_NEVER ? ld->conf->flap.half_life : r->flap_half_life;
	t->health.flap.max = r->flap_max == USEC_NEVER ? ld->conf->flap.max : r->flap_max;
	if (!t->health.detection.interval)
		t->health.detection = ld->conf->detection;
	t->health.pin = r->pin == 1; /* auto: check.c, when all tunnels are known */
	t->reflect.stamp = r->reflect == RAW_REFLECT_AUTO
				   ? t->health.enabled && t->health.kind == CONF_PROBE_STAMP
				   : r->reflect == 1;
}

void unfinish_tunnel(const struct conf *conf, void *raw)
{
	struct raw_tunnel *r = raw;

	(void)conf;
	r->mss = r->tunnel.mss_v4;
	r->pin = r->tunnel.health.pin;
	r->reflect = r->tunnel.reflect.stamp;
	r->restore = r->tunnel.health.restore;
	r->flap_half_life = r->tunnel.health.flap.half_life;
	r->flap_max = r->tunnel.health.flap.max;
}

void finish_route(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct conf_route *r = raw;
	char to[PREFIX_TEXT], from[PREFIX_TEXT];

	(void)ld, (void)pos;
	if (*r->name || !r->to_count)
		return;
	prefix_format(&r->to[0], to);
	if (r->from.addr.family == ADDR_NONE)
		(void)snprintf(r->name, sizeof(r->name), "%s", to);
	else
		(void)snprintf(r->name, sizeof(r->name), "%.31s>%.31s",
			       prefix_format(&r->from, from), to);
}

/* v3 says it in hundredths; the default keeps a takeover shorter than detection's silence. */
static usec_t default_interval(const struct conf_vrrp *v, const struct conf_detection *d)
{
	usec_t tick = 10 * USEC_PER_MSEC, interval;

	if (v->version == 2)
		return USEC_PER_SEC;
	switch (d->profile) {
	case CONF_RELAXED:
		return USEC_PER_SEC;
	case CONF_NORMAL:
	case CONF_AUTO:
		return 150 * USEC_PER_MSEC;
	case CONF_FAST:
		return tick;
	case CONF_OWN:
		break;
	}
	interval = d->silence * 3 / 10 / tick * tick;
	return usec_min(usec_max(interval, tick), USEC_PER_SEC);
}

static void finish_interval(struct loader *ld, struct conf_pos pos, struct conf_vrrp *v)
{
	const usec_t tick = 10 * USEC_PER_MSEC;
	char text[VALUE_TEXT], whole[VALUE_TEXT];

	if (!v->interval)
		v->interval = default_interval(v, &ld->conf->detection);
	value_format_duration(v->interval, text);
	if (v->version == 2 && v->interval % USEC_PER_SEC)
		schema_error(
			ld, pos,
			"interval %s of '%s' is not in whole seconds, as VRRP version 2 needs; "
			"write 1s, or version: 3",
			text, v->name);
	else if (v->interval % tick)
		schema_error(ld, pos,
			     "interval %s of '%s' is not in hundredths of a second, as VRRP needs; "
			     "write %s",
			     text, v->name,
			     value_format_duration(v->interval / tick * tick, whole));
}

static void finish_addresses(struct loader *ld, struct conf_pos pos, struct conf_vrrp *v)
{
	static const struct prefix link_local = { { ADDR_V6, { 0xfe, 0x80 } }, 10 };

	if (!v->address_count)
		return;
	v->family = v->addresses[0].addr.family;
	for (size_t i = 1; i < v->address_count; i++) {
		if (v->addresses[i].addr.family == v->family ||
		    v->addresses[i].addr.family == ADDR_NONE || v->family == ADDR_NONE)
			continue;
		schema_error(
			ld, pos,
			"addresses of '%s' are of both families; write a second vrrp instance for "
			"IPv6",
			v->name);
		return;
	}
	if (v->family == ADDR_V6 && v->version == 2)
		schema_error(ld, pos,
			     "'%s' has IPv6 addresses, which VRRP version 2 does not know; "
			     "write version: 3",
			     v->name);
	else if (v->family == ADDR_V6 && !prefix_contains(&link_local, &v->addresses[0].addr))
		schema_error(ld, pos,
			     "the first IPv6 address of '%s' is not link-local; write one such as "
			     "fe80::1 before it",
			     v->name);
}

void finish_vrrp(struct loader *ld, struct conf_pos pos, void *raw)
{
	struct conf_vrrp *v = raw;
	bool differ;

	finish_interval(ld, pos, v);
	finish_addresses(ld, pos, v);
	differ = v->unicast_source.family != ADDR_NONE && v->unicast_source.family != v->family;
	for (size_t i = 0; i < v->peer_count; i++)
		differ = differ ||
			 (v->peers[i].family != v->family && v->peers[i].family != ADDR_NONE);
	if (differ && v->family != ADDR_NONE)
		schema_error(ld, pos,
			     "unicast addresses of '%s' are not of the family of its addresses; "
			     "write %s",
			     v->name, v->family == ADDR_V4 ? "IPv4" : "IPv6");
}
