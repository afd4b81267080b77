/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * charon's configuration: all tunnels, found by name, by the peer's address and by the peer's
 * identity without looking at the rest.
 */
#ifndef IKE_BACKEND_H
#define IKE_BACKEND_H

#include "ike/tunnel.h"

void backend_init(void); /* registers with charon */
void backend_done(void);

/* Owns t from now on, and frees the one of the same name before it. */
void backend_put(struct tunnel *t);
void backend_remove(const char *name);
/* With a reference; NULL when there is none. */
peer_cfg_t *backend_peer(const char *name);
/* CHILD_SAs of equal selectors that the tunnel of this name wants; 1 when there is none. */
unsigned backend_lanes(const char *name);
/* How many tunnels are with this identity. */
int backend_count_id(identification_t *peer);
/* Somebody may dial from this address. */
bool backend_expects(const struct addr *peer);
/* The only tunnel with this peer, by address; false when there is none, or several. */
bool backend_name_of(host_t *peer, char out[static IPC_NAME]);

#endif
