/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events on their way from charon's threads to the main thread, which tells futaed. */
#ifndef IKE_OUTBOX_H
#define IKE_OUTBOX_H

#include "wire/ipc_msg.h"

void outbox_init(void (*kick)(void));
/* Logs it too.  From any thread. */
__attribute__((format(printf, 3, 4))) void
outbox_event(const char *name, enum ipc_ike_event_kind kind, const char *fmt, ...);
/* A packet that means nothing here: counted, and told in the log now and then. */
void outbox_stray(const char *from);
/* The oldest event; false when there is none. */
bool outbox_take(struct ipc_ike_event *out);

#endif
