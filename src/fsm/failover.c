/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsm/failover.h"

#include "fsm/span.h"

#include <inttypes.h>
#include <stdio.h>

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

/* Where to go on writing after snprintf() gave `more`, cut or not. */
static size_t after(size_t len, int more, size_t size)
{
	size_t end = more > 0 ? len + (size_t)more : len;

	return end < size ? end : size - 1;
}

static size_t add_time(char *out, size_t len, size_t size, const char *what, usec_t t)
{
	char span[SPAN_TEXT];

	if (t == USEC_NEVER)
		return len;
	return after(len, snprintf(out + len, size - len, ", %s +%s", what, span_format(t, span)),
		     size);
}

const char *failover_text(const struct failover *f, char *out, size_t size)
{
	struct failover_times t = failover_times(f);
	size_t len;

	if (size == 0)
		return out;
	len = after(0,
		    snprintf(out, size, "#%" PRIu64 " %s %s: %s -> %s: %s; %s", f->id,
			     failover_kind_name(f->kind), f->object,
			     f->from[0] ? f->from : "nothing", f->to[0] ? f->to : "nothing",
			     f->cause,
			     f->last_good != 0 ? "after the last good packet"
					       : "no good packet known"),
		    size);
	len = add_time(out, len, size, "detected", t.detected);
	len = add_time(out, len, size, "decided", t.decided);
	len = add_time(out, len, size, "written", t.written);
	len = add_time(out, len, size, "first packet by the new path", t.first_packet);
	if (f->sent_known)
		snprintf(out + len, size - len, "; %" PRIu64 " packets sent into the dead path",
			 f->sent_into_dead_path);
	return out;
}
