/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "svc/bfd_auth.h"

#include "base/secret.h"
#include "wire/bfd_pkt.h"

#include <openssl/sha.h>
#include <string.h>

static bool digest(struct view key, struct view packet, uint8_t out[static BFD_DIGEST])
{
	uint8_t bytes[BFD_PKT_MAX];
	bool done;

	if (packet.len != sizeof(bytes) || key.len == 0 || key.len > BFD_DIGEST)
		return false;
	memcpy(bytes, packet.data, BFD_DIGEST_AT);
	memset(bytes + BFD_DIGEST_AT, 0, BFD_DIGEST);
	memcpy(bytes + BFD_DIGEST_AT, key.data, key.len);
	done = SHA1(bytes, sizeof(bytes), out) != NULL;
	secret_wipe(bytes, sizeof(bytes));
	return done;
}

bool bfd_auth_sign(struct view key, uint8_t *packet, size_t len)
{
	uint8_t sum[BFD_DIGEST];

	if (!digest(key, (struct view){ packet, len }, sum))
		return false;
	memcpy(packet + BFD_DIGEST_AT, sum, sizeof(sum));
	return true;
}

bool bfd_auth_verify(struct view key, struct view packet)
{
	uint8_t sum[BFD_DIGEST];

	return digest(key, packet, sum) &&
	       secret_equal(sum, packet.data + BFD_DIGEST_AT, sizeof(sum));
}
