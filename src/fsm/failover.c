/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/failover.h"

#include "fsm/span.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void copy_text(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text ? text : "");
}

static uint64_t newest_id(const struct failover_ring *ring)
{
	return ring->next_id > 0 ? ring->next_id - 1 : 0;
}

struct failover *failover_add(struct failover_ring *ring, enum failover_kind kind,
			      const char *object, const char *from, const char *to,
			      const char *cause)
{
	uint64_t id = newest_id(ring) + 1;
	struct failover *f = &ring->record[id % FAILOVER_RING];

	*f = (struct failover){ .id = id, .kind = kind };
	copy_text(f->object, sizeof(f->object), object);
	copy_text(f->from, sizeof(f->from), from);
	copy_text(f->to, sizeof(f->to), to);
	copy_text(f->cause, sizeof(f->cause), cause);
	ring->next_id = id + 1;
	return f;
}

struct failover *failover_find(struct failover_ring *ring, uint64_t id)
{
	struct failover *f = &ring->record[id % FAILOVER_RING];

	return id != 0 && f->id == id ? f : NULL;
}

size_t failover_count(const struct failover_ring *ring)
{
	uint64_t n = newest_id(ring);

	return n < FAILOVER_RING ? (size_t)n : FAILOVER_RING;
}

const struct failover *failover_last(const struct failover_ring *ring, size_t back)
{
	if (back >= failover_count(ring))
		return NULL;
	return &ring->record[(newest_id(ring) - back) % FAILOVER_RING];
}

static usec_t since(usec_t origin, usec_t t)
{
	return t == 0 ? USEC_NEVER : usec_since(origin, t);
}

struct failover_times failover_times(const struct failover *f)
{
	const usec_t known[] = { f->last_good, f->detected, f->decided, f->written,
				 f->first_packet };
	usec_t origin = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && origin == 0; i++)
		origin = known[i];
	return (struct failover_times){
		.detected = since(origin, f->detected),
		.decided = since(origin, f->decided),
		.written = since(origin, f->written),
		.first_packet = since(origin, f->first_packet),
	};
}

const char *failover_kind_name(enum failover_kind kind)
{
	switch (kind) {
	case FAILOVER_ROUTE:
		return "route";
	case FAILOVER_VRRP:
		return "vrrp";
	}
	return "?";
}

__attribute__((format(printf, 3, 4))) static void append(char *out, size_t size, const char *fmt,
							 ...)
{
	size_t len = strlen(out);
	va_list args;

	va_start(args, fmt);
	if (len + 1 < size)
		vsnprintf(out + len, size - len, fmt, args);
	va_end(args);
}

static void append_time(char *out, size_t size, const char *what, usec_t t)
{
	char span[SPAN_TEXT];

	if (t != USEC_NEVER)
		append(out, size, ", %s +%s", what, span_format(t, span));
}

const char *failover_text(const struct failover *f, char *out, size_t size)
{
	struct failover_times t = failover_times(f);

	if (size == 0)
		return out;
	out[0] = '\0';
	append(out, size, "#%" PRIu64 " %s %s: %s -> %s: %s", f->id, failover_kind_name(f->kind),
	       f->object, f->from[0] ? f->from : "nothing", f->to[0] ? f->to : "nothing", f->cause);
	if (f->last_good != 0)
		append(out, size, "; after the last good packet");
	else
		append(out, size, "; no good packet known");
	append_time(out, size, "detected", t.detected);
	append_time(out, size, "decided", t.decided);
	append_time(out, size, "written", t.written);
	append_time(out, size, "first packet by the new path", t.first_packet);
	if (f->lost_known)
		append(out, size, "; %" PRIu64 " packets lost", f->lost);
	if (f->sent_known)
		append(out, size, "; %" PRIu64 " sent into the dead path", f->sent_into_dead_path);
	return out;
}
