/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Waiting for a worker's word that an SA is in place.  Any thread waits, the one that reads the
 * workers' messages tells.
 */
#ifndef IKE_AWAIT_H
#define IKE_AWAIT_H

#include "wire/ipc_msg.h"

struct await { /* the waiting thread's, on its stack */
	struct await *next;
	struct ipc_sa_ref ref;
	bool done;
};

/* Before the SA is sent, or its word could come first. */
void await_begin(struct await *a, const struct ipc_sa_ref *ref);
/* Waits until then (0: not at all); whether the word came.  Always the end of await_begin(). */
bool await_end(struct await *a, usec_t until);
void await_tell(const struct ipc_sa_ref *ref);

#endif
