/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "esp/sadb.h"

#include "base/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void sadb_init(struct sadb *db, const struct hash_key *key, struct aead_lib *aead)
{
	memset(db, 0, sizeof(*db));
	db->key = *key;
	db->aead = aead;
}

static void sa_free(struct sa *sa)
{
	if (!sa)
		return;
	aead_free(sa->aead);
	replay_free(sa->replay);
	free(sa);
}

/* We choose inbound SPIs at random; outbound ones are chosen by peers. */
static struct sa **bucket_in(struct sadb *db, uint32_t spi)
{
	return &db->in[spi % SADB_BUCKETS];
}

static struct sa **bucket_out(struct sadb *db, uint32_t spi)
{
	return &db->out[hash_bytes(&db->key, &spi, sizeof(spi)) % SADB_BUCKETS];
}

static size_t place_of(const struct sadb *db, const struct addr *a)
{
	return hash_bytes(&db->key, a->bytes, sizeof(a->bytes)) % SADB_PEERS;
}

static uint32_t *peer_of(struct sadb *db, const struct addr *a)
{
	return &db->peers[place_of(db, a)];
}

void sadb_set_elsewhere(struct sadb *db, const struct addr *list, unsigned count)
{
	memset(db->elsewhere, 0, sizeof(db->elsewhere));
	for (unsigned i = 0; i < count; i++)
		db->elsewhere[place_of(db, &list[i])] = true;
}

bool sadb_is_peer(struct sadb *db, const struct addr *a)
{
	size_t i = place_of(db, a);

	return db->peers[i] > 0 || db->elsewhere[i];
}

struct sa *sadb_find_in(struct sadb *db, uint32_t spi)
{
	struct sa *sa = *bucket_in(db, spi);

	while (sa && sa->ref.spi != spi)
		sa = sa->next;
	return sa;
}

/* The place that points to the SA, or to where one would be added. */
static struct sa **find_place(struct sadb *db, const struct ipc_sa_ref *ref)
{
	struct sa **at;

	if (ref->direction == IPC_SA_IN) {
		for (at = bucket_in(db, ref->spi); *at; at = &(*at)->next)
			if ((*at)->ref.spi == ref->spi)
				break;
		return at;
	}
	for (at = bucket_out(db, ref->spi); *at; at = &(*at)->next)
		if ((*at)->ref.spi == ref->spi && addr_equal(&(*at)->ref.dst, &ref->dst))
			break;
	return at;
}

struct sa *sadb_find(struct sadb *db, const struct ipc_sa_ref *ref)
{
	return *find_place(db, ref);
}

static enum aead_cipher cipher_of(enum ipc_cipher c)
{
	return c == IPC_CIPHER_AES_CBC             ? AEAD_AES_CBC
	       : c == IPC_CIPHER_CHACHA20_POLY1305 ? AEAD_CHACHA20_POLY1305
						   : AEAD_AES_GCM_16;
}

static enum aead_integ integ_of(enum ipc_integ i)
{
	switch (i) {
	case IPC_INTEG_NONE:
		return AEAD_INTEG_NONE;
	case IPC_INTEG_SHA1_96:
		return AEAD_INTEG_SHA1_96;
	case IPC_INTEG_SHA256_128:
		return AEAD_INTEG_SHA256_128;
	case IPC_INTEG_SHA384_192:
		return AEAD_INTEG_SHA384_192;
	case IPC_INTEG_SHA512_256:
		return AEAD_INTEG_SHA512_256;
	}
	return AEAD_INTEG_NONE;
}

static uint64_t tag_of(struct sadb *db, const struct ipc_sa *m)
{
	uint8_t all[2 * IPC_KEY_MAX + 2];
	uint64_t tag;
	size_t n = 0;

	all[n++] = (uint8_t)m->cipher;
	all[n++] = (uint8_t)m->integ;
	memcpy(all + n, m->enc_key, m->enc_key_len);
	n += m->enc_key_len;
	memcpy(all + n, m->integ_key, m->integ_key_len);
	n += m->integ_key_len;
	tag = hash_bytes(&db->key, all, n);
	secret_wipe(all, sizeof(all));
	return tag;
}

static int make_keys(struct sadb *db, const struct ipc_sa *m, struct sa *sa)
{
	struct aead_key key = { cipher_of(m->cipher),
				integ_of(m->integ),
				m->esn,
				{ m->enc_key, m->enc_key_len },
				{ m->integ_key, m->integ_key_len } };
	bool in = m->ref.direction == IPC_SA_IN;
	int rc = aead_new(db->aead, &key, in ? AEAD_OPEN : AEAD_SEAL, &sa->aead);

	if (rc < 0)
		return rc;
	if (in)
		sa->replay = replay_new(m->replay_window, m->esn);
	return in && !sa->replay ? -ENOMEM : 0;
}

/* What may change while the key stays. */
static void fill(struct sa *sa, const struct ipc_sa *m)
{
	sa->ref = m->ref;
	sa->src = m->src;
	sa->dst = m->dst;
	sa->encap = m->encap;
	sa->esn = m->esn;
	sa->soft_bytes = m->soft_bytes;
	sa->soft_packets = m->soft_packets;
	sa->hard_bytes = m->hard_bytes;
	sa->hard_packets = m->hard_packets;
	sa->ts_local_count = m->ts_local_count;
	sa->ts_remote_count = m->ts_remote_count;
	memcpy(sa->ts_local, m->ts_local, sizeof(sa->ts_local));
	memcpy(sa->ts_remote, m->ts_remote, sizeof(sa->ts_remote));
}

/* Takes the SA out of every list; the caller frees it. */
static void unlink_sa(struct sadb *db, struct sa **at)
{
	struct sa *sa = *at, **o;

	*at = sa->next;
	sa->tunnel->counts_untold = true;
	if (sa->ref.direction == IPC_SA_IN) {
		db->in_count--;
		sa->tunnel->inbound--;
		return;
	}
	db->out_count--;
	sa->tunnel->outbound--;
	--*peer_of(db, &sa->dst.addr);
	for (o = &sa->tunnel->out; *o != sa; o = &(*o)->next_out)
		;
	*o = sa->next_out;
}

static void link_sa(struct sadb *db, struct sa *sa)
{
	struct sa **bucket;

	sa->tunnel->counts_untold = true;
	if (sa->ref.direction == IPC_SA_IN) {
		bucket = bucket_in(db, sa->ref.spi);
		db->in_count++;
		sa->tunnel->inbound++;
	} else {
		bucket = bucket_out(db, sa->ref.spi);
		db->out_count++;
		sa->tunnel->outbound++;
		++*peer_of(db, &sa->dst.addr);
		sa->next_out = sa->tunnel->out;
		sa->tunnel->out = sa;
	}
	sa->next = *bucket;
	*bucket = sa;
}

static bool is_sound(const struct ipc_sa *m)
{
	return m->ref.spi >= ESP_PKT_SPI_MIN && m->ts_local_count && m->ts_remote_count &&
	       m->src.addr.family == m->dst.addr.family && m->dst.addr.family != ADDR_NONE;
}

/*
 * A new SA with its keys, or the old one taken out of the lists when it has the same keys.
 * *was is the tunnel of an SA that gave way.
 */
static int make_sa(struct sadb *db, const struct ipc_sa *m, struct sa **out, struct tunnel **was)
{
	uint64_t tag = tag_of(db, m);
	struct sa **at = find_place(db, &m->ref), *old = *at, *sa;
	int rc;

	if (old && old->key_tag == tag && old->esn == m->esn) {
		*was = old->tunnel;
		unlink_sa(db, at);
		*out = old;
		return 0;
	}
	if (!old && (m->ref.direction == IPC_SA_IN ? db->in_count : db->out_count) >= SADB_MAX)
		return -ENOSPC;
	sa = calloc(1, sizeof(*sa));
	if (!sa)
		return -ENOMEM;
	sa->key_tag = tag;
	rc = make_keys(db, m, sa);
	if (rc < 0) {
		sa_free(sa);
		return rc;
	}
	if (old) {
		*was = old->tunnel;
		unlink_sa(db, at);
		sa_free(old);
	}
	*out = sa;
	return 0;
}

int sadb_add(struct sadb *db, const struct ipc_sa *m, struct tunnel **tunnel)
{
	struct tunnel *t, *was = NULL;
	struct sa *sa;
	int rc;

	if (!is_sound(m))
		return -EINVAL;
	t = sadb_tunnel_make(db, m->if_id);
	if (!t)
		return -ENOSPC;
	rc = make_sa(db, m, &sa, &was);
	if (rc < 0) {
		sadb_tunnel_release(db, t);
		return rc;
	}
	sa->tunnel = t;
	fill(sa, m);
	link_sa(db, sa);
	if (was && was != t)
		sadb_tunnel_release(db, was);
	*tunnel = t;
	return 0;
}

int sadb_update(struct sadb *db, const struct ipc_sa_update *m)
{
	struct sa *sa = sadb_find(db, &m->ref);

	if (!sa)
		return -ENOENT;
	if (m->src.addr.family != m->dst.addr.family || m->dst.addr.family == ADDR_NONE)
		return -EINVAL;
	if (sa->ref.direction == IPC_SA_OUT) {
		--*peer_of(db, &sa->dst.addr);
		++*peer_of(db, &m->dst.addr);
	}
	sa->src = m->src;
	sa->dst = m->dst;
	sa->encap = m->encap;
	/* libcharon names the SA by its new destination from now on. */
	sa->ref.dst = m->dst.addr;
	return 0;
}

int sadb_del(struct sadb *db, const struct ipc_sa_ref *ref, struct tunnel **tunnel)
{
	struct sa **at = find_place(db, ref), *sa = *at;

	if (!sa)
		return -ENOENT;
	*tunnel = sa->tunnel;
	unlink_sa(db, at);
	sa_free(sa);
	return 0;
}

void sadb_flush(struct sadb *db)
{
	for (unsigned i = 0; i < 2 * SADB_BUCKETS; i++) {
		struct sa **at = i < SADB_BUCKETS ? &db->in[i] : &db->out[i - SADB_BUCKETS];

		while (*at) {
			struct sa *sa = *at;

			unlink_sa(db, at);
			sa_free(sa);
		}
	}
}

void sadb_each(struct sadb *db, void (*fn)(void *ctx, struct sa *sa), void *ctx)
{
	for (unsigned i = 0; i < 2 * SADB_BUCKETS; i++) {
		struct sa *sa = i < SADB_BUCKETS ? db->in[i] : db->out[i - SADB_BUCKETS];

		for (; sa; sa = sa->next)
			fn(ctx, sa);
	}
}

struct tunnel *sadb_tunnel(struct sadb *db, uint32_t if_id)
{
	struct tunnel *t = db->tunnels[if_id % SADB_TUNNELS];

	while (t && t->if_id != if_id)
		t = t->next;
	return t;
}

struct tunnel *sadb_tunnel_make(struct sadb *db, uint32_t if_id)
{
	struct tunnel *t = sadb_tunnel(db, if_id), **bucket = &db->tunnels[if_id % SADB_TUNNELS];

	if (t)
		return t;
	/* if_id 0 is where packets of no tunnel are counted */
	if (if_id == 0 || db->tunnel_count >= SADB_TUNNELS)
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->if_id = if_id;
	t->stats.if_id = if_id;
	t->tun_fd = -1;
	t->next = *bucket;
	*bucket = t;
	db->tunnel_count++;
	return t;
}

void sadb_tunnel_release(struct sadb *db, struct tunnel *t)
{
	struct tunnel **at = &db->tunnels[t->if_id % SADB_TUNNELS];

	if (t->configured || t->inbound || t->outbound)
		return;
	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	db->tunnel_count--;
	if (t->tun_fd >= 0)
		close(t->tun_fd);
	free(t);
}

void sadb_each_tunnel(struct sadb *db, void (*fn)(void *ctx, struct tunnel *t), void *ctx)
{
	for (unsigned i = 0; i < SADB_TUNNELS; i++)
		for (struct tunnel *t = db->tunnels[i], *next; t; t = next) {
			next = t->next; /* fn may release it */
			fn(ctx, t);
		}
}

static void release(void *ctx, struct tunnel *t)
{
	t->configured = false;
	sadb_tunnel_release(ctx, t);
}

void sadb_done(struct sadb *db)
{
	sadb_flush(db);
	sadb_each_tunnel(db, release, db);
}
