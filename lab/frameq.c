/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lab/frameq.h"

#include <stdlib.h>
#include <string.h>

struct slot {
	usec_t due;
	uint64_t number; /* equal times leave in the order they came */
	unsigned port;
	uint32_t len;
	uint8_t data[FRAME_MAX];
};

/* A binary heap of slot numbers; behind the first `used` of them stand the free ones. */
struct frameq {
	struct slot *slots;
	uint32_t *heap;
	size_t capacity, used;
	uint64_t pushed;
};

struct frameq *frameq_new(size_t capacity)
{
	struct frameq *q = calloc(1, sizeof(*q));

	if (!q)
		return NULL;
	q->slots = calloc(capacity, sizeof(*q->slots));
	q->heap = calloc(capacity, sizeof(*q->heap));
	q->capacity = capacity;
	if (!q->slots || !q->heap) {
		frameq_free(q);
		return NULL;
	}
	for (size_t i = 0; i < capacity; i++)
		q->heap[i] = (uint32_t)i;
	return q;
}

void frameq_free(struct frameq *q)
{
	if (!q)
		return;
	free(q->slots);
	free(q->heap);
	free(q);
}

static bool is_before(const struct frameq *q, size_t i, size_t j)
{
	const struct slot *a = &q->slots[q->heap[i]], *b = &q->slots[q->heap[j]];

	return a->due != b->due ? a->due < b->due : a->number < b->number;
}

static void swap(struct frameq *q, size_t i, size_t j)
{
	uint32_t slot = q->heap[i];

	q->heap[i] = q->heap[j];
	q->heap[j] = slot;
}

bool frameq_push(struct frameq *q, struct view frame, unsigned port, usec_t due)
{
	struct slot *s;

	if (q->used == q->capacity || frame.len > FRAME_MAX)
		return false;
	s = &q->slots[q->heap[q->used]];
	s->due = due;
	s->number = q->pushed++;
	s->port = port;
	s->len = (uint32_t)frame.len;
	memcpy(s->data, frame.data, frame.len);
	for (size_t i = q->used++; i > 0 && is_before(q, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(q, i, (i - 1) / 2);
	return true;
}

usec_t frameq_due(const struct frameq *q)
{
	return q->used ? q->slots[q->heap[0]].due : USEC_NEVER;
}

struct view frameq_pop(struct frameq *q, unsigned *port)
{
	const struct slot *s = &q->slots[q->heap[0]];
	size_t i = 0, child;

	swap(q, 0, --q->used);
	for (;; i = child) {
		child = 2 * i + 1;
		if (child + 1 < q->used && is_before(q, child + 1, child))
			child++;
		if (child >= q->used || !is_before(q, child, i))
			break;
		swap(q, i, child);
	}
	*port = s->port;
	return (struct view){ s->data, s->len };
}
