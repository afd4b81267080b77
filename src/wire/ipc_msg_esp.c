/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages between futaed and futae-esp. */
#include "wire/ipc_msg.h"

#include "wire/ipc_codec.h"
#include "wire/liveness.h"

#include <errno.h>

ssize_t ipc_tunnel_encode(const struct ipc_tunnel *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_ESP_TUNNEL, buf, cap);

	wbuf_u32(&w, m->if_id);
	wbuf_u32(&w, m->slot);
	wbuf_str(&w, m->name);
	wbuf_u16(&w, m->mtu);
	wbuf_u16(&w, m->mss_v4);
	wbuf_u16(&w, m->mss_v6);
	ipc_put_bool(&w, m->copy_dscp);
	ipc_put_bool(&w, m->uso);
	ipc_put_bool(&w, m->shared);
	return ipc_end(&w);
}

int ipc_tunnel_decode(struct view msg, struct ipc_tunnel *out)
{
	struct rbuf r = ipc_open(IPC_ESP_TUNNEL, msg);
	struct ipc_tunnel m = { .if_id = rbuf_u32(&r) };

	m.slot = rbuf_u32(&r);
	rbuf_str(&r, m.name, sizeof(m.name));
	m.mtu = rbuf_u16(&r);
	m.mss_v4 = rbuf_u16(&r);
	m.mss_v6 = rbuf_u16(&r);
	m.copy_dscp = ipc_get_bool(&r);
	m.uso = ipc_get_bool(&r);
	m.shared = ipc_get_bool(&r);
	/* The slot becomes an index into shared memory; 0 as if_id means "no tunnel". */
	if (ipc_close(&r) < 0 || m.if_id == 0 || m.slot >= LIVENESS_SLOTS)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_answers_encode(const struct ipc_answers *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_ESP_ANSWERS, buf, cap);

	if (m->count > IPC_ANSWERS_MAX)
		return -EMSGSIZE;
	wbuf_u16(&w, (uint16_t)m->count);
	for (unsigned i = 0; i < m->count; i++) {
		ipc_put_addr(&w, &m->list[i].addr);
		ipc_put_bool(&w, m->list[i].fit);
		ipc_put_bool(&w, m->list[i].fit_alone);
	}
	return ipc_end(&w);
}

int ipc_answers_decode(struct view msg, struct ipc_answers *out)
{
	struct rbuf r = ipc_open(IPC_ESP_ANSWERS, msg);
	struct ipc_answers m = { .count = rbuf_u16(&r) };

	if (m.count > IPC_ANSWERS_MAX)
		return -EBADMSG;
	for (unsigned i = 0; i < m.count && !r.failed; i++) {
		m.list[i].addr = ipc_get_addr(&r);
		m.list[i].fit = ipc_get_bool(&r);
		m.list[i].fit_alone = ipc_get_bool(&r);
	}
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_peers_encode(const struct ipc_peers *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_ESP_PEERS, buf, cap);

	if (m->count > IPC_PEERS_MAX)
		return -EMSGSIZE;
	wbuf_u16(&w, (uint16_t)m->count);
	for (unsigned i = 0; i < m->count; i++)
		ipc_put_addr(&w, &m->list[i]);
	return ipc_end(&w);
}

int ipc_peers_decode(struct view msg, struct ipc_peers *out)
{
	struct rbuf r = ipc_open(IPC_ESP_PEERS, msg);
	static struct ipc_peers m; /* too large for the stack */

	m.count = rbuf_u16(&r);
	if (m.count > IPC_PEERS_MAX)
		return -EBADMSG;
	for (unsigned i = 0; i < m.count && !r.failed; i++) {
		m.list[i] = ipc_get_addr(&r);
		r.failed |= m.list[i].family == ADDR_NONE;
	}
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_express_encode(const struct ipc_express *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_ESP_EXPRESS, buf, cap);

	wbuf_u32(&w, m->if_id);
	wbuf_blob(&w, m->packet.data, m->packet.len);
	return ipc_end(&w);
}

int ipc_express_decode(struct view msg, struct ipc_express *out)
{
	struct rbuf r = ipc_open(IPC_ESP_EXPRESS, msg);
	struct ipc_express m = { .if_id = rbuf_u32(&r) };

	m.packet = rbuf_blob(&r);
	if (ipc_close(&r) < 0 || m.if_id == 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_word_encode(const struct ipc_word *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_ESP_WORD, buf, cap);

	wbuf_u32(&w, m->if_id);
	wbuf_bytes(&w, m->word, sizeof(m->word));
	return ipc_end(&w);
}

int ipc_word_decode(struct view msg, struct ipc_word *out)
{
	struct rbuf r = ipc_open(IPC_ESP_WORD, msg);
	struct ipc_word m = { .if_id = rbuf_u32(&r) };

	rbuf_bytes(&r, m.word, sizeof(m.word));
	if (ipc_close(&r) < 0 || m.if_id == 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_batch_add(struct view message, void *buf, size_t len, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_ESP_BATCH, buf, cap);

	if (len > w.len)
		w.len = len;
	wbuf_blob(&w, message.data, message.len);
	return ipc_end(&w);
}

int ipc_batch_next(struct view msg, size_t *at, struct view *out)
{
	struct rbuf r = ipc_open(IPC_ESP_BATCH, msg);
	struct view message;

	if (*at)
		(void)rbuf_view(&r, *at - 1); /* behind the type */
	if (!r.failed && rbuf_left(&r) == 0)
		return 0;
	message = rbuf_blob(&r);
	if (r.failed || message.len == 0)
		return -EBADMSG;
	*at = msg.len - rbuf_left(&r);
	*out = message;
	return 1;
}

ssize_t ipc_tunnel_sa_encode(const struct ipc_tunnel_sa *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_ESP_TUNNEL_SA, buf, cap);

	wbuf_u32(&w, m->if_id);
	wbuf_u16(&w, m->inbound);
	wbuf_u16(&w, m->outbound);
	return ipc_end(&w);
}

int ipc_tunnel_sa_decode(struct view msg, struct ipc_tunnel_sa *out)
{
	struct rbuf r = ipc_open(IPC_ESP_TUNNEL_SA, msg);
	struct ipc_tunnel_sa m = { .if_id = rbuf_u32(&r) };

	m.inbound = rbuf_u16(&r);
	m.outbound = rbuf_u16(&r);
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

void ipc_stats_add(struct ipc_stats *sum, const struct ipc_stats *more)
{
	sum->in_packets += more->in_packets;
	sum->in_bytes += more->in_bytes;
	sum->out_packets += more->out_packets;
	sum->out_bytes += more->out_bytes;
	for (size_t i = 0; i < IPC_DROP_COUNT; i++)
		sum->drops[i] += more->drops[i];
}

ssize_t ipc_stats_encode(const struct ipc_stats *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_ESP_STATS, buf, cap);

	wbuf_u32(&w, m->if_id);
	wbuf_u64(&w, m->in_packets);
	wbuf_u64(&w, m->in_bytes);
	wbuf_u64(&w, m->out_packets);
	wbuf_u64(&w, m->out_bytes);
	for (unsigned i = 0; i < IPC_DROP_COUNT; i++)
		wbuf_u64(&w, m->drops[i]);
	return ipc_end(&w);
}

int ipc_stats_decode(struct view msg, struct ipc_stats *out)
{
	struct rbuf r = ipc_open(IPC_ESP_STATS, msg);
	struct ipc_stats m = { .if_id = rbuf_u32(&r) };

	m.in_packets = rbuf_u64(&r);
	m.in_bytes = rbuf_u64(&r);
	m.out_packets = rbuf_u64(&r);
	m.out_bytes = rbuf_u64(&r);
	for (unsigned i = 0; i < IPC_DROP_COUNT; i++)
		m.drops[i] = rbuf_u64(&r);
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}
