/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Are a certificate, its key and its authority what they should be?  PEM or DER. */
#ifndef CONF_CERT_H
#define CONF_CERT_H

#include "base/err.h"
#include "conf/model.h"

#include <stdint.h>

enum cert_verdict { CERT_GOOD, CERT_WARN, CERT_BAD };

/* Does it parse, and is it still valid at `wall` (seconds since 1970)?  *err says what not.
 * An expired certificate is a warning: it must not keep a gateway from starting. */
enum cert_verdict cert_check(const struct conf_blob *blob, int64_t wall, struct err *err);
/* The same for an authority, which must also be one. */
enum cert_verdict cert_check_ca(const struct conf_blob *blob, int64_t wall, struct err *err);
enum cert_verdict cert_check_key(const struct conf_blob *blob, struct err *err);
/* Does the key belong to the certificate?  Both must have passed alone. */
enum cert_verdict cert_check_pair(const struct conf_blob *cert, const struct conf_blob *key,
				  struct err *err);

#endif
