/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the backends of aead.h share; nobody outside crypto/ and its tests needs it. */
#ifndef CRYPTO_AEAD_IMPL_H
#define CRYPTO_AEAD_IMPL_H

#include "crypto/aead.h"

#include <openssl/evp.h>

#define AEAD_NONCE 12
#define AEAD_SALT 4
#define AEAD_TAG 16
#define AEAD_AAD_MAX 12

struct aead_ops {
	int (*seal)(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi);
	/* lengths were checked: text_len is what lies between IV and ICV */
	int (*open)(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi);
	void (*free)(struct aead *a); /* wipes */
};

/* Embedded first in each backend's own struct. */
struct aead {
	const struct aead_ops *ops;
	enum aead_cipher cipher;
	bool esn;
	uint8_t iv_len, icv_len, align;
	EVP_CIPHER_CTX *iv_gen; /* CBC, sealing: a block cipher under a key of its own */
};

struct aead_imb; /* libipsec-mb's manager */

struct aead_lib {
	EVP_CIPHER *gcm128, *gcm256, *chacha, *cbc128, *cbc192, *cbc256, *ecb128;
	EVP_MAC *hmac;
	struct aead_imb *imb; /* NULL: not built in, or not fit here */
};

/* RFC 4106, 5 and RFC 4303, 2.2.1: the header, with all 64 bits of an extended number. */
size_t aead_make_aad(const struct aead *a, const uint8_t *packet, uint32_t seq_hi,
		     uint8_t out[static AEAD_AAD_MAX]);
void aead_make_nonce(const uint8_t salt[static AEAD_SALT], const uint8_t *packet,
		     uint8_t out[static AEAD_NONCE]);

int aead_evp_open_lib(struct aead_lib *lib);
void aead_evp_close_lib(struct aead_lib *lib);
int aead_evp_new_gcm(struct aead_lib *lib, const struct aead_key *key, enum aead_dir dir,
		     struct aead **out); /* also ChaCha20-Poly1305: the same calls */
int aead_evp_new_cbc(struct aead_lib *lib, const struct aead_key *key, enum aead_dir dir,
		     struct aead **out);
/* HMAC over data and, when esn, seq_hi; the whole digest goes to out.  For the tests, too. */
int aead_evp_mac(struct aead *a, const uint8_t *data, size_t len, uint32_t seq_hi,
		 uint8_t out[static 64]);

int aead_imb_open(struct aead_imb **out);
void aead_imb_close(struct aead_imb *imb);
const char *aead_imb_name(const struct aead_imb *imb);
int aead_imb_new_gcm(struct aead_imb *imb, const struct aead_key *key, enum aead_dir dir,
		     struct aead **out);

/* The bench's relay has no cipher at all; see aead_null.c. */
#ifdef FUTAE_NULL_CIPHER
#define AEAD_IS_NULL true
int aead_null_new(const struct aead_key *key, struct aead **out);
#else
#define AEAD_IS_NULL false
static inline int aead_null_new(const struct aead_key *key, struct aead **out)
{
	(void)key;
	(void)out;
	return -1;
}
#endif

/* Known answers: 0 when this backend gives them, both ways, and refuses a changed packet. */
int aead_self_test(struct aead_lib *lib, bool gcm_only);

#endif
