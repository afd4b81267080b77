/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What all messages share: their types, their names, and those with hardly any fields. */
#include "wire/ipc_msg.h"

#include "base/list.h"
#include "wire/ipc_codec.h"

#include <assert.h>
#include <errno.h>

static bool type_is_empty(unsigned type)
{
	return type == IPC_ESP_LIVENESS || type == IPC_ESP_STATS_ASK || type == IPC_SA_FLUSH;
}

static bool type_is_known(unsigned type)
{
	return (type >= IPC_ESP_SOCKETS && type <= IPC_ESP_BATCH) ||
	       (type >= IPC_ESP_TUNNEL_SA && type <= IPC_ESP_WORD) ||
	       (type >= IPC_IKE_CONN && type <= IPC_IKE_REDIAL) ||
	       (type >= IPC_IKE_STATE && type <= IPC_IKE_EVENT) ||
	       (type >= IPC_IKE_DATAGRAM && type <= IPC_SA_FLUSH) ||
	       (type >= IPC_SA_USAGE && type <= IPC_SA_DONE) ||
	       (type >= IPC_SCRIPT_RUN && type <= IPC_SCRIPT_DONE);
}

int ipc_msg_type(struct view msg)
{
	if (msg.len == 0 || msg.len > IPC_MSG_MAX || !type_is_known(msg.data[0]))
		return -EBADMSG;
	/* These have no decoder of their own that would notice something behind the type. */
	if (type_is_empty(msg.data[0]) && msg.len != 1)
		return -EBADMSG;
	return msg.data[0];
}

const char *ipc_drop_name(enum ipc_drop drop)
{
	static const char *const names[] = {
#define X(id, text) text,
		IPC_DROPS(X)
#undef X
	};

	return drop < ARRAY_LEN(names) ? names[drop] : "unknown";
}

ssize_t ipc_empty_encode(enum ipc_type type, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(type, buf, cap);

	assert(type_is_empty(type));
	return ipc_end(&w);
}

static void put_worker(struct wbuf *w, const struct ipc_worker *m)
{
	wbuf_u8(w, m->number);
	wbuf_u8(w, m->count);
	w->failed |= m->count > IPC_WORKERS_MAX || m->number >= m->count;
}

static struct ipc_worker get_worker(struct rbuf *r)
{
	struct ipc_worker m = { .number = rbuf_u8(r) };

	m.count = rbuf_u8(r);
	r->failed |= m.count > IPC_WORKERS_MAX || m.number >= m.count;
	return m;
}

ssize_t ipc_sockets_encode(const struct ipc_sockets *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_ESP_SOCKETS, buf, cap);

	put_worker(&w, &m->worker);
	ipc_put_bool(&w, m->join);
	return ipc_end(&w);
}

int ipc_sockets_decode(struct view msg, struct ipc_sockets *out)
{
	struct rbuf r = ipc_open(IPC_ESP_SOCKETS, msg);
	struct ipc_sockets m = { .worker = get_worker(&r) };

	m.join = ipc_get_bool(&r);
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_worker_encode(const struct ipc_worker *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_SIBLING, buf, cap);

	put_worker(&w, m);
	return ipc_end(&w);
}

int ipc_worker_decode(struct view msg, struct ipc_worker *out)
{
	struct rbuf r = ipc_open(IPC_SIBLING, msg);
	struct ipc_worker m = get_worker(&r);

	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_if_id_encode(enum ipc_type type, uint32_t if_id, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(type, buf, cap);

	assert(type == IPC_ESP_TUNNEL_DEL);
	wbuf_u32(&w, if_id);
	return ipc_end(&w);
}

int ipc_if_id_decode(struct view msg, uint32_t *out)
{
	struct rbuf r = ipc_open(IPC_ESP_TUNNEL_DEL, msg);
	uint32_t if_id = rbuf_u32(&r);

	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = if_id;
	return 0;
}
