/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ike/suite.h"

bool suite_cipher(uint16_t encryption, enum ipc_cipher *out)
{
	switch (encryption) {
	case ENCR_AES_GCM_ICV16:
		*out = IPC_CIPHER_AES_GCM_16;
		return true;
	case ENCR_AES_CBC:
		*out = IPC_CIPHER_AES_CBC;
		return true;
	case ENCR_CHACHA20_POLY1305:
		*out = IPC_CIPHER_CHACHA20_POLY1305;
		return true;
	default:
		return false;
	}
}

bool suite_integ(uint16_t integrity, enum ipc_integ *out)
{
	switch (integrity) {
	case AUTH_UNDEFINED: /* what charon says with an AEAD */
		*out = IPC_INTEG_NONE;
		return true;
	case AUTH_HMAC_SHA1_96:
		*out = IPC_INTEG_SHA1_96;
		return true;
	case AUTH_HMAC_SHA2_256_128:
		*out = IPC_INTEG_SHA256_128;
		return true;
	case AUTH_HMAC_SHA2_384_192:
		*out = IPC_INTEG_SHA384_192;
		return true;
	case AUTH_HMAC_SHA2_512_256:
		*out = IPC_INTEG_SHA512_256;
		return true;
	default:
		return false;
	}
}

/* AES with 192 bits is in nobody's proposals by default, and futae-esp leaves it out. */
static bool cipher_ok(uint16_t alg, uint16_t bits)
{
	enum ipc_cipher c;

	if (!suite_cipher(alg, &c))
		return false;
	return c == IPC_CIPHER_CHACHA20_POLY1305 || bits == 128 || bits == 256;
}

static bool find(proposal_t *esp, transform_type_t type, char *out, size_t size)
{
	enumerator_t *e = esp->create_enumerator(esp, type);
	uint16_t alg, bits;
	enum ipc_integ integ;
	bool found = false;

	while (!found && e->enumerate(e, &alg, &bits)) {
		if (type == ENCRYPTION_ALGORITHM ? cipher_ok(alg, bits) : suite_integ(alg, &integ))
			continue;
		ss_print(out, size, bits ? "%N with %u bits" : "%N", transform_get_enum_names(type),
			 (int)alg, (unsigned)bits);
		found = true;
	}
	e->destroy(e);
	return found;
}

bool suite_find_unknown(proposal_t *esp, char *out, size_t size)
{
	return find(esp, ENCRYPTION_ALGORITHM, out, size) ||
	       find(esp, INTEGRITY_ALGORITHM, out, size);
}
