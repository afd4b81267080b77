/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hears everything that charon's bus says and notes it in live.h and outbox.h. */
#ifndef IKE_LISTENER_H
#define IKE_LISTENER_H

void listener_init(void);
void listener_done(void);

#endif
