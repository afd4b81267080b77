/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SAs that futae-esp holds for us, without their keys: who they are, what they carried, and
 * whether the futae-esp that had them is gone.  Safe for all threads.
 */
#ifndef IKE_SA_TABLE_H
#define IKE_SA_TABLE_H

#include "ike/ss.h"
#include "wire/ipc_msg.h"

struct sa {
	refcount_t refs; /* the table's, and one for each timer */
	uint32_t spi; /* network order, as charon has it */
	host_t *dst;
	enum ipc_direction direction;
	unsigned worker; /* which futae-esp has it */
	uint32_t tunnel; /* its if_id */
	uint32_t child; /* charon's number for the CHILD_SA, the same for its next keys */
	uint64_t made; /* its number, in the order of making */
	uint64_t asked; /* when it was to be rekeyed, in order; 0: it was not */
	bool installed; /* else only the SPI is taken */
	bool lost; /* its futae-esp is gone */
	bool gone; /* out of the table */
	uint64_t bytes, packets;
	time_t last_use; /* seconds of CLOCK_MONOTONIC, 0: never */
};

bool sa_table_init(void);
void sa_table_done(void);

/* A free random inbound SPI of that worker's, in network order, now taken; 0 when there is no
 * randomness. */
uint32_t sa_table_take_spi(host_t *dst, uint32_t tunnel, unsigned worker, unsigned workers);
/* Notes an SA as installed; the caller gets a reference. */
struct sa *sa_table_add(uint32_t spi, host_t *dst, enum ipc_direction direction, unsigned worker,
			bool lost);
/* Whose it is, for what follows. */
void sa_table_name(struct sa *sa, uint32_t tunnel, uint32_t child);

/* Where the SAs of a tunnel are (see lane.h); -1: nowhere. */
int sa_table_worker_of_child(uint32_t tunnel, uint32_t child); /* its newest inbound SA */
int sa_table_replaced_by_peer(uint32_t tunnel, uint32_t spi_out);
int sa_table_replaced_by_us(uint32_t tunnel); /* of those that were asked for, the first */
void sa_table_load(uint32_t tunnel, unsigned load[static IPC_WORKERS_MAX]); /* inbound SAs */
void sa_table_ask(uint32_t spi); /* this inbound SA is to be rekeyed */
/* A reference, or NULL.  Which of both directions it is, dst tells. */
struct sa *sa_table_find(uint32_t spi, host_t *dst);
struct sa *sa_table_find_ref(const struct ipc_sa_ref *ref);
/* What a worker says of an SA counts only when it has it. */
struct sa *sa_table_find_at(unsigned worker, const struct ipc_sa_ref *ref);
void sa_table_remove(struct sa *sa);
void sa_put(struct sa *sa);

/* Its address changed. */
void sa_table_move(struct sa *sa, host_t *dst);
void sa_table_note_usage(unsigned worker, const struct ipc_sa_usage *u);
/* A copy of what is known; false when it is gone.  The caller destroys *dst. */
bool sa_snapshot(struct sa *sa, host_t **dst);
void sa_usage(struct sa *sa, uint64_t *bytes, uint64_t *packets, time_t *last);
struct ipc_sa_ref sa_ref(struct sa *sa);

/* All SAs of a worker are lost: that futae-esp is gone. */
void sa_table_lose(unsigned worker);
/* Calls fn for every installed inbound SA that is lost; how many there were. */
unsigned sa_table_each_lost(void (*fn)(uint32_t spi, host_t *dst));

#endif
