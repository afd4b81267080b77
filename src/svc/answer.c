/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/answer.h"

#include "base/list.h"
#include "base/log.h"
#include "io/netlink.h"
#include "svc/board.h"
#include "svc/iface.h"
#include "svc/path.h"
#include "svc/sibling.h"
#include "wire/ipc_msg.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINKS_MAX 1024

struct answer {
	struct addr addr;
	const struct iface
		*iface; /* NULL: on one of our tunnel devices, fit as long as it is there */
	const char *why; /* not fit: the reason */
	bool fit, has_vrrp;
};

struct answers {
	const struct env *env;
	struct ifaces *ifaces;
	struct sibling *esp; /* as many as there are workers: each answers in its tunnels */
	unsigned workers;
	const struct conf *conf;
	struct answer list[IPC_ANSWERS_MAX];
	size_t count;
	struct ipc_answers told; /* what futae-esp knows */
	struct board_watch board_watch;
	struct iface_watch iface_watch;
};

static void decide(struct answers *as, struct answer *a)
{
	a->fit = true;
	a->has_vrrp = false;
	a->why = NULL;
	if (!a->iface)
		return;
	if (!a->iface->good) {
		a->fit = false;
		a->why = "its interface is down";
	}
	for (size_t i = 0; i < as->conf->vrrp_count; i++) {
		const struct conf_vrrp *v = &as->conf->vrrps[i];

		if (strcmp(v->interface, a->iface->name) != 0)
			continue;
		a->has_vrrp = true;
		if (a->fit && !board_is_good(as->env->board, BOARD_VRRP, v->name)) {
			a->fit = false;
			a->why = "VRRP on its interface is stopped";
		}
	}
}

void answers_tell_esp(struct answers *as, unsigned worker)
{
	uint8_t buf[IPC_ANSWERS_MAX * 24];
	ssize_t n = ipc_answers_encode(&as->told, buf, sizeof(buf));

	if (n > 0)
		sibling_send(&as->esp[worker], buf, (size_t)n, NULL, 0);
}

static void log_change(const struct answer *a)
{
	char text[ADDR_TEXT];

	log_event(LOGL_NOTICE, "answer.fit", "address=%s fit=%s%s%s%s", addr_format(&a->addr, text),
		  a->fit ? "yes" : "no", a->why ? " why=\"" : "", a->why ? a->why : "",
		  a->why ? "\"" : "");
}

/* Decides anew for every address, and tells futae-esp when that changed anything. */
static void update(struct answers *as)
{
	static struct ipc_answers next;
	bool changed = as->told.count != as->count;

	memset(&next, 0, sizeof(next));
	for (size_t i = 0; i < as->count; i++) {
		struct answer *a = &as->list[i];
		bool was = a->fit;

		decide(as, a);
		if (a->fit != was)
			log_change(a);
		next.list[next.count++] = (struct ipc_answer){ a->addr, a->fit, !a->has_vrrp };
	}
	for (size_t i = 0; !changed && i < as->count; i++)
		changed = !addr_equal(&next.list[i].addr, &as->told.list[i].addr) ||
			  next.list[i].fit != as->told.list[i].fit ||
			  next.list[i].fit_alone != as->told.list[i].fit_alone;
	if (!changed)
		return;
	as->told = next;
	for (unsigned w = 0; w < as->workers; w++)
		answers_tell_esp(as, w);
}

static void on_board(struct board_watch *w, enum board_kind kind, const char *name)
{
	(void)name;
	if (kind == BOARD_VRRP)
		update(container_of(w, struct answers, board_watch));
}

static void on_iface(struct iface_watch *w, const struct iface *i)
{
	(void)i;
	update(container_of(w, struct answers, iface_watch));
}

struct answers *answers_new(const struct env *env, struct ifaces *ifaces, struct sibling *esp,
			    unsigned workers)
{
	struct answers *as = calloc(1, sizeof(*as));

	if (!as)
		return NULL;
	as->env = env;
	as->ifaces = ifaces;
	as->esp = esp;
	as->workers = workers;
	as->board_watch.fn = on_board;
	as->iface_watch.fn = on_iface;
	board_watch_add(env->board, &as->board_watch);
	ifaces_watch(ifaces, &as->iface_watch);
	return as;
}

void answers_free(struct answers *as)
{
	if (!as)
		return;
	board_watch_remove(as->env->board, &as->board_watch);
	for (size_t i = 0; i < as->count; i++)
		ifaces_put(as->ifaces, as->list[i].iface);
	free(as);
}

struct scan {
	struct answers *as;
	struct nl_link links[LINKS_MAX];
	size_t link_count;
	struct answer next[IPC_ANSWERS_MAX];
	size_t count;
};

static void take_link(void *ctx, const struct nl_link *link)
{
	struct scan *s = ctx;

	if (s->link_count < LINKS_MAX)
		s->links[s->link_count++] = *link;
}

static const struct nl_link *link_of(const struct scan *s, int index)
{
	for (size_t i = 0; i < s->link_count; i++)
		if (s->links[i].index == index)
			return &s->links[i];
	return NULL;
}

static void take_address(void *ctx, const struct nl_address *a)
{
	struct scan *s = ctx;
	struct answer *n;
	const struct nl_link *link;
	struct path *p;

	/* scope 254 is "host": loopback addresses are nobody's target */
	if (s->count == IPC_ANSWERS_MAX || a->scope == 254 || a->tentative)
		return;
	link = link_of(s, a->index);
	p = paths_by_index(s->as->env->paths, a->index);
	if (!link)
		return;
	/* The virtual address sits on a macvlan: what counts is the port below. */
	if (!strcmp(link->kind, "macvlan") && link->parent && link_of(s, link->parent))
		link = link_of(s, link->parent);
	n = &s->next[s->count];
	*n = (struct answer){ .addr = a->local.addr, .fit = true };
	if (!p)
		n->iface = ifaces_get(s->as->ifaces, link->name);
	if (p || n->iface)
		s->count++;
}

static int by_address(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;

	return addr_compare(&x->addr, &y->addr);
}

void answers_refresh(struct answers *as)
{
	static struct scan s;

	if (!as->conf)
		return;
	memset(&s, 0, sizeof(s));
	s.as = as;
	if (nl_link_dump(as->env->nl, take_link, &s) ||
	    nl_address_dump(as->env->nl, take_address, &s)) {
		/* Half a list would make us deny addresses that are fit: keep the one we have. */
		for (size_t i = 0; i < s.count; i++)
			ifaces_put(as->ifaces, s.next[i].iface);
		return;
	}
	for (size_t i = 0; i < as->count; i++)
		ifaces_put(as->ifaces, as->list[i].iface);
	qsort(s.next, s.count, sizeof(s.next[0]), by_address);
	for (size_t i = 0; i < s.count; i++)
		for (size_t j = 0; j < as->count; j++)
			if (addr_equal(&s.next[i].addr, &as->list[j].addr))
				s.next[i].fit = as->list[j].fit;
	memcpy(as->list, s.next, sizeof(as->list));
	as->count = s.count;
	update(as);
}

void answers_apply(struct answers *as, const struct conf *conf)
{
	as->conf = conf;
	answers_refresh(as);
}

bool answers_is_fit(const struct answers *as, const struct addr *addr, const char **why)
{
	for (size_t i = 0; i < as->count; i++)
		if (addr_equal(&as->list[i].addr, addr)) {
			*why = as->list[i].why;
			return as->list[i].fit;
		}
	*why = "this node has no such address";
	return false;
}

bool answers_denies(const struct answers *as, const struct addr *addr)
{
	for (size_t i = 0; i < as->count; i++)
		if (addr_equal(&as->list[i].addr, addr))
			return !as->list[i].fit;
	return false;
}
