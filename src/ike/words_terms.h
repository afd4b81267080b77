/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why two lists of proposals have nothing in common. */
#ifndef IKE_WORDS_TERMS_H
#define IKE_WORDS_TERMS_H

#include "ike/ss.h"

/*
 * "no common Diffie-Hellman group: the peer offers MODP_1024; we accept CURVE_25519, ..."; when
 * each kind has something in common but no proposal fits as a whole, both are listed.
 */
void words_mismatch(linked_list_t *theirs, linked_list_t *ours, char *out, size_t size);
/* The algorithms of a list, shortened. */
void words_list(linked_list_t *proposals, char *out, size_t size);

#endif
