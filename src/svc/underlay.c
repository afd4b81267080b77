/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/underlay.h"

#include "base/list.h"
#include "io/netlink.h"
#include "svc/health.h"
#include "svc/iface.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct line {
	char tunnel[CONF_NAME];
	struct addr local;
	const struct iface *iface; /* that holds it, or held it last; NULL: not seen so far */
	int index; /* during a refresh: of the link that has it now, 0: none */
	bool gone; /* it is not there, and that was told */
};

struct underlay {
	const struct env *env;
	struct ifaces *ifaces;
	struct healths *healths;
	struct line *list; /* owned */
	size_t count;
	struct iface_watch watch;
};

static void say_carrier(struct underlay *u, const struct line *l)
{
	char why[HEALTH_LINK];

	if (!l->iface)
		return; /* there are too many of them to watch */
	if (l->iface->good) {
		healths_link(u->healths, l->tunnel, NULL);
		return;
	}
	(void)snprintf(why, sizeof(why), "%s %s", l->iface->name,
		       l->iface->index ? "has no carrier or is switched off" : "is gone");
	healths_link(u->healths, l->tunnel, why);
}

static void on_iface(struct iface_watch *w, const struct iface *i)
{
	struct underlay *u = container_of(w, struct underlay, watch);

	for (size_t n = 0; n < u->count; n++)
		if (u->list[n].iface == i && !u->list[n].gone)
			say_carrier(u, &u->list[n]);
}

struct underlay *underlay_new(const struct env *env, struct ifaces *ifaces, struct healths *healths)
{
	struct underlay *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->env = env;
	u->ifaces = ifaces;
	u->healths = healths;
	u->watch.fn = on_iface;
	ifaces_watch(ifaces, &u->watch);
	return u;
}

static void put_all(struct underlay *u)
{
	for (size_t n = 0; n < u->count; n++)
		ifaces_put(u->ifaces, u->list[n].iface);
	free(u->list);
	u->list = NULL;
	u->count = 0;
}

void underlay_free(struct underlay *u)
{
	if (!u)
		return;
	put_all(u);
	free(u);
}

static int by_local(const void *a, const void *b)
{
	return addr_compare(&((const struct line *)a)->local, &((const struct line *)b)->local);
}

/* Thousands of tunnels bring thousands of addresses of their own: no list is walked for each. */
static void take_address(void *ctx, const struct nl_address *a)
{
	struct underlay *u = ctx;
	const struct line key = { .local = a->local.addr };
	struct line *l = bsearch(&key, u->list, u->count, sizeof(*l), by_local);
	size_t n = l ? (size_t)(l - u->list) : u->count;

	while (l && n > 0 && addr_equal(&u->list[n - 1].local, &key.local))
		n--;
	for (; n < u->count && addr_equal(&u->list[n].local, &key.local); n++)
		u->list[n].index = a->index;
}

static bool has_moved(const struct line *l)
{
	return l->index != 0 && (!l->iface || l->iface->index != l->index);
}

/* The new one is taken before the old one is left: it may be the same. */
static void take_link(void *ctx, const struct nl_link *link)
{
	struct underlay *u = ctx;

	for (size_t n = 0; n < u->count; n++) {
		struct line *l = &u->list[n];
		const struct iface *old = l->iface;

		if (l->index != link->index || !has_moved(l))
			continue;
		l->iface = ifaces_get(u->ifaces, link->name);
		ifaces_put(u->ifaces, old);
		say_carrier(u, l);
	}
}

static void say_gone(struct underlay *u, const struct line *l)
{
	char why[HEALTH_LINK], text[ADDR_TEXT];

	(void)snprintf(why, sizeof(why), "%s is not on %s any more", addr_format(&l->local, text),
		       l->iface->name);
	healths_link(u->healths, l->tunnel, why);
}

static bool any_moved(const struct underlay *u)
{
	for (size_t n = 0; n < u->count; n++)
		if (has_moved(&u->list[n]))
			return true;
	return false;
}

void underlay_refresh(struct underlay *u)
{
	for (size_t n = 0; n < u->count; n++)
		u->list[n].index = 0;
	if (u->count == 0 || nl_address_dump(u->env->nl, take_address, u) ||
	    (any_moved(u) && nl_link_dump(u->env->nl, take_link, u)))
		return; /* not known is not gone */
	for (size_t n = 0; n < u->count; n++) {
		struct line *l = &u->list[n];
		bool gone = l->iface && l->index == 0;

		if (gone && !l->gone)
			say_gone(u, l);
		else if (!gone && l->gone)
			say_carrier(u, l);
		l->gone = gone;
	}
}

int underlay_apply(struct underlay *u, const struct conf *conf)
{
	struct line *list = calloc(conf->tunnel_count ? conf->tunnel_count : 1, sizeof(*list));
	struct underlay old = *u;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < conf->tunnel_count; i++) {
		(void)snprintf(list[i].tunnel, sizeof(list[i].tunnel), "%s", conf->tunnels[i].name);
		list[i].local = conf->tunnels[i].local;
	}
	qsort(list, conf->tunnel_count, sizeof(*list), by_local);
	u->list = list;
	u->count = conf->tunnel_count;
	underlay_refresh(u); /* before the old ones are put, so that none is forgotten meanwhile */
	put_all(&old);
	return 0;
}
