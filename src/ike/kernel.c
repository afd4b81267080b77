/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/kernel.h"

#include "base/log.h"
#include "base/secret.h"
#include "ike/await.h"
#include "ike/lane.h"
#include "ike/link.h"
#include "ike/sa_table.h"
#include "ike/suite.h"
#include "io/loop.h"

#include <errno.h>
#include <inttypes.h>
#include <processing/jobs/callback_job.h>
#include <stdio.h>

#define DONE_WITHIN (50 * USEC_PER_MSEC)

struct expiry {
	struct sa *sa;
	bool hard;
};

static void expiry_free(void *data)
{
	struct expiry *x = data;

	sa_put(x->sa);
	free(x);
}

static void expire(struct sa *sa, bool hard)
{
	host_t *dst;

	if (!sa_snapshot(sa, &dst))
		return;
	if (!hard && sa->direction == IPC_SA_IN)
		sa_table_ask(sa->spi);
	charon->kernel->expire(charon->kernel, IPPROTO_ESP, sa->spi, dst, hard);
	dst->destroy(dst);
}

static job_requeue_t expiry_run(void *data)
{
	struct expiry *x = data;

	expire(x->sa, x->hard);
	return JOB_REQUEUE_NONE;
}

/* charon leaves the lifetimes of CHILD_SAs to the kernel; futae-esp leaves those in time to us. */
static void expire_in(struct sa *sa, uint64_t seconds, bool hard)
{
	struct expiry *x;
	callback_job_t *job;

	if (!seconds || seconds > UINT32_MAX)
		return;
	INIT(x, .sa = sa, .hard = hard, );
	ref_get(&sa->refs);
	job = callback_job_create(expiry_run, x, expiry_free, NULL);
	lib->scheduler->schedule_job(lib->scheduler, &job->job, (uint32_t)seconds);
}

static kernel_feature_t features(kernel_ipsec_t *this)
{
	(void)this;
	return KERNEL_ESP_V3_TFC | KERNEL_NO_POLICY_UPDATES;
}

static status_t get_spi(kernel_ipsec_t *this, host_t *src, host_t *dst, uint8_t protocol,
			uint32_t *spi)
{
	struct lanes l = { .count = 1, .workers = link_workers() };

	(void)this;
	(void)src;
	(void)protocol;
	if (!lanes_at_work(&l) && l.workers > 1) {
		/* By any other SPI its packets would come where nobody knows it. */
		log_event(LOGL_ERROR, "ike.spi", "no SPI for a CHILD_SA of no known tunnel");
		return FAILED;
	}
	*spi = sa_table_take_spi(dst, l.if_id, lanes_choose(&l), l.workers);
	return *spi ? SUCCESS : FAILED;
}

static status_t get_cpi(kernel_ipsec_t *this, host_t *src, host_t *dst, uint16_t *cpi)
{
	(void)this;
	(void)src;
	(void)dst;
	(void)cpi;
	return NOT_SUPPORTED; /* no IPComp */
}

static bool fill_keys(struct ipc_sa *m, const kernel_ipsec_add_sa_t *d)
{
	if (!suite_cipher(d->enc_alg, &m->cipher) || !suite_integ(d->int_alg, &m->integ) ||
	    d->enc_key.len > sizeof(m->enc_key) || d->int_key.len > sizeof(m->integ_key) ||
	    (m->cipher == IPC_CIPHER_AES_CBC && m->integ == IPC_INTEG_NONE))
		return false;
	m->enc_key_len = (uint8_t)d->enc_key.len;
	m->integ_key_len = (uint8_t)d->int_key.len;
	memcpy(m->enc_key, d->enc_key.ptr, d->enc_key.len);
	if (d->int_key.len)
		memcpy(m->integ_key, d->int_key.ptr, d->int_key.len);
	return true;
}

static bool fill_sa(struct ipc_sa *m, const kernel_ipsec_sa_id_t *id,
		    const kernel_ipsec_add_sa_t *d)
{
	ike_sa_t *ike = charon->bus->get_sa(charon->bus);
	linked_list_t *local = d->inbound ? d->dst_ts : d->src_ts;
	linked_list_t *remote = d->inbound ? d->src_ts : d->dst_ts;

	m->src = ss_endpoint(id->src);
	m->dst = ss_endpoint(id->dst);
	m->ref = (struct ipc_sa_ref){ .spi = ntohl(id->spi),
				      .direction = d->inbound ? IPC_SA_IN : IPC_SA_OUT,
				      .dst = m->dst.addr };
	m->if_id = id->if_id;
	if (ike)
		(void)snprintf(m->name, sizeof(m->name), "%s", ike->get_name(ike));
	m->encap = d->encap;
	m->esn = d->esn;
	m->initiator = d->initiator;
	m->replay_window = d->replay_window;
	m->soft_bytes = d->lifetime->bytes.rekey;
	m->hard_bytes = d->lifetime->bytes.life;
	m->soft_packets = d->lifetime->packets.rekey;
	m->hard_packets = d->lifetime->packets.life;
	m->ts_local_count = ss_prefixes(local, m->ts_local, IPC_TS_MAX);
	m->ts_remote_count = ss_prefixes(remote, m->ts_remote, IPC_TS_MAX);
	return fill_keys(m, d);
}

/*
 * Worker 0 also sends the IKE message that tells the peer to use the SA, and gets that later by
 * the same socket.  Another worker has to say that it has the SA before this thread goes on to
 * make the message.  A stuck one costs that wait, and maybe the peer's first packets.
 */
static int send_sa(struct ipc_sa *m, unsigned worker)
{
	static refcount_t late;
	uint8_t buf[8192];
	ssize_t n = ipc_sa_encode(m, buf, sizeof(buf));
	struct await done;
	int r;

	await_begin(&done, &m->ref);
	r = n > 0 ? link_send(worker, buf, (size_t)n, true) : -EMSGSIZE;
	secret_wipe(buf, sizeof(buf));
	if (r < 0 || worker == 0)
		(void)await_end(&done, 0);
	else if (!await_end(&done, usec_add(clock_now(), DONE_WITHIN)))
		log_event(LOGL_WARN, "ike.sa_late", "spi=%08x worker=%u late=%u", m->ref.spi,
			  worker, (unsigned)ref_get(&late));
	return r;
}

/*
 * Which worker gets the SA, or -1.  The network brings the packets of an SPI to one worker, so the
 * tunnel has to have a lane there.  What leads out is where its CHILD_SA's inbound SA is, which
 * came first; with one lane that goes without saying.
 */
static int place(struct ipc_sa *m, const struct lanes *l, uint32_t child)
{
	unsigned worker = ipc_worker_of(m->if_id, l->workers);

	if (m->ref.direction == IPC_SA_IN) {
		worker = ipc_worker_of(m->ref.spi, l->workers);
		return lanes_have(l, worker) ? (int)worker : -1;
	}
	return l->count > 1 ? sa_table_worker_of_child(l->if_id, child) : (int)worker;
}

/* The SA's tunnel: charon says it, unless it numbers CHILD_SAs of equal selectors (IF_ID_UNIQUE).
 */
static struct lanes whose(const struct ipc_sa *m)
{
	struct lanes l, plain = { .if_id = m->if_id, .count = 1, .workers = link_workers() };

	return lanes_at_work(&l) ? l : plain;
}

static status_t add_sa(kernel_ipsec_t *this, kernel_ipsec_sa_id_t *id, kernel_ipsec_add_sa_t *d)
{
	struct ipc_sa m = { .if_id = 0 };
	struct lanes l;
	struct sa *sa;
	int r, at = -1;
	unsigned worker;

	(void)this;
	if (id->proto == IPPROTO_ESP && d->mode == MODE_TUNNEL && !d->ipcomp &&
	    fill_sa(&m, id, d)) {
		l = whose(&m);
		m.if_id = l.if_id;
		at = place(&m, &l, id->if_id);
	}
	if (at < 0) {
		secret_wipe(&m, sizeof(m));
		log_event(LOGL_WARN, "ike.sa_unsupported",
			  "cipher=%u integrity=%u mode=%u protocol=%u spi=%08x if_id=%u",
			  d->enc_alg, d->int_alg, d->mode, id->proto, ntohl(id->spi), id->if_id);
		return NOT_SUPPORTED;
	}
	worker = (unsigned)at;
	r = send_sa(&m, worker);
	secret_wipe(&m, sizeof(m));
	/* Without a futae-esp the SA is as good as lost: it is replaced as soon as there is one. */
	if (r < 0 && r != -ENOTCONN && r != -EPIPE) {
		log_event(LOGL_ERROR, "ike.sa_refused", "spi=%08x error=\"%s\"", ntohl(id->spi),
			  strerror(-r));
		return FAILED;
	}
	sa = sa_table_add(id->spi, id->dst, d->inbound ? IPC_SA_IN : IPC_SA_OUT, worker, r < 0);
	sa_table_name(sa, l.if_id, id->if_id);
	if (d->inbound) { /* both directions live equally long, and one event is enough */
		expire_in(sa, d->lifetime->time.rekey, false);
		expire_in(sa, d->lifetime->time.life, true);
	}
	sa_put(sa);
	return SUCCESS;
}

static status_t update_sa(kernel_ipsec_t *this, kernel_ipsec_sa_id_t *id,
			  kernel_ipsec_update_sa_t *d)
{
	struct sa *sa = sa_table_find(id->spi, id->dst);
	struct ipc_sa_update m;
	unsigned worker;
	uint8_t buf[256];
	ssize_t n;

	(void)this;
	if (!sa)
		return NOT_FOUND;
	m = (struct ipc_sa_update){ .ref = sa_ref(sa),
				    .src = ss_endpoint(d->new_src),
				    .dst = ss_endpoint(d->new_dst),
				    .encap = d->new_encap };
	sa_table_move(sa, d->new_dst);
	worker = sa->worker;
	sa_put(sa);
	n = ipc_sa_update_encode(&m, buf, sizeof(buf));
	return n > 0 && link_send(worker, buf, (size_t)n, true) != -EAGAIN ? SUCCESS : FAILED;
}

static status_t query_sa(kernel_ipsec_t *this, kernel_ipsec_sa_id_t *id, kernel_ipsec_query_sa_t *d,
			 uint64_t *bytes, uint64_t *packets, time_t *last)
{
	struct sa *sa = sa_table_find(id->spi, id->dst);

	(void)this;
	(void)d;
	if (!sa)
		return NOT_FOUND;
	sa_usage(sa, bytes, packets, last);
	sa_put(sa);
	return SUCCESS;
}

static void send_del(unsigned worker, const struct ipc_sa_ref *ref)
{
	uint8_t buf[64];
	ssize_t n = ipc_sa_ref_encode(ref, buf, sizeof(buf));

	if (n > 0 && link_send(worker, buf, (size_t)n, true) == -EAGAIN)
		log_event(LOGL_ERROR, "ike.sa_stuck", "spi=%08x is not deleted", ref->spi);
}

/* Also called for SPIs that were taken and never used. */
static status_t del_sa(kernel_ipsec_t *this, kernel_ipsec_sa_id_t *id, kernel_ipsec_del_sa_t *d)
{
	struct sa *sa = sa_table_find(id->spi, id->dst);

	(void)this;
	(void)d;
	if (!sa)
		return SUCCESS;
	if (sa->installed) {
		struct ipc_sa_ref ref = sa_ref(sa);

		send_del(sa->worker, &ref);
	}
	sa_table_remove(sa);
	sa_put(sa);
	return SUCCESS;
}

static status_t flush(kernel_ipsec_t *this)
{
	uint8_t buf[16];
	ssize_t n = ipc_empty_encode(IPC_SA_FLUSH, buf, sizeof(buf));
	unsigned workers = link_workers();
	bool all = n > 0;

	(void)this;
	for (unsigned w = 0; n > 0 && w < workers; w++)
		all &= link_send(w, buf, (size_t)n, true) == 0;
	return all ? SUCCESS : FAILED;
}

/* if_id ties SAs to the tunnel's device, and futae-esp checks the selectors itself. */
static status_t policy(kernel_ipsec_t *this, kernel_ipsec_policy_id_t *id,
		       kernel_ipsec_manage_policy_t *d)
{
	(void)this;
	(void)id;
	(void)d;
	return SUCCESS;
}

static status_t query_policy(kernel_ipsec_t *this, kernel_ipsec_policy_id_t *id,
			     kernel_ipsec_query_policy_t *d, time_t *t)
{
	(void)this;
	(void)id;
	(void)d;
	(void)t;
	return NOT_SUPPORTED;
}

static status_t flush_policies(kernel_ipsec_t *this)
{
	(void)this;
	return SUCCESS;
}

static bool bypass(kernel_ipsec_t *this, int fd, int family)
{
	(void)this;
	(void)fd;
	(void)family;
	return TRUE;
}

static bool udp_decap(kernel_ipsec_t *this, int fd, int family, uint16_t port)
{
	(void)this;
	(void)fd;
	(void)family;
	(void)port;
	return TRUE;
}

static void destroy(kernel_ipsec_t *this)
{
	sa_table_done();
	free(this);
}

kernel_ipsec_t *kernel_create(void)
{
	kernel_ipsec_t *this;

	if (!sa_table_init())
		return NULL;
	INIT(this, .get_features = features, .get_spi = get_spi, .get_cpi = get_cpi,
	     .add_sa = add_sa, .update_sa = update_sa, .query_sa = query_sa, .del_sa = del_sa,
	     .flush_sas = flush, .add_policy = policy, .query_policy = query_policy,
	     .del_policy = policy, .flush_policies = flush_policies, .bypass_socket = bypass,
	     .enable_udp_decap = udp_decap, .destroy = destroy, );
	return this;
}

static void take_expire(unsigned worker, const struct ipc_sa_expire *m)
{
	struct sa *sa = sa_table_find_at(worker, &m->ref);

	if (!sa)
		return;
	expire(sa, m->hard);
	sa_put(sa);
}

/* Authenticated ESP came from elsewhere: the peer's NAT has a new mapping. */
static void take_mapping(unsigned worker, const struct ipc_sa_mapping *m)
{
	struct sa *sa = sa_table_find_at(worker, &m->ref);
	host_t *remote = ss_host_of_endpoint(&m->remote), *dst;

	if (sa && remote && sa_snapshot(sa, &dst)) {
		charon->kernel->mapping(charon->kernel, IPPROTO_ESP, sa->spi, dst, remote);
		dst->destroy(dst);
	}
	DESTROY_IF(remote);
	sa_put(sa);
}

void kernel_take(unsigned worker, struct view msg)
{
	struct ipc_sa_usage usage;
	struct ipc_sa_expire gone;
	struct ipc_sa_mapping mapping;
	struct ipc_sa_ref done;

	switch (ipc_msg_type(msg)) {
	case IPC_SA_USAGE:
		if (ipc_sa_usage_decode(msg, &usage) == 0)
			sa_table_note_usage(worker, &usage);
		break;
	case IPC_SA_EXPIRE:
		if (ipc_sa_expire_decode(msg, &gone) == 0)
			take_expire(worker, &gone);
		break;
	case IPC_SA_MAPPING:
		if (ipc_sa_mapping_decode(msg, &mapping) == 0)
			take_mapping(worker, &mapping);
		break;
	case IPC_SA_DONE:
		if (ipc_sa_done_decode(msg, &done) == 0)
			await_tell(&done);
		break;
	default:
		break; /* not for us */
	}
}

static void rekey(uint32_t spi, host_t *dst)
{
	charon->kernel->expire(charon->kernel, IPPROTO_ESP, spi, dst, FALSE);
}

unsigned kernel_rekey_lost(void)
{
	return sa_table_each_lost(rekey);
}

void kernel_retire_outbound(uint32_t spi, host_t *dst)
{
	struct ipc_sa_ref ref = { .spi = ntohl(spi),
				  .direction = IPC_SA_OUT,
				  .dst = ss_endpoint(dst).addr };
	struct sa *sa = sa_table_find_ref(&ref);

	if (sa)
		send_del(sa->worker, &ref);
	sa_put(sa);
}
