/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keyed SHA-1 of BFD packets (RFC 5880, 6.7.4): the key stands in the digest's place while the
 * packet is hashed. */
#ifndef SVC_BFD_AUTH_H
#define SVC_BFD_AUTH_H

#include "base/buf.h"

#include <stdbool.h>

/* Both take whole packets with a SHA-1 section as bfd_pkt_encode() makes them and
 * bfd_pkt_decode() takes them; the key has 1 to 20 bytes.  False: it could not be computed. */
bool bfd_auth_sign(struct view key, uint8_t *packet, size_t len);
bool bfd_auth_verify(struct view key, struct view packet);

#endif
