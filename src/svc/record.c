/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/record.h"

#include "base/list.h"
#include "base/log.h"
#include "io/loop.h"
#include "io/netlink.h"

#include <stdlib.h>
#include <time.h>

#define WATCH_EVERY USEC_PER_MSEC
#define WATCH_WITHIN (5 * USEC_PER_SEC)
#define WATCHED_MAX 64

struct watched {
	uint64_t id; /* 0: free */
	struct liveness_slot *live; /* NULL: the device's counter it is */
	int device;
	uint64_t before; /* of the counter */
	usec_t until;
};

struct records {
	const struct env *env;
	struct failover_ring ring;
	int64_t offset[FAILOVER_RING]; /* wall less monotonic when the record was opened */
	struct watched watched[WATCHED_MAX];
	struct timer timer;
};

static void log_record(const struct failover *f)
{
	char text[640];

	log_event(LOGL_NOTICE, "failover.record", "%s", failover_text(f, text, sizeof(text)));
}

static void finish(struct records *rs, struct watched *w, usec_t first_packet)
{
	struct failover *f = failover_find(&rs->ring, w->id);

	w->id = 0;
	if (!f)
		return;
	f->first_packet = first_packet;
	log_record(f);
}

/* When the first packet came, 0: none yet. */
static usec_t arrival(struct records *rs, const struct watched *w, const struct failover *f)
{
	uint64_t count = w->before;
	usec_t last;

	if (!w->live)
		return nl_link_rx_unicast(rs->env->nl, w->device, &count) == 0 && count > w->before
			       ? clock_now()
			       : 0;
	last = atomic_load_explicit(&w->live->rx_data_last, memory_order_relaxed);
	return last > f->written ? last : 0;
}

static void look(struct timer *t)
{
	struct records *rs = container_of(t, struct records, timer);
	usec_t now = loop_now(rs->env->loop);
	bool any = false;

	for (size_t i = 0; i < WATCHED_MAX; i++) {
		struct watched *w = &rs->watched[i];
		const struct failover *f = w->id ? failover_find(&rs->ring, w->id) : NULL;
		usec_t came;

		if (!f) {
			w->id = 0;
			continue;
		}
		came = arrival(rs, w, f);
		if (came)
			finish(rs, w, came);
		else if (now >= w->until)
			finish(rs, w, 0);
		any = any || w->id;
	}
	if (any)
		timer_at(t, usec_add(now, WATCH_EVERY));
}

struct records *records_new(const struct env *env)
{
	struct records *rs = calloc(1, sizeof(*rs));

	if (!rs)
		return NULL;
	rs->env = env;
	timer_init(&rs->timer, env->loop, look);
	return rs;
}

void records_free(struct records *rs)
{
	if (!rs)
		return;
	timer_stop(&rs->timer);
	free(rs);
}

static int64_t wall_now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * (int64_t)USEC_PER_SEC + ts.tv_nsec / 1000;
}

struct failover *records_open(struct records *rs, enum failover_kind kind, const char *object,
			      const char *from, const char *to, const char *cause)
{
	struct failover *f = failover_add(&rs->ring, kind, object, from, to, cause);

	rs->offset[f->id % FAILOVER_RING] = wall_now() - (int64_t)clock_now();
	return f;
}

void records_watch(struct records *rs, uint64_t id, struct liveness_slot *live, int device)
{
	const struct failover *f = failover_find(&rs->ring, id);
	struct watched w = { .id = id, .live = live, .device = device };

	if (!f)
		return;
	w.until = usec_add(f->written, WATCH_WITHIN);
	if (!live && device && nl_link_rx_unicast(rs->env->nl, device, &w.before))
		device = 0;
	for (size_t i = 0; (live || device) && i < WATCHED_MAX; i++)
		if (!rs->watched[i].id) {
			rs->watched[i] = w;
			timer_at(&rs->timer, usec_add(clock_now(), WATCH_EVERY));
			return;
		}
	log_record(f);
}

const struct failover *records_get(const struct records *rs, size_t back)
{
	return failover_last(&rs->ring, back);
}

int64_t records_wall(const struct records *rs, const struct failover *f, usec_t at)
{
	return (int64_t)at + rs->offset[f->id % FAILOVER_RING];
}
