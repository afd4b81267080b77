/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SAs for tests, as futae-ike would send them; include after cmocka. */
#ifndef UNIT_ESP_SA_H
#define UNIT_ESP_SA_H

#include "wire/ipc_msg.h"

#include <string.h>

static inline struct addr sa_addr(const char *text)
{
	struct addr a = { ADDR_NONE, { 0 } };

	assert_true(addr_parse(text, &a));
	return a;
}

struct sa_suite {
	const char *name;
	enum ipc_cipher cipher;
	enum ipc_integ integ;
	uint8_t enc_len, integ_len;
};

static const struct sa_suite sa_suites[] = {
	{ "aes128gcm16", IPC_CIPHER_AES_GCM_16, IPC_INTEG_NONE, 20, 0 },
	{ "aes256gcm16", IPC_CIPHER_AES_GCM_16, IPC_INTEG_NONE, 36, 0 },
	{ "chacha20poly1305", IPC_CIPHER_CHACHA20_POLY1305, IPC_INTEG_NONE, 36, 0 },
	{ "aes128-sha1", IPC_CIPHER_AES_CBC, IPC_INTEG_SHA1_96, 16, 20 },
	{ "aes128-sha256", IPC_CIPHER_AES_CBC, IPC_INTEG_SHA256_128, 16, 32 },
	{ "aes192-sha384", IPC_CIPHER_AES_CBC, IPC_INTEG_SHA384_192, 24, 48 },
	{ "aes256-sha512", IPC_CIPHER_AES_CBC, IPC_INTEG_SHA512_256, 32, 64 },
};

/* From 192.0.2.1 to 192.0.2.2 (outbound) or back, for anything inside. */
static inline struct ipc_sa sa_make(const struct sa_suite *s, enum ipc_direction dir, uint32_t spi)
{
	struct ipc_sa m = { .ref = { spi, dir, { ADDR_NONE, { 0 } } },
			    .if_id = 1,
			    .name = "t",
			    .cipher = s->cipher,
			    .integ = s->integ,
			    .enc_key_len = s->enc_len,
			    .integ_key_len = s->integ_len,
			    .replay_window = 64,
			    .ts_local_count = 2,
			    .ts_remote_count = 2 };
	struct addr here = sa_addr("192.0.2.1"), there = sa_addr("192.0.2.2");

	m.src = (struct endpoint){ dir == IPC_SA_OUT ? here : there, 4500 };
	m.dst = (struct endpoint){ dir == IPC_SA_OUT ? there : here, 4500 };
	m.ref.dst = m.dst.addr;
	memset(m.enc_key, 0x5a, s->enc_len);
	memset(m.integ_key, 0xa5, s->integ_len);
	m.ts_local[0] = m.ts_remote[0] = (struct prefix){ { ADDR_V4, { 0 } }, 0 };
	m.ts_local[1] = m.ts_remote[1] = (struct prefix){ { ADDR_V6, { 0 } }, 0 };
	return m;
}

#endif
