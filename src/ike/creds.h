/* SPDX-License-Identifier: GPL-2.0-or-later */
/* charon's credentials: the secrets of all tunnels, found by identity. */
#ifndef IKE_CREDS_H
#define IKE_CREDS_H

#include "ike/tunnel.h"

void creds_init(void); /* registers with charon */
void creds_done(void);
/* The tunnel must be removed before it is freed. */
void creds_add(struct tunnel *t);
void creds_remove(struct tunnel *t);

#endif
