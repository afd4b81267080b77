/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Acts on IKE_SAs in charon's threads: sets up, closes, rekeys.  Returns at once. */
#ifndef IKE_DIAL_H
#define IKE_DIAL_H

#include "ike/live.h"

/* What live_take() asked for.  Takes w->ike and w->missing over. */
void dial_do(struct live_work *w);
void dial_terminate(ike_sa_id_t *id); /* takes id over */
void dial_rekey(ike_sa_id_t *id, enum ipc_rekey which); /* takes id over */
/* Closes IKE_SAs that both ends set up at the same moment. */
void dial_close_surplus(usec_t now);

#endif
