/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages between futaed and futae-ike, and the IKE datagrams that futae-esp carries. */
#include "wire/ipc_msg.h"

#include "base/list.h"
#include "wire/ipc_codec.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

const char *ipc_ike_event_name(enum ipc_ike_event_kind kind)
{
	static const char *const names[] = {
		[IPC_IKE_EV_UP] = "up",
		[IPC_IKE_EV_DOWN] = "down",
		[IPC_IKE_EV_CHILD_UP] = "child-up",
		[IPC_IKE_EV_CHILD_DOWN] = "child-down",
		[IPC_IKE_EV_IKE_REKEYED] = "ike-rekeyed",
		[IPC_IKE_EV_CHILD_REKEYED] = "child-rekeyed",
		[IPC_IKE_EV_NAT] = "nat-changed",
		[IPC_IKE_EV_FAILED] = "failed",
	};

	return kind < ARRAY_LEN(names) ? names[kind] : "unknown";
}

const char *ipc_ike_phase_name(enum ipc_ike_phase phase)
{
	static const char *const names[] = {
		[IPC_IKE_IDLE] = "idle",
		[IPC_IKE_CONNECTING] = "connecting",
		[IPC_IKE_UP] = "up",
		[IPC_IKE_RETRY] = "retry",
	};

	return phase < ARRAY_LEN(names) ? names[phase] : "unknown";
}

static void put_view(struct wbuf *w, struct view v)
{
	wbuf_blob(w, v.data, v.len);
}

/* Who is who, and how each proves it. */
static void put_conn_auth(struct wbuf *w, const struct ipc_conn *m)
{
	wbuf_str(w, m->name);
	wbuf_u32(w, m->if_id);
	wbuf_u8(w, m->version);
	ipc_put_addr(w, &m->local);
	ipc_put_addr(w, &m->remote);
	wbuf_str(w, m->local_id);
	wbuf_str(w, m->remote_id);
	wbuf_u8(w, (uint8_t)m->auth);
	put_view(w, m->psk);
	put_view(w, m->cert);
	put_view(w, m->key);
	if (m->ca_count > IPC_CERT_MAX) {
		w->failed = true;
		return;
	}
	wbuf_u8(w, (uint8_t)m->ca_count);
	for (unsigned i = 0; i < m->ca_count; i++)
		put_view(w, m->ca[i]);
}

static void get_conn_auth(struct rbuf *r, struct ipc_conn *m)
{
	rbuf_str(r, m->name, sizeof(m->name));
	m->if_id = rbuf_u32(r);
	m->version = (uint8_t)ipc_get_enum(r, 3);
	m->local = ipc_get_addr(r);
	m->remote = ipc_get_addr(r);
	rbuf_str(r, m->local_id, sizeof(m->local_id));
	rbuf_str(r, m->remote_id, sizeof(m->remote_id));
	m->auth = ipc_get_enum(r, IPC_AUTH_CERT + 1);
	m->psk = rbuf_blob(r);
	m->cert = rbuf_blob(r);
	m->key = rbuf_blob(r);
	m->ca_count = ipc_get_enum(r, IPC_CERT_MAX + 1);
	for (unsigned i = 0; i < m->ca_count; i++)
		m->ca[i] = rbuf_blob(r);
}

/* What is protected, how, and for how long. */
static void put_conn_terms(struct wbuf *w, const struct ipc_conn *m)
{
	wbuf_str(w, m->ike_proposals);
	wbuf_str(w, m->esp_proposals);
	ipc_put_selectors(w, m->ts_local, m->ts_local_count);
	ipc_put_selectors(w, m->ts_remote, m->ts_remote_count);
	ipc_put_bool(w, m->ts_separate);
	wbuf_u32(w, m->ike_rekey_sec);
	wbuf_u32(w, m->ike_reauth_sec);
	wbuf_u32(w, m->child_rekey_sec);
	wbuf_u64(w, m->child_bytes);
	wbuf_u64(w, m->child_packets);
	wbuf_u32(w, m->dpd_sec);
	wbuf_u32(w, m->replay_window);
	wbuf_u8(w, m->children);
	ipc_put_bool(w, m->force_encap);
	ipc_put_bool(w, m->fragmentation);
	ipc_put_bool(w, m->initiate);
	wbuf_u64(w, m->initiate_delay);
}

static void get_conn_terms(struct rbuf *r, struct ipc_conn *m)
{
	rbuf_str(r, m->ike_proposals, sizeof(m->ike_proposals));
	rbuf_str(r, m->esp_proposals, sizeof(m->esp_proposals));
	m->ts_local_count = ipc_get_selectors(r, m->ts_local);
	m->ts_remote_count = ipc_get_selectors(r, m->ts_remote);
	m->ts_separate = ipc_get_bool(r);
	m->ike_rekey_sec = rbuf_u32(r);
	m->ike_reauth_sec = rbuf_u32(r);
	m->child_rekey_sec = rbuf_u32(r);
	m->child_bytes = rbuf_u64(r);
	m->child_packets = rbuf_u64(r);
	m->dpd_sec = rbuf_u32(r);
	m->replay_window = rbuf_u32(r);
	m->children = (uint8_t)ipc_get_enum(r, IPC_WORKERS_MAX + 1);
	m->force_encap = ipc_get_bool(r);
	m->fragmentation = ipc_get_bool(r);
	m->initiate = ipc_get_bool(r);
	m->initiate_delay = rbuf_u64(r);
}

ssize_t ipc_conn_encode(const struct ipc_conn *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_IKE_CONN, buf, cap);

	put_conn_auth(&w, m);
	put_conn_terms(&w, m);
	return ipc_end(&w);
}

int ipc_conn_decode(struct view msg, struct ipc_conn *out)
{
	struct rbuf r = ipc_open(IPC_IKE_CONN, msg);
	struct ipc_conn m = { .if_id = 0 };

	get_conn_auth(&r, &m);
	get_conn_terms(&r, &m);
	if (ipc_close(&r) < 0 || m.if_id == 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

static bool type_is_name(unsigned type)
{
	return type == IPC_IKE_CONN_DEL || type == IPC_IKE_REDIAL;
}

ssize_t ipc_name_encode(enum ipc_type type, const char *name, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(type, buf, cap);

	assert(type_is_name(type));
	wbuf_str(&w, name);
	return ipc_end(&w);
}

int ipc_name_decode(struct view msg, char out[static IPC_NAME])
{
	struct rbuf r = rbuf_of(msg.data, msg.len);
	char name[IPC_NAME];
	bool ours = type_is_name(rbuf_u8(&r));

	rbuf_str(&r, name, sizeof(name));
	if (!ours || ipc_close(&r) < 0)
		return -EBADMSG;
	memcpy(out, name, sizeof(name));
	return 0;
}

ssize_t ipc_rekey_encode(const char *name, enum ipc_rekey which, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_IKE_REKEY, buf, cap);

	wbuf_u8(&w, (uint8_t)which);
	wbuf_str(&w, name);
	return ipc_end(&w);
}

int ipc_rekey_decode(struct view msg, char name[static IPC_NAME], enum ipc_rekey *which)
{
	struct rbuf r = ipc_open(IPC_IKE_REKEY, msg);
	enum ipc_rekey kind = ipc_get_enum(&r, IPC_REKEY_CHILD + 1);
	char text[IPC_NAME];

	rbuf_str(&r, text, sizeof(text));
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	memcpy(name, text, sizeof(text));
	*which = kind;
	return 0;
}

ssize_t ipc_ike_state_encode(const struct ipc_ike_state *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_IKE_STATE, buf, cap);

	wbuf_str(&w, m->name);
	wbuf_u8(&w, (uint8_t)m->phase);
	wbuf_u8(&w, m->version);
	wbuf_u16(&w, m->children);
	ipc_put_bool(&w, m->nat_local);
	ipc_put_bool(&w, m->nat_remote);
	ipc_put_bool(&w, m->encap);
	ipc_put_endpoint(&w, &m->local);
	ipc_put_endpoint(&w, &m->remote);
	wbuf_str(&w, m->remote_id);
	wbuf_str(&w, m->ike_suite);
	wbuf_str(&w, m->child_suite);
	wbuf_u64(&w, m->established);
	wbuf_u64(&w, m->retry_at);
	wbuf_u32(&w, m->attempts);
	wbuf_str(&w, m->trouble);
	return ipc_end(&w);
}

int ipc_ike_state_decode(struct view msg, struct ipc_ike_state *out)
{
	struct rbuf r = ipc_open(IPC_IKE_STATE, msg);
	struct ipc_ike_state m = { .phase = IPC_IKE_IDLE };

	rbuf_str(&r, m.name, sizeof(m.name));
	m.phase = ipc_get_enum(&r, IPC_IKE_RETRY + 1);
	m.version = (uint8_t)ipc_get_enum(&r, 3);
	m.children = rbuf_u16(&r);
	m.nat_local = ipc_get_bool(&r);
	m.nat_remote = ipc_get_bool(&r);
	m.encap = ipc_get_bool(&r);
	m.local = ipc_get_endpoint(&r);
	m.remote = ipc_get_endpoint(&r);
	rbuf_str(&r, m.remote_id, sizeof(m.remote_id));
	rbuf_str(&r, m.ike_suite, sizeof(m.ike_suite));
	rbuf_str(&r, m.child_suite, sizeof(m.child_suite));
	m.established = rbuf_u64(&r);
	m.retry_at = rbuf_u64(&r);
	m.attempts = rbuf_u32(&r);
	rbuf_str(&r, m.trouble, sizeof(m.trouble));
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_ike_event_encode(const struct ipc_ike_event *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_IKE_EVENT, buf, cap);

	wbuf_str(&w, m->name);
	wbuf_u8(&w, (uint8_t)m->kind);
	wbuf_str(&w, m->text);
	return ipc_end(&w);
}

int ipc_ike_event_decode(struct view msg, struct ipc_ike_event *out)
{
	struct rbuf r = ipc_open(IPC_IKE_EVENT, msg);
	struct ipc_ike_event m = { .kind = IPC_IKE_EV_UP };

	rbuf_str(&r, m.name, sizeof(m.name));
	m.kind = ipc_get_enum(&r, IPC_IKE_EV_FAILED + 1);
	rbuf_str(&r, m.text, sizeof(m.text));
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}

ssize_t ipc_datagram_encode(const struct ipc_datagram *m, void *buf, size_t cap)
{
	struct wbuf w = ipc_begin(IPC_IKE_DATAGRAM, buf, cap);

	ipc_put_endpoint(&w, &m->src);
	ipc_put_endpoint(&w, &m->dst);
	wbuf_u8(&w, m->dscp);
	put_view(&w, m->data);
	return ipc_end(&w);
}

int ipc_datagram_decode(struct view msg, struct ipc_datagram *out)
{
	struct rbuf r = ipc_open(IPC_IKE_DATAGRAM, msg);
	struct ipc_datagram m = { .src = ipc_get_endpoint(&r) };

	m.dst = ipc_get_endpoint(&r);
	m.dscp = (uint8_t)ipc_get_enum(&r, 64);
	m.data = rbuf_blob(&r);
	if (ipc_close(&r) < 0)
		return -EBADMSG;
	*out = m;
	return 0;
}
