/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/relay.h"

#include "base/list.h"
#include "base/log.h"
#include "base/secret.h"
#include "esp/control.h"
#include "esp/esp.h"
#include "io/seqpkt.h"
#include "wire/esp_pkt.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define IKE_HEADER 28
#define IKE_LENGTH_AT 24
#define IKE_PORT 500
#define MAPPING_AGAIN (10 * USEC_PER_SEC) /* libcharon may have been too busy to listen */

/* One network of strangers, all of them, and the peers we have SAs with, towards futae-ike. */
static const struct bucket_cfg net_rate = { .burst = 400, .per_sec = 200 };
static const struct bucket_cfg strangers_rate = { .burst = 2000, .per_sec = 2000 };
static const struct bucket_cfg peers_rate = { .burst = 4000, .per_sec = 4000 };

static int send_up(struct esp *esp, ssize_t len)
{
	if (esp->sibling_fd < 0 || len < 0)
		return -EPIPE;
	return seqpkt_send(esp->sibling_fd, esp->ipc_out, (size_t)len, NULL, 0);
}

static bool is_ike(struct view m)
{
	struct rbuf r = rbuf_of(m.data, m.len);
	uint32_t len;

	(void)rbuf_view(&r, IKE_LENGTH_AT);
	len = rbuf_u32(&r);
	return !r.failed && len >= IKE_HEADER && len <= m.len;
}

static bool is_allowed(struct esp *esp, const struct addr *source)
{
	if (sadb_is_peer(&esp->db, source))
		return bucket_take(&peers_rate, &esp->ike_peers, esp->now);
	return bucket_take(&net_rate, bucket_of(&esp->ike_nets, source), esp->now) &&
	       bucket_take(&strangers_rate, &esp->ike_strangers, esp->now);
}

void relay_ike(struct esp *esp, const struct pkt *p)
{
	struct ipc_datagram m = { p->src, p->dst, (uint8_t)(p->tos >> 2), pkt_view(p) };
	struct view ike = m.data;
	size_t marker = p->dst.port == IKE_PORT ? 0 : ESP_PKT_MARKER;

	ike.data += marker; /* the caller saw the marker, so it is there */
	ike.len -= marker;
	if (!is_ike(ike)) {
		esp_drop(esp, NULL, IPC_DROP_IKE_MALFORMED);
		return;
	}
	/* libcharon looks for a marker where neither port is 500; a NAT may map to any port. */
	if (p->src.port == IKE_PORT)
		m.data = ike;
	if (!is_allowed(esp, &p->src.addr) ||
	    send_up(esp, ipc_datagram_encode(&m, esp->ipc_out, sizeof(esp->ipc_out))) < 0)
		esp_drop(esp, NULL, IPC_DROP_IKE_OVERLOAD);
}

static void send_datagram(struct esp *esp, struct view msg)
{
	struct ipc_datagram m;
	struct leave how = { .may_fragment = true };
	uint8_t *out;
	size_t marker;
	bool v6;

	if (ipc_datagram_decode(msg, &m) < 0 || m.data.len > PKT_DATA - ESP_PKT_MARKER ||
	    m.data.len == 0 || m.dst.addr.family == ADDR_NONE) {
		esp_drop(esp, NULL, IPC_DROP_IKE_MALFORMED);
		return;
	}
	v6 = m.dst.addr.family == ADDR_V6;
	/* On port 4500 the far end wants the marker, whatever port its NAT shows. */
	marker = m.src.port != IKE_PORT && m.dst.port == IKE_PORT ? ESP_PKT_MARKER : 0;
	how.src = m.src;
	how.dst = m.dst;
	how.tos = (uint8_t)(m.dscp << 2);
	if (m.src.port == IKE_PORT)
		how.sock = v6 ? IPC_SOCK_UDP500_V6 : IPC_SOCK_UDP500_V4;
	else
		how.sock = v6 ? IPC_SOCK_UDP4500_V6 : IPC_SOCK_UDP4500_V4;
	out = outbox_place(esp, &how, marker + m.data.len);
	memset(out, 0, marker);
	memcpy(out + marker, m.data.data, m.data.len);
	outbox_commit(esp, 0);
}

/* IKE messages go by another worker, and must not be earlier than what they promise. */
static void tell_done(struct esp *esp, const struct ipc_sa_ref *ref)
{
	if (esp->worker.number)
		(void)send_up(esp, ipc_sa_done_encode(ref, esp->ipc_out, sizeof(esp->ipc_out)));
}

static void add_sa(struct esp *esp, struct view msg)
{
	struct ipc_sa m;
	struct tunnel *t;
	int rc = ipc_sa_decode(msg, &m);

	if (rc == 0)
		rc = sadb_add(&esp->db, &m, &t);
	if (rc == 0) {
		t->esp = esp;
		tell_done(esp, &m.ref);
		log_event(LOGL_INFO, "sa.add", "tunnel=%u spi=%08x direction=%s", m.if_id,
			  m.ref.spi, m.ref.direction == IPC_SA_IN ? "in" : "out");
		control_tell_sa(esp, t);
	} else {
		log_event(LOGL_WARN, "sa.refused", "error=%s", strerror(-rc));
	}
	secret_wipe(&m, sizeof(m));
}

static void update_sa(struct esp *esp, struct view msg)
{
	struct ipc_sa_update m;
	int rc = ipc_sa_update_decode(msg, &m);
	struct sa *sa = rc == 0 ? sadb_find(&esp->db, &m.ref) : NULL;

	if (sa)
		sa->tunnel->no_segment = false; /* another way: it may be cut again */
	if (rc == 0)
		rc = sadb_update(&esp->db, &m);
	if (rc < 0 && rc != -ENOENT)
		log_event(LOGL_WARN, "sa.update-refused", "error=%s", strerror(-rc));
}

static void del_sa(struct esp *esp, struct view msg)
{
	struct ipc_sa_ref ref;
	struct tunnel *t;

	/* libcharon also deletes SPIs that it never installed. */
	if (ipc_sa_ref_decode(msg, &ref) < 0 || sadb_del(&esp->db, &ref, &t) < 0)
		return;
	log_event(LOGL_INFO, "sa.del", "tunnel=%u spi=%08x direction=%s", t->if_id, ref.spi,
		  ref.direction == IPC_SA_IN ? "in" : "out");
	control_tell_sa(esp, t);
	sadb_tunnel_release(&esp->db, t);
}

static void release(void *ctx, struct tunnel *t)
{
	sadb_tunnel_release(ctx, t);
}

static void flush_sas(struct esp *esp)
{
	sadb_flush(&esp->db);
	log_event(LOGL_INFO, "sa.flush", "reason=new-futae-ike");
	control_tell_sas(esp);
	sadb_each_tunnel(&esp->db, release, &esp->db);
}

static void take(struct esp *esp, struct view msg)
{
	switch (ipc_msg_type(msg)) {
	case IPC_IKE_DATAGRAM:
		send_datagram(esp, msg);
		break;
	case IPC_SA_ADD:
		add_sa(esp, msg);
		break;
	case IPC_SA_UPDATE:
		update_sa(esp, msg);
		break;
	case IPC_SA_DEL:
		del_sa(esp, msg);
		break;
	case IPC_SA_FLUSH:
		flush_sas(esp);
		break;
	default:
		log_event(LOGL_WARN, "ipc.unknown", "from=futae-ike");
	}
}

void relay_read(struct watch *w)
{
	struct esp *esp = container_of(w, struct esp, sibling);
	struct seqpkt_msg m;
	int rc = 1;

	esp->now = clock_now();
	for (unsigned i = 0; i < PKT_BATCH && rc == 1; i++) {
		rc = seqpkt_recv(esp->sibling_fd, esp->ipc_in, sizeof(esp->ipc_in), &m);
		if (rc != 1)
			break;
		seqpkt_close_fds(&m);
		take(esp, m.data);
		if (m.data.data[0] == IPC_SA_ADD)
			secret_wipe(esp->ipc_in, m.data.len);
	}
	outbox_flush(esp);
	if (rc == 1 || rc == -EAGAIN || rc == -EINTR || rc == -EMSGSIZE || rc == -EPROTO)
		return;
	/* futae-ike is gone: its SAs stay, until a new one says otherwise. */
	watch_stop(&esp->sibling);
	close(esp->sibling_fd);
	esp->sibling_fd = -1;
	log_event(LOGL_NOTICE, "sibling.gone", "name=futae-ike");
}

void relay_mapping(struct esp *esp, struct sa *sa, const struct endpoint *from)
{
	struct ipc_sa_mapping m = { sa->ref, *from };
	usec_t wait = endpoint_equal(&sa->mapping_told, from) ? MAPPING_AGAIN : USEC_PER_SEC;

	if (usec_since(sa->mapping_at, esp->now) < wait)
		return;
	if (send_up(esp, ipc_sa_mapping_encode(&m, esp->ipc_out, sizeof(esp->ipc_out))) < 0)
		return;
	sa->mapping_told = *from;
	sa->mapping_at = esp->now;
}

static bool tell_expire(struct esp *esp, const struct sa *sa, bool hard)
{
	struct ipc_sa_expire m = { sa->ref, hard };

	return send_up(esp, ipc_sa_expire_encode(&m, esp->ipc_out, sizeof(esp->ipc_out))) == 0;
}

static void report_limits(void *ctx, struct sa *sa)
{
	struct esp *esp = ctx;

	if (sa->soft_due && !sa->soft_told)
		sa->soft_told = tell_expire(esp, sa, false);
	if (sa->hard_due && !sa->hard_told)
		sa->hard_told = tell_expire(esp, sa, true);
}

static void report_use(void *ctx, struct sa *sa)
{
	struct esp *esp = ctx;
	struct ipc_sa_usage m = { sa->ref, sa->bytes, sa->packets, sa->last_use };

	report_limits(ctx, sa);
	if (sa->packets != sa->packets_told &&
	    send_up(esp, ipc_sa_usage_encode(&m, esp->ipc_out, sizeof(esp->ipc_out))) == 0)
		sa->packets_told = sa->packets;
}

void relay_report(struct esp *esp, bool usage)
{
	/* What could not be told now is told by the next second's report. */
	esp->expire_due = false;
	sadb_each(&esp->db, usage ? report_use : report_limits, esp);
}
