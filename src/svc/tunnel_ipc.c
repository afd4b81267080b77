/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/tunnel_ipc.h"

#include "base/list.h"
#include "base/log.h"
#include "base/secret.h"
#include "svc/sibling.h"
#include "svc/tunnel_lane.h"

#include <stdio.h>
#include <string.h>

/*
 * Both ends would dial at the same moment after a common failure, and get two IKE_SAs.  The
 * lower address dials first; the other only when nothing came of it.
 */
#define HEAD_START (3 * USEC_PER_SEC)

void tunnel_tell_esp(const struct tunnel *t, const struct tunnel_lane *lane)
{
	const struct conf_tunnel *c = t->conf;
	struct ipc_tunnel m = { .if_id = t->path.if_id,
				.slot = t->path.slot,
				.mtu = c->mtu,
				.mss_v4 = c->mss_v4,
				.mss_v6 = c->mss_v6,
				.copy_dscp = c->copy_dscp,
				.uso = t->uso,
				.shared = t->lanes > 1 };
	uint8_t buf[256];
	ssize_t n;

	if (lane->fd < 0)
		return;
	(void)snprintf(m.name, sizeof(m.name), "%s", t->path.name);
	n = ipc_tunnel_encode(&m, buf, sizeof(buf));
	if (n > 0)
		sibling_send(lane->esp, buf, (size_t)n, &lane->fd, 1);
}

void tunnel_tell_all_esp(const struct tunnel *t)
{
	for (unsigned i = 0; i < t->lanes; i++)
		tunnel_tell_esp(t, &t->lane[i]);
}

int tunnel_express(struct path *p, struct view packet)
{
	const struct tunnel *t = container_of(p, struct tunnel, path);
	const struct ipc_express m = { p->if_id, packet };
	uint8_t buf[9216]; /* the largest MTU that a tunnel may have, and what is before it */
	ssize_t n = ipc_express_encode(&m, buf, sizeof(buf));

	if (n < 0)
		return (int)n;
	return sibling_send_soon(tunnel_lane_best(t)->esp, (struct view){ buf, (size_t)n });
}

void tunnel_forget_esp(const struct tunnel *t)
{
	uint8_t buf[16];
	ssize_t n = ipc_if_id_encode(IPC_ESP_TUNNEL_DEL, t->path.if_id, buf, sizeof(buf));

	for (unsigned i = 0; n > 0 && i < t->lanes; i++)
		sibling_send(t->lane[i].esp, buf, (size_t)n, NULL, 0);
}

static struct view blob_view(const struct conf_blob *b)
{
	return (struct view){ b->data, b->len };
}

static void fill_secret(struct ipc_conn *m, const struct conf_secret *s)
{
	m->auth = s->kind == CONF_SECRET_CERT ? IPC_AUTH_CERT : IPC_AUTH_PSK;
	m->psk = blob_view(&s->psk);
	m->cert = blob_view(&s->cert);
	m->key = blob_view(&s->key);
	for (size_t i = 0; i < s->ca_count && i < IPC_CERT_MAX; i++)
		m->ca[m->ca_count++] = blob_view(&s->ca[i]);
}

static void fill_selectors(struct ipc_conn *m, const struct conf_tunnel *c)
{
	for (size_t i = 0; i < c->ts_local_count && i < IPC_TS_MAX; i++)
		m->ts_local[m->ts_local_count++] = c->ts_local[i];
	for (size_t i = 0; i < c->ts_remote_count && i < IPC_TS_MAX; i++)
		m->ts_remote[m->ts_remote_count++] = c->ts_remote[i];
	m->ts_separate = c->ts_separate;
}

static void fill_conn(struct ipc_conn *m, const struct tunnel *t)
{
	const struct conf_tunnel *c = t->conf;

	m->if_id = t->path.if_id;
	m->version = c->ike_version;
	m->local = c->local;
	m->remote = c->remote;
	m->ike_rekey_sec = (uint32_t)(c->ike_rekey / USEC_PER_SEC);
	m->ike_reauth_sec = (uint32_t)(c->ike_reauth / USEC_PER_SEC);
	m->child_rekey_sec = (uint32_t)(c->child_rekey / USEC_PER_SEC);
	m->child_bytes = c->child_bytes;
	m->child_packets = c->child_packets;
	m->dpd_sec = (uint32_t)(c->dpd / USEC_PER_SEC);
	m->replay_window = c->replay_window;
	m->children = (uint8_t)t->lanes;
	m->force_encap = c->force_encap;
	m->fragmentation = c->fragmentation;
	m->initiate = c->initiate && c->remote.family != ADDR_NONE;
	m->initiate_delay = addr_compare(&c->local, &c->remote) > 0 ? HEAD_START : 0;
	(void)snprintf(m->name, sizeof(m->name), "%s", c->name);
	(void)snprintf(m->local_id, sizeof(m->local_id), "%s", c->local_id);
	(void)snprintf(m->remote_id, sizeof(m->remote_id), "%s", c->remote_id);
	(void)snprintf(m->ike_proposals, sizeof(m->ike_proposals), "%s", c->ike_proposals);
	(void)snprintf(m->esp_proposals, sizeof(m->esp_proposals), "%s", c->esp_proposals);
	fill_secret(m, &c->secret);
	fill_selectors(m, c);
}

void tunnel_tell_ike(struct sibling *ike, const struct tunnel *t)
{
	static uint8_t buf[IPC_MSG_MAX];
	static struct ipc_conn m; /* some 2 kB of selectors; too much for comfort on the stack */
	ssize_t n;

	if (!ike)
		return;
	memset(&m, 0, sizeof(m));
	fill_conn(&m, t);
	n = ipc_conn_encode(&m, buf, sizeof(buf));
	if (n > 0)
		sibling_send(ike, buf, (size_t)n, NULL, 0);
	else
		log_event(LOGL_ERROR, "tunnel.too_large",
			  "tunnel=%s certificates and selectors together exceed %zu bytes",
			  t->path.name, (size_t)IPC_MSG_MAX);
	secret_wipe(buf, n > 0 ? (size_t)n : sizeof(buf));
}

void tunnel_forget_ike(struct sibling *ike, const struct tunnel *t)
{
	uint8_t buf[64];
	ssize_t n = ipc_name_encode(IPC_IKE_CONN_DEL, t->path.name, buf, sizeof(buf));

	if (ike && n > 0)
		sibling_send(ike, buf, (size_t)n, NULL, 0);
}
