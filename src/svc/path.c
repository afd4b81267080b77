/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int paths_add(struct paths *paths, struct path *p)
{
	if (paths->count == paths->room) {
		size_t room = paths->room ? 2 * paths->room : 16;
		struct path **list = realloc(paths->list, room * sizeof(struct path *));

		if (!list)
			return -ENOMEM;
		paths->list = list;
		paths->room = room;
	}
	paths->list[paths->count++] = p;
	return 0;
}

void paths_remove(struct paths *paths, struct path *p)
{
	paths_tell(paths, p, PATH_GONE);
	for (size_t i = 0; i < paths->count; i++)
		if (paths->list[i] == p) {
			paths->list[i] = paths->list[--paths->count];
			return;
		}
}

struct path *paths_by_name(const struct paths *paths, const char *name)
{
	for (size_t i = 0; i < paths->count; i++)
		if (!strcmp(paths->list[i]->name, name))
			return paths->list[i];
	return NULL;
}

struct path *paths_by_if_id(const struct paths *paths, uint32_t if_id)
{
	for (size_t i = 0; i < paths->count; i++)
		if (paths->list[i]->if_id == if_id)
			return paths->list[i];
	return NULL;
}

struct path *paths_by_index(const struct paths *paths, int index)
{
	for (size_t i = 0; i < paths->count; i++)
		if (paths->list[i]->index == index)
			return paths->list[i];
	return NULL;
}

void paths_watch(struct paths *paths, struct path_watch *w)
{
	struct path_watch **end = &paths->watches;

	while (*end)
		end = &(*end)->next;
	w->next = NULL;
	*end = w;
}

void paths_unwatch(struct paths *paths, struct path_watch *w)
{
	for (struct path_watch **p = &paths->watches; *p; p = &(*p)->next)
		if (*p == w) {
			*p = w->next;
			return;
		}
}

void paths_tell(struct paths *paths, struct path *p, enum path_change what)
{
	for (struct path_watch *w = paths->watches, *next; w; w = next) {
		next = w->next;
		w->fn(w, p, what);
	}
}
