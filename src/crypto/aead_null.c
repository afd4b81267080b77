/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * No cipher at all: packets keep their shape, and nothing is kept secret or checked.  For the
 * bench's relay (what does forwarding cost without crypto?), in a build of its own
 * (meson -Dnull_cipher=true) that cannot talk to anybody else.  No product has this code.
 */
#include "crypto/aead_impl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int null_seal(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi)
{
	(void)seq_hi;
	memset(packet + AEAD_HEADER + a->iv_len + text_len, 0, a->icv_len);
	return 0;
}

static int null_open(struct aead *a, uint8_t *packet, size_t text_len, uint32_t seq_hi)
{
	(void)a;
	(void)packet;
	(void)text_len;
	(void)seq_hi;
	return 0;
}

static void null_free(struct aead *a)
{
	free(a);
}

static const struct aead_ops null_ops = { null_seal, null_open, null_free };

int aead_null_new(const struct aead_key *key, struct aead **out)
{
	struct aead *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	*a = (struct aead){ .ops = &null_ops,
			    .cipher = AEAD_AES_GCM_16,
			    .esn = key->esn,
			    .iv_len = AEAD_NONCE - AEAD_SALT,
			    .icv_len = AEAD_TAG,
			    .align = 4 };
	*out = a;
	return 0;
}
