/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/board.h"

#include "base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HINTS 8192

struct board {
	struct board_fact **facts; /* owned; each stays where it is while it lives */
	size_t count, room;
	struct board_watch *watches;
	/* Where the fact of a name is, by its hash, unless a newer one took that place: thousands
	 * change in a bad second. */
	struct board_fact *hint[HINTS];
};

struct board *board_new(void)
{
	return calloc(1, sizeof(struct board));
}

void board_free(struct board *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->count; i++)
		free(b->facts[i]);
	free(b->facts);
	free(b);
}

void board_watch_add(struct board *b, struct board_watch *w)
{
	struct board_watch **end = &b->watches;

	while (*end)
		end = &(*end)->next;
	w->next = NULL;
	*end = w;
}

void board_watch_remove(struct board *b, struct board_watch *w)
{
	for (struct board_watch **p = &b->watches; *p; p = &(*p)->next)
		if (*p == w) {
			*p = w->next;
			return;
		}
}

static void tell(struct board *b, enum board_kind kind, const char *name)
{
	for (struct board_watch *w = b->watches, *next; w; w = next) {
		next = w->next;
		w->fn(w, kind, name);
	}
}

static size_t hint_of(enum board_kind kind, const char *name)
{
	/* Names are the configuration's, so nobody chooses them to collide. */
	static const struct hash_key key = { 0 };

	return (hash_bytes(&key, name, strlen(name)) + (size_t)kind) % HINTS;
}

static bool is_named(const struct board_fact *f, enum board_kind kind, const char *name)
{
	return f && f->kind == kind && !strcmp(f->name, name);
}

static struct board_fact *find(const struct board *b, enum board_kind kind, const char *name)
{
	size_t hint = hint_of(kind, name);

	if (is_named(b->hint[hint], kind, name))
		return b->hint[hint];
	for (size_t i = 0; i < b->count; i++)
		if (is_named(b->facts[i], kind, name))
			return b->facts[i];
	return NULL;
}

static struct board_fact *add(struct board *b, enum board_kind kind, const char *name)
{
	struct board_fact *f = calloc(1, sizeof(*f));

	if (f && b->count == b->room) {
		size_t room = b->room ? 2 * b->room : 16;
		struct board_fact **facts = realloc(b->facts, room * sizeof(struct board_fact *));

		if (!facts) {
			free(f);
			return NULL;
		}
		b->facts = facts;
		b->room = room;
	}
	if (!f)
		return NULL;
	f->kind = kind;
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
	b->facts[b->count++] = f;
	b->hint[hint_of(kind, f->name)] = f;
	return f;
}

void board_set(struct board *b, enum board_kind kind, const char *name, bool good, const char *why,
	       usec_t now)
{
	struct board_fact *f = find(b, kind, name);
	bool changed = !f || f->good != good;

	if (!f)
		f = add(b, kind, name);
	if (!f)
		return; /* no memory: unknown counts as not good, which is the safe side */
	(void)snprintf(f->why, sizeof(f->why), "%s", why);
	if (!changed)
		return;
	f->good = good;
	f->since = now;
	tell(b, kind, name);
}

void board_hold(struct board *b, enum board_kind kind, const char *name, bool held)
{
	struct board_fact *f = find(b, kind, name);

	if (!f || f->held == held)
		return;
	f->held = held;
	tell(b, kind, name);
}

void board_degrade(struct board *b, enum board_kind kind, const char *name, bool degraded)
{
	struct board_fact *f = find(b, kind, name);

	if (!f || f->degraded == degraded)
		return;
	f->degraded = degraded;
	tell(b, kind, name);
}

bool board_is_degraded(const struct board *b, enum board_kind kind, const char *name)
{
	const struct board_fact *f = find(b, kind, name);

	return f && f->good && f->degraded;
}

bool board_is_held(const struct board *b, enum board_kind kind, const char *name)
{
	const struct board_fact *f = find(b, kind, name);

	return f && !f->good && f->held;
}

void board_forget(struct board *b, enum board_kind kind, const char *name)
{
	for (size_t i = 0; i < b->count; i++)
		if (b->facts[i]->kind == kind && !strcmp(b->facts[i]->name, name)) {
			struct board_fact *gone = b->facts[i];

			b->facts[i] = b->facts[--b->count];
			if (b->hint[hint_of(kind, gone->name)] == gone)
				b->hint[hint_of(kind, gone->name)] = NULL;
			tell(b, kind, gone->name);
			free(gone);
			return;
		}
}

const struct board_fact *board_get(const struct board *b, enum board_kind kind, const char *name)
{
	return find(b, kind, name);
}

bool board_is_good(const struct board *b, enum board_kind kind, const char *name)
{
	const struct board_fact *f = find(b, kind, name);

	return f && f->good;
}

const char *board_kind_name(enum board_kind kind)
{
	switch (kind) {
	case BOARD_TUNNEL:
		return "tunnel";
	case BOARD_INTERFACE:
		return "interface";
	case BOARD_TRACK:
		return "track";
	case BOARD_ROUTE:
		return "route";
	case BOARD_VRRP:
		return "vrrp";
	case BOARD_MASTER:
		return "vrrp master";
	case BOARD_HEALTH:
		return "path of tunnel";
	case BOARD_ADDRESS:
		return "address of interface";
	case BOARD_OPER:
		return "operational state of interface";
	case BOARD_PREFIX:
		return "route to";
	case BOARD_SCRIPT:
		return "script";
	}
	return "unknown";
}
