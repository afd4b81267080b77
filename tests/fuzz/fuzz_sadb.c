/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any order of SAs added, moved and deleted, by few names so that they meet: the counts agree with
 * the lists, tunnels live as long as somebody needs them, and a key never starts again. */
#include "esp/sadb.h"

#include "wire/ip_pkt.h"

#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct sum {
	unsigned in, out;
};

static void count_sa(void *ctx, struct sa *sa)
{
	struct sum *s = ctx;

	MUST(sa->tunnel && sa->aead);
	*(sa->ref.direction == IPC_SA_IN ? &s->in : &s->out) += 1;
}

static void count_tunnel(void *ctx, struct tunnel *t)
{
	struct sum *s = ctx;
	unsigned n = 0;

	for (const struct sa *sa = t->out; sa; sa = sa->next_out, n++)
		MUST(sa->tunnel == t);
	MUST(n == t->outbound);
	s->in += t->inbound;
	s->out += t->outbound;
}

static struct ipc_sa_ref ref_of(uint8_t b)
{
	return (struct ipc_sa_ref){ 0x1000 + b % 4u,
				    b & 4 ? IPC_SA_OUT : IPC_SA_IN,
				    { ADDR_V4, { 192, 0, 2, b >> 3 & 3 } } };
}

static void add(struct sadb *db, uint8_t name, uint8_t more)
{
	struct ipc_sa m = { .ref = ref_of(name),
			    .if_id = 1u + more % 3u,
			    .cipher = IPC_CIPHER_AES_GCM_16,
			    .enc_key_len = 20,
			    .ts_local_count = 1,
			    .ts_remote_count = 1 };
	struct sa *old = sadb_find(db, &m.ref);
	uint64_t seq = old ? old->seq : 0, tag = old ? old->key_tag : 0;
	struct tunnel *t;
	struct sa *sa;

	memset(m.enc_key, more >> 4, m.enc_key_len);
	m.src.addr = m.dst.addr = m.ref.dst;
	m.ts_local[0].addr.family = m.ts_remote[0].addr.family = ADDR_V4;
	MUST(sadb_add(db, &m, &t) == 0 && t->if_id == m.if_id);
	sa = sadb_find(db, &m.ref);
	MUST(sa && sa->tunnel == t);
	MUST(sa->seq == (sa->key_tag == tag ? seq : 0));
	sa->seq += more;
}

static void step(struct sadb *db, uint8_t what, uint8_t name, uint8_t more)
{
	struct ipc_sa_ref ref = ref_of(name);
	struct ipc_sa_update up = { ref, { ref.dst, 1 }, { ref.dst, 2 }, true };
	struct ip_pkt ip = { .src = ref.dst, .dst = ref.dst };
	struct tunnel *t;
	enum ipc_drop why;

	switch (what % 8) {
	case 0:
		if (sadb_del(db, &ref, &t) == 0)
			sadb_tunnel_release(db, t);
		break;
	case 1:
		up.dst.addr.bytes[3] = more & 3;
		if (!(ref.direction == IPC_SA_OUT &&
		      sadb_find(db, &(struct ipc_sa_ref){ ref.spi, IPC_SA_OUT, up.dst.addr })))
			(void)sadb_update(db, &up);
		break;
	case 2:
		t = sadb_tunnel(db, 1u + more % 3u);
		if (t && tunnel_choose(t, &ip, &why))
			MUST(t->out);
		break;
	default:
		add(db, name, more);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct hash_key key = { 3, 4 };
	static struct aead_lib *lib;
	static struct sadb db;
	struct sum sas = { 0, 0 }, tunnels = { 0, 0 };

	if (len > 300)
		return 0;
	if (!lib) {
		MUST(aead_lib_new(AEAD_OPENSSL_ONLY, &lib, NULL) == 0);
		sadb_init(&db, &key, lib);
	}
	for (size_t i = 0; i + 2 < len; i += 3)
		step(&db, data[i], data[i + 1], data[i + 2]);
	sadb_each(&db, count_sa, &sas);
	sadb_each_tunnel(&db, count_tunnel, &tunnels);
	MUST(sas.in == db.in_count && sas.out == db.out_count);
	MUST(sas.in == tunnels.in && sas.out == tunnels.out);
	sadb_done(&db);
	MUST(db.in_count + db.out_count + db.tunnel_count == 0);
	for (unsigned i = 0; i < SADB_PEERS; i++)
		MUST(db.peers[i] == 0);
	return 0;
}
