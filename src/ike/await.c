/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/await.h"

#include <pthread.h>
#include <time.h>

static struct {
	pthread_mutex_t lock;
	pthread_cond_t told;
	struct await *list; /* as many as charon has threads, at most */
} waiting = { .lock = PTHREAD_MUTEX_INITIALIZER, .told = PTHREAD_COND_INITIALIZER };

void await_begin(struct await *a, const struct ipc_sa_ref *ref)
{
	a->ref = *ref;
	a->done = false;
	pthread_mutex_lock(&waiting.lock);
	a->next = waiting.list;
	waiting.list = a;
	pthread_mutex_unlock(&waiting.lock);
}

bool await_end(struct await *a, usec_t until)
{
	struct timespec at = { .tv_sec = (time_t)(until / USEC_PER_SEC),
			       .tv_nsec = (long)(until % USEC_PER_SEC) * 1000 };
	struct await **place = &waiting.list;
	bool in_time = until > 0;

	pthread_mutex_lock(&waiting.lock);
	while (in_time && !a->done)
		in_time = pthread_cond_clockwait(&waiting.told, &waiting.lock, CLOCK_MONOTONIC,
						 &at) == 0;
	while (*place != a)
		place = &(*place)->next;
	*place = a->next;
	pthread_mutex_unlock(&waiting.lock);
	return a->done;
}

void await_tell(const struct ipc_sa_ref *ref)
{
	pthread_mutex_lock(&waiting.lock);
	for (struct await *a = waiting.list; a; a = a->next)
		if (a->ref.spi == ref->spi && a->ref.direction == ref->direction &&
		    addr_equal(&a->ref.dst, &ref->dst))
			a->done = true;
	pthread_cond_broadcast(&waiting.told);
	pthread_mutex_unlock(&waiting.lock);
}
