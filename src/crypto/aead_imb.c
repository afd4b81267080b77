/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AES-GCM by libipsec-mb's direct calls: several times faster than OpenSSL 3.0 where the
 * processor has VAES.  Used only where the library finds AES instructions and gives known answers.
 */
#include "crypto/aead_impl.h"

#include <errno.h>

#ifdef HAVE_IPSEC_MB

#include "base/secret.h"

#include <intel-ipsec-mb.h>
#include <stdlib.h>
#include <string.h>

struct aead_imb {
	IMB_MGR *mgr;
	IMB_ARCH arch;
};

struct imb_aead {
	struct gcm_key_data key; /* first: it wants the widest alignment */
	struct aead base;
	struct aead_imb *imb;
	struct gcm_context_data ctx;
	aes_gcm_enc_dec_t run;
	uint8_t salt[AEAD_SALT];
};

static struct imb_aead *imb_of(struct aead *a)
{
	return (struct imb_aead *)(void *)((uint8_t *)a - offsetof(struct imb_aead, base));
}

int aead_imb_open(struct aead_imb **out)
{
	struct aead_imb *imb = calloc(1, sizeof(*imb));

	if (!imb)
		return -ENOMEM;
	imb->mgr = alloc_mb_mgr(0);
	if (imb->mgr)
		init_mb_mgr_auto(imb->mgr, &imb->arch);
	/* NOAIM is AES without AES instructions, with tables: slow, and leaks by its timing. */
	if (!imb->mgr || imb_get_errno(imb->mgr) != 0 || imb->arch < IMB_ARCH_SSE) {
		aead_imb_close(imb);
		return -ENOTSUP;
	}
	*out = imb;
	return 0;
}

void aead_imb_close(struct aead_imb *imb)
{
	if (imb && imb->mgr)
		free_mb_mgr(imb->mgr);
	free(imb);
}

const char *aead_imb_name(const struct aead_imb *imb)
{
	switch (imb->arch) {
	case IMB_ARCH_AVX:
		return "ipsec-mb-avx";
	case IMB_ARCH_AVX2:
		return "ipsec-mb-avx2";
	case IMB_ARCH_AVX512: /* wide AES instructions, too, where there are any */
		return "ipsec-mb-avx512";
	default:
		return "ipsec-mb";
	}
}

static void run(struct imb_aead *x, uint8_t *packet, size_t text_len, uint32_t seq_hi,
		uint8_t tag[static AEAD_TAG])
{
	uint8_t nonce[16] = { 0 }, aad[16] = { 0 };
	size_t aad_len = aead_make_aad(&x->base, packet, seq_hi, aad);
	uint8_t *text = packet + AEAD_HEADER + x->base.iv_len;

	aead_make_nonce(x->salt, packet, nonce);
	x->run(&x->key, &x->ctx, text, text, text_len, nonce, aad, aad_len, tag, AEAD_TAG);
}

static int imb_seal(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi)
{
	run(imb_of(a), packet, text_len, seq_hi, packet + AEAD_HEADER + a->iv_len + text_len);
	return 0;
}

static int imb_open(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi)
{
	uint8_t tag[AEAD_TAG];

	run(imb_of(a), packet, text_len, seq_hi, tag);
	return secret_equal(tag, packet + AEAD_HEADER + a->iv_len + text_len, AEAD_TAG) ? 0
											: -EBADMSG;
}

static void imb_free(struct aead *a)
{
	secret_free(imb_of(a), sizeof(struct imb_aead));
}

static const struct aead_ops imb_ops = { imb_seal, imb_open, imb_free };

int aead_imb_new_gcm(struct aead_imb *imb, const struct aead_key *key, enum aead_dir dir,
		     struct aead **out)
{
	IMB_MGR *m = imb->mgr;
	size_t key_len = key->enc.len - AEAD_SALT;
	size_t size = (sizeof(struct imb_aead) + 63) & ~(size_t)63;
	struct imb_aead *x = aligned_alloc(64, size);

	if (!x)
		return -ENOMEM;
	memset(x, 0, size);
	x->imb = imb;
	x->base = (struct aead){ .ops = &imb_ops,
				 .cipher = key->cipher,
				 .esn = key->esn,
				 .iv_len = AEAD_NONCE - AEAD_SALT,
				 .icv_len = AEAD_TAG,
				 .align = 4 };
	memcpy(x->salt, key->enc.data + key_len, AEAD_SALT);
	if (key_len == 16) {
		IMB_AES128_GCM_PRE(m, key->enc.data, &x->key);
		x->run = dir == AEAD_SEAL ? m->gcm128_enc : m->gcm128_dec;
	} else {
		IMB_AES256_GCM_PRE(m, key->enc.data, &x->key);
		x->run = dir == AEAD_SEAL ? m->gcm256_enc : m->gcm256_dec;
	}
	*out = &x->base;
	return 0;
}

#else /* built without libipsec-mb: OpenSSL does it all */

int aead_imb_open(struct aead_imb **out)
{
	(void)out;
	return -ENOTSUP;
}

void aead_imb_close(struct aead_imb *imb)
{
	(void)imb;
}

const char *aead_imb_name(const struct aead_imb *imb)
{
	(void)imb;
	return "none";
}

int aead_imb_new_gcm(struct aead_imb *imb, const struct aead_key *key, enum aead_dir dir,
		     struct aead **out)
{
	(void)imb;
	(void)key;
	(void)dir;
	(void)out;
	return -ENOTSUP;
}

#endif
