/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is up, coming or gone, per connection.  charon's threads report every IKE_SA and CHILD_SA
 * here under its unique number, from birth to death, so that nothing has to be searched for; the
 * main thread takes out what has to be told or dialled.
 */
#ifndef IKE_LIVE_H
#define IKE_LIVE_H

#include "ike/retry.h"
#include "ike/tunnel.h"
#include "wire/ipc_msg.h"

/* kick: something is to be taken out; called by any thread, with our lock held. */
void live_init(void (*kick)(void));
void live_done(void);

enum live_change {
	LIVE_NEW,
	LIVE_SAME, /* nothing differs: keep what there is */
	LIVE_LATER, /* for the SAs to come */
	LIVE_REDIAL /* what is up has to be made anew */
};
/* What taking this tunnel means; does nothing yet. */
enum live_change live_compare(const struct tunnel *t);
/* The connection is this from now on. */
void live_put(const struct tunnel *t);
void live_remove(const char *name);
/* For a configuration that could not be taken: the connection exists, with nothing but trouble. */
void live_reject(const char *name, const char *why);

/* From charon's threads.  An IKE_SA without a connection yet is not known, which is fine. */
struct live_ike {
	uint32_t unique;
	bool up, going; /* neither: coming */
	bool ours; /* we dialled */
	bool nat_local, nat_remote;
	uint8_t version;
	usec_t established; /* 0: not */
	struct endpoint local, remote;
	char remote_id[128];
	char suite[IPC_TEXT];
};
void live_set_ike(const char *name, const struct live_ike *ike, ike_sa_id_t *id);
/* why: what to say if it never came up and nothing was said about it before; true when that was so.
 */
bool live_ike_gone(uint32_t unique, const char *why);
void live_ike_replaced(uint32_t old, uint32_t new);
usec_t live_ike_since(uint32_t unique); /* 0: unknown */
/* An IKE_SA with this peer came up within the last seconds. */
bool live_has_young(const struct addr *peer);

struct live_child {
	uint32_t unique;
	uint32_t ike;
	bool up;
	bool encap;
	uint32_t spi_out; /* network order */
	struct addr remote;
	unsigned index;
	char suite[IPC_TEXT];
};
void live_set_child(const char *name, const struct live_child *child);
void live_child_gone(uint32_t unique);

/* A sentence about a connection; about the IKE_SA `unique` of it when that is not 0.  false when it
 * only says again what was said just now. */
bool live_trouble(const char *name, uint32_t unique, const char *text);
/* A dial that we began led to nothing at all. */
void live_dial_done(const char *name, bool started);

/* For the main thread: the next connection that changed or whose time has come. */
struct live_work {
	struct ipc_ike_state state;
	bool tell; /* the state differs from what was told last */
	enum retry_do todo;
	ike_sa_id_t *ike; /* RETRY_CHILDREN: to add them to; the caller destroys it */
	unsigned wanted, each;
	unsigned *missing; /* RETRY_CHILDREN: [wanted], how many of each; the caller frees it */
};
bool live_take(struct live_work *w, usec_t now);
/* When live_take() has to be asked again though nothing changed. */
usec_t live_deadline(void);

/* All IKE_SAs of a connection, coming or up; the caller destroys the ids in the list.  `dropped`:
 * they count no more, and the next dial is due at once. */
linked_list_t *live_ikes(const char *name, bool dropped);

/*
 * Both ends may have dialled at the same moment.  When a connection has had two IKE_SAs for long
 * enough, the one to close, if closing it is up to us: NULL otherwise.
 */
ike_sa_id_t *live_surplus(char name[static IPC_NAME], uint32_t *unique, usec_t now);
/* Calls fn for every CHILD_SA of one IKE_SA. */
void live_each_child_of(uint32_t ike, void (*fn)(uint32_t spi_out, const struct addr *remote));

#endif
