/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/control.h"

#include "base/list.h"
#include "base/log.h"
#include "esp/esp.h"
#include "esp/inbound.h"
#include "esp/outbound.h"
#include "esp/relay.h"
#include "io/seqpkt.h"
#include "io/shm.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

/* Takes the message's descriptor number i: it is the caller's then. */
static int take_fd(struct seqpkt_msg *m, size_t i)
{
	int fd;

	if (i >= m->nfds)
		return -1;
	fd = m->fds[i];
	m->fds[i] = m->fds[--m->nfds];
	return fd;
}

static int send_down(struct esp *esp, ssize_t len)
{
	if (esp->futaed_fd < 0 || len < 0)
		return -EPIPE;
	return seqpkt_send(esp->futaed_fd, esp->ipc_out, (size_t)len, NULL, 0);
}

static uint16_t at_most_u16(uint32_t n)
{
	return n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

void control_tell_sa(struct esp *esp, struct tunnel *t)
{
	struct ipc_tunnel_sa m = { t->if_id, at_most_u16(t->inbound), at_most_u16(t->outbound) };

	if (t->counts_untold &&
	    send_down(esp, ipc_tunnel_sa_encode(&m, esp->ipc_out, sizeof(esp->ipc_out))) == 0)
		t->counts_untold = false;
}

static void tell_sa(void *ctx, struct tunnel *t)
{
	control_tell_sa(ctx, t);
}

void control_tell_sas(struct esp *esp)
{
	sadb_each_tunnel(&esp->db, tell_sa, esp);
}

static bool is_bulk(enum ipc_socket kind)
{
	return kind == IPC_SOCK_UDP4500_V4 || kind == IPC_SOCK_UDP4500_V6;
}

static bool is_express(enum ipc_socket kind)
{
	return kind == IPC_SOCK_EXPRESS_V4 || kind == IPC_SOCK_EXPRESS_V6;
}

static bool is_raw(enum ipc_socket kind)
{
	return kind == IPC_SOCK_ESP_V4 || kind == IPC_SOCK_ESP_V6;
}

static bool is_socket(int fd, enum ipc_socket kind)
{
	bool v6 = kind >= IPC_SOCK_UDP500_V6;
	int domain = 0, type = 0;
	socklen_t len = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0)
		return false;
	return domain == (v6 ? AF_INET6 : AF_INET) &&
	       type == (is_raw(kind) ? SOCK_RAW : SOCK_DGRAM);
}

static void set(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

#define MISJOINED_MOST 16 /* packets in a second */
#define APART_FOR (60 * USEC_PER_SEC)

/*
 * The kernel joins packets of one sender and port without a look at the SPI, but never such of
 * unlike TTL.  So that those of one tunnel's lanes stay apart at the peer, each worker has its own.
 */
static void set_ttl(int fd, bool v6, unsigned worker)
{
	int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP, option = v6 ? IPV6_UNICAST_HOPS : IP_TTL;
	socklen_t len = sizeof(int);
	int ttl;

	set(fd, level, option, -1); /* the default: it may be ours from another time */
	if (worker && getsockopt(fd, level, option, &ttl, &len) == 0 && ttl > (int)worker)
		set(fd, level, option, ttl - (int)worker);
}

/* What this program needs of a socket, whoever opened it.  Buffers are futaed's to size: it may
 * exceed what the system grants to everybody. */
static void set_options(int fd, enum ipc_socket kind, const struct ipc_sockets *said)
{
	bool ike_only = kind == IPC_SOCK_UDP500_V4 || kind == IPC_SOCK_UDP500_V6;

	if (kind >= IPC_SOCK_UDP500_V6) {
		set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
		set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
		set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
		set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
		    ike_only ? IPV6_PMTUDISC_DONT : IPV6_PMTUDISC_DO);
	} else {
		set(fd, IPPROTO_IP, IP_PKTINFO, 1);
		set(fd, IPPROTO_IP, IP_RECVTOS, 1);
		set(fd, IPPROTO_IP, IP_RECVERR, 1);
		set(fd, IPPROTO_IP, IP_MTU_DISCOVER, ike_only ? IP_PMTUDISC_DONT : IP_PMTUDISC_DO);
	}
	set_ttl(fd, kind >= IPC_SOCK_UDP500_V6, said->worker.number);
	/* Packets of one sender and length may come joined, 64 KB in one message.  Whether to join
	 * them the kernel asks the socket that the hash of the addresses names, before it looks
	 * where they belong: so of both. */
	if (is_bulk(kind) || is_express(kind))
		set(fd, IPPROTO_UDP, UDP_GRO, said->join);
}

static void set_join(struct esp *esp, bool join)
{
	for (unsigned i = 0; i < IPC_SOCKETS; i++)
		if (esp->sock[i].fd >= 0 &&
		    (is_bulk(esp->sock[i].kind) || is_express(esp->sock[i].kind)))
			set(esp->sock[i].fd, IPPROTO_UDP, UDP_GRO, join);
}

/* A peer may have several SAs with us and not keep them apart: then nothing is joined for a while.
 */
void control_mind_joins(struct esp *esp)
{
	if (esp->join && !esp->apart_until && esp->misjoined >= MISJOINED_MOST) {
		log_event(LOGL_NOTICE, "sockets.apart",
			  "packets=%u came joined with those of other workers; not joined for %us",
			  esp->misjoined, (unsigned)(APART_FOR / USEC_PER_SEC));
		esp->apart_until = usec_add(esp->now, APART_FOR);
		set_join(esp, false);
	} else if (esp->apart_until && esp->now >= esp->apart_until) {
		esp->apart_until = 0;
		set_join(esp, esp->join);
	}
	esp->misjoined = 0;
}

void control_close_sockets(struct esp *esp)
{
	for (unsigned i = 0; i < IPC_SOCKETS; i++) {
		struct esp_sock *s = &esp->sock[i];

		if (s->fd < 0)
			continue;
		watch_stop(&s->watch);
		close(s->fd);
		s->fd = -1;
	}
}

static void take_sockets(struct esp *esp, struct seqpkt_msg *m)
{
	struct ipc_sockets said;

	if (ipc_sockets_decode(m->data, &said) < 0) {
		log_event(LOGL_ERROR, "sockets.refused", "reason=malformed");
		return;
	}
	esp->worker = said.worker;
	esp->join = said.join;
	esp->apart_until = 0;
	control_close_sockets(esp);
	for (size_t i = 0; i < m->nfds && i < IPC_SOCKETS; i++) {
		struct esp_sock *s = &esp->sock[i];

		if (!is_socket(m->fds[i], s->kind)) {
			close(m->fds[i]); /* stands for a socket that this host has not */
			continue;
		}
		s->fd = m->fds[i];
		set_options(s->fd, s->kind, &said);
		if (!is_bulk(s->kind) && !is_raw(s->kind))
			watch_first(&s->watch);
		watch_start(&s->watch, s->fd, false);
	}
	for (size_t i = IPC_SOCKETS; i < m->nfds; i++)
		close(m->fds[i]);
	m->nfds = 0;
}

static void place_liveness(void *ctx, struct tunnel *t)
{
	struct esp *esp = ctx;

	t->live = NULL;
	if (esp->live && t->configured && t->cfg.slot < LIVENESS_SLOTS)
		t->live = &esp->live->slot[t->cfg.slot];
}

static void take_liveness(struct esp *esp, struct seqpkt_msg *m)
{
	struct err err = { "" };
	int fd = take_fd(m, 0);
	struct liveness *live = fd < 0 ? NULL : shm_map(fd, sizeof(*live), &err);

	if (fd >= 0)
		close(fd);
	if (!live || live->magic != LIVENESS_MAGIC) {
		log_event(LOGL_ERROR, "liveness.refused", "%s", err.text);
		shm_free(live, sizeof(*live), -1);
		return;
	}
	shm_free(esp->live, sizeof(*esp->live), -1);
	esp->live = live;
	sadb_each_tunnel(&esp->db, place_liveness, esp);
}

static void forget_device(struct esp *esp, struct tunnel *t)
{
	if (t->tun_fd < 0)
		return;
	devices_forget(&esp->devices, t);
	watch_stop(&t->watch);
	close(t->tun_fd);
	t->tun_fd = -1;
}

static void take_tunnel(struct esp *esp, struct seqpkt_msg *m)
{
	struct ipc_tunnel cfg;
	struct tunnel *t;
	int fd;

	if (ipc_tunnel_decode(m->data, &cfg) < 0 || !(t = sadb_tunnel_make(&esp->db, cfg.if_id))) {
		log_event(LOGL_ERROR, "tunnel.refused", "reason=malformed-or-too-many");
		return;
	}
	t->cfg = cfg;
	t->esp = esp;
	t->configured = true;
	t->no_segment = false;
	esp->co.uso = cfg.uso; /* one kernel: it is the same for every device */
	t->counts_untold = true;
	place_liveness(esp, t);
	fd = take_fd(m, 0);
	if (fd >= 0) {
		forget_device(esp, t);
		t->tun_fd = fd;
		watch_init(&t->watch, esp->loop, devices_ready);
		watch_start(&t->watch, fd, false);
	}
	control_tell_sa(esp, t);
}

static void del_tunnel(struct esp *esp, struct view msg)
{
	struct tunnel *t;
	uint32_t if_id;

	if (ipc_if_id_decode(msg, &if_id) < 0 || !(t = sadb_tunnel(&esp->db, if_id)))
		return;
	forget_device(esp, t);
	t->configured = false;
	t->live = NULL;
	sadb_tunnel_release(&esp->db, t);
}

void control_tell_word(struct esp *esp, const struct ipc_word *m)
{
	(void)send_down(esp, ipc_word_encode(m, esp->ipc_out, sizeof(esp->ipc_out)));
}

static void tell_stats(void *ctx, struct tunnel *t)
{
	struct esp *esp = ctx;

	if (t->configured)
		(void)send_down(esp,
				ipc_stats_encode(&t->stats, esp->ipc_out, sizeof(esp->ipc_out)));
}

static void answer_stats(struct esp *esp)
{
	sadb_each_tunnel(&esp->db, tell_stats, esp);
	(void)send_down(esp, ipc_stats_encode(&esp->stranger, esp->ipc_out, sizeof(esp->ipc_out)));
}

static void take_sibling(struct esp *esp, struct seqpkt_msg *m)
{
	int fd = take_fd(m, 0);

	if (fd < 0)
		return;
	if (esp->sibling_fd >= 0) {
		watch_stop(&esp->sibling);
		close(esp->sibling_fd);
	}
	esp->sibling_fd = fd;
	watch_start(&esp->sibling, fd, false);
}

static void take_answers(struct esp *esp, struct view msg)
{
	if (ipc_answers_decode(msg, &esp->answers) < 0)
		log_event(LOGL_ERROR, "answers.refused", "reason=malformed");
}

static void take_peers(struct esp *esp, struct view msg)
{
	static struct ipc_peers m;

	if (ipc_peers_decode(msg, &m) < 0)
		log_event(LOGL_ERROR, "peers.refused", "reason=malformed");
	else
		sadb_set_elsewhere(&esp->db, m.list, m.count);
}

static void take_express(struct esp *esp, struct view msg)
{
	struct ipc_express m;
	struct tunnel *t;

	if (ipc_express_decode(msg, &m) < 0) {
		log_event(LOGL_ERROR, "express.refused", "reason=malformed");
		return;
	}
	t = sadb_tunnel(&esp->db, m.if_id);
	if (t && t->configured)
		outbound_express(esp, t, m.packet);
}

/* Probes of many tunnels that were due at the same time. */
static void take_batch(struct esp *esp, struct view msg)
{
	struct view one;
	size_t at = 0;
	int rc;

	while ((rc = ipc_batch_next(msg, &at, &one)) == 1)
		take_express(esp, one);
	if (rc < 0)
		log_event(LOGL_ERROR, "express.refused", "reason=malformed-batch");
}

static void take(struct esp *esp, struct seqpkt_msg *m)
{
	switch (ipc_msg_type(m->data)) {
	case IPC_ESP_SOCKETS:
		take_sockets(esp, m);
		break;
	case IPC_ESP_LIVENESS:
		take_liveness(esp, m);
		break;
	case IPC_ESP_TUNNEL:
		take_tunnel(esp, m);
		break;
	case IPC_ESP_TUNNEL_DEL:
		del_tunnel(esp, m->data);
		break;
	case IPC_ESP_ANSWERS:
		take_answers(esp, m->data);
		break;
	case IPC_ESP_PEERS:
		take_peers(esp, m->data);
		break;
	case IPC_ESP_STATS_ASK:
		answer_stats(esp);
		break;
	case IPC_ESP_EXPRESS:
		take_express(esp, m->data);
		break;
	case IPC_ESP_BATCH:
		take_batch(esp, m->data);
		break;
	case IPC_SIBLING:
		take_sibling(esp, m);
		break;
	default:
		log_event(LOGL_WARN, "ipc.unknown", "from=futaed");
	}
}

void control_read(struct watch *w)
{
	struct esp *esp = container_of(w, struct esp, futaed);
	struct seqpkt_msg m;
	int rc = 1;

	esp->now = clock_now();
	for (unsigned i = 0; i < PKT_BATCH && rc == 1; i++) {
		rc = seqpkt_recv(esp->futaed_fd, esp->ipc_in, sizeof(esp->ipc_in), &m);
		if (rc != 1)
			break;
		take(esp, &m);
		seqpkt_close_fds(&m);
	}
	outbox_flush(esp);
	if (rc == 1 || rc == -EAGAIN || rc == -EINTR || rc == -EMSGSIZE || rc == -EPROTO)
		return;
	/* futaed is gone: traffic flows on, and health checks hear what is true without it. */
	watch_stop(&esp->futaed);
	close(esp->futaed_fd);
	esp->futaed_fd = -1;
	esp->alone = true;
	log_event(LOGL_NOTICE, "sibling.gone", "name=futaed");
}
