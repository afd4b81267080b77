/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ctl/events.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TEXT_MAX 1024 /* as long as the log's own lines */

struct entry {
	uint64_t id; /* 0: free */
	int64_t wall_usec;
	enum log_level level;
	char name[64];
	char *text; /* owned */
};

struct ctl_events {
	uint64_t last; /* number of the newest; it lies at last % CTL_EVENTS_MAX */
	struct ctl_events_watch *watches;
	struct entry ring[CTL_EVENTS_MAX];
};

struct ctl_events *ctl_events_new(void)
{
	return calloc(1, sizeof(struct ctl_events));
}

void ctl_events_free(struct ctl_events *es)
{
	if (!es)
		return;
	for (size_t i = 0; i < CTL_EVENTS_MAX; i++)
		free(es->ring[i].text);
	free(es);
}

static void format_time(int64_t usec, char *out, size_t size)
{
	time_t seconds = (time_t)(usec / 1000000);
	struct tm tm;
	size_t n;

	if (!gmtime_r(&seconds, &tm))
		tm = (struct tm){ .tm_mday = 1 };
	n = strftime(out, size, "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(out + n, size - n, ".%06" PRId64 "Z", usec % 1000000);
}

static json_t *to_json(const struct entry *e)
{
	char at[48];

	format_time(e->wall_usec, at, sizeof(at));
	return json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)e->id, "at", at, "level",
			 log_level_name(e->level), "event", e->name, "text", e->text);
}

static void tell(struct ctl_events *es, const struct entry *e)
{
	struct ctl_events_watch *next;
	json_t *event;

	if (!es->watches)
		return;
	event = to_json(e);
	for (struct ctl_events_watch *w = es->watches; event && w; w = next) {
		next = w->next;
		w->fn(w, event);
	}
	json_decref(event);
}

void ctl_events_add(struct ctl_events *es, int64_t wall_usec, enum log_level level,
		    const char *event, const char *text)
{
	struct entry *e = &es->ring[(es->last + 1) % CTL_EVENTS_MAX];
	char *copy = strndup(text, TEXT_MAX);

	/* Without memory the event is in the log only: followers see no gap that means anything. */
	if (!copy)
		return;
	free(e->text);
	*e = (struct entry){ .id = ++es->last,
			     .wall_usec = wall_usec > 0 ? wall_usec : 0,
			     .level = level,
			     .text = copy };
	(void)snprintf(e->name, sizeof(e->name), "%s", event);
	utf8_clean(e->name);
	utf8_clean(e->text);
	tell(es, e);
}

void ctl_events_sink(void *ctx, enum log_level level, const char *event, const char *text)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &ts); /* for people: everything else is monotonic */
	ctl_events_add(ctx, (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000, level, event, text);
}

json_t *ctl_events_list(const struct ctl_events *es, uint64_t since, size_t limit)
{
	uint64_t kept = es->last < CTL_EVENTS_MAX ? es->last : CTL_EVENTS_MAX;
	uint64_t wanted = since < es->last ? es->last - since : 0;
	json_t *list = json_array();

	if (wanted > kept)
		wanted = kept;
	if (wanted > limit)
		wanted = limit;
	for (uint64_t id = es->last - wanted + 1; id <= es->last; id++)
		json_array_append_new(list, to_json(&es->ring[id % CTL_EVENTS_MAX]));
	return json_pack("{s:o}", "events", list);
}

void ctl_events_watch_add(struct ctl_events *es, struct ctl_events_watch *w)
{
	w->next = es->watches;
	es->watches = w;
}

void ctl_events_watch_remove(struct ctl_events *es, struct ctl_events_watch *w)
{
	struct ctl_events_watch **at = &es->watches;

	while (*at && *at != w)
		at = &(*at)->next;
	if (*at)
		*at = w->next;
}
