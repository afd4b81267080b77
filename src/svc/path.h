/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of each tunnel's path, in one place: svc/tunnel writes the device and the
 * SAs, svc/health writes whether it is good and why, svc/route chooses among them.  A path
 * stays at its address while its tunnel is configured.
 */
#ifndef SVC_PATH_H
#define SVC_PATH_H

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "fsm/health_fsm.h"
#include "wire/liveness.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

struct path {
	char name[32], device[16];
	uint32_t if_id, slot;
	int index; /* of the device; 0: not there */
	struct liveness_slot *live; /* written by futae-esp */
	/* svc/tunnel */
	int (*express)(struct path *p, struct view packet); /* see path_express() */
	unsigned sa_in, sa_out;
	struct addr own_source; /* the probe source, where the node has it anyway; or ADDR_NONE */
	/* svc/agree: what the peer says; node 0: nothing */
	struct path_peer {
		uint64_t node;
		bool led; /* it leads */
		bool carries, avoids;
	} peer;
	/* svc/health */
	bool usable;
	bool degraded; /* if usable, then only if nothing better is */
	enum health_answer answer; /* whether it works, usable or not */
	char why[256]; /* the reason of the last change, with its evidence */
	usec_t since; /* of usable */
	usec_t last_good; /* the last reply or authenticated packet before the last change */
	bool suspect; /* usable, but something is missing */
	usec_t detected; /* when the last change of usable or answer was seen */
};

enum path_change {
	PATH_DEVICE,
	PATH_SA,
	PATH_USABLE,
	PATH_ANSWERS,
	PATH_GRADE, /* degraded, or not any more */
	PATH_CARRIES, /* our routes use it now, or no longer; or a person locked one */
	PATH_PEER, /* what the peer says of it */
	PATH_GONE
};

/* Embedded in a listener. */
struct path_watch {
	void (*fn)(struct path_watch *w, struct path *p, enum path_change what);
	struct path_watch *next;
};

struct paths {
	struct path **list; /* the paths are owned by svc/tunnel */
	size_t count, room;
	struct path_watch *watches;
};

int paths_add(struct paths *paths, struct path *p);
void paths_remove(struct paths *paths, struct path *p); /* tells PATH_GONE first */
struct path *paths_by_name(const struct paths *paths, const char *name);
struct path *paths_by_if_id(const struct paths *paths, uint32_t if_id);
struct path *paths_by_index(const struct paths *paths, int index);
void paths_watch(struct paths *paths, struct path_watch *w);
void paths_unwatch(struct paths *paths, struct path_watch *w);
void paths_tell(struct paths *paths, struct path *p, enum path_change what);
/* An SA to send by: what is needed to carry traffic at all. */
static inline bool path_has_sa(const struct path *p)
{
	return p->sa_in > 0 && p->sa_out > 0;
}

/* Sends an IP packet by this tunnel, ahead of all that waits.  0, -EAGAIN when it would have to
 * wait itself, or -ENOTCONN while futae-esp is away. */
static inline int path_express(struct path *p, struct view packet)
{
	return p->express ? p->express(p, packet) : -ENOTCONN;
}

#endif
