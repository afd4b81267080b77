/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The last things that happened, kept in memory: what the log says, with numbers, so that a
 * follower that comes back asks for what it has missed.  Bounded: the oldest goes first.
 */
#ifndef CTL_EVENTS_H
#define CTL_EVENTS_H

#include "base/log.h"

#include <jansson.h>
#include <stdint.h>

#define CTL_EVENTS_MAX 4096

/* Embedded in a follower.  fn may be called from anywhere that logs: it must not log itself, and
 * must not touch what its caller may be using. */
struct ctl_events_watch {
	void (*fn)(struct ctl_events_watch *w, const json_t *event);
	struct ctl_events_watch *next;
};

struct ctl_events;

struct ctl_events *ctl_events_new(void); /* NULL: no memory */
void ctl_events_free(struct ctl_events *es);
/* For log_set_sink(), with the struct ctl_events as ctx. */
void ctl_events_sink(void *ctx, enum log_level level, const char *event, const char *text);
/* The same at a given time: microseconds since 1970. */
void ctl_events_add(struct ctl_events *es, int64_t wall_usec, enum log_level level,
		    const char *event, const char *text);
/* {"events": [{id, at, level, event, text}]}: those after the number `since`, oldest first, and
 * of these the last `limit`.  Numbers start at 1 with the process. */
json_t *ctl_events_list(const struct ctl_events *es, uint64_t since, size_t limit);
void ctl_events_watch_add(struct ctl_events *es, struct ctl_events_watch *w);
void ctl_events_watch_remove(struct ctl_events *es, struct ctl_events_watch *w);

#endif
