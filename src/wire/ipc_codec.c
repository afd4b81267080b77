/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/ipc_codec.h"

#include <errno.h>

struct wbuf ipc_begin(enum ipc_type type, void *buf, size_t cap)
{
	struct wbuf w = wbuf_of(buf, cap < IPC_MSG_MAX ? cap : IPC_MSG_MAX);

	wbuf_u8(&w, (uint8_t)type);
	return w;
}

struct rbuf ipc_open(enum ipc_type type, struct view msg)
{
	struct rbuf r = rbuf_of(msg.data, msg.len);

	if (rbuf_u8(&r) != type)
		r.failed = true;
	return r;
}

ssize_t ipc_end(const struct wbuf *w)
{
	return w->failed ? -EMSGSIZE : (ssize_t)w->len;
}

int ipc_close(const struct rbuf *r)
{
	return rbuf_done(r) ? 0 : -EBADMSG;
}

void ipc_put_bool(struct wbuf *w, bool v)
{
	wbuf_u8(w, v);
}

bool ipc_get_bool(struct rbuf *r)
{
	return ipc_get_enum(r, 2) == 1;
}

unsigned ipc_get_enum(struct rbuf *r, unsigned limit)
{
	uint8_t v = rbuf_u8(r);

	if (v >= limit) {
		r->failed = true;
		return 0;
	}
	return v;
}

void ipc_put_addr(struct wbuf *w, const struct addr *a)
{
	wbuf_u8(w, (uint8_t)a->family);
	wbuf_bytes(w, a->bytes, addr_size(a->family));
}

struct addr ipc_get_addr(struct rbuf *r)
{
	struct addr a = { .family = ipc_get_enum(r, ADDR_V6 + 1) };

	rbuf_bytes(r, a.bytes, addr_size(a.family));
	return a;
}

void ipc_put_endpoint(struct wbuf *w, const struct endpoint *e)
{
	ipc_put_addr(w, &e->addr);
	wbuf_u16(w, e->port);
}

struct endpoint ipc_get_endpoint(struct rbuf *r)
{
	struct endpoint e = { .addr = ipc_get_addr(r) };

	e.port = rbuf_u16(r);
	return e;
}

static struct prefix get_prefix(struct rbuf *r)
{
	struct prefix p = { .addr = ipc_get_addr(r) };

	p.len = rbuf_u8(r);
	if (!prefix_is_sound(&p))
		r->failed = true;
	return p;
}

void ipc_put_selectors(struct wbuf *w, const struct prefix *ts, unsigned count)
{
	if (count > IPC_TS_MAX) {
		w->failed = true;
		return;
	}
	wbuf_u8(w, (uint8_t)count);
	for (unsigned i = 0; i < count; i++) {
		ipc_put_addr(w, &ts[i].addr);
		wbuf_u8(w, ts[i].len);
	}
}

unsigned ipc_get_selectors(struct rbuf *r, struct prefix ts[static IPC_TS_MAX])
{
	unsigned count = ipc_get_enum(r, IPC_TS_MAX + 1);

	for (unsigned i = 0; i < count && !r->failed; i++)
		ts[i] = get_prefix(r);
	return count;
}
