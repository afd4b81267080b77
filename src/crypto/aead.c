/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "crypto/aead.h"

#include "base/be.h"
#include "crypto/aead_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int aead_lib_new(enum aead_want want, struct aead_lib **out, struct err *err)
{
	struct aead_lib *lib = calloc(1, sizeof(*lib));
	int rc;

	if (!lib)
		return err_set(err, -ENOMEM, "out of memory");
	if (AEAD_IS_NULL) {
		*out = lib;
		return 0;
	}
	rc = aead_evp_open_lib(lib);
	if (rc == 0)
		rc = aead_self_test(lib, false);
	if (rc < 0) {
		aead_lib_free(lib);
		return err_set(err, rc, "OpenSSL lacks a cipher of ESP or computes it wrongly");
	}
	if (want == AEAD_FASTEST && aead_imb_open(&lib->imb) == 0 &&
	    aead_self_test(lib, true) < 0) {
		aead_imb_close(lib->imb); /* OpenSSL does it more slowly, and right */
		lib->imb = NULL;
	}
	*out = lib;
	return 0;
}

void aead_lib_free(struct aead_lib *lib)
{
	if (!lib)
		return;
	aead_imb_close(lib->imb);
	aead_evp_close_lib(lib);
	free(lib);
}

const char *aead_lib_name(const struct aead_lib *lib)
{
	if (AEAD_IS_NULL)
		return "none-at-all";
	return lib->imb ? aead_imb_name(lib->imb) : "openssl";
}

int aead_new(struct aead_lib *lib, const struct aead_key *key, enum aead_dir dir, struct aead **out)
{
	bool combined = key->cipher != AEAD_AES_CBC;

	if (AEAD_IS_NULL)
		return aead_null_new(key, out);

	if (combined != (key->integ == AEAD_INTEG_NONE) || (combined && key->auth.len))
		return -EINVAL;
	switch (key->cipher) {
	case AEAD_AES_GCM_16:
		if (key->enc.len != 16 + AEAD_SALT && key->enc.len != 32 + AEAD_SALT)
			return -EINVAL;
		return lib->imb ? aead_imb_new_gcm(lib->imb, key, dir, out)
				: aead_evp_new_gcm(lib, key, dir, out);
	case AEAD_CHACHA20_POLY1305:
		if (key->enc.len != 32 + AEAD_SALT)
			return -EINVAL;
		return aead_evp_new_gcm(lib, key, dir, out);
	case AEAD_AES_CBC:
		return aead_evp_new_cbc(lib, key, dir, out);
	}
	return -EINVAL;
}

void aead_free(struct aead *a)
{
	if (a)
		a->ops->free(a);
}

size_t aead_iv_len(const struct aead *a)
{
	return a->iv_len;
}

size_t aead_icv_len(const struct aead *a)
{
	return a->icv_len;
}

size_t aead_align(const struct aead *a)
{
	return a->align;
}

size_t aead_make_aad(const struct aead *a, const uint8_t *packet, uint32_t seq_hi,
		     uint8_t out[static AEAD_AAD_MAX])
{
	memcpy(out, packet, 4);
	if (!a->esn) {
		memcpy(out + 4, packet + 4, 4);
		return 8;
	}
	be_put_u32(out + 4, seq_hi);
	memcpy(out + 8, packet + 4, 4);
	return 12;
}

void aead_make_nonce(const uint8_t salt[static AEAD_SALT], const uint8_t *packet,
		     uint8_t out[static AEAD_NONCE])
{
	memcpy(out, salt, AEAD_SALT);
	memcpy(out + AEAD_SALT, packet + AEAD_HEADER, AEAD_NONCE - AEAD_SALT);
}

int aead_make_iv(struct aead *a, uint8_t *packet, uint64_t seq)
{
	uint8_t counter[16] = { 0 };
	int len = 0;

	be_put_u32(counter, (uint32_t)(seq >> 32));
	be_put_u32(counter + 4, (uint32_t)seq);
	if (a->iv_len == 8) {
		/* A counter that never repeats is all that these modes ask of an IV. */
		memcpy(packet + AEAD_HEADER, counter, 8);
		return 0;
	}
	if (!a->iv_gen ||
	    EVP_EncryptUpdate(a->iv_gen, packet + AEAD_HEADER, &len, counter, sizeof(counter)) != 1)
		return -EIO;
	return 0;
}

int aead_seal(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi)
{
	if (text_len % a->align || text_len > INT32_MAX)
		return -EINVAL;
	return a->ops->seal(a, packet, text_len, seq_hi);
}

int aead_open(struct aead *a, uint8_t *packet, size_t len, uint32_t seq_hi)
{
	size_t around = (size_t)AEAD_HEADER + a->iv_len + a->icv_len;

	if (len < around || len > INT32_MAX)
		return -EBADMSG;
	/* RFC 4303 aligns to 4 bytes always, yet GCM peers that do not are understood, too. */
	if (a->cipher == AEAD_AES_CBC && (len - around) % a->align)
		return -EBADMSG;
	return a->ops->open(a, packet, len - around, seq_hi);
}
