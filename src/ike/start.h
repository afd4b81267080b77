/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brings libcharon up with our parts in the places of its own, and down again. */
#ifndef IKE_START_H
#define IKE_START_H

#include "base/err.h"

/* vici: path of swanctl's socket.  After this every thread of charon runs. */
int start_charon(const char *vici, struct err *err);
/* Says goodbye to all peers. */
void stop_charon(void);

#endif
