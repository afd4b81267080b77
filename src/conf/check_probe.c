/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each kind of probe needs, and what it has no use for. */
#include "conf/check.h"

#include "conf/schema_def.h"
#include "conf/value.h"

#include <string.h>

#define MS USEC_PER_MSEC

#define KIND(name) (1u << CONF_PROBE_##name)
#define WEB (KIND(HTTP) | KIND(HTTPS))

static bool is(const struct conf_health *h, unsigned kinds)
{
	return kinds >> h->kind & 1;
}

static struct conf_pos at(const struct loader *ld, size_t i, const char *key)
{
	return schema_pos(ld, "tunnels", i, "health", key);
}

static void check_uses(struct loader *ld, size_t i, const struct conf_health *h)
{
	const struct {
		const char *key;
		bool set;
		unsigned kinds;
		const char *whose;
	} uses[] = {
		{ "port", h->port, ~KIND(ICMP), "other kinds" },
		{ "key", h->key.path, KIND(STAMP), "kind: stamp" },
		{ "path", *h->url_path, WEB, "kind: http and https" },
		{ "host", *h->url_host, WEB, "kind: http and https" },
		{ "ca", h->ca.path, KIND(HTTPS), "kind: https" },
		{ "verify", !h->verify, KIND(HTTPS), "kind: https" },
		{ "refused", h->refused_is_good, KIND(TCP), "kind: tcp" },
	};

	for (size_t u = 0; u < sizeof(uses) / sizeof(uses[0]); u++)
		if (uses[u].set && !is(h, uses[u].kinds))
			schema_error(
				ld, at(ld, i, uses[u].key),
				"%s is for %s, and this is %s; remove it or write another kind",
				uses[u].key, uses[u].whose, conf_probe_name(h->kind));
	if (h->kind == CONF_PROBE_TCP && !h->port)
		schema_error(ld, at(ld, i, "kind"),
			     "kind: tcp needs a port; write port: 22, or that of another service");
	if (h->ca.path && !h->verify)
		schema_error(ld, at(ld, i, "ca"),
			     "ca has no use with verify: no; remove one of the two");
}

/* They stand in a request line and a header: nothing that could end one. */
static bool is_visible(const char *text)
{
	for (; *text; text++)
		if (*text <= ' ' || *text > '~')
			return false;
	return true;
}

static void check_web(struct loader *ld, size_t i, const struct conf_health *h)
{
	if (*h->url_path && (*h->url_path != '/' || !is_visible(h->url_path)))
		schema_error(ld, at(ld, i, "path"),
			     "path must start with / and hold no blanks; write /%.40s or escape "
			     "them as %%20",
			     h->url_path[0] == '/' ? "PATH" : h->url_path);
	if (!is_visible(h->url_host))
		schema_error(ld, at(ld, i, "host"),
			     "host holds blanks or what is not ASCII; write a name as in a URL");
}

/* A connection for each probe is work for the target: not at the pace of a ping. */
static void check_pace(struct loader *ld, size_t i, const struct conf_tunnel *t)
{
	static const usec_t least[CONF_PROBE_COUNT] = { [CONF_PROBE_TCP] = 100 * MS,
							[CONF_PROBE_HTTP] = 1000 * MS,
							[CONF_PROBE_HTTPS] = 1000 * MS };
	const struct conf_health *h = &t->health;
	usec_t want = least[h->kind];
	char interval[VALUE_TEXT], pace[VALUE_TEXT];

	if (!h->detection.interval || h->detection.interval >= want)
		return;
	schema_error(ld, at(ld, i, "kind"),
		     "kind: %s cannot ask each %s; write detection: %s for this tunnel, or an "
		     "interval of %s or more",
		     conf_probe_name(h->kind),
		     value_format_duration(h->detection.interval, interval),
		     want > 100 * MS ? "relaxed" : "normal", value_format_duration(want, pace));
}

void check_probe(struct loader *ld, size_t i)
{
	const struct conf_tunnel *t = &ld->conf->tunnels[i];
	const struct conf_health *h = &t->health;

	if (t->reflect.key.path && !t->reflect.stamp)
		schema_error(ld, schema_pos(ld, "tunnels", i, "reflect", "key"),
			     "key has no use without a reflector; write stamp: yes or remove it");
	if (!h->enabled)
		return;
	check_uses(ld, i, h);
	if (is(h, WEB))
		check_web(ld, i, h);
	check_pace(ld, i, t);
}
