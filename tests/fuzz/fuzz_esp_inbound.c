/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Byte 0 chooses the suite and what the rest is: a packet as anybody might send it, or a text
 * that a peer with the right key sealed.  Nobody without the key gets anything through, and what a
 * peer gets through is a packet that the selectors allow.
 */
#include "esp/seal.h"

#include "base/list.h"

#include <stdlib.h>
#include <string.h>

#define MUST(cond)                                                                                 \
	do {                                                                                       \
		if (!(cond))                                                                       \
			abort();                                                                   \
	} while (0)

#define SPI 0x1000u
#define TEXT_MAX 4096u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct suite {
	enum ipc_cipher cipher;
	enum ipc_integ integ;
	uint8_t enc, auth;
} suites[] = {
	{ IPC_CIPHER_AES_GCM_16, IPC_INTEG_NONE, 20, 0 },
	{ IPC_CIPHER_AES_GCM_16, IPC_INTEG_NONE, 36, 0 },
	{ IPC_CIPHER_CHACHA20_POLY1305, IPC_INTEG_NONE, 36, 0 },
	{ IPC_CIPHER_AES_CBC, IPC_INTEG_SHA1_96, 16, 20 },
	{ IPC_CIPHER_AES_CBC, IPC_INTEG_SHA256_128, 16, 32 },
	{ IPC_CIPHER_AES_CBC, IPC_INTEG_SHA512_256, 32, 64 },
};

static struct {
	struct aead_lib *lib;
	struct sadb in, out;
	struct pkt pkt;
	uint8_t room[PKT_DATA];
	struct prefix local, remote;
} w;

static void add(struct sadb *db, enum ipc_direction dir, size_t suite)
{
	const struct suite *s = &suites[suite];
	struct ipc_sa m = { .ref = { SPI + (uint32_t)suite, dir, { ADDR_V4, { 192, 0, 2, 2 } } },
			    .if_id = 1,
			    .src = { { ADDR_V4, { 192, 0, 2, 1 } }, 4500 },
			    .dst = { { ADDR_V4, { 192, 0, 2, 2 } }, 4500 },
			    .encap = true,
			    .esn = suite % 2,
			    .cipher = s->cipher,
			    .integ = s->integ,
			    .enc_key_len = s->enc,
			    .integ_key_len = s->auth,
			    .replay_window = 64,
			    .ts_local_count = 1,
			    .ts_remote_count = 1 };
	struct tunnel *t;

	m.ts_local[0] = dir == IPC_SA_IN ? w.local : w.remote;
	m.ts_remote[0] = dir == IPC_SA_IN ? w.remote : w.local;
	MUST(sadb_add(db, &m, &t) == 0);
}

static void start(void)
{
	static const struct hash_key key;

	MUST(aead_lib_new(AEAD_FASTEST, &w.lib, NULL) == 0);
	MUST(prefix_parse("10.0.0.0/9", &w.local) && prefix_parse("10.128.0.0/9", &w.remote));
	sadb_init(&w.in, &key, w.lib);
	sadb_init(&w.out, &key, w.lib);
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		add(&w.in, IPC_SA_IN, i);
		add(&w.out, IPC_SA_OUT, i);
	}
}

/* The fuzzer's bytes become the text of an authentic packet, padded to the suite's block. */
static void seal_text(struct sa *sa, const uint8_t *data, size_t len)
{
	size_t iv = aead_iv_len(sa->aead), align = aead_align(sa->aead);
	struct esp_pkt_header h = { sa->ref.spi, (uint32_t)++sa->seq };
	uint8_t *p = w.pkt.data;

	len -= len % align;
	memcpy(p + ESP_PKT_HEADER + iv, data, len);
	esp_pkt_encode(&h, p);
	MUST(aead_make_iv(sa->aead, p, sa->seq) == 0);
	MUST(aead_seal(sa->aead, p, len, (uint32_t)(sa->seq >> 32)) == 0);
	w.pkt.len = ESP_PKT_HEADER + iv + len + aead_icv_len(sa->aead);
}

static void check(int verdict, bool genuine)
{
	MUST(verdict >= SEAL_DUMMY && verdict < IPC_DROP_COUNT);
	MUST(genuine || !seal_was_authentic(verdict));
	if (verdict != SEAL_OK)
		return;
	MUST(w.pkt.ip.len == w.pkt.len && w.pkt.len >= 20);
	MUST(prefix_contains(&w.remote, &w.pkt.ip.src));
	MUST(prefix_contains(&w.local, &w.pkt.ip.dst));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ipc_sa_ref ref = { SPI, IPC_SA_OUT, { ADDR_V4, { 192, 0, 2, 2 } } };
	struct sa *in, *out;
	bool genuine;
	uint8_t tos;

	if (!w.lib)
		start();
	if (len < 2 || len > TEXT_MAX)
		return 0;
	ref.spi += data[0] / 2 % (uint32_t)ARRAY_LEN(suites);
	genuine = data[0] % 2;
	tos = data[1];
	in = sadb_find_in(&w.in, ref.spi);
	out = sadb_find(&w.out, &ref);
	w.pkt.data = w.room;
	w.pkt.tos = tos;
	if (genuine) {
		seal_text(out, data + 2, len - 2);
	} else {
		memcpy(w.pkt.data, data + 2, len - 2);
		w.pkt.len = len - 2;
		(void)esp_pkt_classify(pkt_view(&w.pkt));
	}
	check(seal_open(in, &w.pkt, data[1] & 4, 1), genuine);
	return 0;
}
