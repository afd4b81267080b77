/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ciphers of ESP (RFC 4106, RFC 7634, RFC 3602 with RFC 4868 and RFC 2404): one key
 * schedule per SA, packets sealed and opened in place.
 *
 * A packet here is what ESP puts on the wire: SPI, low half of the sequence number, IV, text
 * (with its trailer already in it), ICV.  The upper half of an extended sequence number is
 * authenticated but never sent (RFC 4303, 2.2.1).
 */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AEAD_HEADER 8 /* SPI and sequence number, before the IV */
#define AEAD_IV_MAX 16
#define AEAD_ICV_MAX 32
#define AEAD_ALIGN_MAX 16

enum aead_cipher { AEAD_AES_GCM_16, AEAD_AES_CBC, AEAD_CHACHA20_POLY1305 };

enum aead_integ {
	AEAD_INTEG_NONE,
	AEAD_INTEG_SHA1_96,
	AEAD_INTEG_SHA256_128,
	AEAD_INTEG_SHA384_192,
	AEAD_INTEG_SHA512_256,
};

enum aead_dir { AEAD_SEAL, AEAD_OPEN };

struct aead_key {
	enum aead_cipher cipher;
	enum aead_integ integ;
	bool esn;
	struct view enc; /* with the 4 byte salt at its end for GCM and ChaCha20 */
	struct view auth; /* empty for GCM and ChaCha20 */
};

struct aead_lib; /* the backends of this process, tried with known answers before use */
struct aead; /* one key in one direction */

/* Which code may be used besides OpenSSL's, which is always there. */
enum aead_want { AEAD_OPENSSL_ONLY, AEAD_FASTEST };

int aead_lib_new(enum aead_want want, struct aead_lib **out, struct err *err);
void aead_lib_free(struct aead_lib *lib); /* after the last struct aead of it */
const char *aead_lib_name(const struct aead_lib *lib); /* what AES-GCM runs on */

/* -EINVAL when the lengths do not fit the algorithms. The key bytes stay the caller's to wipe. */
int aead_new(struct aead_lib *lib, const struct aead_key *key, enum aead_dir dir,
	     struct aead **out);
void aead_free(struct aead *a);

size_t aead_iv_len(const struct aead *a);
size_t aead_icv_len(const struct aead *a);
size_t aead_align(const struct aead *a); /* the text's length must be a multiple of this */

/* Writes the IV behind the header: unique for `seq` under this key; unpredictable for CBC. */
int aead_make_iv(struct aead *a, uint8_t *packet, uint64_t seq);
/* Header and IV are in place: encrypts text_len bytes behind them, puts the ICV at the end. */
int aead_seal(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi);
/* A whole packet: -EBADMSG when it is not authentic; then its bytes are worthless. */
int aead_open(struct aead *a, uint8_t *packet, size_t len, uint32_t seq_hi);

#endif
