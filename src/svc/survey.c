/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/survey.h"

#include "io/netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int order(const void *a, const void *b)
{
	const struct survey_address *x = a, *y = b;

	return addr_compare(&x->addr, &y->addr);
}

static bool make_room(struct survey *s)
{
	size_t room = s->room ? 2 * s->room : 64;
	struct survey_address *list;

	if (s->count < s->room)
		return true;
	list = realloc(s->list, room * sizeof(*list));
	if (!list) {
		s->failed = true;
		return false;
	}
	s->list = list;
	s->room = room;
	return true;
}

static void take(void *ctx, const struct nl_address *a)
{
	struct survey *s = ctx;

	if (make_room(s))
		s->list[s->count++] = (struct survey_address){ a->local.addr, a->index };
}

int survey_take(struct survey *s, struct nl *nl)
{
	int r = nl_address_dump(nl, take, s);

	if (s->count)
		qsort(s->list, s->count, sizeof(*s->list), order);
	s->failed = s->failed || r < 0;
	return r ? r : s->failed ? -ENOMEM : 0;
}

void survey_done(struct survey *s)
{
	free(s->list);
	*s = (struct survey){ 0 };
}

/* The first that is not before it. */
static size_t find(const struct survey *s, const struct addr *addr)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (addr_compare(&s->list[mid].addr, addr) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

void survey_add(struct survey *s, const struct addr *addr, int index)
{
	size_t at = find(s, addr);

	if (!make_room(s))
		return;
	if (at < s->count)
		memmove(&s->list[at + 1], &s->list[at], (s->count - at) * sizeof(*s->list));
	s->list[at] = (struct survey_address){ *addr, index };
	s->count++;
}

void survey_forget(struct survey *s, const struct addr *addr, int index)
{
	for (size_t i = find(s, addr); i < s->count && addr_equal(&s->list[i].addr, addr); i++)
		if (s->list[i].index == index) {
			memmove(&s->list[i], &s->list[i + 1],
				(s->count - i - 1) * sizeof(*s->list));
			s->count--;
			return;
		}
}

void survey_look(const struct survey *s, const struct addr *addr, int index, bool *here,
		 bool *elsewhere)
{
	*here = *elsewhere = false;
	for (size_t i = find(s, addr); i < s->count && addr_equal(&s->list[i].addr, addr); i++)
		*(s->list[i].index == index ? here : elsewhere) = true;
}
