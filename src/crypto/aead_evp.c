/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ESP's ciphers on OpenSSL: contexts keep the key schedule, each packet only brings its nonce. */
#include "crypto/aead_impl.h"

#include "base/secret.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

struct evp_aead {
	struct aead base;
	EVP_CIPHER_CTX *ctx;
	EVP_MAC_CTX *mac; /* CBC only */
	uint8_t salt[AEAD_SALT];
};

static struct evp_aead *evp_of(struct aead *a)
{
	return (struct evp_aead *)(void *)a;
}

int aead_evp_open_lib(struct aead_lib *lib)
{
	lib->gcm128 = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
	lib->gcm256 = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	lib->chacha = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
	lib->cbc128 = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
	lib->cbc192 = EVP_CIPHER_fetch(NULL, "AES-192-CBC", NULL);
	lib->cbc256 = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	lib->ecb128 = EVP_CIPHER_fetch(NULL, "AES-128-ECB", NULL);
	lib->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	return lib->gcm128 && lib->gcm256 && lib->chacha && lib->cbc128 && lib->cbc192 &&
			       lib->cbc256 && lib->ecb128 && lib->hmac
		       ? 0
		       : -ENOTSUP;
}

void aead_evp_close_lib(struct aead_lib *lib)
{
	EVP_CIPHER_free(lib->gcm128);
	EVP_CIPHER_free(lib->gcm256);
	EVP_CIPHER_free(lib->chacha);
	EVP_CIPHER_free(lib->cbc128);
	EVP_CIPHER_free(lib->cbc192);
	EVP_CIPHER_free(lib->cbc256);
	EVP_CIPHER_free(lib->ecb128);
	EVP_MAC_free(lib->hmac);
}

static void evp_free(struct aead *a)
{
	struct evp_aead *e = evp_of(a);

	EVP_CIPHER_CTX_free(e->ctx);
	EVP_CIPHER_CTX_free(e->base.iv_gen);
	EVP_MAC_CTX_free(e->mac);
	secret_free(e, sizeof(*e));
}

static int gcm_seal(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi)
{
	struct evp_aead *e = evp_of(a);
	uint8_t nonce[AEAD_NONCE], aad[AEAD_AAD_MAX];
	size_t aad_len = aead_make_aad(a, packet, seq_hi, aad);
	uint8_t *text = packet + AEAD_HEADER + a->iv_len;
	int n;

	aead_make_nonce(e->salt, packet, nonce);
	if (EVP_EncryptInit_ex(e->ctx, NULL, NULL, NULL, nonce) != 1 ||
	    EVP_EncryptUpdate(e->ctx, NULL, &n, aad, (int)aad_len) != 1 ||
	    EVP_EncryptUpdate(e->ctx, text, &n, text, (int)text_len) != 1 ||
	    EVP_EncryptFinal_ex(e->ctx, text + n, &n) != 1 ||
	    EVP_CIPHER_CTX_ctrl(e->ctx, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG, text + text_len) != 1)
		return -EIO;
	return 0;
}

static int gcm_open(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi)
{
	struct evp_aead *e = evp_of(a);
	uint8_t nonce[AEAD_NONCE], aad[AEAD_AAD_MAX];
	size_t aad_len = aead_make_aad(a, packet, seq_hi, aad);
	uint8_t *text = packet + AEAD_HEADER + a->iv_len;
	int n;

	aead_make_nonce(e->salt, packet, nonce);
	if (EVP_DecryptInit_ex(e->ctx, NULL, NULL, NULL, nonce) != 1 ||
	    EVP_CIPHER_CTX_ctrl(e->ctx, EVP_CTRL_AEAD_SET_TAG, AEAD_TAG, text + text_len) != 1 ||
	    EVP_DecryptUpdate(e->ctx, NULL, &n, aad, (int)aad_len) != 1 ||
	    EVP_DecryptUpdate(e->ctx, text, &n, text, (int)text_len) != 1 ||
	    EVP_DecryptFinal_ex(e->ctx, text + n, &n) != 1)
		return -EBADMSG;
	return 0;
}

static const struct aead_ops gcm_ops = { gcm_seal, gcm_open, evp_free };

static struct evp_aead *evp_alloc(const struct aead_key *key, const struct aead_ops *ops)
{
	struct evp_aead *e = calloc(1, sizeof(*e));

	if (!e)
		return NULL;
	e->base = (struct aead){ .ops = ops, .cipher = key->cipher, .esn = key->esn };
	e->ctx = EVP_CIPHER_CTX_new();
	if (!e->ctx) {
		evp_free(&e->base);
		return NULL;
	}
	return e;
}

int aead_evp_new_gcm(struct aead_lib *lib, const struct aead_key *key, enum aead_dir dir,
		     struct aead **out)
{
	size_t key_len = key->enc.len - AEAD_SALT;
	const EVP_CIPHER *cipher = key->cipher == AEAD_CHACHA20_POLY1305 ? lib->chacha
				   : key_len == 16                       ? lib->gcm128
									 : lib->gcm256;
	struct evp_aead *e = evp_alloc(key, &gcm_ops);

	if (!e)
		return -ENOMEM;
	e->base.iv_len = AEAD_NONCE - AEAD_SALT;
	e->base.icv_len = AEAD_TAG;
	e->base.align = 4;
	memcpy(e->salt, key->enc.data + key_len, AEAD_SALT);
	if (EVP_CipherInit_ex(e->ctx, cipher, NULL, key->enc.data, NULL, dir == AEAD_SEAL) != 1) {
		evp_free(&e->base);
		return -EIO;
	}
	*out = &e->base;
	return 0;
}

int aead_evp_mac(struct aead *a, const uint8_t *data, size_t len, uint32_t seq_hi,
		 uint8_t out[static 64])
{
	struct evp_aead *e = evp_of(a);
	uint8_t hi[4] = { (uint8_t)(seq_hi >> 24), (uint8_t)(seq_hi >> 16), (uint8_t)(seq_hi >> 8),
			  (uint8_t)seq_hi };
	size_t n;

	if (EVP_MAC_init(e->mac, NULL, 0, NULL) != 1 || EVP_MAC_update(e->mac, data, len) != 1 ||
	    (a->esn && EVP_MAC_update(e->mac, hi, sizeof(hi)) != 1) ||
	    EVP_MAC_final(e->mac, out, &n, 64) != 1)
		return -EIO;
	return 0;
}

static int cbc_seal(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi)
{
	struct evp_aead *e = evp_of(a);
	uint8_t *iv = packet + AEAD_HEADER, *text = iv + a->iv_len, digest[64];
	int n;

	if (EVP_EncryptInit_ex(e->ctx, NULL, NULL, NULL, iv) != 1 ||
	    EVP_EncryptUpdate(e->ctx, text, &n, text, (int)text_len) != 1 ||
	    aead_evp_mac(a, packet, (size_t)AEAD_HEADER + a->iv_len + text_len, seq_hi, digest) < 0)
		return -EIO;
	memcpy(text + text_len, digest, a->icv_len);
	return 0;
}

static int cbc_open(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi)
{
	struct evp_aead *e = evp_of(a);
	uint8_t *iv = packet + AEAD_HEADER, *text = iv + a->iv_len, digest[64];
	int n;

	if (aead_evp_mac(a, packet, (size_t)AEAD_HEADER + a->iv_len + text_len, seq_hi, digest) <
		    0 ||
	    !secret_equal(digest, text + text_len, a->icv_len))
		return -EBADMSG;
	if (EVP_DecryptInit_ex(e->ctx, NULL, NULL, NULL, iv) != 1 ||
	    EVP_DecryptUpdate(e->ctx, text, &n, text, (int)text_len) != 1)
		return -EBADMSG;
	return 0;
}

static const struct aead_ops cbc_ops = { cbc_seal, cbc_open, evp_free };

static const struct integ {
	const char *digest;
	uint8_t key_len, icv_len;
} integs[] = {
	[AEAD_INTEG_SHA1_96] = { "SHA1", 20, 12 },
	[AEAD_INTEG_SHA256_128] = { "SHA256", 32, 16 },
	[AEAD_INTEG_SHA384_192] = { "SHA384", 48, 24 },
	[AEAD_INTEG_SHA512_256] = { "SHA512", 64, 32 },
};

/* IVs of CBC must not be foretold (RFC 3602, 3): the counter under a key nobody else has. */
static int make_iv_gen(struct aead_lib *lib, struct evp_aead *e)
{
	uint8_t key[16];
	int ok;

	e->base.iv_gen = EVP_CIPHER_CTX_new();
	ok = e->base.iv_gen && RAND_priv_bytes(key, sizeof(key)) == 1 &&
	     EVP_EncryptInit_ex(e->base.iv_gen, lib->ecb128, NULL, key, NULL) == 1 &&
	     EVP_CIPHER_CTX_set_padding(e->base.iv_gen, 0) == 1;
	secret_wipe(key, sizeof(key));
	return ok ? 0 : -EIO;
}

static int cbc_set_keys(struct aead_lib *lib, struct evp_aead *e, const struct aead_key *key,
			enum aead_dir dir)
{
	const EVP_CIPHER *cipher = key->enc.len == 16   ? lib->cbc128
				   : key->enc.len == 24 ? lib->cbc192
							: lib->cbc256;
	OSSL_PARAM params[2];
	char digest[8]; /* OpenSSL wants it writable, and measures it here and now */

	memcpy(digest, integs[key->integ].digest, strlen(integs[key->integ].digest) + 1);
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0);
	params[1] = OSSL_PARAM_construct_end();
	e->mac = EVP_MAC_CTX_new(lib->hmac);
	if (!e->mac || EVP_MAC_init(e->mac, key->auth.data, key->auth.len, params) != 1 ||
	    EVP_CipherInit_ex(e->ctx, cipher, NULL, key->enc.data, NULL, dir == AEAD_SEAL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(e->ctx, 0) != 1)
		return -EIO;
	return dir == AEAD_SEAL ? make_iv_gen(lib, e) : 0;
}

int aead_evp_new_cbc(struct aead_lib *lib, const struct aead_key *key, enum aead_dir dir,
		     struct aead **out)
{
	struct evp_aead *e;
	int rc;

	if (key->integ < AEAD_INTEG_SHA1_96 || key->integ > AEAD_INTEG_SHA512_256 ||
	    key->auth.len != integs[key->integ].key_len ||
	    (key->enc.len != 16 && key->enc.len != 24 && key->enc.len != 32))
		return -EINVAL;
	e = evp_alloc(key, &cbc_ops);
	if (!e)
		return -ENOMEM;
	e->base.iv_len = 16;
	e->base.icv_len = integs[key->integ].icv_len;
	e->base.align = 16;
	rc = cbc_set_keys(lib, e, key, dir);
	if (rc < 0) {
		evp_free(&e->base);
		return rc;
	}
	*out = &e->base;
	return 0;
}
