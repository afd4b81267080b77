/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/outbox.h"

#include "esp/esp.h"
#include "esp/outbox_send.h"

#include <string.h>

static bool same_way(const struct leave *a, const struct leave *b)
{
	return a->tunnel == b->tunnel && a->sock == b->sock && a->tos == b->tos &&
	       a->may_fragment == b->may_fragment && endpoint_equal(&a->dst, &b->dst) &&
	       endpoint_equal(&a->src, &b->src);
}

static bool takes(const struct run *r, const struct leave *how, size_t len)
{
	return !r->closed && r->count < RUN_SEGMENTS && len <= r->segment &&
	       r->len + len <= RUN_FULL && how->tunnel && same_way(&r->how, how);
}

uint8_t *outbox_place(struct esp *esp, const struct leave *how, size_t len)
{
	struct outbox *box = &esp->out;
	struct run *r = box->count ? &box->run[box->count - 1] : NULL;

	box->placed = len;
	if (r && takes(r, how, len))
		return box->data[box->count - 1] + r->len;
	/* A run that nothing was committed to is started over. */
	if (!r || r->count) {
		if (box->count == OUTBOX_RUNS)
			outbox_flush(esp);
		r = &box->run[box->count++];
	}
	r->how = *how;
	r->segment = len;
	r->count = 0;
	r->len = r->inner_bytes = r->quote_len = 0;
	r->closed = false;
	return box->data[box->count - 1];
}

void outbox_commit(struct esp *esp, size_t inner_len)
{
	struct outbox *box = &esp->out;
	struct run *r = &box->run[box->count - 1];

	r->len += box->placed;
	r->inner_bytes += inner_len;
	r->count++;
	r->closed = box->placed < r->segment;
}

void outbox_quote(struct esp *esp, struct view inner, const struct ip_pkt *ip,
		  const struct esp_pkt_shape *shape)
{
	struct run *r = &esp->out.run[esp->out.count - 1];

	if (r->count != 1)
		return;
	r->ip = *ip;
	r->shape = *shape;
	r->quote_len = inner.len < RUN_QUOTE ? inner.len : RUN_QUOTE;
	memcpy(r->quote, inner.data, r->quote_len);
}

void outbox_flush(struct esp *esp)
{
	outbox_send(esp);
	esp->out.count = 0;
}
