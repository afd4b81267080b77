/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection as futaed configured it, in strongSwan's terms.  Built whole or not at all, never
 * changed afterwards: a new configuration is a new tunnel.
 */
#ifndef IKE_TUNNEL_H
#define IKE_TUNNEL_H

#include "base/err.h"
#include "ike/ss.h"
#include "wire/ipc_msg.h"

struct tunnel {
	char name[IPC_NAME];
	uint64_t content; /* of the whole configuration */
	uint64_t visible; /* of what SAs that are up would have to be made anew for */
	bool initiate;
	usec_t initiate_delay;
	unsigned children; /* kinds of CHILD_SAs wanted, by their selectors, and ... */
	unsigned each; /* ... how many of each */
	host_t *local, *remote; /* NULL: any */
	peer_cfg_t *peer;
	identification_t *local_id, *remote_id;
	shared_key_t *psk; /* or: */
	private_key_t *key;
	linked_list_t *certs; /* certificate_t: ours first, then what leads to its CA */
	linked_list_t *cas; /* certificate_t that the peer's must lead to */
};

/* NULL and *err when something in it is wrong. */
struct tunnel *tunnel_new(const struct ipc_conn *c, struct err *err);
void tunnel_free(struct tunnel *t);

/* Its n-th child_cfg, with a reference; NULL past the last. */
child_cfg_t *tunnel_child(peer_cfg_t *peer, unsigned n);
/* Which child a CHILD_SA's name means: "name" and "name-1" are 0. */
unsigned tunnel_child_index(const char *child, const char *tunnel);

#endif
