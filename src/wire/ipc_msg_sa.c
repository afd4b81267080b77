/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages about single SAs, between futae-ike and futae-esp. */
#include "wire/ipc_msg.h"

#include "base/secret.h"
#include "wire/ipc_codec.h"

#include <errno.h>

static void put_ref(struct wbuf *w, const struct ipc_sa_ref *ref)
{
	wbuf_u32(w, ref->spi);
	wbuf_u8(w, (uint8_t)ref->direction);
	ipc_put_addr(w, &ref->dst);
}

static struct ipc_sa_ref get_ref(struct rbuf *r)
{
	struct ipc_sa_ref ref = { .spi = rbuf_u32(r) };

	ref.direction = ipc_get_enum(r, IPC_SA_OUT + 1);
	ref.dst = ipc_get_addr(r);
	return ref;
}

static void put_key(struct wbuf *w, const uint8_t *key, uint8_t len)
{
	if (len > IPC_KEY_MAX) {
		w->failed = true;
		return;
	}
	wbuf_u8(w, len);
	wbuf_bytes(w, key, len);
}

static uint8_t get_key(struct rbuf *r, uint8_t key[static IPC_KEY_MAX])
{
	uint8_t len = (uint8_t)ipc_get_enum(r, IPC_KEY_MAX + 1);

	rbuf_bytes(r, key, len);
	return len;
}

ssize_t ipc_sa_encode(const struct ipc_sa *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_SA_ADD, buf, cap);

	put_ref(&w, &m->ref);
	wbuf_u32(&w, m->if_id);
	wbuf_str(&w, m->name);
	ipc_put_endpoint(&w, &m->src);
	ipc_put_endpoint(&w, &m->dst);
	ipc_put_bool(&w, m->encap);
	ipc_put_bool(&w, m->esn);
	ipc_put_bool(&w, m->initiator);
	wbuf_u8(&w, (uint8_t)m->cipher);
	wbuf_u8(&w, (uint8_t)m->integ);
	put_key(&w, m->enc_key, m->enc_key_len);
	put_key(&w, m->integ_key, m->integ_key_len);
	wbuf_u32(&w, m->replay_window);
	wbuf_u64(&w, m->soft_bytes);
	wbuf_u64(&w, m->soft_packets);
	wbuf_u64(&w, m->hard_bytes);
	wbuf_u64(&w, m->hard_packets);
	ipc_put_selectors(&w, m->ts_local, m->ts_local_count);
	ipc_put_selectors(&w, m->ts_remote, m->ts_remote_count);
	return ipc_end(&w);
}

static void get_sa(struct rbuf *r, struct ipc_sa *m)
{
	m->ref = get_ref(r);
	m->if_id = rbuf_u32(r);
	rbuf_str(r, m->name, sizeof(m->name));
	m->src = ipc_get_endpoint(r);
	m->dst = ipc_get_endpoint(r);
	m->encap = ipc_get_bool(r);
	m->esn = ipc_get_bool(r);
	m->initiator = ipc_get_bool(r);
	m->cipher = ipc_get_enum(r, IPC_CIPHER_CHACHA20_POLY1305 + 1);
	m->integ = ipc_get_enum(r, IPC_INTEG_SHA512_256 + 1);
	m->enc_key_len = get_key(r, m->enc_key);
	m->integ_key_len = get_key(r, m->integ_key);
	m->replay_window = rbuf_u32(r);
	m->soft_bytes = rbuf_u64(r);
	m->soft_packets = rbuf_u64(r);
	m->hard_bytes = rbuf_u64(r);
	m->hard_packets = rbuf_u64(r);
	m->ts_local_count = ipc_get_selectors(r, m->ts_local);
	m->ts_remote_count = ipc_get_selectors(r, m->ts_remote);
}

/* An SA whose packets nobody could authenticate must not exist, whatever the sender meant. */
static bool is_protected(const struct ipc_sa *m)
{
	bool aead = m->cipher == IPC_CIPHER_AES_GCM_16 || m->cipher == IPC_CIPHER_CHACHA20_POLY1305;

	return m->cipher != IPC_CIPHER_NULL_NEVER && m->enc_key_len > 0 &&
	       aead == (m->integ == IPC_INTEG_NONE) && aead == (m->integ_key_len == 0);
}

int ipc_sa_decode(struct view msg, struct ipc_sa *out)
{
	struct rbuf r = ipc_open(IPC_SA_ADD, msg);
	struct ipc_sa m = { .if_id = 0 };
	bool ok;

	get_sa(&r, &m);
	ok = ipc_close(&r) == 0 && m.if_id != 0 && is_protected(&m) &&
	     m.src.addr.family != ADDR_NONE && m.src.addr.family == m.dst.addr.family;
	if (ok)
		*out = m;
	secret_wipe(&m, sizeof(m));
	return ok ? 0 : -EBADMSG;
}

ssize_t ipc_sa_update_encode(const struct ipc_sa_update *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_SA_UPDATE, buf, cap);

	put_ref(&w, &m->ref);
	ipc_put_endpoint(&w, &m->src);
	ipc_put_endpoint(&w, &m->dst);
	ipc_put_bool(&w, m->encap);
	return ipc_end(&w);
}

int ipc_sa_update_decode(struct view msg, struct ipc_sa_update *out)
{
	struct rbuf r = ipc_open(IPC_SA_UPDATE, msg);
	struct ipc_sa_update m = { .ref = get_ref(&r) };

	m.src = ipc_get_endpoint(&r);
	m.dst = ipc_get_endpoint(&r);
	m.encap = ipc_get_bool(&r);
	if (ipc_close(&r) < 0 || m.src.addr.family == ADDR_NONE ||
	    m.src.addr.family != m.dst.addr.family)
		return -EBADMSG;
	*out = m;
	return 0;
}

static ssize_t ref_encode(enum ipc_type type, const struct ipc_sa_ref *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(type, buf, cap);

	put_ref(&w, m);
	return ipc_end(&w);
}

static int ref_decode(enum ipc_type type, struct view msg, struct ipc_sa_ref *out)
{
	struct rbuf r = ipc_open(type, msg);
	struct ipc_sa_ref m = get_ref(&r);

	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_sa_ref_encode(const struct ipc_sa_ref *m, void *buf, size_t cap)
{
	return ref_encode(IPC_SA_DEL, m, buf, cap);
}

int ipc_sa_ref_decode(struct view msg, struct ipc_sa_ref *out)
{
	return ref_decode(IPC_SA_DEL, msg, out);
}

ssize_t ipc_sa_done_encode(const struct ipc_sa_ref *m, void *buf, size_t cap)
{
	return ref_encode(IPC_SA_DONE, m, buf, cap);
}

int ipc_sa_done_decode(struct view msg, struct ipc_sa_ref *out)
{
	return ref_decode(IPC_SA_DONE, msg, out);
}

ssize_t ipc_sa_usage_encode(const struct ipc_sa_usage *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_SA_USAGE, buf, cap);

	put_ref(&w, &m->ref);
	wbuf_u64(&w, m->bytes);
	wbuf_u64(&w, m->packets);
	wbuf_u64(&w, m->last_use);
	return ipc_end(&w);
}

int ipc_sa_usage_decode(struct view msg, struct ipc_sa_usage *out)
{
	struct rbuf r = ipc_open(IPC_SA_USAGE, msg);
	struct ipc_sa_usage m = { .ref = get_ref(&r) };

	m.bytes = rbuf_u64(&r);
	m.packets = rbuf_u64(&r);
	m.last_use = rbuf_u64(&r);
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_sa_expire_encode(const struct ipc_sa_expire *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_SA_EXPIRE, buf, cap);

	put_ref(&w, &m->ref);
	ipc_put_bool(&w, m->hard);
	return ipc_end(&w);
}

int ipc_sa_expire_decode(struct view msg, struct ipc_sa_expire *out)
{
	struct rbuf r = ipc_open(IPC_SA_EXPIRE, msg);
	struct ipc_sa_expire m = { .ref = get_ref(&r) };

	m.hard = ipc_get_bool(&r);
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_sa_mapping_encode(const struct ipc_sa_mapping *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_SA_MAPPING, buf, cap);

	put_ref(&w, &m->ref);
	ipc_put_endpoint(&w, &m->remote);
	return ipc_end(&w);
}

int ipc_sa_mapping_decode(struct view msg, struct ipc_sa_mapping *out)
{
	struct rbuf r = ipc_open(IPC_SA_MAPPING, msg);
	struct ipc_sa_mapping m = { .ref = get_ref(&r) };

	m.remote = ipc_get_endpoint(&r);
	if (ipc_close(&r) < 0 || m.remote.addr.family == ADDR_NONE)
		return -EBADMSG;
	*out = m;
	return 0;
}
