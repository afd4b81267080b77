/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crypto/hmac.h"

#include "base/secret.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

struct hmac {
	EVP_MAC_CTX *ctx; /* begins anew with the same key for each message: no allocation */
};

static EVP_MAC_CTX *make(struct view key)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

	EVP_MAC_free(mac); /* the context holds on to it */
	if (ctx && EVP_MAC_init(ctx, key.data, key.len, params))
		return ctx;
	EVP_MAC_CTX_free(ctx);
	return NULL;
}

struct hmac *hmac_new(struct view key)
{
	struct hmac *h = calloc(1, sizeof(*h));

	if (!h)
		return NULL;
	h->ctx = make(key);
	if (!h->ctx) {
		free(h);
		return NULL;
	}
	return h;
}

void hmac_free(struct hmac *h)
{
	if (h)
		EVP_MAC_CTX_free(h->ctx);
	free(h);
}

void hmac_over(struct hmac *h, const struct view *parts, size_t count, void *out, size_t len)
{
	uint8_t whole[HMAC_SHA256_SIZE];
	bool ok = EVP_MAC_init(h->ctx, NULL, 0, NULL);
	size_t size = 0;

	assert(len <= sizeof(whole));
	for (size_t i = 0; ok && i < count; i++)
		ok = EVP_MAC_update(h->ctx, parts[i].data, parts[i].len);
	ok = ok && EVP_MAC_final(h->ctx, whole, &size, sizeof(whole));
	assert(ok); /* neither needs memory nor can fail otherwise */
	memcpy(out, whole, len);
	secret_wipe(whole, sizeof(whole));
}
