/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside of the BFD kind of probe: probe_bfd.c has the sessions, bfd_in.c what comes in. */
#ifndef SVC_BFD_IN_H
#define SVC_BFD_IN_H

#include "svc/bfd_net.h"
#include "svc/board.h"
#include "svc/probe_bfd.h"

#define BFD_INDEX_BITS 12 /* of a discriminator: the check's index */
#define BFD_SESSIONS_MAX (1u << BFD_INDEX_BITS)
_Static_assert(CONF_TUNNELS_MAX <= BFD_SESSIONS_MAX, "a discriminator names every session");

struct bfd_probe {
	struct probe_kind kind;
	const struct env *env;
	probe_fn *fn;
	void *ctx;
	struct bfd_net net;
	struct board_watch board_watch;
	struct bfd_session *sessions[BFD_SESSIONS_MAX]; /* owned; by the check's index */
	size_t count; /* of slots in use or ever used */
	uint64_t strays[BFD_REASON_COUNT];
	usec_t logged[BFD_REASON_COUNT]; /* 0: never */
	uint64_t random;
};

/* A packet as it came, for bfd_net.fn. */
void bfd_in_take(void *ctx, bool multihop, struct view bytes, const struct rawsock_from *from);
/* Feeds the session's state machine and does what that decides. */
enum bfd_drop bfd_session_feed(struct bfd_session *s, struct bfd_event *ev);
struct view bfd_session_key(const struct bfd_session *s);

#endif
