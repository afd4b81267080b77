/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INITIAL_CONTACT says "I have no other IKE_SA with you" (RFC 7296, 2.4): the other end then drops
 * what it has, without a word.  When both ends dial at once it has just come true no more: one
 * drops what the other has just been told is up, and traffic goes nowhere until somebody notices.
 */
#ifndef IKE_CONTACT_H
#define IKE_CONTACT_H

#include "ike/ss.h"

/* Takes it out of a message on its way in or out, where it would do harm. */
void contact_check(message_t *message, ike_sa_t *ike, bool incoming);

#endif
