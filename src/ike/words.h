/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What went wrong between two IKE peers, in a sentence: who, in which phase, what was proposed and
 * what the other side said. */
#ifndef IKE_WORDS_H
#define IKE_WORDS_H

#include "ike/ss.h"

/* A message is being processed by this thread: remembers what the peer says in it, for the alerts
 * that follow from it in the same thread. */
void words_note_message(message_t *message);

enum words_kind {
	WORDS_NOTHING, /* not worth a word */
	WORDS_TROUBLE, /* of a connection, or of somebody who wanted to be one */
	WORDS_STRAY, /* a packet that means nothing here: counted */
};

/* since: when the IKE_SA began, 0 if unknown; now: both on our clock. */
enum words_kind words_alert(ike_sa_t *ike, alert_t alert, va_list args, uint64_t since,
			    uint64_t now, char *out, size_t size);
/* An IKE_SA that never came up is gone and no alert said why. */
void words_ended(ike_sa_t *ike, char *out, size_t size);

/* The message just noted is an IKEv1 peer's refusal of a CHILD_SA, for which there is no alert. */
bool words_refused_v1(ike_sa_t *ike, char *out, size_t size);

/* "AES_GCM_16_256/PRF_HMAC_SHA2_384/CURVE_25519" */
void words_suite(proposal_t *proposal, char *out, size_t size);

#endif
