/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/buf.h"

#include <string.h>

struct rbuf rbuf_of(const void *data, size_t len)
{
	return (struct rbuf){ .data = data, .len = len };
}

struct view rbuf_view(struct rbuf *r, size_t len)
{
	struct view v = { NULL, 0 };

	if (r->failed || len > r->len - r->pos) {
		r->failed = true;
		return v;
	}
	v = (struct view){ r->data + r->pos, len };
	r->pos += len;
	return v;
}

void rbuf_bytes(struct rbuf *r, void *out, size_t len)
{
	struct view v = rbuf_view(r, len);

	if (v.data)
		memcpy(out, v.data, len);
	else
		memset(out, 0, len);
}

/* Big-endian number of n <= 8 bytes, 0 on failure. */
static uint64_t rbuf_number(struct rbuf *r, size_t n)
{
	struct view v = rbuf_view(r, n);
	uint64_t x = 0;

	for (size_t i = 0; i < v.len; i++)
		x = x << 8 | v.data[i];
	return x;
}

uint8_t rbuf_u8(struct rbuf *r)
{
	return (uint8_t)rbuf_number(r, 1);
}

uint16_t rbuf_u16(struct rbuf *r)
{
	return (uint16_t)rbuf_number(r, 2);
}

uint32_t rbuf_u32(struct rbuf *r)
{
	return (uint32_t)rbuf_number(r, 4);
}

uint64_t rbuf_u64(struct rbuf *r)
{
	return rbuf_number(r, 8);
}

struct view rbuf_blob(struct rbuf *r)
{
	return rbuf_view(r, rbuf_u16(r));
}

void rbuf_str(struct rbuf *r, char *out, size_t size)
{
	struct view v = rbuf_view(r, rbuf_u8(r));

	if (!r->failed && (v.len >= size || memchr(v.data, 0, v.len)))
		r->failed = true;
	if (r->failed)
		v.len = 0;
	if (v.len)
		memcpy(out, v.data, v.len);
	out[v.len] = '\0';
}

size_t rbuf_left(const struct rbuf *r)
{
	return r->failed ? 0 : r->len - r->pos;
}

bool rbuf_done(const struct rbuf *r)
{
	return !r->failed && r->pos == r->len;
}

struct wbuf wbuf_of(void *data, size_t cap)
{
	return (struct wbuf){ .data = data, .cap = cap };
}

void wbuf_bytes(struct wbuf *w, const void *data, size_t len)
{
	if (w->failed || len > w->cap - w->len) {
		w->failed = true;
		return;
	}
	if (len)
		memcpy(w->data + w->len, data, len);
	w->len += len;
}

static void wbuf_number(struct wbuf *w, uint64_t v, size_t n)
{
	uint8_t b[8];

	for (size_t i = 0; i < n; i++)
		b[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
	wbuf_bytes(w, b, n);
}

void wbuf_u8(struct wbuf *w, uint8_t v)
{
	wbuf_number(w, v, 1);
}

void wbuf_u16(struct wbuf *w, uint16_t v)
{
	wbuf_number(w, v, 2);
}

void wbuf_u32(struct wbuf *w, uint32_t v)
{
	wbuf_number(w, v, 4);
}

void wbuf_u64(struct wbuf *w, uint64_t v)
{
	wbuf_number(w, v, 8);
}

void wbuf_blob(struct wbuf *w, const void *data, size_t len)
{
	if (len > UINT16_MAX) {
		w->failed = true;
		return;
	}
	wbuf_u16(w, (uint16_t)len);
	wbuf_bytes(w, data, len);
}

void wbuf_str(struct wbuf *w, const char *text)
{
	size_t len = strlen(text);

	if (len > UINT8_MAX) {
		w->failed = true;
		return;
	}
	wbuf_u8(w, (uint8_t)len);
	wbuf_bytes(w, text, len);
}
