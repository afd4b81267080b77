/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which algorithms of strongSwan's registry futae-esp can do, and what it calls them. */
#ifndef IKE_SUITE_H
#define IKE_SUITE_H

#include "ike/ss.h"
#include "wire/ipc_msg.h"

/* false: not one of ours */
bool suite_cipher(uint16_t encryption, enum ipc_cipher *out);
bool suite_integ(uint16_t integrity, enum ipc_integ *out);
/* The first algorithm of an ESP proposal that futae-esp cannot do, in words; false when all is
 * well. */
bool suite_find_unknown(proposal_t *esp, char *out, size_t size);

#endif
