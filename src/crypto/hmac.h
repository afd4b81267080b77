/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HMAC-SHA-256 (RFC 2104, RFC 6234) with one key, over a message in parts. */
#ifndef CRYPTO_HMAC_H
#define CRYPTO_HMAC_H

#include "base/buf.h"

#define HMAC_SHA256_SIZE 32

struct hmac;

/* Copies the key.  NULL without memory; not for two threads at once.  hmac_free() wipes it; NULL is
 * fine. */
struct hmac *hmac_new(struct view key);
void hmac_free(struct hmac *h);
/* Over the parts one after the other; the first `len` bytes of it, at most HMAC_SHA256_SIZE. */
void hmac_over(struct hmac *h, const struct view *parts, size_t count, void *out, size_t len);

#endif
