/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proposals in strongSwan's words: aes256gcm16-prfsha384-ecp384.
 *
 * What passes here is understood by futae-ike, can be computed by its plugins (ike/settings.c)
 * or by futae-esp (crypto/aead.h), and is whole; tests/unit/test_proposal.c holds the two together.
 */
#ifndef CONF_PROPOSAL_H
#define CONF_PROPOSAL_H

#include "base/err.h"

enum proposal_use { PROPOSAL_IKE, PROPOSAL_ESP };

int proposal_check(enum proposal_use use, const char *text, struct err *err);
/* The index-th word that this use knows; NULL: there are no more. */
const char *proposal_word(enum proposal_use use, unsigned index);

#endif
