/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS 1.2 and up, as a client, over a connected socket that never blocks. */
#ifndef IO_TLS_H
#define IO_TLS_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <sys/types.h>

struct tls_trust; /* whom to believe */
struct tls; /* one connection */

/* ca: certificates, PEM; empty: the system's.  verify false: anybody is believed.  NULL and *err.
 */
struct tls_trust *tls_trust_new(struct view ca, bool verify, struct err *err);
void tls_trust_free(struct tls_trust *t); /* NULL is fine; not before its connections */

/* host: a name, or an address, which the certificate must be for.  The fd stays the caller's. */
struct tls *tls_new(struct tls_trust *t, int fd, const char *host);
void tls_free(struct tls *t); /* says no goodbye; NULL is fine */

/* What each of these waits for, when it returns -EAGAIN. */
bool tls_wants_write(const struct tls *t);
/* 0, -EAGAIN, or -EPROTO and in *err why. */
int tls_handshake(struct tls *t, struct err *err);
/* Bytes, 0 at the end, -EAGAIN, or -EPROTO. */
ssize_t tls_send(struct tls *t, const void *data, size_t len);
ssize_t tls_recv(struct tls *t, void *data, size_t cap);

#endif
