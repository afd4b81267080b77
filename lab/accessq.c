/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/accessq.h"

#include "base/list.h"
#include "lab/frameq.h"

#include <stdlib.h>
#include <string.h>

#define BULK_FRAMES 8192u
#define URGENT_FRAMES 256u

struct slot {
	usec_t arrived;
	size_t len;
	uint8_t data[FRAME_MAX];
};

struct fifo {
	struct slot *slots;
	size_t capacity, first, count, bytes;
};

enum class { URGENT, BULK };

struct accessq {
	struct fifo fifo[2];
	double free_at; /* usec: when the frame on the line has left it */
};

struct accessq *accessq_new(void)
{
	struct accessq *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->fifo[URGENT].capacity = URGENT_FRAMES;
	q->fifo[BULK].capacity = BULK_FRAMES;
	for (size_t i = 0; i < ARRAY_LEN(q->fifo); i++) {
		struct fifo *f = &q->fifo[i];

		f->slots = calloc(f->capacity, sizeof(*f->slots));
		if (!f->slots) {
			accessq_free(q);
			return NULL;
		}
	}
	return q;
}

void accessq_free(struct accessq *q)
{
	if (!q)
		return;
	free(q->fifo[URGENT].slots);
	free(q->fifo[BULK].slots);
	free(q);
}

bool accessq_push(struct accessq *q, const struct accessq_cfg *cfg, struct view frame, bool urgent,
		  usec_t now)
{
	struct fifo *f = &q->fifo[urgent ? URGENT : BULK];
	struct slot *s;

	if (f->count == f->capacity || frame.len > FRAME_MAX ||
	    (!urgent && f->count && (double)f->bytes > cfg->rate * (double)cfg->limit))
		return false;
	s = &f->slots[(f->first + f->count++) % f->capacity];
	s->arrived = now;
	s->len = frame.len;
	memcpy(s->data, frame.data, frame.len);
	f->bytes += frame.len;
	return true;
}

bool accessq_next(struct accessq *q, const struct accessq_cfg *cfg, usec_t until,
		  struct view *frame, usec_t *leaves)
{
	struct fifo *f = &q->fifo[q->fifo[URGENT].count ? URGENT : BULK];
	const struct slot *s = &f->slots[f->first];
	double start = q->free_at;

	if (f->count && start < (double)s->arrived)
		start = (double)s->arrived; /* the line was idle */
	if (!f->count || (cfg->rate > 0 && start >= (double)until))
		return false;
	f->first = (f->first + 1) % f->capacity;
	f->count--;
	f->bytes -= s->len;
	/* What waited when the rate was taken away leaves at once. */
	q->free_at = cfg->rate > 0 ? start + (double)s->len / cfg->rate : (double)s->arrived;
	*frame = (struct view){ s->data, s->len };
	*leaves = (usec_t)q->free_at;
	return true;
}

usec_t accessq_due(const struct accessq *q)
{
	return q->fifo[URGENT].count || q->fifo[BULK].count ? (usec_t)q->free_at : USEC_NEVER;
}
