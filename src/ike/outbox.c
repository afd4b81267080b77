/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/outbox.h"

#include "base/log.h"
#include "io/loop.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#define EVENTS_MOST 1024 /* futaed takes them within a millisecond; past this the new are lost */
#define STRAY_EVERY (60 * USEC_PER_SEC)
#define STRANGERS_PER_SEC 5 /* events without a connection: anybody can cause them */

static struct {
	pthread_mutex_t lock;
	void (*kick)(void);
	struct ipc_ike_event ring[EVENTS_MOST];
	unsigned first, count;
	uint64_t lost, strays;
	usec_t strays_told;
	usec_t second; /* the one in which `strangers` were counted */
	unsigned strangers;
} box = { .lock = PTHREAD_MUTEX_INITIALIZER };

void outbox_init(void (*kick)(void))
{
	box.kick = kick;
}

static bool too_many_strangers(const char *name)
{
	usec_t now = clock_now();

	if (*name)
		return false;
	if (usec_since(box.second, now) >= USEC_PER_SEC) {
		box.second = now;
		box.strangers = 0;
	}
	return ++box.strangers > STRANGERS_PER_SEC;
}

/* false when there is no room or too much of it. */
static bool add(const char *name, enum ipc_ike_event_kind kind, const char *text)
{
	struct ipc_ike_event *e;
	bool fits;

	pthread_mutex_lock(&box.lock);
	fits = !too_many_strangers(name) && box.count < EVENTS_MOST;
	if (fits) {
		e = &box.ring[(box.first + box.count++) % EVENTS_MOST];
		e->kind = kind;
		(void)snprintf(e->name, sizeof(e->name), "%s", name);
		(void)snprintf(e->text, sizeof(e->text), "%s", text);
	} else {
		box.lost++;
	}
	pthread_mutex_unlock(&box.lock);
	return fits;
}

void outbox_event(const char *name, enum ipc_ike_event_kind kind, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!add(name, kind, text))
		return;
	log_event(kind == IPC_IKE_EV_FAILED ? LOGL_WARN : LOGL_NOTICE, "ike.event",
		  "tunnel=%s event=%s text=\"%s\"", *name ? name : "-", ipc_ike_event_name(kind),
		  text);
	box.kick();
}

void outbox_stray(const char *from)
{
	usec_t now = clock_now();
	uint64_t n = 0;

	pthread_mutex_lock(&box.lock);
	box.strays++;
	if (!box.strays_told || usec_since(box.strays_told, now) > STRAY_EVERY) {
		box.strays_told = now;
		n = box.strays;
	}
	pthread_mutex_unlock(&box.lock);
	if (n)
		log_event(LOGL_NOTICE, "ike.stray", "packets=%" PRIu64 " last_from=%s", n, from);
}

bool outbox_take(struct ipc_ike_event *out)
{
	bool any;

	pthread_mutex_lock(&box.lock);
	any = box.count > 0;
	if (any) {
		*out = box.ring[box.first];
		box.first = (box.first + 1) % EVENTS_MOST;
		box.count--;
	}
	pthread_mutex_unlock(&box.lock);
	return any;
}
