/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of live.h, for live*.c only. */
#ifndef IKE_LIVE_IMPL_H
#define IKE_LIVE_IMPL_H

#include "ike/live.h"

#include <collections/hashtable.h>
#include <threading/mutex.h>

struct conn {
	char name[IPC_NAME];
	uint64_t content, visible;
	bool initiate;
	usec_t initiate_delay;
	unsigned wanted; /* kinds of CHILD_SAs ... */
	unsigned each; /* ... and how many of each */
	unsigned *up; /* [wanted]: how many of each are up */
	linked_list_t *ikes, *children; /* struct ike_rec, struct child_rec */
	usec_t not_before; /* of the next dial */
	usec_t turn; /* not before this because too many others dial */
	uint32_t failures; /* in a row */
	bool dialling; /* a dial was ordered and has not reported yet */
	bool dirty; /* in live.dirty */
	char trouble[IPC_TEXT];
	usec_t trouble_at;
	struct endpoint remote; /* as configured, for when nothing is known better */
	struct endpoint local;
	uint64_t told; /* hash of the state told last */
};

struct ike_rec {
	struct live_ike is;
	struct conn *conn;
	ike_sa_id_t *id;
	usec_t since; /* known */
	usec_t up_since; /* 0: never up */
	bool blamed; /* something was said about it */
};

struct child_rec {
	struct live_child is;
	struct conn *conn;
	usec_t up_since;
};

extern struct live {
	mutex_t *lock; /* a leaf: nothing of charon is called with it held */
	void (*kick)(void);
	hashtable_t *conns; /* by name */
	hashtable_t *ikes, *children; /* by unique number */
	linked_list_t *dirty; /* struct conn */
	unsigned connecting; /* IKE_SAs that we dial right now */
} live;

void live_touch(struct conn *c);
struct conn *live_find(const char *name);
struct ike_rec *live_best(struct conn *c); /* the newest that is up, else one coming, or NULL */
unsigned live_count_up(struct conn *c);
unsigned live_missing(struct conn *c);
bool live_connecting(struct conn *c);
void live_failed(struct conn *c);

#endif
