/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The SA database: inbound SAs by SPI, outbound ones by tunnel, each with its key schedule. */
#ifndef ESP_SADB_H
#define ESP_SADB_H

#include "base/hash.h"
#include "crypto/aead.h"
#include "crypto/replay.h"
#include "esp/tunnel.h"
#include "wire/esp_pkt.h"

#define SADB_MAX 65536u /* SAs of each direction */
#define SADB_BUCKETS 16384u
#define SADB_TUNNELS 8192u
#define SADB_PEERS 8192u

struct sa {
	struct sa *next; /* in its bucket */
	struct sa *next_out; /* outbound: the next older one of its tunnel */
	struct tunnel *tunnel;
	struct ipc_sa_ref ref;
	struct endpoint src, dst;
	bool encap, esn;
	struct aead *aead;
	struct replay *replay; /* inbound */
	uint64_t seq; /* outbound: the last number given */
	uint64_t bytes, packets, packets_told; /* packets_told: as of the last IPC_SA_USAGE */
	usec_t last_use;
	uint64_t soft_bytes, soft_packets, hard_bytes, hard_packets; /* 0: none */
	bool soft_due, soft_told, hard_due, hard_told;
	struct endpoint mapping_told; /* inbound: the source that IPC_SA_MAPPING named last */
	usec_t mapping_at;
	uint64_t key_tag; /* tells the same key from another without keeping it */
	unsigned ts_local_count, ts_remote_count;
	struct prefix ts_local[IPC_TS_MAX], ts_remote[IPC_TS_MAX];
};

struct sadb {
	struct hash_key key;
	struct aead_lib *aead;
	struct sa *in[SADB_BUCKETS], *out[SADB_BUCKETS];
	unsigned in_count, out_count;
	struct tunnel *tunnels[SADB_TUNNELS];
	unsigned tunnel_count;
	uint32_t peers[SADB_PEERS]; /* outbound SAs, by the hash of where they lead */
	bool elsewhere[SADB_PEERS]; /* peers of other workers */
};

void sadb_init(struct sadb *db, const struct hash_key *key, struct aead_lib *aead);
void sadb_done(struct sadb *db); /* frees SAs and tunnels; nobody watches their fds any more */

/*
 * Adds an SA or replaces the one with its SPI; the same key again keeps counting where it was,
 * since a number used twice would give away the key stream.  -EINVAL, -ENOSPC, -ENOMEM.
 */
int sadb_add(struct sadb *db, const struct ipc_sa *m, struct tunnel **tunnel);
int sadb_update(struct sadb *db, const struct ipc_sa_update *m); /* -ENOENT */
int sadb_del(struct sadb *db, const struct ipc_sa_ref *ref, struct tunnel **tunnel);
void sadb_flush(struct sadb *db);

struct sa *sadb_find_in(struct sadb *db, uint32_t spi);
struct sa *sadb_find(struct sadb *db, const struct ipc_sa_ref *ref);
/* The peers of other workers: replaces what was said before. */
void sadb_set_elsewhere(struct sadb *db, const struct addr *list, unsigned count);
/* Is there an SA to this address, or has another worker this peer?  Now and then also true for
 * another. */
bool sadb_is_peer(struct sadb *db, const struct addr *a);
void sadb_each(struct sadb *db, void (*fn)(void *ctx, struct sa *sa), void *ctx);

struct tunnel *sadb_tunnel(struct sadb *db, uint32_t if_id);
struct tunnel *sadb_tunnel_make(struct sadb *db, uint32_t if_id); /* NULL: full */
void sadb_tunnel_release(struct sadb *db, struct tunnel *t); /* frees it when nobody needs it */
void sadb_each_tunnel(struct sadb *db, void (*fn)(void *ctx, struct tunnel *t), void *ctx);

struct esp_pkt_shape sa_shape(const struct sa *sa);
/* Which limits it has passed: when this changes, futae-ike has to hear of it. */
static inline unsigned sa_due(const struct sa *sa)
{
	return (unsigned)sa->soft_due | (unsigned)sa->hard_due << 1;
}

/* One more packet of so many bytes; false once a hard limit is passed. */
bool sa_count(struct sa *sa, size_t bytes, usec_t now);

#endif
