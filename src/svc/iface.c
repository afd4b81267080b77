/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/iface.h"

#include "base/list.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/netlink.h"
#include "io/rawsock.h"
#include "svc/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLL_MIN (2 * USEC_PER_MSEC)
#define POLL_MAX (20 * USEC_PER_MSEC)
#define POLLS_PER_SILENCE 20

struct ifaces {
	const struct env *env;
	struct iface list[IFACE_MAX];
	size_t count; /* of slots ever used; a slot without users is free */
	const struct iface *pinned[IFACE_MAX]; /* named by the configuration */
	size_t pinned_count;
	struct iface_watch *watches;
	struct timer timer;
	usec_t poll;
	int fd; /* any socket, for the carrier question */
};

static void tell(struct ifaces *is, const struct iface *i)
{
	for (struct iface_watch *w = is->watches; w; w = w->next)
		w->fn(w, i);
}

/* Says so on the board and to the watchers, once per change. */
static void settle(struct ifaces *is, struct iface *i, bool good, bool changed)
{
	if (good != i->good) {
		log_event(LOGL_NOTICE, "interface.state", "interface=%s state=%s", i->name,
			  good ? "up" : "down");
		i->good = good;
		changed = true;
	}
	board_set(is->env->board, BOARD_INTERFACE, i->name, good,
		  !i->index ? "there is no such interface"
		  : good    ? "up"
			    : "no carrier or administratively down",
		  clock_now());
	if (changed)
		tell(is, i);
}

static void poll_carrier(struct timer *t)
{
	struct ifaces *is = container_of(t, struct ifaces, timer);

	timer_at(t, usec_add(loop_now(is->env->loop), is->poll));
	for (size_t n = 0; n < is->count; n++) {
		struct iface *i = &is->list[n];
		bool good;

		if (!i->users || !i->index)
			continue;
		good = rawsock_has_carrier(is->fd, i->name);
		if (good != i->good)
			settle(is, i, good, true);
	}
}

usec_t ifaces_poll_interval(const struct conf *conf)
{
	usec_t silence = conf->detection.silence;

	for (size_t i = 0; i < conf->tunnel_count; i++)
		if (conf->tunnels[i].health.enabled)
			silence = usec_min(silence, conf->tunnels[i].health.detection.silence);
	return usec_max(POLL_MIN, usec_min(silence / POLLS_PER_SILENCE, POLL_MAX));
}

struct ifaces *ifaces_new(const struct env *env)
{
	struct ifaces *is = calloc(1, sizeof(*is));

	if (!is)
		return NULL;
	is->env = env;
	is->poll = POLL_MAX; /* until ifaces_apply() */
	is->fd = rawsock_packet_open(NULL);
	if (is->fd < 0) {
		free(is);
		return NULL;
	}
	timer_init(&is->timer, env->loop, poll_carrier);
	return is;
}

void ifaces_free(struct ifaces *is)
{
	if (!is)
		return;
	timer_stop(&is->timer);
	close(is->fd);
	free(is);
}

void ifaces_watch(struct ifaces *is, struct iface_watch *w)
{
	struct iface_watch **end = &is->watches;

	while (*end)
		end = &(*end)->next;
	w->next = NULL;
	*end = w;
}

struct scan {
	struct iface *i;
	struct addr v4, v6;
};

static void take_address(void *ctx, const struct nl_address *a)
{
	struct scan *s = ctx;

	if (a->index != s->i->index || a->tentative)
		return;
	if (a->local.addr.family == ADDR_V4 && s->v4.family == ADDR_NONE)
		s->v4 = a->local.addr;
	/* fe80::/10 */
	if (a->local.addr.family == ADDR_V6 && s->v6.family == ADDR_NONE &&
	    a->local.addr.bytes[0] == 0xfe && (a->local.addr.bytes[1] & 0xc0) == 0x80)
		s->v6 = a->local.addr;
}

static void refresh_one(struct ifaces *is, struct iface *i)
{
	struct scan s = { .i = i };
	struct nl_link link = { 0 };
	int before = i->index;
	bool there = nl_link_by_name(is->env->nl, i->name, &link) == 0;
	bool changed;

	i->index = there ? link.index : 0;
	changed = i->index != before || (there && memcmp(i->mac, link.mac, sizeof(i->mac)) != 0);
	memcpy(i->mac, link.mac, sizeof(i->mac));
	if (there)
		(void)nl_address_dump(is->env->nl, take_address, &s);
	changed = changed || !addr_equal(&s.v4, &i->v4) || !addr_equal(&s.v6, &i->v6);
	i->v4 = s.v4;
	i->v6 = s.v6;
	settle(is, i, there && link.up && rawsock_has_carrier(is->fd, i->name), changed);
}

const struct iface *ifaces_get(struct ifaces *is, const char *name)
{
	struct iface *unused = NULL;

	for (size_t n = 0; n < is->count; n++) {
		if (is->list[n].users && !strcmp(is->list[n].name, name)) {
			is->list[n].users++;
			return &is->list[n];
		}
		if (!is->list[n].users)
			unused = &is->list[n];
	}
	if (!unused && is->count < IFACE_MAX)
		unused = &is->list[is->count++];
	if (!unused) {
		log_event(LOGL_ERROR, "interface.limit", "interface=%s more than %d in use", name,
			  IFACE_MAX);
		return NULL;
	}
	*unused = (struct iface){ .users = 1 };
	(void)snprintf(unused->name, sizeof(unused->name), "%s", name);
	refresh_one(is, unused);
	return unused;
}

void ifaces_put(struct ifaces *is, const struct iface *i)
{
	struct iface *own = i ? &is->list[i - is->list] : NULL;

	if (own && --own->users == 0)
		board_forget(is->env->board, BOARD_INTERFACE, own->name);
}

static void pin(struct ifaces *is, const char *name)
{
	const struct iface *i = is->pinned_count < IFACE_MAX ? ifaces_get(is, name) : NULL;

	if (i)
		is->pinned[is->pinned_count++] = i;
}

static void pin_condition(struct ifaces *is, const struct conf_cond *c)
{
	if (c->kind == CONF_COND_INTERFACE || c->kind == CONF_COND_ADDRESS)
		pin(is, c->name);
}

void ifaces_apply(struct ifaces *is, const struct conf *conf)
{
	const struct iface *old[IFACE_MAX];
	size_t n = is->pinned_count;

	memcpy(old, is->pinned, sizeof(old));
	is->pinned_count = 0;
	for (size_t i = 0; i < conf->track_count; i++)
		for (size_t k = 0; k < conf->tracks[i].cond_count; k++)
			pin_condition(is, &conf->tracks[i].cond[k]);
	for (size_t i = 0; i < conf->vrrp_count; i++) {
		pin(is, conf->vrrps[i].interface);
		for (size_t k = 0; k < conf->vrrps[i].track_count; k++)
			pin_condition(is, &conf->vrrps[i].track[k].cond);
	}
	while (n)
		ifaces_put(is, old[--n]);
	is->poll = ifaces_poll_interval(conf);
	timer_at(&is->timer, usec_add(loop_now(is->env->loop), is->poll));
}

void ifaces_refresh(struct ifaces *is)
{
	for (size_t n = 0; n < is->count; n++)
		if (is->list[n].users)
			refresh_one(is, &is->list[n]);
}
